import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { DeviceRecord } from "./device-store";
import { HubError } from "./hub-error";
import type { IotHub } from "./iot-hub";
import { verifySasToken } from "./sas";
import { isTwinDocument, mergePatch, sectionForService, type TwinDocument } from "./twin";

export const servicePolicyName = "iothubowner";

const bodyLimitBytes = 512 * 1024;

interface Call {
  readonly hub: IotHub;
  readonly deviceId: string;
  readonly body: unknown;
  readonly request: IncomingMessage;
}

interface Answer {
  readonly status: number;
  readonly value?: unknown;
}

interface Operation {
  readonly method: string;
  readonly path: RegExp;
  readonly run: (call: Call) => Answer | Promise<Answer>;
}

function field(body: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isTwinDocument(value) ? value[name] : undefined), body);
}

function deviceView(hub: IotHub, record: DeviceRecord): TwinDocument {
  return {
    deviceId: record.deviceId,
    generationId: record.generationId,
    etag: Buffer.from(record.generationId).toString("base64"),
    status: record.enabled ? "enabled" : "disabled",
    connectionState: hub.isConnected(record.deviceId) ? "Connected" : "Disconnected",
    cloudToDeviceMessageCount: record.cloudToDevice.length,
    authentication: {
      type: "sas",
      symmetricKey: { primaryKey: record.primaryKey, secondaryKey: record.secondaryKey },
    },
  };
}

function twinEtag(record: DeviceRecord): string {
  return Buffer.from(String(record.twin.version)).toString("base64");
}

function twinView(hub: IotHub, record: DeviceRecord): TwinDocument {
  return {
    deviceId: record.deviceId,
    etag: twinEtag(record),
    status: record.enabled ? "enabled" : "disabled",
    connectionState: hub.isConnected(record.deviceId) ? "Connected" : "Disconnected",
    cloudToDeviceMessageCount: record.cloudToDevice.length,
    authenticationType: "sas",
    version: record.twin.version,
    tags: record.twin.tags,
    properties: {
      desired: sectionForService(record.twin.desired),
      reported: sectionForService(record.twin.reported),
    },
  };
}

function putDevice({ hub, deviceId, body }: Call): Answer {
  if (!/^[A-Za-z0-9\-.%_*?!(),:=@$']{1,128}$/.test(deviceId)) {
    throw new HubError("ArgumentInvalid", `"${deviceId}" is not a device id`);
  }
  const known = hub.store.get(deviceId);
  const key = (name: string, kept: string | undefined) => {
    const given = field(body, "authentication", "symmetricKey", name);
    return typeof given === "string" && given !== "" ? given : (kept ?? randomBytes(32).toString("base64"));
  };
  const primaryKey = key("primaryKey", known?.primaryKey);
  const secondaryKey = key("secondaryKey", known?.secondaryKey);
  const record = known ?? hub.newDevice(deviceId, primaryKey, secondaryKey);
  hub.putDevice({ ...record, primaryKey, secondaryKey, enabled: field(body, "status") !== "disabled" });
  return { status: 200, value: deviceView(hub, hub.device(deviceId)) };
}

function patchTwin(call: Call, replaceTags: boolean): Answer {
  const { hub, deviceId, body, request } = call;
  const current = hub.device(deviceId);
  const ifMatch = request.headers["if-match"];
  if (ifMatch !== undefined && ifMatch !== "*" && ifMatch.replaceAll('"', "") !== twinEtag(current)) {
    throw new HubError("PreconditionFailed", "the twin has changed since it was read");
  }
  const tags = field(body, "tags");
  const desired = field(body, "properties", "desired");
  for (const part of [tags, desired]) {
    if (part !== undefined && !isTwinDocument(part)) {
      throw new HubError("ArgumentInvalid", "tags and desired properties are JSON objects");
    }
  }
  const record = hub.patchTwin(
    deviceId,
    { tags: tags as TwinDocument | undefined, desired: desired as TwinDocument | undefined },
    replaceTags ? (_current, replacement) => replacement : mergePatch,
  );
  return { status: 200, value: twinView(hub, record) };
}

async function callMethod({ hub, deviceId, body }: Call): Promise<Answer> {
  const methodName = field(body, "methodName");
  if (typeof methodName !== "string" || methodName === "") {
    throw new HubError("ArgumentInvalid", "methodName is missing");
  }
  const seconds = (name: string, otherwise: number) => {
    const given = field(body, name);
    return (typeof given === "number" && given >= 0 ? Math.min(given, 300) : otherwise) * 1000;
  };
  const result = await hub.callMethod(deviceId, {
    methodName,
    payload: field(body, "payload"),
    connectTimeoutMs: seconds("connectTimeoutInSeconds", 0),
    responseTimeoutMs: seconds("responseTimeoutInSeconds", 30),
  });
  return { status: 200, value: result };
}

/** The service SDK sends these over AMQP; here a JSON body {body | bodyBase64, properties, messageId, expiresInSeconds}. */
function sendToDevice({ hub, deviceId, body }: Call): Answer {
  const text = field(body, "body");
  const base64 = field(body, "bodyBase64");
  if (typeof text !== "string" && typeof base64 !== "string") {
    throw new HubError("ArgumentInvalid", "body (text) or bodyBase64 is missing");
  }
  const bytes = typeof base64 === "string" ? Buffer.from(base64, "base64") : Buffer.from(text as string);
  if (bytes.length > 64 * 1024)
    throw new HubError("MessageTooLarge", "a message to a device has 64 KB at most");
  const messageId = field(body, "messageId");
  const properties = field(body, "properties");
  const lifetime = field(body, "expiresInSeconds");
  const id = hub.sendToDevice(
    deviceId,
    bytes,
    {
      system: typeof messageId === "string" ? { messageId } : {},
      application: isTwinDocument(properties)
        ? Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, String(value)]))
        : {},
    },
    typeof lifetime === "number" ? hub.clock.now() + lifetime * 1000 : null,
  );
  return { status: 201, value: { messageId: id } };
}

