import type { FactoryTelemetry } from "../../contracts";
import validityCases from "../../contracts/events/factory-telemetry/validity-cases.json";
import type { TelemetryMessage } from "../../functions/src/domain/telemetry-message";

/** A valid reading with the given fields changed. */
export function reading(changes: Partial<FactoryTelemetry> = {}): FactoryTelemetry {
  return { ...(validityCases.base as FactoryTelemetry), ...changes };
}

let nextSequence = 0;

/** A message of the telemetry hub; each one gets a position of its own. */
export function message(
  body: string | object | Uint8Array,
  place: Partial<TelemetryMessage> = {},
): TelemetryMessage {
  return {
    body:
      body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    hub: "telemetry",
    partition: "0",
    sequence: nextSequence++,
    enqueuedTime: "2026-01-05T08:00:01.000Z",
    messageId: null,
    ...place,
  };
}

interface ValidityCase {
  readonly name: string;
  readonly reason: string | null;
  readonly body?: string;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  readonly replace?: readonly [string, string];
}

/** The shared table of cases: name, message text, and the reason of its refusal or null. */
export const validityTable = (validityCases.cases as unknown as readonly ValidityCase[]).map((entry) => ({
  name: entry.name,
  reason: entry.reason,
  body: bodyOf(entry),
}));

function bodyOf({ body, set = {}, remove = [], replace }: ValidityCase): string {
  if (body !== undefined) return body;
  const fields = Object.entries({ ...validityCases.base, ...set }).filter(([name]) => !remove.includes(name));
  const text = JSON.stringify(Object.fromEntries(fields));
  if (replace === undefined) return text;
  if (!text.includes(replace[0])) throw new Error(`the base event does not contain ${replace[0]}`);
  return text.replace(replace[0], replace[1]);
}
