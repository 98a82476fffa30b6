import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LocalService {
  readonly address: string;
  readonly requests: Received[];
  /** Requests that change something. */
  writes(): Received[];
  close(): Promise<void>;
}

/** A server on this machine that answers as a service does and keeps what it was asked. */
export async function startService(answer: (request: Received) => Reply): Promise<LocalService> {
  const requests: Received[] = [];
  const server: Server = createServer(async (request, response) => {
    const received = await read(request);
    requests.push(received);
    const { status, body, headers = {} } = answer(received);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    writes: () => requests.filter(({ method }) => method !== "GET"),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function read(request: IncomingMessage): Promise<Received> {
  let text = "";
  for await (const chunk of request) text += chunk;
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  return {
    method: request.method ?? "",
    path: decodeURIComponent(url.pathname),
    query: url.search,
    authorization: request.headers.authorization,
    body: text === "" ? null : JSON.parse(text),
  };
}

interface StoredModel {
  readonly id: string;
  readonly model: unknown;
  decommissioned: boolean;
}

/** Digital Twins' models and event routes, as its 2023-10-31 API answers; models come in pages of two. */
export function digitalTwinsAnswers() {
  const models = new Map<string, StoredModel>();
  const routes = new Map<string, { endpointName: string; filter: string }>();
  const answer = ({ method, path, query, body }: Received): Reply => {
    if (!query.includes("api-version=2023-10-31"))
      return { status: 400, body: { error: { code: "MissingApiVersion", message: "no api-version" } } };
    if (path === "/models" && method === "GET") {
      const from = Number(new URLSearchParams(query).get("from") ?? 0);
      const all = [...models.values()];
      const next =
        from + 2 < all.length
          ? `/models?from=${from + 2}&includeModelDefinition=true&api-version=2023-10-31`
          : null;
      return { status: 200, body: { value: all.slice(from, from + 2), nextLink: next } };
    }
    if (path === "/models" && method === "POST") {
      const wanted = body as { "@id": string }[];
      if (wanted.some((model) => models.has(model["@id"])))
        return {
          status: 409,
          body: { error: { code: "ModelIdAlreadyExists", message: "a model is there" } },
        };
      for (const model of wanted)
        models.set(model["@id"], { id: model["@id"], model, decommissioned: false });
      return { status: 201, body: wanted.map((model) => ({ id: model["@id"] })) };
    }
    const route = /^\/eventroutes\/(.+)$/.exec(path)?.[1];
    if (route !== undefined && method === "GET") {
      const found = routes.get(route);
      return found === undefined
        ? { status: 404, body: { error: { code: "EventRouteNotFound", message: "no route" } } }
        : { status: 200, body: { id: route, ...found } };
    }
    if (route !== undefined && method === "PUT") {
      routes.set(route, body as { endpointName: string; filter: string });
      return { status: 204 };
    }
    return { status: 405, body: { error: { message: `${method} ${path}` } } };
  };
  return { models, routes, answer };
}

/** Grafana's data sources, folders and dashboards; versions grow with every save, as in the product. */
export function grafanaAnswers() {
  const sources = new Map<string, object>();
  const folders = new Map<string, object>();
  const dashboards = new Map<string, { uid: string; version: number }>();
  const found = (value: object | undefined, message: string): Reply =>
    value === undefined ? { status: 404, body: { message } } : { status: 200, body: value };
  const answer = ({ method, path, body }: Received): Reply => {
    const source = /^\/api\/datasources\/uid\/(.+)$/.exec(path)?.[1];
    if (source !== undefined) {
      if (method === "PUT" && sources.has(source))
        sources.set(source, { id: 1, version: 2, ...(body as object) });
      return found(sources.get(source), "Data source not found");
    }
    if (path === "/api/datasources") {
      sources.set((body as { uid: string }).uid, { id: 1, orgId: 1, version: 1, ...(body as object) });
      return { status: 200, body: { message: "Datasource added" } };
    }
    const folder = /^\/api\/folders\/(.+)$/.exec(path)?.[1];
    if (folder !== undefined) return found(folders.get(folder), "folder not found");
    if (path === "/api/folders") {
      folders.set((body as { uid: string }).uid, body as object);
      return { status: 200, body: body as object };
    }
    const uid = /^\/api\/dashboards\/uid\/(.+)$/.exec(path)?.[1];
    if (uid !== undefined) {
      const dashboard = dashboards.get(uid);
      return found(dashboard && { dashboard, meta: { version: dashboard.version } }, "Dashboard not found");
    }
    if (path === "/api/dashboards/db" && method === "POST") {
      const { dashboard, folderUid, overwrite } = body as {
        dashboard: { uid: string };
        folderUid: string;
        overwrite: boolean;
      };
      if (!folders.has(folderUid)) return { status: 400, body: { message: "folder not found" } };
      const before = dashboards.get(dashboard.uid);
      if (before !== undefined && !overwrite) return { status: 412, body: { message: "version mismatch" } };
      dashboards.set(dashboard.uid, { ...dashboard, id: 7, version: (before?.version ?? 0) + 1 } as never);
      return { status: 200, body: { status: "success", uid: dashboard.uid } };
    }
    return { status: 404, body: { message: `${method} ${path}` } };
  };
  return { sources, folders, dashboards, answer };
}
