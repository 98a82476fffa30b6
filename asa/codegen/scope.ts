import { Code } from "./code";

const prefixForm = /^[a-z][a-zA-Z]{0,20}$/;

/**
 * Names of one generated module and the values that it captures. A name is a prefix of this repository and a number: no
 * user text ever becomes an identifier.
 */
export class Scope {
  private readonly counts = new Map<string, number>();
  private readonly captured: { readonly name: Code; readonly value: unknown }[] = [];
  private readonly known = new Map<unknown, Code>();

  /** A name that nothing else in the module has. */
  name(prefix: string): Code {
    if (!prefixForm.test(prefix)) throw new TypeError(`"${prefix}" is no prefix of a generated name`);
    const count = this.counts.get(prefix) ?? 0;
    this.counts.set(prefix, count + 1);
    return new Code(`${prefix}${count}`);
  }

  /** The name under which the module sees a value: a function, an object, a constant that has no literal. */
  value(prefix: string, value: unknown): Code {
    const known = this.known.get(value);
    if (known !== undefined) return known;
    const name = this.name(prefix);
    this.captured.push({ name, value });
    this.known.set(value, name);
    return name;
  }

  /**
   * Runs the code as the body of a function in strict mode and returns what it returns.
   *
   * This is the one place of the engine that makes code from text; see asa/codegen/README.md for what keeps it safe.
   */
  evaluate<T>(body: Code): T {
    const names = this.captured.map(({ name }) => name.text);
    const make = new Function(...names, `"use strict";\n${body.text}`);
    return make(...this.captured.map(({ value }) => value)) as T;
  }
}
