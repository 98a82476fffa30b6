import { app, type InvocationContext } from "@azure/functions";
import type { TelemetryMessage } from "../domain/telemetry-message";
import { connections, functionNamed, required, untilItSucceeds } from "./registration";

/** Handles a batch of one partition; returns a figure for the log. */
export type TelemetryUseCase = (messages: readonly TelemetryMessage[]) => Promise<number>;

/**
 * Registers a function on the hub that the topology names. Bodies come as bytes: the text of a message that is not JSON, or
 * writes a number in its own way, must survive.
 */
export function registerTelemetryFunction(
  name: string,
  handler: (bodies: readonly Uint8Array[], context: InvocationContext) => Promise<void>,
): void {
  const entry = functionNamed(name, "eventHub");
  app.generic(name, {
    trigger: {
      type: "eventHubTrigger",
      name: "messages",
      connection: connections.eventHubs,
      eventHubName: required(entry, "hub"),
      consumerGroup: required(entry, "consumerGroup"),
      cardinality: "many",
      dataType: "binary",
    },
    retry: untilItSucceeds,
    handler: handler as (bodies: unknown, context: InvocationContext) => Promise<void>,
  });
}

/** Makes the handler of such a function: the invocation's bodies and metadata become messages of the domain. */
export function telemetryHandler(
  hub: string,
  useCase: TelemetryUseCase,
  describe: (count: number, messages: readonly TelemetryMessage[]) => string | undefined,
): (bodies: readonly Uint8Array[], context: InvocationContext) => Promise<void> {
  return async (bodies, context) => {
    const messages = messagesOf(hub, bodies, context.triggerMetadata);
    const text = describe(await useCase(messages), messages);
    if (text !== undefined) context.log(text);
  };
}

interface BatchMetadata {
  readonly partitionContext?: { readonly partitionId?: string };
  readonly sequenceNumberArray?: readonly number[];
  readonly enqueuedTimeUtcArray?: readonly string[];
  readonly systemPropertiesArray?: readonly Readonly<Record<string, unknown>>[];
}

/** Joins bodies and the host's arrays of metadata. @throws Error when the host left a position out. */
export function messagesOf(
  hub: string,
  bodies: readonly Uint8Array[],
  triggerMetadata: Readonly<Record<string, unknown>> | undefined,
): TelemetryMessage[] {
  const metadata = (triggerMetadata ?? {}) as BatchMetadata;
  const partition = metadata.partitionContext?.partitionId;
  if (partition === undefined) throw new Error("the host did not name the partition of the batch");
  return bodies.map((body, index) => {
    const sequence = metadata.sequenceNumberArray?.[index];
    const enqueuedTime = metadata.enqueuedTimeUtcArray?.[index];
    if (sequence === undefined || enqueuedTime === undefined) {
      throw new Error(`the host gave event ${index} of partition ${partition} no position`);
    }
    const properties = metadata.systemPropertiesArray?.[index];
    const messageId = properties?.["message-id"] ?? properties?.["messageId"];
    return {
      body,
      hub,
      partition: String(partition),
      sequence: Number(sequence),
      enqueuedTime: utcOf(enqueuedTime),
      messageId: messageId === undefined || messageId === null ? null : String(messageId),
    };
  });
}

/** The host may leave the zone out; its times are UTC. */
function utcOf(time: string): string {
  return time.endsWith("Z") || /[+-]\d\d:\d\d$/.test(time) ? time : `${time}Z`;
}
