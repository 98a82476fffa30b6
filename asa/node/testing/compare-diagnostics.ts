import type { RuntimeDiagnostic } from "../../api";
import { AsaRecord, readJson, writeJson, writeJsonObject } from "../../values";
import { toPlain } from "../settings";
import type { ExpectedDiagnostic } from "./test-config";

/**
 * Compares the dropped and adjusted events of a run with those that a case expects and returns a line for each that
 * is missing or too much; nothing is checked when the case expects nothing in particular.
 */
export function compareDiagnostics(
  expected: readonly ExpectedDiagnostic[] | undefined,
  actual: readonly RuntimeDiagnostic[],
): string[] {
  if (expected === undefined) return [];
  const left = [...actual];
  const problems: string[] = [];
  for (const wanted of expected) {
    const index = left.findIndex((candidate) => fits(wanted, candidate));
    if (index >= 0) left.splice(index, 1);
    else problems.push(`expected diagnostic ${describeExpected(wanted)} did not occur`);
  }
  return [...problems, ...left.map((diagnostic) => `unexpected diagnostic ${describeActual(diagnostic)}`)];
}

function fits(wanted: ExpectedDiagnostic, actual: RuntimeDiagnostic): boolean {
  return (
    wanted.kind.toLowerCase() === actual.kind.toLowerCase() &&
    (wanted.action === undefined || wanted.action === actual.action) &&
    (wanted.input === undefined || wanted.input.toLowerCase() === actual.input.toLowerCase()) &&
    [...wanted.event].every(([name, value]) => sameValue(actual.event?.get(name), value))
  );
}

function sameValue(actual: Parameters<typeof writeJson>[0] | undefined, expected: unknown): boolean {
  return (
    actual !== undefined && JSON.stringify(toPlain(readJson(writeJson(actual)))) === JSON.stringify(expected)
  );
}

function describeExpected({ kind, event }: ExpectedDiagnostic): string {
  return event.size === 0 ? kind : `${kind} of event ${JSON.stringify(Object.fromEntries(event))}`;
}

function describeActual({ kind, event, message }: RuntimeDiagnostic): string {
  return event instanceof AsaRecord
    ? `${kind} of event ${writeJsonObject(event.names, event.values)}`
    : `${kind}: ${message}`;
}
