/** The parts of a JSON Schema that the project's event schemas use. */
export interface EventSchema {
  readonly required: readonly string[];
  readonly additionalProperties?: boolean;
  readonly properties: Readonly<Record<string, EventField>>;
}

/** A field of an event's JSON schema, as far as the rule of evolution looks at it. */
export interface EventField {
  readonly type: string;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly unit?: string;
  readonly description?: string;
}

/**
 * Lists what in `current` would break a producer or a reader of the released schema of the same version, a sentence
 * each; empty when the change is compatible. Compatible are new optional fields, and other words in descriptions and
 * examples. Everything that changes which messages are valid, or what a value means, needs a new version.
 */
export function breakingChanges(released: EventSchema, current: EventSchema): string[] {
  const broken: string[] = [];
  if ((released.additionalProperties ?? true) && current.additionalProperties === false) {
    broken.push("additional fields are refused");
  }
  for (const name of current.required) {
    if (!released.required.includes(name)) broken.push(`"${name}" became required`);
  }
  for (const name of released.required) {
    if (!current.required.includes(name)) broken.push(`"${name}" is no longer required`);
  }
  for (const [name, before] of Object.entries(released.properties)) {
    const after = current.properties[name];
    if (after === undefined) {
      broken.push(`"${name}" is gone`);
      continue;
    }
    for (const keyword of ["type", "pattern", "format", "minimum", "maximum", "unit"] as const) {
      if (before[keyword] !== after[keyword]) {
        broken.push(
          `${keyword} of "${name}" changed from ${before[keyword] ?? "none"} to ${after[keyword] ?? "none"}`,
        );
      }
    }
    if (JSON.stringify(before.enum) !== JSON.stringify(after.enum))
      broken.push(`allowed values of "${name}" changed`);
  }
  return broken;
}
