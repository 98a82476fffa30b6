import { type Code, code, literal } from "../../codegen/code";
import type { ComparisonOperator, Expression } from "../../plan/logical-plan";
import { typeOf } from "../../values/types";
import type { Value } from "../../values/value";
import { tags } from "./columns";
import { type CellCode, type ColumnMemo, General } from "./loop-context";
import { NumberWriter } from "./number-code";
import { unknownKind } from "./text-memo";
import { ValueCells } from "./value-cells";

export type { CellCode, ColumnCode, LoopContext } from "./loop-context";

/** A text in two variables: its kind (null or text) and its number. */
interface TextCode {
  readonly kind: Code;
  readonly id: Code;
  readonly isConstant: boolean;
}

type Parts = Pick<CellCode, "kind" | "value" | "boxed">;

const signs: Readonly<Record<ComparisonOperator, Code>> = {
  "=": code`===`,
  "<>": code`!==`,
  "<": code`<`,
  "<=": code`<=`,
  ">": code`>`,
  ">=": code`>=`,
};

/** Expressions whose value is a datetime whatever the row holds. */
function isMoment(expression: Expression): boolean {
  if (expression.kind === "timestamp" || expression.kind === "slot-time") return true;
  if (expression.kind === "cast") return expression.type === "datetime";
  return expression.kind === "call" && expression.function === "dateadd";
}

/**
 * Writes expressions as loops over columns see them: numbers, moments and texts without objects. What reads one column's text
 * alone is worked out once for each text. A row with a cell of another kind, and whatever could fail, is evaluated the general
 * way, each operand of AND and OR by itself.
 */
export class LoopWriter extends NumberWriter {
  /** Statements that leave 1 (true), 0 (false) or 2 (unknown) in the returned variable. */
  condition(expression: Expression): { readonly lines: readonly Code[]; readonly result: Code } {
    // What was read for another expression stands in a block of its own, or has told that one's flag.
    this.cells.clear();
    const result = this.name("truth");
    const lines = this.part(expression, result);
    return { lines: [code`let ${result} = 2;\n${lines}`], result };
  }

  /** Statements that put the truth of a condition into a variable, with a flag of their own. */
  private part(expression: Expression, result: Code): Code {
    return this.fastPart(expression, result) ?? this.knownPart(expression, result);
  }

  private generalPart(expression: Expression, result: Code): Code {
    return code`{ const x = ${this.context.general(expression)}; ${result} = x === null ? 2 : x === true ? 1 : 0; }`;
  }

  /** The same where the general way is for some rows only; null when it would be for all. */
  private fastPart(expression: Expression, result: Code): Code | null {
    const fast = this.own(() => this.truth(expression));
    if (fast === null) return null;
    const otherwise =
      fast.flag === null ? code`` : code`if (${fast.flag}) ${this.generalPart(expression, result)}`;
    return code`${fast.lines}
${result} = ${fast.result};
${otherwise}`;
  }

  /** The same for what the loops do not write out: worked out once for each text where it reads one column alone. */
  private knownPart(expression: Expression, result: Code): Code {
    const general = this.generalPart(expression, result);
    const known = this.context.memo(expression);
    if (known === null) return general;
    const { memo, column } = known;
    const kind = this.name("kind");
    return code`if (${column.kinds}[r] === ${tags.text}) {
${this.learnt(known, kind)}
${result} = ${kind} === ${tags.bit} ? ${this.context.scope.value("memo", memo)}.numbers[id] : ${kind} === 0 ? 2 : 0;
} else ${general}`;
  }

  /**
   * Statements for the operands of AND and OR, in their order. Those that follow one another, are not written out and read the
   * same column, or more than one, go together.
   */
  private operands(
    expression: Extract<Expression, { kind: "logical" }>,
    step: (part: Code, own: Code) => Code,
  ): readonly Code[] {
    const steps: Code[] = [];
    let together: Expression[] = [];
    let reads: string | null = null;
    const flush = (): void => {
      const [first, ...more] = together;
      if (first === undefined) return;
      const own = this.name("truth");
      const whole: Expression = more.length === 0 ? first : { ...expression, operands: together };
      steps.push(step(this.knownPart(whole, own), own));
      together = [];
    };
    for (const operand of expression.operands) {
      const own = this.name("truth");
      const part = this.fastPart(operand, own);
      const column = part === null ? (this.context.onlyColumn(operand)?.numbers.text ?? null) : null;
      if (part !== null || column !== reads) flush();
      if (part !== null) steps.push(step(part, own));
      else {
        together.push(operand);
        reads = column;
      }
    }
    flush();
    return steps;
  }

