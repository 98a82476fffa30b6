import { int } from "../amqp";
import { decodeMessage } from "../message";
import type { Answer, Request } from "./requests";
import { type AccessKey, checkToken, type Grants } from "./tokens";

function answer(statusCode: number, description: string): Answer {
  return {
    properties: [
      ["status-code", int(statusCode)],
      ["status-description", description],
    ],
  };
}

/** Answers one request of `$cbs`: puts a token that holds among the connection's grants. */
export function answerCbs(
  request: Request,
  keys: readonly AccessKey[],
  grants: Grants,
  nowMs: number,
): Answer {
  if (request.operation !== "put-token")
    return answer(400, `The operation '${request.operation}' is not known.`);
  const { body } = decodeMessage(request.payload, 0, request.payload.length);
  const checked = checkToken(body.toString("utf8"), keys, nowMs);
  if ("statusCode" in checked) return answer(checked.statusCode, checked.description);
  grants.add(checked);
  return answer(202, "Accepted");
}
