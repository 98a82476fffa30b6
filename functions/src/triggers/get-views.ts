import { app, type HttpRequest, type InvocationContext } from "@azure/functions";
import { getViews, type ViewStore } from "../domain/get-views";
import { jsonAnswer, withProblemDetails } from "./http-answer";
import { functionNamed, required } from "./registration";

const name = "getViews";

/** Handler of the serving API: merged windows of one key with their provenance. */
export function getViewsHandler(store: ViewStore) {
  const answer = getViews(store);
  return withProblemDetails(async (request: HttpRequest, _context: InvocationContext) => {
    const parameter = (query: string) => request.query.get(query) ?? undefined;
    return jsonAnswer(
      await answer({
        job: request.params["job"] ?? "",
        key: request.params["key"] ?? "",
        grain: parameter("grain"),
        window: parameter("window"),
        from: parameter("from"),
        to: parameter("to"),
        version: parameter("version"),
        provisional: parameter("provisional"),
      }),
    );
  });
}

export function registerGetViews(store: ViewStore): void {
  app.http(name, {
    methods: ["GET"],
    authLevel: "function",
    route: required(functionNamed(name, "http"), "route"),
    handler: getViewsHandler(store),
  });
}