  /** Statements that leave the kind of what is known of a text in a variable, its number in `id`. */
  private learnt({ column, memo }: ColumnMemo, kind: Code): Code {
    const name = this.context.scope.value("memo", memo);
    return code`const id = ${column.numbers}[r];
let ${kind} = id < ${name}.kinds.length ? ${name}.kinds[id] : ${unknownKind};
if (${kind} === ${unknownKind}) ${kind} = ${name}.learn(id);`;
  }

  /**
   * Statements that leave a number's kind and value in the returned variables; a value that is no number leaves kind 5
   * and itself in `boxed`.
   */
  number(expression: Expression): {
    readonly lines: readonly Code[];
    readonly kind: Code;
    readonly value: Code;
    readonly boxed: Code;
  } {
    const cell = this.variables();
    const { kind, value, boxed } = cell;
    const general = (): Code => code`{ const x = ${this.context.general(expression)};
if (x === null) ${kind} = 0; else if (typeof x === "number") { ${kind} = ${tags.float}; ${value} = x; } else { ${kind} = ${tags.boxed}; ${boxed} = x; } }`;
    return { ...cell, lines: this.filled(expression, cell, general, true) };
  }

  /** Statements that leave the parts of any value in the returned variables. */
  cell(expression: Expression): CellCode {
    const plain = this.plainCell(expression);
    if (plain !== null) return plain;
    const cell = this.variables();
    const { kind, value, boxed } = cell;
    const taken = this.context.scope.value("taken", this.context.taken);
    const general = (): Code =>
      code`{ ${kind} = ${taken}.take(${this.context.general(expression)}); ${value} = ${taken}.number; ${boxed} = ${taken}.boxed; }`;
    return { ...cell, lines: this.filled(expression, cell, general, false) };
  }

  private variables(): Parts {
    return { kind: this.name("kind"), value: this.name("number"), boxed: this.name("boxed") };
  }

  /** Statements that fill the variables of a value, the general way where they have to or, for `plain`, where it is no number. */
  private filled(
    expression: Expression,
    { kind, value, boxed }: Parts,
    general: () => Code,
    plain: boolean,
  ): readonly Code[] {
    this.cells.clear();
    const declared = code`let ${kind} = 0, ${value} = 0, ${boxed} = null;`;
    const otherwise = (flag: Code | null): Code => (flag === null ? code`` : code`if (${flag}) ${general()}`);
    const fast =
      this.own(() => this.numeric(expression, true)) ??
      (!plain && isMoment(expression) ? this.own(() => this.moment(expression)) : null);
    if (fast !== null)
      return [
        declared,
        ...fast.lines,
        code`${kind} = ${fast.result.kind}; ${value} = ${fast.result.value};
${otherwise(fast.flag)}`,
      ];
    const chosen =
      !plain && expression.kind === "case"
        ? this.own(() => this.branches(expression, (result) => this.given(result, kind, value, boxed)))
        : null;
    if (chosen !== null) return [declared, ...chosen.lines, chosen.result, otherwise(chosen.flag)];
    const known = this.context.memo(expression);
    if (known === null) return [declared, general()];
    const memo = this.context.scope.value("memo", known.memo);
    const state = this.name("kind");
    const other = plain
      ? code`if (${state} > 2) ${general()}`
      : code`if (${state} === ${tags.boxed}) ${boxed} = ${memo}.boxes[id];`;
    return [
      declared,
      code`if (${known.column.kinds}[r] === ${tags.text}) {
${this.learnt(known, state)}
${kind} = ${state}; ${value} = ${memo}.numbers[id];
${other}
} else ${general()}`,
    ];
  }

  /** Statements that put the result of a branch into the variables of a value; any cell will do. */
  private given(result: Expression | null, kind: Code, value: Code, boxed: Code): Code {
    if (result === null) return code`${kind} = 0;`;
    const cell = this.plainCell(result);
    if (cell !== null)
      return code`${cell.lines}\n${kind} = ${cell.kind}; ${value} = ${cell.value}; ${boxed} = ${cell.boxed};`;
    const { lines, result: number } = this.block(() => this.numeric(result, true));
    return code`${lines}\n${kind} = ${number.kind}; ${value} = ${number.value};`;
  }

