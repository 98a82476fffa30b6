/**
 * Text of JavaScript that is safe to run. Only the tags and functions of this file make it, so that no text of a query,
 * an event or a project can become code: strings are always quoted.
 */
export class Code {
  readonly text: string;
  /** Use `code`, `Scope.name` or `literal`. */
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: code as it is, anything else as a literal. */
export type Part = Code | readonly Code[] | string | number | bigint | boolean | null;

const lineEnds = /[\u2028\u2029]/g;
const escaped = (unit: string): string => (unit === "\u2028" ? "\\u2028" : "\\u2029");

/** A constant as code. Text becomes a JSON string literal. */
export function literal(value: string | number | bigint | boolean | null): Code {
  if (typeof value === "string") return new Code(JSON.stringify(value).replace(lineEnds, escaped));
  if (typeof value === "bigint") return new Code(value < 0n ? `(${value}n)` : `${value}n`);
  if (typeof value === "number") {
    if (Object.is(value, -0)) return new Code("(-0)");
    return new Code(value < 0 ? `(${value})` : String(value));
  }
  return new Code(String(value));
}

const textOf = (part: Part): string => {
  if (part instanceof Code) return part.text;
  if (Array.isArray(part)) return part.map(String).join("\n");
  return literal(part as string).text;
};

/** Makes code from a template of this repository; interpolated strings are quoted, code and lists of code stand as they are. */
export function code(strings: TemplateStringsArray, ...parts: readonly Part[]): Code {
  let text = strings[0] as string;
  for (let i = 0; i < parts.length; i++) text += textOf(parts[i] as Part) + (strings[i + 1] as string);
  return new Code(text);
}

/** Joins code with commas. */
export function list(items: readonly Code[]): Code {
  return new Code(items.map(String).join(", "));
}
