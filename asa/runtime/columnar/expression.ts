import { type Code, code, literal } from "../../codegen/code";
import type { Scope } from "../../codegen/scope";
import type { Dialect } from "../../dialect";
import { partTicks } from "../../language/builtins/date-math";
import type { ComparisonOperator, Expression } from "../../plan/logical-plan";
import { tags } from "./columns";
import { ValueCells } from "./value-cells";

/** Where generated code finds the cells of a column. */
export interface ColumnCode {
  readonly numbers: Code;
  readonly kinds: Code;
  readonly boxes: Code;
}

/** What the writer of loops over columns needs. */
export interface LoopContext {
  readonly scope: Scope;
  readonly dialect: Dialect;
  /** The cells of a column, a computed value or a slot's time; null when the rows do not have them as cells. */
  readonly column: (expression: Expression) => ColumnCode | null;
  /** Evaluates an expression on row `r` the general way; returns a value of the language. */
  readonly general: (expression: Expression) => Code;
  readonly internText: (text: string) => number | null;
  /** Takes a value apart; see `ValueCells`. */
  readonly taken?: ValueCells;
}

/** A cell in three variables or constants. */
export interface CellCode {
  readonly lines: readonly Code[];
  readonly kind: Code;
  readonly value: Code;
  readonly boxed: Code;
  /** The kind when it is the same for every row. */
  readonly always?: number;
}

/** A number in two variables: its kind (null, integer, float) and itself. */
interface NumberCode {
  readonly kind: Code;
  readonly value: Code;
  /** The kind when it is the same for every row. */
  readonly always?: number;
}

const signs: Readonly<Record<ComparisonOperator, Code>> = {
  "=": code`===`,
  "<>": code`!==`,
  "<": code`<`,
  "<=": code`<=`,
  ">": code`>`,
  ">=": code`>=`,
};

/** An expression that the loops cannot write out; it goes the general way for every row. */
class General extends Error {}

/**
 * Writes expressions as loops over columns see them: numbers without objects. A row with a cell of another kind, and
 * whatever could fail, sets `dirty`, and that row's expression is evaluated the general way instead.
 */
export class LoopWriter {
  private readonly context: LoopContext;
  private lines: Code[] = [];
  private readonly cells = new Map<string, NumberCode>();

  constructor(context: LoopContext) {
    this.context = context;
  }

  private name(prefix: string): Code {
    return this.context.scope.name(prefix);
  }

  private attempt<T>(write: () => T): { readonly lines: readonly Code[]; readonly result: T } | null {
    const outer = this.lines;
    const known = new Map(this.cells);
    this.lines = [];
    try {
      const result = write();
      return { lines: this.lines, result };
    } catch (error) {
      if (!(error instanceof General)) throw error;
      this.cells.clear();
      for (const [key, cell] of known) this.cells.set(key, cell);
      return null;
    } finally {
      this.lines = outer;
    }
  }

  /** Statements that leave 1 (true), 0 (false) or 2 (unknown) in the returned variable. */
  condition(expression: Expression): { readonly lines: readonly Code[]; readonly result: Code } {
    const result = this.name("truth");
    const general = code`{ const x = ${this.context.general(expression)}; ${result} = x === null ? 2 : x === true ? 1 : 0; }`;
    // A cell read for another expression has told that one, not this one, whether it is of another kind.
    this.cells.clear();
    const fast = this.attempt(() => this.truth(expression));
    if (fast === null) return { lines: [code`let ${result} = 2;\n${general}`], result };
    return {
      lines: [
        code`let ${result} = 2; dirty = false;
${fast.lines}
${result} = ${fast.result};
if (dirty) ${general}`,
      ],
      result,
    };
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
    const kind = this.name("kind");
    const value = this.name("number");
    const boxed = this.name("boxed");
    const declared = code`let ${kind} = 0, ${value} = 0, ${boxed} = null;`;
    const general = code`{ const x = ${this.context.general(expression)};
if (x === null) ${kind} = 0; else if (typeof x === "number") { ${kind} = ${tags.float}; ${value} = x; } else { ${kind} = ${tags.boxed}; ${boxed} = x; } }`;
    this.cells.clear();
    const fast = this.attempt(() => this.numeric(expression));
    if (fast === null) return { lines: [declared, general], kind, value, boxed };
    return {
      lines: [
        declared,
        code`dirty = false;
${fast.lines}
${kind} = ${fast.result.kind}; ${value} = ${fast.result.value};
if (dirty) ${general}`,
      ],
      kind,
      value,
      boxed,
    };
  }

