/** The service's error names with their HTTP status and error code. */
const hubErrors = {
  ArgumentInvalid: { status: 400, code: 400004 },
  Unauthorized: { status: 401, code: 401002 },
  DeviceMaximumQueueDepthExceeded: { status: 403, code: 403004 },
  DeviceNotFound: { status: 404, code: 404001 },
  DeviceNotOnline: { status: 404, code: 404103 },
  NotFound: { status: 404, code: 404000 },
  DeviceAlreadyExists: { status: 409, code: 409001 },
  PreconditionFailed: { status: 412, code: 412001 },
  MessageTooLarge: { status: 413, code: 413001 },
  GatewayTimeout: { status: 504, code: 504101 },
} as const;

export type HubErrorName = keyof typeof hubErrors;

/** A refusal that the service side or a device gets, in the service's own terms. */
export class HubError extends Error {
  readonly errorName: HubErrorName;

  constructor(errorName: HubErrorName, message: string) {
    super(message);
    this.name = "HubError";
    this.errorName = errorName;
  }

  get status(): number {
    return hubErrors[this.errorName].status;
  }

  get code(): number {
    return hubErrors[this.errorName].code;
  }
}
