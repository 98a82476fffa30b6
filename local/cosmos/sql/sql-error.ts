/** A mistake in a query, in the service's codes: SC1001 syntax, SC2001 unknown identifier, SC2005 unknown function. */
export class SqlError extends Error {
  readonly code: string;
  readonly start: number;
  readonly end: number;

  constructor(code: string, message: string, start: number, end: number) {
    super(message);
    this.name = "SqlError";
    this.code = code;
    this.start = start;
    this.end = end;
  }

  /** The body that the service puts into its error message. */
  describe(): string {
    return JSON.stringify({
      errors: [
        {
          severity: "Error",
          location: { start: this.start, end: this.end },
          code: this.code,
          message: this.message,
        },
      ],
    });
  }
}
