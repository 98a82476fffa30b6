/** JSON text with sorted keys: two values are equal when their texts are. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** Whether `actual` holds everything that `wanted` says; keys that the service adds do not count. */
export function holds(actual: unknown, wanted: unknown): boolean {
  if (wanted === null || typeof wanted !== "object" || Array.isArray(wanted))
    return canonical(actual) === canonical(wanted);
  if (actual === null || typeof actual !== "object") return false;
  return Object.entries(wanted).every(([key, value]) =>
    holds((actual as Record<string, unknown>)[key], value),
  );
}
