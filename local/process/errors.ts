/** Codes of errors that the local platform shows to its user; docs/errors.md is generated from this table. */
export const localErrors = {
  LOCAL_PORT_IN_USE: "A server's port is taken by another process.",
  LOCAL_DATA_LOCKED: "Another platform runs over the data folder.",
  LOCAL_DISK_FULL: "The data folder's disk has no room left.",
  LOCAL_PYTHON_MISSING: "No Python of a supported version was found.",
  LOCAL_JAVA_MISSING: "No Java runtime of a supported version was found.",
  LOCAL_USAGE: "The command line was not understood.",
  LOCAL_MAP_INVALID: "The map file of a --file run has a mistake.",
  LOCAL_FILE_UNREADABLE: "An input file cannot be read.",
  LOCAL_CHILD_FAILED: "A process of the platform did not start or keeps failing.",
  LOCAL_SETUP_INCOMPLETE: "A part that `npm run setup` installs is missing or damaged.",
  LOCAL_CONNECTION_STRING: "A connection string cannot be read.",
  LOCAL_RUN_TOO_SHORT: "An unattended run would end before both layers have a window.",
  LOCAL_RUN_INCOMPLETE: "An unattended run did not close its accounting.",
  LOCAL_NOT_RUNNING: "No platform runs over the data folder, or it does not answer.",
  LOCAL_DATA_DAMAGED: "A file of the data folder cannot be read.",
  LOCAL_MESSAGE_REFUSED: "A message was refused by a server.",
} as const;

export type LocalErrorCode = keyof typeof localErrors;

/** An error with a code, an optional explanation and what to do about it. */
export class LocalError extends Error {
  readonly code: LocalErrorCode;
  readonly detail: string | undefined;
  readonly hint: string | undefined;

  constructor(
    code: LocalErrorCode,
    message: string,
    options: { readonly detail?: string; readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "LocalError";
    this.code = code;
    this.detail = options.detail;
    this.hint = options.hint;
  }

  /** The text a user sees: code and message, then detail and hint on lines of their own. */
  describe(): string {
    const lines = [`${this.code}: ${this.message}`];
    if (this.detail !== undefined) lines.push(`  ${this.detail}`);
    if (this.hint !== undefined) lines.push(`  hint: ${this.hint}`);
    return lines.join("\n");
  }
}
