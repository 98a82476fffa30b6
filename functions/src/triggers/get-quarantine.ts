import { app, type HttpRequest, type InvocationContext } from "@azure/functions";
import { listQuarantine, type QuarantineReader } from "../domain/list-quarantine";
import { jsonAnswer, withProblemDetails } from "./http-answer";
import { functionNamed, required } from "./registration";

const name = "getQuarantine";

/** Handler: a page of refused messages, newest first. */
export function getQuarantineHandler(reader: QuarantineReader) {
  const list = listQuarantine(reader);
  return withProblemDetails(async (request: HttpRequest, _context: InvocationContext) =>
    jsonAnswer(await list(new URLSearchParams(request.query.toString()))),
  );
}

export function registerGetQuarantine(reader: QuarantineReader): void {
  app.http(name, {
    methods: ["GET"],
    authLevel: "function",
    route: required(functionNamed(name, "http"), "route"),
    handler: getQuarantineHandler(reader),
  });
}
