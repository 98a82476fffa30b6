import { app, type HttpRequest, type InvocationContext } from "@azure/functions";
import { checkHealth, type HealthProbe } from "../domain/health";
import { jsonAnswer, withProblemDetails } from "./http-answer";
import { functionNamed, required } from "./registration";

const name = "getHealth";
const probeTimeoutMs = 3_000;

/** Handler: 200 when everything behind the app answers, 503 otherwise. */
export function getHealthHandler(probes: readonly HealthProbe[], timeoutMs = probeTimeoutMs) {
  const check = checkHealth(probes, timeoutMs);
  return withProblemDetails(async (_request: HttpRequest, _context: InvocationContext) => {
    const report = await check();
    return jsonAnswer(report, report.status === "healthy" ? 200 : 503);
  });
}

export function registerGetHealth(probes: readonly HealthProbe[]): void {
  app.http(name, {
    methods: ["GET"],
    authLevel: "anonymous",
    route: required(functionNamed(name, "http"), "route"),
    handler: getHealthHandler(probes),
  });
}
