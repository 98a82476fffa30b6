import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { publishLatencies } from "../../../functions/src/adapters/application-insights/latency-publisher";
import { dataExplorerAnomalies } from "../../../functions/src/adapters/data-explorer/anomaly-source";
import { digitalTwinsStore } from "../../../functions/src/adapters/digital-twins/twin-store";
import { logicAppChannel } from "../../../functions/src/adapters/logic-apps/finding-channel";
import { syncDeviceTwins } from "../../../functions/src/domain/device-twins";
import { LatencyHistogram } from "../../../functions/src/domain/latency";
import { reading } from "../support";

interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}
interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

let answer: (request: Received) => Reply;
const requests: Received[] = [];
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const received = {
      method: request.method ?? "",
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: request.headers,
      body: text === "" ? null : JSON.parse(text),
    };
    requests.push(received);
    const { status, body, headers = {} } = answer(received);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(
  () =>
    new Promise<void>((done) => {
      server.close(() => done());
    }),
);
beforeEach(() => {
  requests.length = 0;
});

const service = (scope = "scope") => ({ address, scope, tokens: async (of: string) => `token-of-${of}` });

/** Digital Twins' twins and relationships, with its conditions, as the 2023-10-31 API answers. */
function digitalTwins() {
  const twins = new Map<string, { etag: string; body: Record<string, unknown> }>();
  const relationships = new Map<string, { source: string; target: string; name: string }>();
  let version = 0;
  const reply = ({ method, path, query, headers, body }: Received): Reply => {
    if (query.get("api-version") !== "2023-10-31") return { status: 400 };
    const [, , id = "", part, relationship = ""] = path.split("/");
    const stored = twins.get(id);
    if (part === "incomingrelationships") {
      const all = [...relationships].filter(([, { target }]) => target === id);
      const from = Number(query.get("from") ?? 0);
      const value = all.slice(from, from + 1).map(([key, { source, name }]) => ({
        $relationshipId: key.split("/")[1],
        $sourceId: source,
        $relationshipName: name,
      }));
      const nextLink =
        from + 1 < all.length ? `${address}${encodeURI(path)}?from=${from + 1}&api-version=2023-10-31` : null;
      return { status: 200, body: { value, nextLink } };
    }
    if (part === "relationships") {
      const key = `${id}/${relationship}`;
      if (method === "DELETE") return { status: relationships.delete(key) ? 204 : 404 };
      if (headers["if-none-match"] === "*" && relationships.has(key)) return { status: 412 };
      const { $targetId: target, $relationshipName: name } = body as Record<string, string>;
      if (stored === undefined || !twins.has(target as string)) return { status: 404 };
      relationships.set(key, { source: id, target: target as string, name: name as string });
      return { status: 200, body: {} };
    }
    if (method === "GET")
      return stored === undefined
        ? { status: 404, body: { error: { code: "DigitalTwinNotFound" } } }
        : { status: 200, body: { $dtId: id, ...stored.body }, headers: { etag: stored.etag } };
    if (method === "PUT") {
      if (headers["if-none-match"] === "*" && stored !== undefined) return { status: 412 };
      twins.set(id, { etag: `W/"${++version}"`, body: body as Record<string, unknown> });
      return { status: 200, body: {} };
    }
    if (stored === undefined) return { status: 404 };
    if (headers["content-type"] !== "application/json-patch+json") return { status: 415 };
    if (headers["if-match"] !== stored.etag) return { status: 412 };
    const patch = body as { op: string; path: string; value: unknown }[];
    const changed = Object.fromEntries(patch.map((each) => [each.path.slice(1), each.value]));
    twins.set(id, { etag: `W/"${++version}"`, body: { ...stored.body, ...changed } });
    return { status: 204 };
  };
  return { twins, relationships, reply };
}

describe("digitalTwinsStore", () => {
  const state = (second: number, lineId = "l1") => ({
    ...reading({ eventTime: `2026-01-05T08:00:0${second}Z`, deviceId: "d1", factoryId: "f1", lineId }),
    id: "d1",
    enqueuedTime: "",
  });

  it("keeps devices, lines and factories with their relationships", async () => {
    const twins = digitalTwins();
    answer = twins.reply;
    const sync = syncDeviceTwins(digitalTwinsStore(service()));
    await sync([state(1)]);
    expect(twins.twins.get("device.d1")?.body).toMatchObject({
      $metadata: { $model: "dtmi:lambda:factory:Device;1" },
      deviceId: "d1",
      lastEventTime: "2026-01-05T08:00:01Z",
    });
    expect([...twins.relationships.keys()].sort()).toEqual([
      "factory.f1/hasLine-line.f1.l1",
      "line.f1.l1/hasDevice-device.d1",
    ]);
    await sync([state(2)]);
    expect(twins.twins.get("device.d1")?.body["lastEventTime"]).toBe("2026-01-05T08:00:02Z");
    expect(requests[0]?.headers.authorization).toBe("Bearer token-of-scope");
  });

  it("moves a device, whatever page its old line is on", async () => {
    const twins = digitalTwins();
    answer = twins.reply;
    const store = digitalTwinsStore(service());
    await syncDeviceTwins(store)([state(1, "a")]);
    await store.create({ id: "line.f1.b", model: "m", properties: {} });
    await store.relate({ source: "line.f1.b", name: "hasDevice", target: "device.d1" });
    await syncDeviceTwins(store)([state(2, "c")]);
    expect(await store.sourcesOf("device.d1", "hasDevice")).toEqual(["line.f1.c"]);
  });

  it("tells a lost race from a failure", async () => {
    const twins = digitalTwins();
    answer = twins.reply;
    const store = digitalTwinsStore(service());
    const twin = { id: "device.d1", model: "m", properties: { temperature: 1 } };
    expect(await store.create(twin)).toBe(true);
    expect(await store.create(twin)).toBe(false);
    expect(await store.update(twin, 'W/"0"')).toBe(false);
    answer = () => ({ status: 429, body: { error: { message: "too many" } } });
    await expect(store.update(twin, "x")).rejects.toMatchObject({ code: 429 });
    await expect(store.find("device.d1")).rejects.toThrow("/digitaltwins/device.d1 was answered with 429");
  });
});

