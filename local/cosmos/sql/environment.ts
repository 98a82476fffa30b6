import { SqlError } from "./sql-error";
import type { ObjectValue, Value } from "./value";

/** What compiled code reads while it runs: the bound aliases, the request's parameters, the group's aggregates. */
export interface Environment {
  slots: Value[];
  readonly parameters: ObjectValue;
  aggregates: readonly Value[];
}

/** Compiled expression. */
export type Evaluate = (environment: Environment) => Value;

/** Aliases that are visible at a place of the query, each with its slot. */
export class Scope {
  readonly #names = new Map<string, number>();
  readonly #parent: Scope | undefined;
  readonly #counter: { next: number };

  constructor(parent?: Scope) {
    this.#parent = parent;
    this.#counter = parent === undefined ? { next: 0 } : parent.#counter;
  }

  declare(name: string): number {
    const slot = this.#counter.next++;
    this.#names.set(name, slot);
    return slot;
  }

  declareAlias(name: string, offset: number): number {
    if (this.#names.has(name)) {
      const message = `The input alias '${name}' is specified more than once in the FROM clause.`;
      throw new SqlError("SC2003", message, offset, offset + name.length);
    }
    return this.declare(name);
  }

  slotOf(name: string): number | undefined {
    return this.#names.get(name) ?? this.#parent?.slotOf(name);
  }
}
