/** Conditions and codes that the server answers with; the texts are the service's own where it has one. */
export const eventHubsErrors = {
  "amqp:not-found": "A hub, consumer group or address that does not exist.",
  "amqp:unauthorized-access": "No valid token covers the address.",
  "amqp:decode-error": "Bytes that are not AMQP 1.0, or a message that cannot be read.",
  "amqp:not-allowed": "A frame that the protocol does not allow at this moment.",
  "amqp:not-implemented": "A request that the server does not know.",
  "amqp:invalid-field": "A filter or property of the wrong type.",
  "amqp:internal-error": "The server failed; its log says why.",
  "amqp:resource-limit-exceeded": "Too many readers of a partition, or no room left on the log's disk.",
  "amqp:connection:framing-error": "A frame with an impossible size.",
  "amqp:session:unattached-handle": "A frame for a link that is not attached.",
  "amqp:session:window-violation": "More transfers than the session's window allows.",
  "amqp:link:transfer-limit-exceeded": "More messages than the link's credit allows.",
  "amqp:link:message-size-exceeded": "A message above the hub's limit.",
  "amqp:link:stolen": "A reader with a higher owner level took the partition.",
  "com.microsoft:argument-error": "A position that the partition does not have.",
  "com.microsoft:argument-out-of-range": "A partition that the hub does not have.",
  "com.microsoft:out-of-order-sequence": "An idempotent batch that does not follow the last one.",
  "com.microsoft:producer-epoch-stolen":
    "A producer of the same id with a higher owner level took the partition.",
  "com.microsoft:log-damaged": "A stored segment fails its checksum.",
} as const;

/** AMQP condition of an error: a key of `eventHubsErrors`. */
export type EventHubsErrorCode = keyof typeof eventHubsErrors;

/** An error that a client gets to see: an AMQP condition and its description. */
export class EventHubsError extends Error {
  readonly code: EventHubsErrorCode;
  readonly hint: string | undefined;

  constructor(
    code: EventHubsErrorCode,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "EventHubsError";
    this.code = code;
    this.hint = options.hint;
  }

  /** The error as it is; anything else becomes an internal error with the same text. */
  static from(error: unknown): EventHubsError {
    if (error instanceof EventHubsError) return error;
    return new EventHubsError("amqp:internal-error", error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}
