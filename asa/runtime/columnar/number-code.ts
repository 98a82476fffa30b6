import { type Code, code, literal } from "../../codegen/code";
import { partTicks } from "../../language/builtins/date-math";
import { roundAway } from "../../language/builtins/math";
import type { Expression } from "../../plan/logical-plan";
import { parseDateTime } from "../../values/datetime";
import { floorDiv } from "../../values/ticks";
import { DateTime } from "../../values/value";
import { tags } from "./columns";
import { type ColumnCode, General, type LoopContext, type NumberCode } from "./loop-context";
import { baseTicks, inReach, relativeTicks } from "./ticks";

type Call = Extract<Expression, { kind: "call" }>;

const largestInteger = 9_007_199_254_740_991;
/** Up to this size the quotient of two integers in doubles, cut off, is the whole quotient. */
const largestDividend = 2_251_799_813_685_248;
/** Farthest moment from the base that a cell holds. */
const farthestMoment = 8_500_000_000_000_000;
/** Parts of the day that a moment's ticks alone give. */
const clockParts: Readonly<Record<string, readonly [ticks: number, count: number]>> = {
  hour: [36_000_000_000, 24],
  minute: [600_000_000, 60],
  second: [10_000_000, 60],
};

/** The moment that a constant names; null for anything else. */
function constantTicks(expression: Expression): bigint | null {
  if (expression.kind === "cast" && expression.type === "datetime") return constantTicks(expression.operand);
  if (expression.kind !== "literal") return null;
  const { value } = expression;
  if (value instanceof DateTime) return value.ticks;
  return typeof value === "string" ? parseDateTime(value) : null;
}

/**
 * Writes numbers and moments as loops over columns see them: doubles with a kind beside them, without objects. Whatever is of
 * another kind, or could fail, sets the expression's flag, and the row is evaluated the general way instead.
 */
export abstract class NumberWriter {
  protected readonly context: LoopContext;
  protected lines: Code[] = [];
  /** The flag of the expression that is being written: its row has to go the general way. */
  private flag: Code = code`false`;
  private isFlagged = false;
  protected readonly cells = new Map<string, NumberCode>();

  constructor(context: LoopContext) {
    this.context = context;
  }

  /** Writes statements that leave 1 (true), 0 (false) or 2 (unknown). */
  protected abstract truth(expression: Expression): Code;

  protected name(prefix: string): Code {
    return this.context.scope.name(prefix);
  }

  /** Statements that `write` makes, for a block of their own; null when it meets what has to go the general way. */
  protected attempt<T>(write: () => T): { readonly lines: readonly Code[]; readonly result: T } | null {
    const outer = this.lines;
    const known = new Map(this.cells);
    this.lines = [];
    try {
      const result = write();
      return { lines: this.lines, result };
    } catch (error) {
      if (!(error instanceof General)) throw error;
      return null;
    } finally {
      this.lines = outer;
      // Cells that were read inside a block are not visible behind it.
      this.cells.clear();
      for (const [key, cell] of known) this.cells.set(key, cell);
    }
  }

  /** The same, but general when the statements cannot be written. */
  protected block<T>(write: () => T): { readonly lines: readonly Code[]; readonly result: T } {
    const written = this.attempt(write);
    if (written === null) throw new General();
    return written;
  }

  /** Statements of an expression with a flag of its own; `flag` is null when no row needs it. */
  protected own<T>(
    write: () => T,
  ): { readonly lines: readonly Code[]; readonly result: T; readonly flag: Code | null } | null {
    const outer = this.flag;
    const wasFlagged = this.isFlagged;
    this.flag = this.name("dirty");
    this.isFlagged = false;
    const written = this.attempt(write);
    const flag = this.isFlagged ? this.flag : null;
    this.flag = outer;
    this.isFlagged = wasFlagged;
    if (written === null) return null;
    const declared = flag === null ? code`` : code`let ${flag} = false;`;
    return { lines: [declared, ...written.lines], result: written.result, flag };
  }

  /** A statement that sends the row the general way. */
  protected get doubtful(): Code {
    this.isFlagged = true;
    return code`${this.flag} = true`;
  }

  protected columnOf(expression: Expression): ColumnCode {
    const column = this.context.column(expression);
    if (column === null) throw new General();
    return column;
  }

