import { LocalError } from "../process/errors";

/** A mistake in the app's settings, host.json or registrations. */
export class HostConfigError extends LocalError {
  constructor(message: string, hint: string) {
    super("LOCAL_CHILD_FAILED", message, { hint });
  }
}