  /** A cell that is there already, or the same for every row. */
  private plainCell(expression: Expression): CellCode | null {
    const nothing = code`null`;
    if (expression.kind === "timestamp")
      return { lines: [], kind: literal(tags.time), value: code`t`, boxed: nothing, always: tags.time };
    if (expression.kind === "literal") {
      const { value } = expression;
      const of = (kind: number, number: number): CellCode => ({
        lines: [],
        kind: literal(kind),
        value: literal(number),
        boxed: nothing,
        always: kind,
      });
      if (value === null) return of(tags.null, 0);
      if (typeof value === "boolean") return of(tags.bit, value ? 1 : 0);
      const id = typeof value === "string" ? this.context.internText(value) : null;
      if (id !== null) return of(tags.text, id);
      const cells = new ValueCells();
      const kind = cells.take(value);
      return kind === tags.boxed ? null : of(kind, cells.number);
    }
    const column = this.context.column(expression);
    if (column === null) return null;
    const kind = this.name("kind");
    const lines = code`const ${kind} = ${column.kinds}[r];`;
    const boxed = code`(${kind} === ${tags.boxed} ? ${column.boxes}[r] : null)`;
    return { lines: [lines], kind, value: code`${column.numbers}[r]`, boxed };
  }

  // ---- conditions ----

  protected override truth(expression: Expression): Code {
    const result = this.name("truth");
    switch (expression.kind) {
      case "comparison": {
        const value = this.comparison(expression.operator, expression.left, expression.right);
        this.lines.push(code`const ${result} = ${value};`);
        return result;
      }
      case "between": {
        const low = this.comparison(">=", expression.operand, expression.low);
        const high = this.comparison("<=", expression.operand, expression.high);
        const [from, to] = [this.name("truth"), this.name("truth")];
        const both = code`${from} === 0 || ${to} === 0 ? 0 : ${from} === 2 || ${to} === 2 ? 2 : 1`;
        this.lines.push(code`const ${from} = ${low}, ${to} = ${high};`);
        this.lines.push(code`const ${result} = ${expression.negated ? this.inverse(both) : both};`);
        return result;
      }
      case "in": {
        const items = expression.items.map((item) => this.comparison("=", expression.operand, item));
        const found = this.name("truth");
        const tests = items.map(
          (item) => code`if (${found} !== 1) { const x = ${item}; if (x !== 0) ${found} = x; }`,
        );
        this.lines.push(code`let ${found} = 0;\n${tests}`);
        this.lines.push(code`const ${result} = ${expression.negated ? this.inverse(found) : found};`);
        return result;
      }
      case "not": {
        const operand = this.truth(expression.operand);
        this.lines.push(code`const ${result} = ${operand} === 2 ? 2 : 1 - ${operand};`);
        return result;
      }
      case "is-null":
        this.lines.push(
          code`const ${result} = (${this.presence(expression.operand)} === 0) === ${!expression.negated} ? 1 : 0;`,
        );
        return result;
      case "logical": {
        const decisive = expression.operator === "or" ? 1 : 0;
        const steps = this.operands(
          expression,
          (part, own) => code`if (${result} !== ${decisive}) {
let ${own} = 2;
${part}
if (${own} !== ${1 - decisive}) ${result} = ${own};
}`,
        );
        this.lines.push(code`let ${result} = ${1 - decisive};\n${steps}`);
        return result;
      }
      default:
        throw new General();
    }
  }

  /** The kind of a value of which only the presence counts; 0 for NULL. */
  private presence(operand: Expression): Code {
    const column = this.context.column(operand);
    if (column !== null) {
      // A boxed cell can hold NULL read by the JSON reader.
      this.doubt(code`${column.kinds}[r] === ${tags.boxed}`);
      return code`${column.kinds}[r]`;
    }
    return isMoment(operand) ? this.moment(operand).kind : this.numeric(operand).kind;
  }

  private inverse(value: Code): Code {
    const inner = this.name("truth");
    this.lines.push(code`const ${inner} = ${value};`);
    return code`${inner} === 2 ? 2 : 1 - ${inner}`;
  }

  private comparison(operator: ComparisonOperator, left: Expression, right: Expression): Code {
    const unknown = this.context.dialect.nullLogic === "two-valued" ? 0 : 2;
    const text = this.textComparison(operator, left, right) ?? this.columnComparison(operator, left, right);
    if (text !== null) return text;
    const [a, b] =
      isMoment(left) || isMoment(right)
        ? [this.moment(left), this.moment(right)]
        : [this.numeric(left), this.numeric(right)];
    return code`${a.kind} === 0 || ${b.kind} === 0 ? ${unknown} : ${a.value} ${signs[operator]} ${b.value} ? 1 : 0`;
  }

