/** An answer of the service that says no; the words are the service's own where they are known. */
export class CosmosError extends Error {
  readonly status: number;
  readonly code: string;
  readonly substatus: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { readonly substatus?: number; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.name = "CosmosError";
    this.status = status;
    this.code = code;
    this.substatus = options.substatus;
    this.headers = options.headers ?? {};
  }
}

const learnMore = "Learn more: https://aka.ms/cosmosdb-tsg";

/** Every error that the server answers with, each once. */
export const errors = {
  badRequest: (text: string) => new CosmosError(400, "BadRequest", text),
  invalidInput: (names: string) =>
    new CosmosError(
      400,
      "BadRequest",
      `The input content is invalid because the required properties - '${names}; ' - are missing`,
    ),
  partitionKeyMissing: () =>
    new CosmosError(400, "BadRequest", "PartitionKey value must be supplied for this operation."),
  partitionKeyInvalid: (text: string) =>
    new CosmosError(400, "BadRequest", `Partition key ${text} is invalid.`),
  partitionKeyMismatch: () =>
    new CosmosError(
      400,
      "BadRequest",
      `PartitionKey extracted from document doesn't match the one specified in the header. ${learnMore}-bad-request`,
      { substatus: 1001 },
    ),
  crossPartitionDisabled: () =>
    new CosmosError(
      400,
      "BadRequest",
      "Cross partition query is required but disabled. Please set x-ms-documentdb-query-enablecrosspartition to true, specify x-ms-documentdb-partitionkey, or revise your query to avoid this exception.",
    ),
  unauthorized: (text: string) => new CosmosError(401, "Unauthorized", text),
  forbidden: (text: string) => new CosmosError(403, "Forbidden", text),
  notFound: () =>
    new CosmosError(404, "NotFound", `Resource Not Found. ${learnMore}-not-found`, { substatus: 0 }),
  ownerNotFound: () => new CosmosError(404, "NotFound", "Owner resource does not exist", { substatus: 1003 }),
  methodNotAllowed: (text: string) => new CosmosError(405, "MethodNotAllowed", text),
  conflict: () =>
    new CosmosError(409, "Conflict", "Entity with the specified id already exists in the system."),
  uniqueKeyConflict: () => new CosmosError(409, "Conflict", "Unique index constraint violation."),
  gone: () => new CosmosError(410, "Gone", "The partition key range is gone.", { substatus: 1002 }),
  preconditionFailed: () =>
    new CosmosError(412, "PreconditionFailed", "One of the specified pre-condition is not met"),
  tooLarge: () => new CosmosError(413, "RequestEntityTooLarge", "Request size is too large"),
  failedDependency: () => new CosmosError(424, "FailedDependency", ""),
  tooManyRequests: (retryAfterMs: number) =>
    new CosmosError(
      429,
      "TooManyRequests",
      "The request rate is too large. Please retry after sometime. Learn more: http://aka.ms/cosmosdb-error-429",
      { substatus: 3200, headers: { "x-ms-retry-after-ms": String(retryAfterMs) } },
    ),
  notImplemented: (text: string) => new CosmosError(501, "NotImplemented", text),
  storageFailed: (text: string) =>
    new CosmosError(503, "ServiceUnavailable", `The write could not be stored: ${text}`),
} as const;
