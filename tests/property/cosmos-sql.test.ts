import fc from "fast-check";
import { compareOrdered, type ObjectValue, prepareQuery, SqlError, type Value } from "../../local/cosmos/sql";

const runs = 300 * Number(process.env["RUNS"] ?? 1);
const seed = process.env["SEED"] === undefined ? undefined : Number(process.env["SEED"]);
const options = { numRuns: runs, ...(seed !== undefined && { seed }) };

/** A filter as a tree, for which the answer is computed in a second, plain way. */
type Filter =
  | { op: "=" | "!=" | "<" | "<=" | ">" | ">="; field: string; value: Value }
  | { op: "defined"; field: string }
  | { op: "in"; field: string; values: Value[] }
  | { op: "and" | "or"; left: Filter; right: Filter }
  | { op: "not"; inner: Filter };

const fields = ["a", "b", "c"];
const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom("", "x", "y", "xy", "'", '"', "\\"),
  fc.boolean(),
  fc.constant(null),
);
const item: fc.Arbitrary<ObjectValue> = fc.dictionary(
  fc.constantFrom(...fields),
  scalar,
) as fc.Arbitrary<ObjectValue>;
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: "small" },
    fc.record({
      op: fc.constantFrom("=", "!=", "<", "<=", ">", ">="),
      field: fc.constantFrom(...fields),
      value: scalar,
    }) as fc.Arbitrary<Filter>,
    fc.record({ op: fc.constant("defined"), field: fc.constantFrom(...fields) }) as fc.Arbitrary<Filter>,
    fc.record({
      op: fc.constant("in"),
      field: fc.constantFrom(...fields),
      values: fc.array(scalar, { minLength: 1, maxLength: 3 }),
    }) as fc.Arbitrary<Filter>,
    fc.record({
      op: fc.constantFrom("and", "or"),
      left: tie("filter"),
      right: tie("filter"),
    }) as fc.Arbitrary<Filter>,
    fc.record({ op: fc.constant("not"), inner: tie("filter") }) as fc.Arbitrary<Filter>,
  ),
}));

function textOf(tree: Filter): string {
  switch (tree.op) {
    case "and":
    case "or":
      return `(${textOf(tree.left)} ${tree.op.toUpperCase()} ${textOf(tree.right)})`;
    case "not":
      return `NOT (${textOf(tree.inner)})`;
    case "defined":
      return `IS_DEFINED(c.${tree.field})`;
    case "in":
      return `c["${tree.field}"] IN (${tree.values.map((value) => JSON.stringify(value)).join(", ")})`;
    default:
      return `c.${tree.field} ${tree.op} ${JSON.stringify(tree.value)}`;
  }
}

/** true, false or "unknown", after the rules of the language written down once more. */
function oracle(tree: Filter, of: ObjectValue): boolean | "unknown" {
  switch (tree.op) {
    case "and": {
      const both = [oracle(tree.left, of), oracle(tree.right, of)];
      return both.includes(false) ? false : both.includes("unknown") ? "unknown" : true;
    }
    case "or": {
      const both = [oracle(tree.left, of), oracle(tree.right, of)];
      return both.includes(true) ? true : both.includes("unknown") ? "unknown" : false;
    }
    case "not": {
      const inner = oracle(tree.inner, of);
      return inner === "unknown" ? "unknown" : !inner;
    }
    case "defined":
      return tree.field in of;
    case "in":
      return tree.field in of ? tree.values.some((value) => value === of[tree.field]) : "unknown";
    case "=":
    case "!=":
      return tree.field in of ? (of[tree.field] === tree.value) === (tree.op === "=") : "unknown";
    default: {
      const left = of[tree.field];
      const sameType = typeof left === typeof tree.value && (left === null) === (tree.value === null);
      if (left === undefined || !sameType) return "unknown";
      const order = left === tree.value ? 0 : (left as number) < (tree.value as number) ? -1 : 1;
      return { "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[tree.op];
    }
  }
}

describe("Cosmos DB SQL", () => {
  it("filters as the oracle does", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), filter, (items, tree) => {
        const result = prepareQuery(`SELECT * FROM c WHERE ${textOf(tree)}`).run(items, {});
        expect(result).toEqual(items.filter((candidate) => oracle(tree, candidate) === true));
      }),
      options,
    );
  });

  it("gives the same rows for literals and for parameters", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 8 }), scalar, (items, value) => {
        const literal = prepareQuery(
          `SELECT * FROM c WHERE c.a >= ${JSON.stringify(value)} OR c.b = ${JSON.stringify(value)}`,
        );
        const parameter = prepareQuery("SELECT * FROM c WHERE c.a >= @v OR c.b = @v");
        expect(parameter.run(items, { "@v": value })).toEqual(literal.run(items, {}));
      }),
      options,
    );
  });

  it("sorts stably by a total order, whatever the direction", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 15 }), fc.boolean(), (items, descending) => {
        const rows = prepareQuery(`SELECT * FROM c ORDER BY c.a ${descending ? "DESC" : "ASC"}, c.b`).run(
          items,
          {},
        );
        const expected = items
          .map((row, index) => ({ row, index }))
          .sort((x, y) => {
            const first = compareOrdered(x.row["a"], y.row["a"]);
            return (
              (descending ? -first : first) || compareOrdered(x.row["b"], y.row["b"]) || x.index - y.index
            );
          });
        expect(rows).toEqual(expected.map(({ row }) => row));
      }),
      options,
    );
  });

  it("groups as a plain loop does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ k: fc.constantFrom("x", "y", "z"), n: fc.integer({ min: -9, max: 9 }) }), {
          maxLength: 20,
        }),
        (items) => {
          const rows = prepareQuery(
            "SELECT c.k, COUNT(1) AS n, SUM(c.n) AS s, MIN(c.n) AS lo FROM c GROUP BY c.k",
          ).run(items, {});
          const keys = [...new Set(items.map(({ k }) => k))];
          expect(rows).toEqual(
            keys.map((k) => {
              const group = items.filter((candidate) => candidate.k === k).map(({ n }) => n);
              return { k, n: group.length, s: group.reduce((a, b) => a + b, 0), lo: Math.min(...group) };
            }),
          );
        },
      ),
      options,
    );
  });

  it("answers every text with rows or with an error of its own, never with a crash", () => {
    const words = fc.constantFrom(
      "SELECT",
      "VALUE",
      "FROM",
      "c",
      "WHERE",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      ",",
      ".",
      "'a'",
      "1",
      "@p",
      "AND",
      "NOT",
      "IN",
      "BETWEEN",
      "LIKE",
      "JOIN",
      "ORDER BY",
      "GROUP BY",
      "TOP",
      "DISTINCT",
      "EXISTS",
      "ARRAY",
      "COUNT",
      "UPPER",
      "*",
      "=",
      "<",
      "??",
      "?",
      ":",
      "OFFSET",
      "LIMIT",
      "AS",
      "x",
      "ESCAPE",
      "undefined",
      "-",
      "||",
    );
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.array(words, { maxLength: 25 }).map((parts) => parts.join(" ")),
      fc.array(words, { maxLength: 20 }).map((parts) => `SELECT ${parts.join(" ")}`),
      fc.array(words, { maxLength: 15 }).map((parts) => `SELECT * FROM c WHERE c.a = ${parts.join(" ")}`),
    );
    fc.assert(
      fc.property(text, (query) => {
        try {
          expect(Array.isArray(prepareQuery(query).run([{ a: 1, x: [1, 2] }], { "@p": 2 }))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(SqlError);
        }
      }),
      { ...options, numRuns: runs * 5 },
    );
  });
});