  /** Texts by their numbers, when one of them is a constant or a name of a type. */
  private textComparison(operator: ComparisonOperator, left: Expression, right: Expression): Code | null {
    const isText = (side: Expression) =>
      (side.kind === "literal" && typeof side.value === "string") ||
      (side.kind === "call" && side.function === "gettype");
    if (!isText(left) && !isText(right)) return null;
    if (isMoment(left) || isMoment(right)) throw new General();
    if ((operator !== "=" && operator !== "<>") || this.context.dialect.textComparison !== "case-sensitive")
      throw new General();
    const [a, b] = [this.text(left), this.text(right)];
    const unknown = this.context.dialect.nullLogic === "two-valued" ? 0 : 2;
    const nulls = [a, b].filter(({ isConstant }) => !isConstant).map(({ kind }) => code`${kind} === 0`);
    const compared = code`${a.id} ${signs[operator]} ${b.id} ? 1 : 0`;
    if (nulls.length === 0) return compared;
    return code`${nulls.reduce((all, next) => code`${all} || ${next}`)} ? ${unknown} : ${compared}`;
  }

  private text(expression: Expression): TextCode {
    if (expression.kind === "literal") {
      const id = typeof expression.value === "string" ? this.context.internText(expression.value) : null;
      if (id === null) throw new General();
      return { kind: literal(tags.text), id: literal(id), isConstant: true };
    }
    if (expression.kind === "call" && expression.function === "gettype") return this.typeName(expression);
    const { numbers, kinds } = this.columnOf(expression);
    this.doubt(code`${kinds}[r] !== ${tags.text} && ${kinds}[r] !== 0`);
    return { kind: code`${kinds}[r]`, id: code`${numbers}[r]`, isConstant: false };
  }

  /** GETTYPE of a cell: its kind says it. */
  private typeName(expression: Extract<Expression, { kind: "call" }>): TextCode {
    if (this.context.dialect.typeOfNull === "any") throw new General();
    const { kinds, boxes } = this.columnOf(expression.arguments[0]!);
    const idOf = (name: string): number => this.context.internText(name)!;
    const ids = Int32Array.from({ length: 16 }, () => idOf("nvarchar(max)"));
    ids[tags.null] = -1;
    ids[tags.integer] = idOf("bigint");
    ids[tags.float] = idOf("float");
    ids[tags.bit] = idOf("bit");
    ids[tags.time] = idOf("datetime");
    const names = new Map(
      ["bigint", "nvarchar(max)", "datetime", "record", "array"].map((name) => [name, idOf(name)]),
    );
    const boxedId = this.context.scope.value(
      "boxedType",
      (value: Value) => names.get(typeOf(value) ?? "") ?? -1,
    );
    const id = this.name("id");
    const known = this.context.scope.value("types", ids);
    this.lines.push(
      code`const ${id} = ${kinds}[r] === ${tags.boxed} ? ${boxedId}(${boxes}[r]) : ${known}[${kinds}[r]];`,
    );
    const kind = this.name("kind");
    this.lines.push(code`const ${kind} = ${id} < 0 ? 0 : ${tags.text};`);
    return { kind, id, isConstant: false };
  }

  /** Two columns, by their numbers: two numbers, or two texts. */
  private columnComparison(operator: ComparisonOperator, left: Expression, right: Expression): Code | null {
    if (operator !== "=" && operator !== "<>") return null;
    const [a, b] = [this.context.column(left), this.context.column(right)];
    if (a === null || b === null || left.kind === "slot-time" || right.kind === "slot-time") return null;
    if (this.context.dialect.textComparison !== "case-sensitive") throw new General();
    const [x, y] = [this.name("kind"), this.name("kind")];
    const unknown = this.context.dialect.nullLogic === "two-valued" ? 0 : 2;
    this.lines.push(code`const ${x} = ${a.kinds}[r], ${y} = ${b.kinds}[r];`);
    this.doubt(code`(${x} > 2 || ${y} > 2) && !(${x} === ${tags.text} && ${y} === ${tags.text})`);
    return code`${x} === 0 || ${y} === 0 ? ${unknown} : ${a.numbers}[r] ${signs[operator]} ${b.numbers}[r] ? 1 : 0`;
  }
}

/** Columns of slot 0 that a condition compares with text constants, and so wants interned. */
export function textColumns(expression: Expression, found: Set<string> = new Set()): ReadonlySet<string> {
  const isText = (node: Expression): boolean => node.kind === "literal" && typeof node.value === "string";
  const note = (node: Expression, others: readonly Expression[]): void => {
    if (node.kind === "column" && others.some(isText)) found.add(node.name);
  };
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    const node = value as Expression;
    if (node.kind === "comparison") {
      note(node.left, [node.right]);
      note(node.right, [node.left]);
    } else if (node.kind === "in") note(node.operand, node.items);
    for (const member of Object.values(value)) visit(member);
  };
  visit(expression);
  return found;
}
