import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { Problem, problems } from "../domain/problem";

type HttpFunction = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/** Answers with JSON that no cache keeps. */
export function jsonAnswer(body: unknown, status = 200): HttpResponseInit {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
    body: JSON.stringify(body),
  };
}

/** Turns what a function throws into RFC 9457 problem details; an unexpected error is logged, and not told. */
export function withProblemDetails(answer: HttpFunction): HttpFunction {
  return async (request, context) => {
    try {
      return await answer(request, context);
    } catch (error) {
      if (error instanceof Problem) return problemAnswer(error, request, context);
      context.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      const unavailable = isConnectionFailure(error);
      return problemAnswer(
        unavailable
          ? new Problem("unavailable", "the database or the hub does not answer: try again in a moment")
          : new Problem("internal", "the log holds the cause under the id of this invocation"),
        request,
        context,
      );
    }
  };
}

function problemAnswer(problem: Problem, request: HttpRequest, context: InvocationContext): HttpResponseInit {
  const { status, title } = problems[problem.code];
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(status === 503 && { "retry-after": "2" }),
    },
    body: JSON.stringify({
      type: `urn:lambda-platform:problem:${problem.code}`,
      title,
      status,
      detail: problem.message,
      instance: new URL(request.url).pathname,
      invocationId: context.invocationId,
      ...problem.extension,
    }),
  };
}

const connectionFailures: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "ETIMEDOUT",
  "EPIPE",
  "ServiceCommunicationError",
  "ServerBusyError",
  408,
  429,
  503,
]);

function isConnectionFailure(error: unknown): boolean {
  return (
    typeof error === "object" && error !== null && connectionFailures.has((error as { code?: unknown }).code)
  );
}