describe("publishLatencies", () => {
  const place = { instrumentationKey: "key-1", role: "func-x", instance: "i-1" };
  const start = (histogram: LatencyHistogram, warnings: string[] = []) =>
    publishLatencies(service("https://monitor.azure.com/.default"), place, histogram, {
      name: "event_to_answer_ms",
      everyMs: 60_000,
      warn: (text) => warnings.push(text),
    });

  it("sends a pre-aggregated metric for each bucket, by identity", async () => {
    answer = () => ({ status: 200, body: { itemsReceived: 2, itemsAccepted: 2, errors: [] } });
    const histogram = new LatencyHistogram();
    for (const value of [100, 100, 900]) histogram.record(value);
    const publisher = start(histogram);
    await publisher.close();
    const [request] = requests;
    expect(request).toMatchObject({ method: "POST", path: "/v2.1/track" });
    expect(request?.headers.authorization).toBe("Bearer token-of-https://monitor.azure.com/.default");
    expect(request?.body).toEqual([
      expect.objectContaining({
        name: "Microsoft.ApplicationInsights.Metric",
        iKey: "key-1",
        tags: { "ai.cloud.role": "func-x", "ai.cloud.roleInstance": "i-1" },
        data: {
          baseType: "MetricData",
          baseData: {
            ver: 2,
            metrics: [
              {
                name: "event_to_answer_ms",
                kind: "Aggregation",
                value: 200,
                count: 2,
                min: 100,
                max: 100,
              },
            ],
          },
        },
      }),
      expect.objectContaining({ data: expect.objectContaining({ baseType: "MetricData" }) }),
    ]);
  });

  it("keeps what the service does not take, and sends it next time", async () => {
    const histogram = new LatencyHistogram();
    const warnings: string[] = [];
    const publisher = start(histogram, warnings);
    answer = () => ({ status: 503 });
    histogram.record(10);
    await publisher.publish();
    expect(warnings).toEqual([expect.stringContaining("503")]);
    answer = () => ({ status: 200, body: {} });
    histogram.record(10);
    await publisher.close();
    const [, second] = requests.map(({ body }) => body as { data: { baseData: { metrics: object[] } } }[]);
    expect(second?.[0]?.data.baseData.metrics[0]).toMatchObject({ count: 2, value: 20 });
  });

  it("sends nothing when nothing happened", async () => {
    await start(new LatencyHistogram()).close();
    expect(requests).toEqual([]);
  });
});

describe("dataExplorerAnomalies", () => {
  it("asks with parameters and names the columns of the answer", async () => {
    answer = () => ({
      status: 200,
      body: {
        Tables: [
          {
            Columns: ["factoryId", "lineId", "windowEnd"].map((ColumnName) => ({ ColumnName })),
            Rows: [["f1", "l1", "2026-01-05T09:57:00Z"]],
          },
        ],
      },
    });
    const source = dataExplorerAnomalies(service(), "telemetry");
    expect(await source.between("2026-01-05T09:53:00Z", "2026-01-05T09:58:00Z")).toEqual([
      { factoryId: "f1", lineId: "l1", windowEnd: "2026-01-05T09:57:00Z" },
    ]);
    expect(requests[0]).toMatchObject({
      path: "/v1/rest/query",
      body: {
        db: "telemetry",
        csl: expect.stringMatching(/^declare query_parameters[\s\S]*line_power_anomalies/),
        properties: { Parameters: { after: "2026-01-05T09:53:00Z", upTo: "2026-01-05T09:58:00Z" } },
      },
    });
  });
});

describe("logicAppChannel", () => {
  const workflow = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/w";
  const finding = { id: "f-1", code: "anomaly", message: "spike" } as const;
  const manager = (endpoint: () => string): ((request: Received) => Reply) => {
    return ({ method, path }) => {
      if (method === "GET" && path === workflow)
        return { status: 200, body: { properties: { accessEndpoint: `${address}${endpoint()}` } } };
      return { status: path.startsWith(`${endpoint()}/triggers/finding/paths/invoke`) ? 202 : 404 };
    };
  };

  it("asks once where the workflow is, and tells it with a token", async () => {
    answer = manager(() => "/workflows/one");
    const channel = logicAppChannel(service(), workflow);
    await channel.tell(finding);
    await channel.tell(finding);
    expect(requests.map(({ method }) => method)).toEqual(["GET", "POST", "POST"]);
    expect(requests[1]).toMatchObject({
      body: finding,
      headers: { authorization: "Bearer token-of-scope", "x-ms-client-tracking-id": "f-1" },
    });
    expect(requests[1]?.query.get("sig")).toBeNull();
  });

  it("finds a workflow again that was made anew", async () => {
    let place = "/workflows/one";
    answer = manager(() => place);
    const channel = logicAppChannel(service(), workflow);
    await channel.tell(finding);
    place = "/workflows/two";
    await expect(channel.tell(finding)).rejects.toThrow("404");
    await channel.tell(finding);
    expect(requests.at(-1)?.path).toBe("/workflows/two/triggers/finding/paths/invoke");
  });
});