  /** Statements that leave the parts of any value in the returned variables. */
  cell(expression: Expression): CellCode {
    const cell = this.plainCell(expression);
    if (cell !== null) return cell;
    const kind = this.name("kind");
    const value = this.name("number");
    const boxed = this.name("boxed");
    const taken = this.context.scope.value("taken", this.context.taken);
    const declared = code`let ${kind} = 0, ${value} = 0, ${boxed} = null;`;
    const general = code`{ ${kind} = ${taken}.take(${this.context.general(expression)}); ${value} = ${taken}.number; ${boxed} = ${taken}.boxed; }`;
    this.cells.clear();
    const numeric =
      expression.kind === "arithmetic" || expression.kind === "unary" || expression.kind === "call";
    const fast = numeric ? this.attempt(() => this.numeric(expression)) : null;
    if (fast === null) return { lines: [declared, general], kind, value, boxed };
    const lines = code`dirty = false;
${fast.lines}
${kind} = ${fast.result.kind}; ${value} = ${fast.result.value};
if (dirty) ${general}`;
    return { lines: [declared, lines], kind, value, boxed };
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

  private numeric(expression: Expression): NumberCode {
    switch (expression.kind) {
      case "literal": {
        const { value } = expression;
        if (typeof value === "number")
          return { kind: literal(tags.float), value: literal(value), always: tags.float };
        if (typeof value === "bigint" && value >= -9_007_199_254_740_991n && value <= 9_007_199_254_740_991n)
          return { kind: literal(tags.integer), value: literal(Number(value)), always: tags.integer };
        throw new General();
      }
      case "column":
      case "computed": {
        const key =
          expression.kind === "column" ? `${expression.slot}.${expression.name}` : `#${expression.index}`;
        const known = this.cells.get(key);
        if (known !== undefined) return known;
        const { numbers, kinds } = this.columnOf(expression);
        const cell = { kind: this.name("kind"), value: this.name("number") };
        this.lines.push(
          code`const ${cell.kind} = ${kinds}[r], ${cell.value} = ${numbers}[r]; if (${cell.kind} > 2) dirty = true;`,
        );
        return cell;
      }
      case "call":
        return this.boundaries(expression);
      case "unary": {
        if (expression.operator === "~") throw new General();
        const operand = this.numeric(expression.operand);
        if (expression.operator === "+") return operand;
        const value = this.name("number");
        // A negated integer zero stays positive: bigint has no other.
        this.lines.push(
          code`const ${value} = ${operand.kind} === 1 ? 0 - ${operand.value} : -${operand.value};`,
        );
        return { ...operand, value };
      }
      case "arithmetic":
        return this.arithmetic(expression);
      default:
        throw new General();
    }
  }

  private columnOf(expression: Expression): ColumnCode {
    const column = this.context.column(expression);
    if (column === null) throw new General();
    return column;
  }

  /** DATEDIFF of the times of two slots in a unit of fixed length: the boundaries between them. */
  private boundaries(expression: Extract<Expression, { kind: "call" }>): NumberCode {
    const [unit, from, to] = expression.arguments;
    const plain = expression.function !== "datediff" || this.context.dialect.joinDistance !== "boundaries";
    if (plain || unit?.kind !== "literal" || from?.kind !== "slot-time" || to?.kind !== "slot-time")
      throw new General();
    const length = partTicks[unit.value as keyof typeof partTicks];
    if (length === undefined) throw new General();
    const [a, b] = [this.columnOf(from), this.columnOf(to)];
    const kind = this.name("kind");
    const value = this.name("number");
    // The base of the ticks is a midnight, where every such unit begins.
    const ticks = Number(length);
    this.lines.push(code`const ${kind} = ${a.kinds}[r] === 0 || ${b.kinds}[r] === 0 ? 0 : 1;
const ${value} = Math.floor(${b.numbers}[r] / ${ticks}) - Math.floor(${a.numbers}[r] / ${ticks});`);
    return { kind, value };
  }

  private arithmetic(expression: Extract<Expression, { kind: "arithmetic" }>): NumberCode {
    const { operator } = expression;
    if (operator === "%") throw new General();
    const a = this.numeric(expression.left);
    const b = this.numeric(expression.right);
    const kind = this.name("kind");
    const value = this.name("number");
    const sign = { "+": code`+`, "-": code`-`, "*": code`*`, "/": code`/` }[operator];
    // Integer division truncates, and by zero it is an error or NULL: both go the general way.
    const integers =
      operator === "/"
        ? code`dirty = true`
        : code`if (!(${value} <= 9007199254740991 && ${value} >= -9007199254740991)) dirty = true; else if (${value} === 0) ${value} = 0`;
    this.lines.push(code`let ${kind} = 0, ${value} = 0;
if (${a.kind} !== 0 && ${b.kind} !== 0) {
  ${value} = ${a.value} ${sign} ${b.value};
  if (${a.kind} === 1 && ${b.kind} === 1) { ${kind} = 1; ${integers}; }
  else { ${kind} = 2; if (!(${value} - ${value} === 0)) dirty = true; }
}`);
    return { kind, value };
  }

  private truth(expression: Expression): Code {
    const result = this.name("truth");
    switch (expression.kind) {
      case "comparison": {
        this.lines.push(
          code`const ${result} = ${this.comparison(expression.operator, expression.left, expression.right)};`,
        );
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
      case "not": {
        const operand = this.truth(expression.operand);
        this.lines.push(code`const ${result} = ${operand} === 2 ? 2 : 1 - ${operand};`);
        return result;
      }
      case "is-null": {
        if (expression.operand.kind !== "column") throw new General();
        const { kinds } = this.columnOf(expression.operand);
        // A boxed cell can hold NULL read by the JSON reader.
        this.lines.push(code`if (${kinds}[r] === ${tags.boxed}) dirty = true;
const ${result} = (${kinds}[r] === 0) === ${!expression.negated} ? 1 : 0;`);
        return result;
      }
      case "logical": {
        const decisive = expression.operator === "or" ? 1 : 0;
        this.lines.push(code`let ${result} = ${1 - decisive};`);
        for (const operand of expression.operands) {
          const part = this.attempt(() => this.truth(operand));
          if (part === null) throw new General();
          // Cells read inside the block are not visible behind it.
          this.cells.clear();
          this.lines.push(code`if (${result} !== ${decisive}) {
${part.lines}
if (${part.result} !== ${1 - decisive}) ${result} = ${part.result};
}`);
        }
        return result;
      }
      default:
        throw new General();
    }
  }

  private inverse(value: Code): Code {
    const inner = this.name("truth");
    this.lines.push(code`const ${inner} = ${value};`);
    return code`${inner} === 2 ? 2 : 1 - ${inner}`;
  }

  private comparison(operator: ComparisonOperator, left: Expression, right: Expression): Code {
    const text =
      this.textComparison(operator, left, right) ??
      this.textComparison(operator, right, left) ??
      this.columnComparison(operator, left, right);
    if (text !== null) return text;
    const a = this.numeric(left);
    const b = this.numeric(right);
    const unknown = this.context.dialect.nullLogic === "two-valued" ? 0 : 2;
    return code`${a.kind} === 0 || ${b.kind} === 0 ? ${unknown} : ${a.value} ${signs[operator]} ${b.value} ? 1 : 0`;
  }

  /** A column against a text constant, by the text's number. */
  private textComparison(operator: ComparisonOperator, left: Expression, right: Expression): Code | null {
    if (left.kind !== "column" || right.kind !== "literal" || typeof right.value !== "string") return null;
    if (operator !== "=" && operator !== "<>") return null;
    if (this.context.dialect.textComparison !== "case-sensitive") throw new General();
    const id = this.context.internText(right.value);
    if (id === null) throw new General();
    const { numbers, kinds } = this.columnOf(left);
    const unknown = this.context.dialect.nullLogic === "two-valued" ? 0 : 2;
    this.lines.push(code`if (${kinds}[r] !== ${tags.text} && ${kinds}[r] !== 0) dirty = true;`);
    return code`${kinds}[r] === 0 ? ${unknown} : ${numbers}[r] ${signs[operator]} ${id} ? 1 : 0`;
  }

  /** Two columns, by their numbers: two numbers, or two texts. */
  private columnComparison(operator: ComparisonOperator, left: Expression, right: Expression): Code | null {
    if (left.kind !== "column" || right.kind !== "column") return null;
    if (operator !== "=" && operator !== "<>") return null;
    if (this.context.dialect.textComparison !== "case-sensitive") throw new General();
    const [a, b] = [this.columnOf(left), this.columnOf(right)];
    const [x, y] = [this.name("kind"), this.name("kind")];
    const unknown = this.context.dialect.nullLogic === "two-valued" ? 0 : 2;
    this.lines.push(code`const ${x} = ${a.kinds}[r], ${y} = ${b.kinds}[r];
if ((${x} > 2 || ${y} > 2) && !(${x} === ${tags.text} && ${y} === ${tags.text})) dirty = true;`);
    return code`${x} === 0 || ${y} === 0 ? ${unknown} : ${a.numbers}[r] ${signs[operator]} ${b.numbers}[r] ? 1 : 0`;
  }
}

/** Columns of slot 0 that a condition compares with text constants, and so wants interned. */
export function textColumns(expression: Expression, found: Set<string> = new Set()): ReadonlySet<string> {
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    const node = value as Partial<Expression> & { left?: Expression; right?: Expression };
    if (node.kind === "comparison") {
      const [a, b] = [node.left!, node.right!];
      for (const [column, constant] of [
        [a, b],
        [b, a],
      ] as const)
        if (column.kind === "column" && constant.kind === "literal" && typeof constant.value === "string")
          found.add(column.name);
    }
    for (const member of Object.values(value)) visit(member);
  };
  visit(expression);
  return found;
}
