/** The seven types of the language; `any` marks an expression whose type is only known per record. */
export type ValueType = "bigint" | "float" | "nvarchar(max)" | "datetime" | "bit" | "record" | "array";
/** Type of an expression as the compiler knows it; `any` where only the event tells. */
export type StaticType = ValueType | "any";

/** A moment as 100 ns ticks UTC, counted from 0001-01-01T00:00:00Z. */
export class DateTime {
  readonly ticks: bigint;
  constructor(ticks: bigint) {
    this.ticks = ticks;
  }
}

/** Ordered name/value set; names keep their casing and order, look-up by exact name first, then ignoring case. */
export class AsaRecord {
  readonly names: readonly string[];
  readonly values: readonly Value[];

  constructor(names: readonly string[], values: readonly Value[]) {
    this.names = names;
    this.values = values;
  }

  /** Returns the member's value, or undefined when there is none (NULL is null). */
  get(name: string): Value | undefined {
    const exact = this.names.indexOf(name);
    if (exact >= 0) return this.values[exact];
    const folded = name.toLowerCase();
    const index = this.names.findIndex((candidate) => candidate.toLowerCase() === folded);
    return index < 0 ? undefined : this.values[index];
  }
}

/**
 * A value of the language: bigint is `bigint`, float is `number`, nvarchar is `string`, bit is `boolean`, NULL is `null`.
 */
export type Value = null | bigint | number | string | boolean | DateTime | AsaRecord | readonly Value[];
