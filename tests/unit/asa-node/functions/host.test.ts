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
    expect(() => host.callScalar("F", [])).toThrow("returned a promise");
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

describe("a hostile function", () => {
  const limits = { milliseconds: 60, megabytes: 8 };
  const body = (text: string): string => `function main(a) { ${text} }`;

  it.each<[string, string]>([
    ["loops", "for (;;);"],
    ["catches its interruption", "for (;;) { try { for (;;); } catch {} }"],
    ["loops in finally", "try { for (;;); } finally { for (;;); }"],
    ["loops in a getter of its result", "return { get x() { for (;;); } };"],
    ["loops in a proxy", "return new Proxy({}, { ownKeys() { for (;;); } });"],
    ["has an endless array", "return new Proxy([], { get: (t, k) => (k === 'length' ? 1e15 : 1) });"],
    ["has a result of 2^60 parts", "let b = 1; for (let i = 0; i < 60; i++) b = [b, b]; return b;"],
    ["backtracks", "return /^(a+)+$/.test('a'.repeat(40) + 'b');"],
  ])("that %s is stopped, and the next call too", async (_title, text) => {
    const host = await load(body(text), {}, limits);
    for (let call = 0; call < 2; call++)
      expect(() => host.callScalar("F", [1n])).toThrow("it ran longer than 60 ms");
  });

  it.each<[string, string, string]>([
    ["doubles a text for ever", "let s = 'x'; for (;;) s += s;", "string too long"],
    ["asks for 2 GB", "return new Uint8Array(2 ** 31);", "invalid array buffer length"],
    ["recurses", "return main(a);", "stack overflow"],
    [
      "recurses in toString",
      "const o = { toString() { return '' + this; } }; return '' + o;",
      "stack overflow",
    ],
    [
      "nests a result",
      "let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return o;",
      "nested deeper than 100",
    ],
    ["returns a cycle", "const o = {}; o.o = o; return o;", "nested deeper than 100 levels"],
    ["returns a bigint", "return [1n];", "returned a bigint"],
    ["returns a symbol", "return Symbol('x');", "returned a symbol"],
    ["returns a promise", "return Promise.resolve(1);", "returned a promise"],
    ["returns a Date of year 10000", "return new Date(253402300800000);", "years 1 to 9999"],
    ["returns a Date of year 0", "return new Date(-62135596800001);", "years 1 to 9999"],
    ["throws null", "throw null;", "it threw null"],
    ["throws undefined", "throw undefined;", "undefined"],
    ["throws a number", "throw 7;", "'7'"],
    ["throws a symbol", "throw Symbol('x');", "it threw a symbol"],
    ["throws an object", "throw { message: {}, name: 5 };", "without a message"],
    ["throws what throws", "throw new Proxy({}, { get() { throw 1; } });", "without a message"],
    ["throws a nameless error", "const e = new Error(''); e.name = 'Odd'; throw e;", "'Odd'"],
  ])("that %s is told by name", async (_title, text, message) => {
    const host = await load(body(text), {}, { ...limits, milliseconds: 2000 });
    expect(() => host.callScalar("F", [1n])).toThrow(
      expect.objectContaining({ code: "ASA_FUNCTION_FAILED", message: expect.stringContaining(message) }),
    );
  });

  it("that throws a long text does not flood the report", async () => {
    const host = await load(body("throw new Error('x'.repeat(1e6));"));
    const thrown = (): string => {
      try {
        return String(host.callScalar("F", []));
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(thrown().length).toBeLessThan(1200);
  });

  it.each<[string, string, Value]>([
    ["Object.prototype", "Object.prototype.x = 1;", "x"],
    [
      "a setter for every record",
      "Object.defineProperty(Object.prototype, 'a', { set() { throw 1; } });",
      "x",
    ],
    ["Map", "Map.prototype.get = () => { throw 1; }; Map.prototype.set = null;", "x"],
    ["iteration", "Array.prototype[Symbol.iterator] = null; String.prototype.toString = null;", "x"],
    ["Reflect and JSON", "JSON.stringify = JSON.parse = Reflect.apply = Number.isFinite = null;", "x"],
    ["everything by freezing", "Object.freeze(globalThis); Object.freeze(Object.prototype);", "x"],
  ])("that changes %s changes nothing of the way in and out", async (_title, script, value) => {
    const host = await load(`${script} function main(a) { return { a, b: [a] }; }`);
    expect(host.callScalar("F", [value])).toEqual(new AsaRecord(["a", "b"], [value, [value]]));
  });

  it("reaches nothing of this process through constructors and eval", async () => {
    const script = body(`
      const global = eval("this").constructor.constructor("return this")();
      return [typeof global.process, typeof global.require, typeof (() => {}).constructor("return process")];`);
    const host = await load(script);
    const reached = (): Value => {
      try {
        return host.callScalar("F", []);
      } catch {
        return null;
      }
    };
    expect(reached()).toEqual(["undefined", "undefined", "function"]);
    expect((globalThis as { x?: unknown }).x).toBeUndefined();
  });
});

describe("results", () => {
  it.each<[string, string, Value]>([
    [
      "boxed values as what they hold",
      "return [new Number(1.5), new String('s'), Object(true)];",
      [1.5, "s", true],
    ],
    ["lone surrogates and controls", "return '\\ud800\\u0000\\u2028';", "\ud800\u0000\u2028"],
    [
      "a member called __proto__",
      "return JSON.parse('{\"__proto__\":1}');",
      new AsaRecord(["__proto__"], [1n]),
    ],
    ["NULL for what is no number", "return [NaN, Infinity, undefined];", [null, null, null]],
    ["an invalid Date as NULL", "return new Date(NaN);", null],
    ["a list that looks like a tag", "return ['o', 'x', 1];", ["o", "x", 1n]],
  ])("give %s", async (_title, text, expected) => {
    const host = await load(`function main() { ${text} }`);
    expect(host.callScalar("F", [])).toEqual(expected);
  });

  it.each(["const main = (a) => a;", "let main = function (a) { return a; };", "var main = (a) => a;"])(
    "come from a main that is a variable: %s",
    async (script) => {
      const host = await load(script);
      expect(host.callScalar("F", ["x"])).toBe("x");
    },
  );
});
