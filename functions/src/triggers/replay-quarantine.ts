import { app, type HttpRequest, type InvocationContext } from "@azure/functions";
import { sourceOf } from "../domain/list-quarantine";
import { Problem } from "../domain/problem";
import { type QuarantineStore, replayQuarantined, type TelemetrySender } from "../domain/replay";
import { jsonAnswer, withProblemDetails } from "./http-answer";
import { functionNamed, required } from "./registration";

const name = "replayQuarantine";

/**
 * Handler: sends a refused message again. The request body is empty, or JSON with the member `body`: the corrected message as
 * text, or as an object to be written as JSON.
 */
export function replayQuarantineHandler(store: QuarantineStore, sender: TelemetrySender, now: () => string) {
  const replay = replayQuarantined(store, sender, now);
  return withProblemDetails(async (request: HttpRequest, _context: InvocationContext) => {
    const answer = await replay({
      source: sourceOf(request.query.get("source") ?? undefined),
      id: request.params["id"] ?? "",
      correctedBody: correctedBodyOf(await request.text()),
    });
    return jsonAnswer(answer, answer.sentNow ? 202 : 200);
  });
}

function correctedBodyOf(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Problem("invalid-body", `the request body is not JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new Problem("invalid-body", 'the request body is not an object like {"body": "..."}');
  }
  const { body } = parsed as { readonly body?: unknown };
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return body;
  if (typeof body === "object" && !Array.isArray(body)) return JSON.stringify(body);
  throw new Problem("invalid-body", "the member body is neither a text nor an object");
}

export function registerReplayQuarantine(store: QuarantineStore, sender: TelemetrySender): void {
  app.http(name, {
    methods: ["POST"],
    authLevel: "function",
    route: required(functionNamed(name, "http"), "route"),
    handler: replayQuarantineHandler(store, sender, () => new Date().toISOString()),
  });
}
