import { createFunctionHost, type FunctionLimits } from "../../../../asa/node/functions";
import type { FunctionDefinition } from "../../../../asa/node/project";
import { AsaRecord, DateTime, unixEpochTicks, type Value } from "../../../../asa/values";

const hosts: { dispose(): void }[] = [];

afterEach(() => {
  for (const host of hosts.splice(0)) host.dispose();
});

async function load(script: string, more: Partial<FunctionDefinition> = {}, limits: FunctionLimits = {}) {
  const definition: FunctionDefinition = {
    name: "F",
    kind: "scalar",
    outputType: "any",
    script,
    file: "Functions/F.js",
    ...more,
  };
  const host = await createFunctionHost([definition], limits);
  hosts.push(host);
  return host;
}

describe("createFunctionHost", () => {
  const seven = new DateTime(unixEpochTicks + 70_000n);
  const record = new AsaRecord(["b", "a"], [1n, "x"]);
  it.each<[string, string, readonly Value[], Value]>([
    ["gives an integral number as bigint", "function main(a, b) { return a + b; }", [1n, 2.5 - 0.5], 3n],
    ["gives a fraction as float", "function main(a) { return a / 2; }", [1n], 0.5],
    ["gives a number beyond 64 bits as float", "function main() { return 1e30; }", [], 1e30],
    ["gives NULL for undefined", "function main() {}", [], null],
    ["gives NULL for NaN", "function main() { return 0/0; }", [], null],
    ["takes NULL as null", "function main(a) { return a === null; }", [null], true],
    ["takes a datetime as Date", "function main(d) { return d.getTime(); }", [seven], 7n],
    ["gives a Date as datetime", "function main() { return new Date(7); }", [], seven],
    ["keeps the order of members", "function main(r) { return Object.keys(r).join(); }", [record], "b,a"],
    ["gives an object as record", "function main() { return { b: 1, a: 'x' }; }", [], record],
    ["gives an array", "function main(a) { return a.concat([null]); }", [[1n, "x"]], [1n, "x", null]],
    [
      "keeps a member named __proto__",
      "function main(r) { return Object.keys(r)[0]; }",
      [new AsaRecord(["__proto__"], [1n])],
      "__proto__",
    ],
    [
      "keeps text outside the basic plane",
      "function main(s) { return s + s.length; }",
      ["\u{1F600}"],
      "\u{1F600}2",
    ],
  ])("%s", async (_title, script, args, expected) => {
    const host = await load(script);
    expect(host.callScalar("f", args)).toEqual(expected);
  });

  it("converts the result to the output type", async () => {
    const host = await load("function main() { return '12'; }", { outputType: "bigint" });
    expect(host.callScalar("F", [])).toBe(12n);
    const wrong = await load("function main() { return 'x'; }", { outputType: "bigint" });
    expect(() => wrong.callScalar("F", [])).toThrow("returned a value that is no bigint");
  });

  it("keeps the state of a script between calls, as the service does", async () => {
    const host = await load("let n = 0; function main() { return ++n; }");
    expect([host.callScalar("F", []), host.callScalar("F", [])]).toEqual([1n, 2n]);
  });

  it.each([
    "require",
    "process",
    "module",
    "exports",
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "setTimeout",
    "console",
    "Buffer",
    "WebAssembly",
    "std",
    "os",
    "scriptArgs",
  ])("has no %s", async (name) => {
    const host = await load(`function main() { return typeof ${name}; }`);
    expect(host.callScalar("F", [])).toBe("undefined");
  });

  it("refuses imports", async () => {
    const host = await load("function main() { return import('fs'); }");
    expect(host.callScalar("F", [])).toBeInstanceOf(AsaRecord);
    await expect(load("import fs from 'fs'; function main() {}")).rejects.toMatchObject({
      code: "ASA_FUNCTION_INVALID",
    });
  });

  it("names the function in lower case and the line when it throws", async () => {
    const host = await load("function main(s) {\n  return s.length;\n}", { name: "UdfLen" });
    expect(() => host.callScalar("udflen", [null])).toThrow(
      expect.objectContaining({
        code: "ASA_FUNCTION_FAILED",
        message: expect.stringContaining(
          "Function 'udflen' resulted in an error: 'TypeError: cannot read property 'length' of null'",
        ),
        place: { file: "Functions/F.js", line: 2 },
      }),
    );
    expect(host.callScalar("udflen", ["ab"])).toBe(2n);
  });

  it("refuses a function as a result", async () => {
    const host = await load("function main() { return () => 1; }");
    expect(() => host.callScalar("F", [])).toThrow("the function returned a function");
  });

  it("stops a function that runs too long, and goes on after it", async () => {
    const host = await load("function main(x) { while (x) {} return 1; }", {}, { milliseconds: 50 });
    expect(() => host.callScalar("F", [true])).toThrow("it ran longer than 50 ms");
    expect(host.callScalar("F", [false])).toBe(1n);
  });

  it("stops a function that takes too much memory", async () => {
    const script =
      "function main(n) { const a = []; for (let i = 0; i < n; i++) a.push('x'.repeat(1000) + i); return a.length; }";
    const host = await load(script, {}, { megabytes: 4 });
    expect(() => host.callScalar("F", [1_000_000n])).toThrow(
      expect.objectContaining({ code: "ASA_FUNCTION_FAILED" }),
    );
    expect(host.callScalar("F", [3n])).toBe(3n);
  });

  it("stops endless recursion", async () => {
    const host = await load("function main(n) { return n > 0 ? main(n + 1) : 0; }");
    expect(() => host.callScalar("F", [1n])).toThrow(
      expect.objectContaining({ code: "ASA_FUNCTION_FAILED" }),
    );
    expect(host.callScalar("F", [0n])).toBe(0n);
  });

  it("is not broken by a script that replaces built-ins", async () => {
    const host = await load(
      "JSON.stringify = JSON.parse = Array.isArray = () => 'broken'; function main(a) { return [a]; }",
    );
    expect(host.callScalar("F", [1n])).toEqual([1n]);
  });

  it("keeps functions apart from each other", async () => {
    const script = (value: number) =>
      `globalThis.shared = (globalThis.shared || 0) + ${value}; function main() { return shared; }`;
    const define = (name: string, value: number): FunctionDefinition => ({
      name,
      kind: "scalar",
      outputType: "any",
      script: script(value),
      file: `${name}.js`,
    });
    const host = await createFunctionHost([define("a", 1), define("b", 10)]);
    hosts.push(host);
    expect([host.callScalar("a", []), host.callScalar("b", [])]).toEqual([1n, 10n]);
  });

  it.each([
    ["a syntax error", "function main( {", "does not load: SyntaxError"],
    ["no main", "function other() {}", "defines no main"],
    ["an error while loading", "throw new Error('early')", "early"],
    ["an endless loop while loading", "while (true) {}", "does not load"],
  ])("refuses a script with %s", async (_title, script, message) => {
    await expect(load(script, {}, { milliseconds: 50 })).rejects.toMatchObject({
      code: "ASA_FUNCTION_INVALID",
      message: expect.stringContaining(message),
    });
  });

  it("runs an aggregate with several states and gives what it was given as snapshot", async () => {
    const script = `function main() {
      this.init = function () { this.sum = 0; this.last = null; };
      this.accumulate = function (value, timestamp) { this.sum += value.v; this.last = timestamp; };
      this.computeResult = function () { return { sum: this.sum, last: this.last }; };
    }`;
    const host = await load(script, { kind: "aggregate" });
    const first = host.createAggregate("f");
    const second = host.createAggregate("f");
    const event = (v: bigint) => new AsaRecord(["v"], [v]);
    first.accumulate(event(1n), seven.ticks);
    second.accumulate(event(10n), seven.ticks);
    first.accumulate(event(2n), seven.ticks);
    expect(first.compute()).toEqual(new AsaRecord(["sum", "last"], [3n, seven]));
    expect(second.compute()).toEqual(new AsaRecord(["sum", "last"], [10n, seven]));
    expect(first.snapshot()).toEqual([event(1n), seven, event(2n), seven]);
  });

  it("refuses a call of the other kind", async () => {
    const host = await load("function main() {}");
    expect(() => host.createAggregate("F")).toThrow('aggregate function "F" is not part of the project');
  });
});