  protected doubt(condition: Code): void {
    this.lines.push(code`if (${condition}) ${this.doubtful};`);
  }

  /**
   * A number: null, integer or float. A bit is the integer that every operator takes it for, unless the value itself is given
   * on (`asIs`).
   */
  protected numeric(expression: Expression, asIs = false): NumberCode {
    switch (expression.kind) {
      case "literal": {
        const { value } = expression;
        if (value === null) return { kind: literal(tags.null), value: code`0`, always: tags.null };
        if (typeof value === "number")
          return { kind: literal(tags.float), value: literal(value), always: tags.float };
        if (typeof value === "bigint" && value >= -BigInt(largestInteger) && value <= BigInt(largestInteger))
          return { kind: literal(tags.integer), value: literal(Number(value)), always: tags.integer };
        throw new General();
      }
      case "column":
      case "computed":
      case "member":
        return this.numberCell(expression, asIs);
      case "call":
        return this.numberCall(expression);
      case "cast":
        return this.numberCast(expression);
      case "case":
        return this.numberCase(expression);
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

  private numberCell(expression: Expression, asIs: boolean): NumberCode {
    const { numbers, kinds } = this.columnOf(expression);
    const key = `${numbers.text} ${asIs}`;
    const known = this.cells.get(key);
    if (known !== undefined) return known;
    const cell = { kind: this.name("kind"), value: this.name("number") };
    const other = asIs
      ? code`${this.doubtful};`
      : code`{ if (${cell.kind} === ${tags.bit}) ${cell.kind} = 1; else ${this.doubtful}; }`;
    this.lines.push(
      code`let ${cell.kind} = ${kinds}[r]; const ${cell.value} = ${numbers}[r]; if (${cell.kind} > 2) ${other}`,
    );
    this.cells.set(key, cell);
    return cell;
  }

  private arithmetic(expression: Extract<Expression, { kind: "arithmetic" }>): NumberCode {
    const { operator } = expression;
    const a = this.numeric(expression.left);
    const b = this.numeric(expression.right);
    const kind = this.name("kind");
    const value = this.name("number");
    const sign = { "+": code`+`, "-": code`-`, "*": code`*`, "/": code`/`, "%": code`%` }[operator];
    const inRange = code`if (!(${value} <= ${largestInteger} && ${value} >= ${-largestInteger})) ${this.doubtful}; else if (${value} === 0) ${value} = 0`;
    const truncates = this.context.dialect.integerDivision === "truncate";
    // By zero it is an error or NULL, which the general way tells.
    const quotient = truncates
      ? code`if (${b.value} === 0 || ${a.value} > ${largestDividend} || ${a.value} < ${-largestDividend}) ${this.doubtful}; else ${value} = Math.trunc(${value}) + 0`
      : code`${this.doubtful}`;
    const rest = code`if (${b.value} === 0) ${this.doubtful}; else if (${value} === 0) ${value} = 0`;
    const integers = operator === "/" ? quotient : operator === "%" ? rest : inRange;
    this.lines.push(code`let ${kind} = 0, ${value} = 0;
if (${a.kind} !== 0 && ${b.kind} !== 0) {
  ${value} = ${a.value} ${sign} ${b.value};
  if (${a.kind} === 1 && ${b.kind} === 1) { ${kind} = 1; ${integers}; }
  else { ${kind} = 2; if (!(${value} - ${value} === 0)) ${this.doubtful}; }
}`);
    return { kind, value };
  }

  private numberCast(expression: Extract<Expression, { kind: "cast" }>): NumberCode {
    const { type } = expression;
    if (type !== "float" && type !== "bigint") throw new General();
    const operand = this.numeric(expression.operand);
    if (type === "float") {
      const kind = this.name("kind");
      this.lines.push(code`const ${kind} = ${operand.kind} === 0 ? 0 : 2;`);
      return { kind, value: operand.value };
    }
    const kind = this.name("kind");
    const value = this.name("number");
    this.lines.push(code`const ${kind} = ${operand.kind} === 0 ? 0 : 1, ${value} = Math.trunc(${operand.value}) + 0;
if (!(${value} <= ${largestInteger} && ${value} >= ${-largestInteger})) ${this.doubtful};`);
    return { kind, value };
  }

  private numberCase(expression: Extract<Expression, { kind: "case" }>): NumberCode {
    const kind = this.name("kind");
    const value = this.name("number");
    this.lines.push(code`let ${kind} = 0, ${value} = 0;`);
    const give = (result: Expression | null): Code => {
      if (result === null) return code``;
      const { lines, result: number } = this.block(() => this.numeric(result, true));
      return code`${lines}\n${kind} = ${number.kind}; ${value} = ${number.value};`;
    };
    this.lines.push(this.branches(expression, give));
    return { kind, value };
  }

  /** The branches of a CASE, each tested only when none before it was true. */
  protected branches(
    expression: Extract<Expression, { kind: "case" }>,
    give: (result: Expression | null) => Code,
  ): Code {
    const { operand } = expression;
    return expression.branches.reduceRight((otherwise, { when, then }) => {
      const { type, range } = expression;
      const test: Expression =
        operand === null
          ? when
          : { kind: "comparison", operator: "=", left: operand, right: when, type, range };
      const { lines, result } = this.block(() => this.truth(test));
      return code`{
${lines}
if (${result} === 1) {
${give(then)}
} else {
${otherwise}
}
}`;
    }, give(expression.otherwise));
  }

  private numberCall(expression: Call): NumberCode {
    const { arguments: args } = expression;
    switch (expression.function) {
      case "datediff":
        return this.difference(expression);
      case "datepart":
        return this.clockPart(expression);
      case "coalesce":
        return this.coalesce(args);
      case "abs":
        return this.mapped(args[0]!, (value) => code`Math.abs(${value})`);
      case "sign":
        return this.mapped(args[0]!, (value) => code`Math.sign(${value})`);
      case "floor":
        return this.mapped(args[0]!, (value) => code`Math.floor(${value})`);
      case "ceiling":
        return this.mapped(args[0]!, (value) => code`Math.ceil(${value})`);
      case "round":
        return this.rounded(expression);
      case "sqrt":
        return this.floating(args, ([value]) => code`Math.sqrt(${value!.value})`);
      case "square":
        return this.floating(args, ([value]) => code`${value!.value} * ${value!.value}`);
      case "power":
        return this.power(args);
      default:
        throw new General();
    }
  }

  /** A function that leaves integers and floats what they are. */
  private mapped(argument: Expression, write: (value: Code) => Code): NumberCode {
    const operand = this.numeric(argument);
    const value = this.name("number");
    this.lines.push(code`const ${value} = ${write(operand.value)};`);
    return { ...operand, value };
  }

  /** A function whose result is a float, and NULL or an error when that is no finite number. */
  private floating(args: readonly Expression[], write: (values: readonly NumberCode[]) => Code): NumberCode {
    const operands = args.map((argument) => this.numeric(argument));
    const kind = this.name("kind");
    const value = this.name("number");
    const nulls = operands.map((operand) => code`${operand.kind} === 0`);
    this.lines.push(code`let ${kind} = 0, ${value} = 0;
if (!(${nulls.reduce((all, next) => code`${all} || ${next}`)})) { ${kind} = 2; ${value} = ${write(operands)}; if (!(${value} - ${value} === 0)) ${this.doubtful}; }`);
    return { kind, value };
  }

  private power(args: readonly Expression[]): NumberCode {
    const power = this.floating(args, ([base, exponent]) => {
      // Of an integer it is an integer, by rules of its own.
      this.doubt(code`${base!.kind} === 1`);
      return code`${base!.value} ** ${exponent!.value}`;
    });
    return power;
  }

  private rounded(expression: Call): NumberCode {
    const [argument, places] = expression.arguments;
    if (places?.kind !== "literal" || typeof places.value !== "bigint") throw new General();
    if (places.value < 0n || places.value > 15n) throw new General();
    const round = this.context.scope.value("roundAway", roundAway);
    const operand = this.numeric(argument!);
    const value = this.name("number");
    this.lines.push(
      code`const ${value} = ${operand.kind} === 2 ? ${round}(${operand.value}, ${Number(places.value)}) : ${operand.value};`,
    );
    return { ...operand, value };
  }

  private coalesce(args: readonly Expression[]): NumberCode {
    const operands = args.map((argument) => this.numeric(argument, true));
    const kind = this.name("kind");
    const value = this.name("number");
    const tests = operands.map(
      (operand) => code`if (${kind} === 0) { ${kind} = ${operand.kind}; ${value} = ${operand.value}; }`,
    );
    this.lines.push(code`let ${kind} = 0, ${value} = 0;\n${tests}`);
    return { kind, value };
  }

  // ---- moments ----

  /** A moment in ticks from the base: kind 0, or another one. Text in the plain form of a time is read as one. */
  protected moment(expression: Expression): NumberCode {
    switch (expression.kind) {
      case "timestamp":
        return { kind: literal(tags.time), value: code`t`, always: tags.time };
      case "literal": {
        const ticks = constantTicks(expression);
        if (ticks === null || !inReach(ticks)) throw new General();
        return { kind: literal(tags.time), value: literal(relativeTicks(ticks)), always: tags.time };
      }
      case "column":
      case "computed":
      case "member":
      case "slot-time": {
        const { numbers, kinds } = this.columnOf(expression);
        const kind = this.name("kind");
        this.lines.push(code`const ${kind} = ${kinds}[r];`);
        this.doubt(code`${kind} !== 0 && ${kind} < ${tags.time}`);
        return { kind, value: code`${numbers}[r]` };
      }
      case "cast":
        if (expression.type !== "datetime") throw new General();
        return this.moment(expression.operand);
      case "call":
        if (expression.function === "dateadd") return this.added(expression);
        throw new General();
      default:
        throw new General();
    }
  }

  private fixedUnit(unit: Expression | undefined): number {
    const length = unit?.kind === "literal" ? partTicks[unit.value as keyof typeof partTicks] : undefined;
    if (length === undefined) throw new General();
    return Number(length);
  }

  /** DATEDIFF in a unit of fixed length: the boundaries between two moments. */
  private difference(expression: Call): NumberCode {
    const [unit, from, to] = expression.arguments;
    const length = this.fixedUnit(unit);
    const ofSlots = from?.kind === "slot-time" && to?.kind === "slot-time";
    if (ofSlots && this.context.dialect.joinDistance !== "boundaries") throw new General();
    const [a, b] = [this.unitNumber(from!, length), this.unitNumber(to!, length)];
    const kind = this.name("kind");
    const value = this.name("number");
    this.lines.push(code`const ${kind} = ${a.kind} === 0 || ${b.kind} === 0 ? 0 : 1;
const ${value} = ${b.value} - ${a.value} + 0;`);
    return { kind, value };
  }

  /** Number of the unit, counted from the base, that a moment lies in: the base is a midnight, where every such unit begins. */
  private unitNumber(expression: Expression, length: number): NumberCode {
    const ticks = constantTicks(expression);
    if (ticks !== null) {
      const number = Number(floorDiv(ticks - baseTicks, BigInt(length)));
      if (!Number.isSafeInteger(number)) throw new General();
      return { kind: literal(tags.time), value: literal(number), always: tags.time };
    }
    const { kind, value } = this.moment(expression);
    return { kind, value: code`Math.floor(${value} / ${length})` };
  }

  private clockPart(expression: Call): NumberCode {
    const [unit, argument] = expression.arguments;
    const part = unit?.kind === "literal" ? clockParts[String(unit.value)] : undefined;
    if (part === undefined) throw new General();
    const moment = this.moment(argument!);
    const [length, count] = part;
    const kind = this.name("kind");
    const value = this.name("number");
    this.lines.push(code`const ${kind} = ${moment.kind} === 0 ? 0 : 1;
let ${value} = Math.floor(${moment.value} / ${length}) % ${count}; if (${value} < 0) ${value} += ${count}; else ${value} += 0;`);
    return { kind, value };
  }

  private added(expression: Call): NumberCode {
    const [unit, count, from] = expression.arguments;
    const length = this.fixedUnit(unit);
    const units = this.numeric(count!);
    const moment = this.moment(from!);
    const kind = this.name("kind");
    const value = this.name("number");
    // A fraction is cut off by the conversion to bigint; what leaves the reach of cells is no cell.
    this.lines.push(code`const ${kind} = ${units.kind} === 0 || ${moment.kind} === 0 ? 0 : ${tags.time};
const ${value} = ${moment.value} + Math.trunc(${units.value}) * ${length};`);
    this.doubt(code`!(${value} < ${farthestMoment} && ${value} > ${-farthestMoment})`);
    return { kind, value };
  }
}
