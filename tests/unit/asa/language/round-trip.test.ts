import fc from "fast-check";
import { type ExpressionNode, print, type ScriptNode } from "../../../../asa/language";
import { parseClean, withoutRanges } from "../../../support/asaql-ast";
import { publishedQueries } from "../../../support/published-queries";

const range = { start: 0, end: 0, line: 1, column: 1 };
const plainNames = ["a", "deviceId", "Count", "x_1", "timestamp", "rank"];
const quotedNames = ["a b", "select", "x.y", "a]b", "0", "\u00e9"];

const name = fc.oneof(
  fc.constantFrom(...plainNames).map((text) => ({ kind: "name", text, quoted: false, range }) as const),
  fc.constantFrom(...quotedNames).map((text) => ({ kind: "name", text, quoted: true, range }) as const),
);

const literal = fc
  .oneof(
    fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    fc.constant(-(2n ** 63n)),
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map(Math.abs),
    fc.string(),
    fc.constant(null),
  )
  .map((value) => ({ kind: "literal", value, range }) as const);

const { expression } = fc.letrec<{ expression: ExpressionNode; condition: ExpressionNode }>((tie) => {
  const value = tie("expression");
  const list = fc.array(value, { minLength: 1, maxLength: 3 });
  const path = fc
    .array(name, { minLength: 1, maxLength: 3 })
    .map((segments) => ({ kind: "path", segments, range }) as const);
  const over = fc.record({
    kind: fc.constant("over" as const),
    partitionBy: fc.array(value, { maxLength: 2 }),
    orderBy: fc.array(
      fc.record({
        kind: fc.constant("order-item" as const),
        expression: value,
        descending: fc.boolean(),
        range: fc.constant(range),
      }),
      { maxLength: 2 },
    ),
    limit: fc.option(
      fc.record({
        kind: fc.constant("duration" as const),
        unit: name,
        count: value,
        range: fc.constant(range),
      }),
    ),
    when: fc.option(tie("condition")),
    range: fc.constant(range),
  });
  const base = { range: fc.constant(range) };
  const negated = fc.boolean();
  return {
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      literal,
      path,
      fc.record({
        ...base,
        kind: fc.constant("unary" as const),
        operator: fc.constantFrom("+" as const, "-" as const, "~" as const),
        operand: value,
      }),
      fc.record({
        ...base,
        kind: fc.constant("binary" as const),
        operator: fc.constantFrom(
          "+" as const,
          "-" as const,
          "*" as const,
          "/" as const,
          "%" as const,
          "&" as const,
          "|" as const,
          "^" as const,
        ),
        left: value,
        right: value,
      }),
      fc.record({
        ...base,
        kind: fc.constant("call" as const),
        name: fc.array(
          fc
            .constantFrom("f", "udf", "ROUND")
            .map((text) => ({ kind: "name", text, quoted: false, range }) as const),
          { minLength: 1, maxLength: 2 },
        ),
        quantifier: fc.constant(null),
        star: fc.boolean(),
        arguments: fc.array(value, { maxLength: 3 }),
        over: fc.option(over, { freq: 4 }),
      }),
      fc.record({
        ...base,
        kind: fc.constant("cast" as const),
        lenient: fc.boolean(),
        operand: value,
        type: fc.constant({ kind: "type", name: "nvarchar", argument: "max", range } as const),
      }),
      fc.record({
        ...base,
        kind: fc.constant("case" as const),
        operand: fc.option(value),
        branches: fc.array(
          fc.record({
            ...base,
            kind: fc.constant("case-branch" as const),
            when: tie("condition"),
            // biome-ignore lint/suspicious/noThenProperty: the node is named after its clause and never awaited
            then: value,
          }),
          { minLength: 1, maxLength: 2 },
        ),
        otherwise: fc.option(value),
      }),
      fc.record({
        ...base,
        kind: fc.constant("member" as const),
        target: value.filter((node) => node.kind === "call" || node.kind === "cast"),
        name,
      }),
    ) as fc.Arbitrary<ExpressionNode>,
    condition: fc.oneof(
      { depthSize: "small" },
      fc.record({
        ...base,
        kind: fc.constant("comparison" as const),
        operator: fc.constantFrom(
          "=" as const,
          "<>" as const,
          "<" as const,
          "<=" as const,
          ">" as const,
          ">=" as const,
        ),
        left: value,
        right: value,
      }),
      fc.record({ ...base, kind: fc.constant("not" as const), operand: tie("condition") }),
      fc.record({ ...base, kind: fc.constant("like" as const), negated, operand: value, pattern: value }),
      fc.record({
        ...base,
        kind: fc.constant("between" as const),
        negated,
        operand: value,
        low: value,
        high: value,
      }),
      fc.record({ ...base, kind: fc.constant("in" as const), negated, operand: value, items: list }),
      fc.record({ ...base, kind: fc.constant("is-null" as const), negated, operand: value }),
      fc
        .record({
          ...base,
          kind: fc.constant("logical" as const),
          operator: fc.constantFrom("and" as const, "or" as const),
          operands: fc.array(tie("condition"), { minLength: 2, maxLength: 3 }),
        })
        .map((node) => ({
          ...node,
          operands: node.operands.flatMap((operand) =>
            operand.kind === "logical" && operand.operator === node.operator ? operand.operands : [operand],
          ),
        })),
    ) as fc.Arbitrary<ExpressionNode>,
  };
});

const runs = Number(process.env["RUNS"] ?? 1) * 300;

function expressionOf(script: ScriptNode): ExpressionNode {
  const select = script.statements[0]?.branches[0];
  const item = select?.kind === "select" ? select.items[0] : undefined;
  if (item?.kind !== "expression-item") throw new Error("the statement has no expression");
  return item.expression;
}

describe("print", () => {
  it("gives text that parses to the same expression", () => {
    fc.assert(
      fc.property(expression, (node) => {
        const script = parseClean(`SELECT ${print(node)} AS x FROM t`) as ScriptNode;
        expect(withoutRanges(expressionOf(script))).toEqual(withoutRanges(node));
      }),
      { numRuns: runs },
    );
  });

  it.each(publishedQueries)("gives text that parses to the same script: %s", (text) => {
    const script = parseClean(text) as ScriptNode;
    expect(withoutRanges(parseClean(print(script)))).toEqual(withoutRanges(script));
  });
});
