/** What went wrong and what to do about it. Codes: BOOTSTRAP_*. */
export class BootstrapError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.name = "BootstrapError";
    this.code = code;
    this.hint = hint;
  }
}
