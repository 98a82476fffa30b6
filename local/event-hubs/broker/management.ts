import { type Encodable, int, list, long, map } from "../amqp";
import { EventHubsError } from "../errors";
import { entityNotFound } from "./address";
import type { Hub } from "./hub";
import type { Answer, Request } from "./requests";

function failure(statusCode: number, error: EventHubsError): Answer {
  return {
    properties: [
      ["status-code", int(statusCode)],
      ["status-description", error.message],
      ["error-condition", { type: "symbol", value: error.code }],
    ],
  };
}

function success(body: readonly (readonly [string, Encodable])[]): Answer {
  return {
    properties: [
      ["status-code", int(200)],
      ["status-description", "OK"],
    ],
    body: map(body),
  };
}

function text(request: Request, name: string): string {
  const value = request.properties.get(name);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function describeHub(hub: Hub): Answer {
  const ids = hub.partitions.map((_, id) => String(id));
  return success([
    ["name", hub.options.name],
    ["type", "com.microsoft:eventhub"],
    ["created_at", new Date(hub.createdMs)],
    ["partition_count", int(ids.length)],
    ["partition_ids", list(ids)],
    ["georeplication_factor", int(1)],
  ]);
}

function describePartition(hub: Hub, id: string): Answer {
  const { state } = hub.partition(/^\d+$/.test(id) ? Number(id) : Number.NaN);
  return success([
    ["name", hub.options.name],
    ["type", "com.microsoft:partition"],
    ["partition", id],
    ["begin_sequence_number", long(state.beginSequence)],
    ["last_enqueued_sequence_number", long(state.last?.sequence ?? -1)],
    ["last_enqueued_offset", state.last?.offset ?? "-1"],
    ["last_enqueued_time_utc", new Date(state.last?.enqueuedMs ?? 0)],
    ["is_partition_empty", state.endSequence === state.beginSequence],
    ["partition_sequence_number_epoch", int(0)],
  ]);
}

/** Answers one request of `$management`; `allowed` says whether the connection's tokens cover the hub. */
export function answerManagement(
  request: Request,
  hubNamed: (name: string) => Hub | undefined,
  allowed: (hub: string) => boolean,
  hostName: string,
): Answer {
  if (request.operation !== "READ") {
    return failure(
      501,
      new EventHubsError("amqp:not-implemented", `The operation '${request.operation}' is not supported.`),
    );
  }
  const name = text(request, "name");
  const hub = hubNamed(name);
  if (hub === undefined) return failure(404, entityNotFound(hostName, name));
  if (!allowed(hub.options.name)) {
    return failure(
      401,
      new EventHubsError(
        "amqp:unauthorized-access",
        `Unauthorized access. 'Listen' claim(s) are required to perform this operation. Resource: 'sb://${hostName}/${name}'.`,
      ),
    );
  }
  const type = text(request, "type");
  try {
    if (type === "com.microsoft:eventhub") return describeHub(hub);
    if (type === "com.microsoft:partition") return describePartition(hub, text(request, "partition"));
  } catch (error) {
    return failure(400, EventHubsError.from(error));
  }
  return failure(400, new EventHubsError("amqp:not-implemented", `The type '${type}' is not known.`));
}
