/** Every code with its meaning. */
export const bootstrapErrors = {
  BOOTSTRAP_STAGE: "No stage was named, or one that is never deployed.",
  BOOTSTRAP_STEP_UNKNOWN: "The stage has no step of that name.",
  BOOTSTRAP_NOT_SIGNED_IN: "The Azure CLI gives no token for the service.",
  BOOTSTRAP_UNREACHABLE:
    "The service gave no answer; stages with private networking answer inside their network alone.",
  BOOTSTRAP_REQUEST: "The service refused a request; the message has its status and its words.",
  BOOTSTRAP_NOT_HELD: "The service took a change and does not show it.",
  BOOTSTRAP_LINK_UNKNOWN: "A private endpoint waits for approval, and whose it is cannot be told.",
  BOOTSTRAP_MODEL_CHANGED:
    "Digital Twins holds a model of that id with another text, or decommissioned; models are immutable.",
  BOOTSTRAP_DASHBOARD: "A dashboard has no uid or no title.",
  BOOTSTRAP_SQL: "The database refused a batch.",
  BOOTSTRAP_SQL_PLACE: "A place in a SQL script has no value, or one that could end a name or a string.",
  BOOTSTRAP_NO_SQLCMD: "The program sqlcmd does not start.",
  POWER_USAGE: "A stage and one of --stop, --start and --check are needed.",
  POWER_PRODUCTION: "Production is not stopped.",
  POWER_NOT_RUNNING: "A stream job does not run, or the stage has none.",
} as const;

export type BootstrapErrorCode = keyof typeof bootstrapErrors;

/** What went wrong and what to do about it. */
export class BootstrapError extends Error {
  readonly code: BootstrapErrorCode;
  readonly hint: string;

  constructor(code: BootstrapErrorCode, message: string, hint: string) {
    super(message);
    this.name = "BootstrapError";
    this.code = code;
    this.hint = hint;
  }
}
