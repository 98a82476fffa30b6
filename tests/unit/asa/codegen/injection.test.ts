import {
  type AsaRecord,
  compile,
  createJob,
  explain,
  type FunctionHost,
  type OutputRow,
} from "../../../../asa";
import { at } from "../../../support/asa";

const place = globalThis as { marker?: boolean };

/** Texts that would set `globalThis.marker` if they reached generated code unquoted. */
const attacks = [
  'x"]; globalThis.marker = true; ["',
  "x'; globalThis.marker = true; '",
  "x`; globalThis.marker = true; `",
  "\u0024{globalThis.marker = true}",
  'x\\"; globalThis.marker = true; //',
  "*/ globalThis.marker = true; /*",
  "\u2028globalThis.marker = true;\u2029",
  "__proto__",
  "constructor",
];

const quotedName = (name: string): string => `[${name.replaceAll("]", "]]")}]`;
const quotedText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const functions: FunctionHost = {
  callScalar: (name, args) => `${name}(${args.length})`,
  createAggregate: () => {
    throw new Error("unused");
  },
};

function run(query: string, body: string, name: string): OutputRow[] {
  const { plan, diagnostics } = compile(query, {
    purpose: "local",
    functions: [{ name, kind: "scalar" }],
  });
  if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const rows: OutputRow[] = [];
  const job = createJob(plan, {
    mode: "file",
    policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: null, policy: "adjust" },
    fileRunStart: at("12:00:00"),
    functions,
    onRows: (batch) => rows.push(...batch),
  });
  job.push("input", 0, [{ body: new TextEncoder().encode(body), arrival: at("12:00:00") }]);
  job.finish();
  explain(query, "code", { purpose: "local", functions: [{ name, kind: "scalar" }] });
  return rows;
}

describe("names and constants of a query in generated code", () => {
  beforeEach(() => {
    delete place.marker;
  });
  afterEach(() => {
    expect(place.marker).toBeUndefined();
  });

  describe.each(attacks)("%j", (attack) => {
    const name = quotedName(attack);
    const event = JSON.stringify(Object.fromEntries([["k", "a"]])).replace(
      "}",
      `,${JSON.stringify(attack)}:7}`,
    );

    it("reads and names a column", () => {
      const [row] = run(
        `SELECT ${name} + 1 AS ${quotedName(`${attack}2`)}, ${name} FROM input WHERE ${name} > 1`,
        event,
        "f",
      );
      expect(row!.columns).toEqual([`${attack}2`, attack]);
      expect(row!.values).toEqual([8n, 7n]);
    });

    it("groups and aggregates by a column", () => {
      const [row] = run(
        `SELECT ${name}, MAX(${name}) AS m, COUNT(*) AS n FROM input GROUP BY ${name}, TumblingWindow(second, 1)`,
        event,
        "f",
      );
      expect(row!.values).toEqual([7n, 7, 1n]);
    });

    it("reads a member of a record", () => {
      const [row] = run(`SELECT d.${name} AS v FROM input`, `{"d":${event}}`, "f");
      expect(row!.values).toEqual([7n]);
    });

    it("compares with a text and takes it as a value", () => {
      const text = quotedText(attack);
      const [row] = run(
        `SELECT ${text} AS v, CASE k WHEN ${text} THEN 1 ELSE 0 END AS c FROM input WHERE k = 'a' AND k <> ${text} AND k NOT IN (${text}, 'b') AND k NOT LIKE ${text}`,
        event,
        "f",
      );
      expect(row!.values).toEqual([attack, 0n]);
    });

    it("takes it as an alias of a source", () => {
      const [row] = run(`SELECT ${name}.k AS v FROM input AS ${name}`, event, "f");
      expect(row!.values).toEqual(["a"]);
    });

    it("takes it as a key of an event", () => {
      const rows = run(
        "SELECT k, COUNT(*) AS n FROM input GROUP BY k, TumblingWindow(second, 1)",
        event,
        "f",
      );
      expect(rows.map(({ values }) => values)).toEqual([["a", 1n]]);
    });
  });

  it("calls a function whose name the host knows", () => {
    const [row] = run("SELECT udf.constructor(k) AS v FROM input", '{"k":"a"}', "constructor");
    expect(row!.values).toEqual(["constructor(1)"]);
  });

  it("reads names of Object.prototype as columns", () => {
    const [row] = run("SELECT toString, hasOwnProperty, k FROM input", '{"k":"a"}', "f");
    expect(row!.values).toEqual([null, null, "a"]);
    const record: AsaRecord | null = null;
    expect(record).toBeNull();
  });
});