const operations: readonly Operation[] = [
  { method: "PUT", path: /^\/devices\/([^/]+)$/, run: putDevice },
  {
    method: "GET",
    path: /^\/devices\/([^/]+)$/,
    run: ({ hub, deviceId }) => ({ status: 200, value: deviceView(hub, hub.device(deviceId)) }),
  },
  {
    method: "DELETE",
    path: /^\/devices\/([^/]+)$/,
    run: ({ hub, deviceId }) => {
      hub.deleteDevice(deviceId);
      return { status: 204 };
    },
  },
  {
    method: "GET",
    path: /^\/devices\/?$/,
    run: ({ hub }) => ({ status: 200, value: [...hub.store.all()].map((record) => deviceView(hub, record)) }),
  },
  {
    method: "GET",
    path: /^\/statistics\/devices$/,
    run: ({ hub }) => {
      const enabled = [...hub.store.all()].filter((record) => record.enabled).length;
      return {
        status: 200,
        value: {
          totalDeviceCount: hub.store.size,
          enabledDeviceCount: enabled,
          disabledDeviceCount: hub.store.size - enabled,
        },
      };
    },
  },
  { method: "POST", path: /^\/devices\/([^/]+)\/messages\/deviceBound$/i, run: sendToDevice },
  {
    method: "GET",
    path: /^\/twins\/([^/]+)$/,
    run: ({ hub, deviceId }) => ({ status: 200, value: twinView(hub, hub.device(deviceId)) }),
  },
  { method: "PATCH", path: /^\/twins\/([^/]+)$/, run: (call) => patchTwin(call, false) },
  { method: "PUT", path: /^\/twins\/([^/]+)$/, run: (call) => patchTwin(call, true) },
  { method: "POST", path: /^\/twins\/([^/]+)\/methods$/, run: callMethod },
];

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyLimitBytes) throw new HubError("MessageTooLarge", "the request is too large");
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new HubError("ArgumentInvalid", "the request's body is not JSON");
  }
}

/**
 * Returns the handler of the service side's REST calls: device registry, twins, direct methods, as the service SDK makes
 * them, and `POST /devices/{id}/messages/deviceBound` for messages to devices. Authorised by the owner policy's SAS.
 */
export function serviceApi(
  hub: IotHub,
  serviceKey: string,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const verdict = verifySasToken(request.headers.authorization ?? "", "", [serviceKey], Date.now());
    if (!verdict.accepted) throw new HubError("Unauthorized", verdict.refusal);
    const path = new URL(request.url ?? "/", "https://localhost").pathname;
    for (const operation of operations) {
      const match = operation.method === request.method ? operation.path.exec(path) : null;
      if (match === null) continue;
      const deviceId = decodeURIComponent(match[1] ?? "");
      return await operation.run({ hub, deviceId, body: await readBody(request), request });
    }
    throw new HubError("NotFound", `the local hub does not offer ${request.method} ${path}`);
  };
  return async (request, response) => {
    let result: Answer;
    const headers: Record<string, string> = { "content-type": "application/json; charset=utf-8" };
    try {
      result = await answer(request);
    } catch (error) {
      const known = error instanceof HubError ? error : new HubError("ArgumentInvalid", String(error));
      headers["iothub-errorcode"] = known.errorName;
      result = {
        status: known.status,
        value: { Message: `ErrorCode:${known.errorName};${known.message}`, errorCode: known.code },
      };
    }
    response.writeHead(result.status, headers);
    response.end(result.value === undefined ? undefined : JSON.stringify(result.value));
  };
}
