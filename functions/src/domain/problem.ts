/** Problems that the HTTP functions answer with; the type URI is `urn:lambda-platform:problem:<code>`. */
export const problems = {
  "unknown-job": { status: 404, title: "The job is not known" },
  "unknown-version": { status: 404, title: "The job has no such version" },
  "invalid-parameter": { status: 400, title: "A parameter cannot be used" },
  "range-too-large": { status: 400, title: "The range holds too many windows" },
  "invalid-body": { status: 400, title: "The request body cannot be read" },
  "unknown-message": { status: 404, title: "No message of that id is in quarantine" },
  "still-invalid": { status: 422, title: "The message would be refused again" },
  "replay-conflict": { status: 409, title: "The message was replayed with another body" },
  unavailable: { status: 503, title: "A service behind this function does not answer" },
  internal: { status: 500, title: "The function failed" },
} as const;

export type ProblemCode = keyof typeof problems;

/** An expected failure of a request, ready to be told as RFC 9457 problem details. */
export class Problem extends Error {
  readonly code: ProblemCode;
  /** Further members of the problem document, such as the name of the wrong parameter. */
  readonly extension: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, detail: string, extension: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.name = "Problem";
    this.code = code;
    this.extension = extension;
  }
}
