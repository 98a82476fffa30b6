import type { InputEvent, RuntimeDiagnostic } from "../../api";
import type { AsaRecord } from "../../values/value";

/** What the job says of an event that it drops or adjusts; what is not known of the event is left out. */
export function diagnosticOf(
  what: Pick<RuntimeDiagnostic, "kind" | "action" | "input" | "message">,
  event: InputEvent,
  record: AsaRecord | undefined,
  time: bigint | undefined,
): RuntimeDiagnostic {
  return {
    ...what,
    arrival: event.arrival,
    ...(event.metadata === undefined ? {} : { metadata: event.metadata }),
    ...(record === undefined ? {} : { event: record }),
    ...(time === undefined ? {} : { applicationTime: time }),
  };
}
