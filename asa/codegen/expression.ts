import { arithmeticOf, bitwiseOf, unaryOf } from "../interpreter/arithmetic";
import { callOf, castOf, isPlainDistance, udfOf } from "../interpreter/calls";
import { comparer, likeOf } from "../interpreter/conditions";
import type { ExpressionContext } from "../interpreter/context";
import { memberReader } from "../interpreter/paths";
import type {
  CaseExpression,
  ColumnExpression,
  ComparisonExpression,
  ComparisonOperator,
  Expression,
  InExpression,
  LogicalExpression,
} from "../plan/logical-plan";
import { AsaRecord, DateTime, type Value } from "../values/value";
import { Code, code, list, literal } from "./code";
import type { Scope } from "./scope";

/** Where a value stands: in a variable or a literal, so that it can be named more than once. */
interface Operand {
  readonly code: Code;
  /** The value itself when it is a constant. */
  readonly constant?: Value;
}

const operators: Readonly<Record<ComparisonOperator, Code>> = {
  "=": code`===`,
  "<>": code`!==`,
  "<": code`<`,
  "<=": code`<=`,
  ">": code`>`,
  ">=": code`>=`,
};

const arithmetic = { "+": code`+`, "-": code`-`, "*": code`*`, "/": code`/`, "%": code`%` } as const;

/**
 * Writes the statements that evaluate expressions on `row`. What is common is written out; rare kinds of values go to
 * the interpreter's own operators, so that both evaluators share every rule and every message.
 */
export class ExpressionWriter {
  private readonly context: ExpressionContext;
  private readonly scope: Scope;
  private readonly heads: Code[] = [];
  private readonly columns = new Map<string, Code>();
  private readonly slots = new Map<number, Code>();
  private lines: Code[] = [];

  constructor(context: ExpressionContext, scope: Scope) {
    this.context = context;
    this.scope = scope;
  }

  /** Everything written so far: reads of columns first, since they cannot fail. */
  get statements(): readonly Code[] {
    return [...this.heads, ...this.lines];
  }

  /** Writes an expression and returns where its value stands. */
  write(expression: Expression): Code {
    return this.operand(expression).code;
  }

  private variable(value: Code): Operand {
    const name = this.scope.name("v");
    this.lines.push(code`const ${name} = ${value};`);
    return { code: name };
  }

  private block(write: () => void): readonly Code[] {
    const outer = this.lines;
    this.lines = [];
    write();
    const inner = this.lines;
    this.lines = outer;
    return inner;
  }

  private constant(value: Value): Operand {
    const plain = value === null || typeof value !== "object";
    return { code: plain ? literal(value) : this.scope.value("constant", value), constant: value };
  }

  private slot(index: number): Code {
    let name = this.slots.get(index);
    if (name === undefined) {
      name = this.scope.name("slot");
      this.heads.push(code`const ${name} = row.slots[${index}] ?? null;`);
      this.slots.set(index, name);
    }
    return name;
  }

  private column(expression: ColumnExpression): Operand {
    const { slot, name, index } = expression;
    const key = `${slot} ${index ?? -1} ${name}`;
    let found = this.columns.get(key);
    if (found === undefined) {
      const event = this.slot(slot);
      found = this.scope.name("column");
      const record = code`${event}.record`;
      const value =
        index === null
          ? code`${this.scope.value("read", memberReader(name, this.context.dialect))}(${record})`
          : code`(${record}.values[${index}] ?? null)`;
      this.heads.push(code`const ${found} = ${event} === null ? null : ${value};`);
      this.columns.set(key, found);
    }
    return { code: found };
  }

  private operand(expression: Expression): Operand {
    switch (expression.kind) {
      case "literal":
        return this.constant(expression.value);
      case "column":
        return this.column(expression);
      case "computed":
        return this.variable(code`row.computed[${expression.index}] ?? null`);
      case "timestamp":
        return this.variable(code`new ${this.scope.value("dateTime", DateTime)}(row.time)`);
      case "slot-time": {
        const event = this.slot(expression.slot);
        const type = this.scope.value("dateTime", DateTime);
        return this.variable(code`${event} === null ? null : new ${type}(${event}.time)`);
      }
      case "member": {
        const target = this.operand(expression.target);
        const read = this.scope.value("read", memberReader(expression.name, this.context.dialect));
        const record = this.scope.value("asaRecord", AsaRecord);
        return this.variable(code`${target.code} instanceof ${record} ? ${read}(${target.code}) : null`);
      }
      case "arithmetic":
        return this.arithmetic(expression);
      case "bitwise": {
        const apply = this.scope.value("bitwise", bitwiseOf(this.context, expression));
        const left = this.operand(expression.left);
        const right = this.operand(expression.right);
        return this.variable(code`${apply}(${left.code}, ${right.code})`);
      }
      case "unary": {
        const apply = this.scope.value("unary", unaryOf(this.context, expression));
        return this.variable(code`${apply}(${this.operand(expression.operand).code})`);
      }
      case "comparison":
        return this.comparison(expression);
      case "between": {
        const value = this.operand(expression.operand);
        const low = this.compare(">=", value, this.operand(expression.low), expression);
        const high = this.compare("<=", value, this.operand(expression.high), expression);
        const both = this.variable(
          code`${low.code} === false || ${high.code} === false ? false : ${low.code} === null || ${high.code} === null ? null : true`,
        );
        return this.negated(both, expression.negated);
      }
      case "in":
        return this.membership(expression);
      case "like": {
        const apply = this.scope.value("like", likeOf(this.context, expression));
        const value = this.operand(expression.operand);
        const pattern = this.operand(expression.pattern);
        return this.variable(code`${apply}(${value.code}, ${pattern.code})`);
      }
      case "is-null": {
        const value = this.operand(expression.operand);
        return this.variable(
          expression.negated ? code`${value.code} !== null` : code`${value.code} === null`,
        );
      }
      case "logical":
        return this.logical(expression);
      case "not":
        return this.negated(this.operand(expression.operand), true);
      case "case":
        return this.choice(expression);
      case "cast": {
        const convert = this.scope.value("convert", castOf(this.context, expression));
        const value = this.operand(expression.operand);
        return this.variable(expression.type === "any" ? value.code : code`${convert}(${value.code})`);
      }
      case "call": {
        if (isPlainDistance(this.context, expression)) return this.interpreted(expression);
        const call = this.scope.value("call", callOf(this.context, expression));
        const values = expression.arguments.map((argument) => this.operand(argument).code);
        return this.variable(code`${call}([${list(values)}])`);
      }
      case "udf": {
        const call = this.scope.value("udf", udfOf(this.context, expression));
        const values = expression.arguments.map((argument) => this.operand(argument).code);
        return this.variable(code`${call}([${list(values)}])`);
      }
      default:
        return this.interpreted(expression);
    }
  }

  /** Rare kinds: whole events, metadata, System.Window() and the columns of a match. */
  private interpreted(expression: Expression): Operand {
    return this.variable(code`${this.scope.value("evaluate", this.context.compile(expression))}(row)`);
  }

  private negated(value: Operand, negated: boolean): Operand {
    if (!negated) return value;
    return this.variable(code`${value.code} === null ? null : !${value.code}`);
  }

  private arithmetic(expression: Extract<Expression, { kind: "arithmetic" }>): Operand {
    const left = this.operand(expression.left);
    const right = this.operand(expression.right);
    const apply = this.scope.value("arithmetic", arithmeticOf(this.context, expression));
    const { operator } = expression;
    const result = this.scope.name("v");
    const sides = code`${left.code}, ${right.code}`;
    this.lines.push(code`let ${result};`);
    // Both floats is the one case that needs no look at kinds; what is not finite goes the long way to its rule.
    this.lines.push(
      code`if (typeof ${left.code} === "number" && typeof ${right.code} === "number") {
  ${result} = ${left.code} ${arithmetic[operator]} ${right.code};
  if (!(${result} - ${result} === 0)) ${result} = ${apply}(${sides});
} else ${result} = ${apply}(${sides});`,
    );
    return { code: result };
  }

  private comparison(expression: ComparisonExpression): Operand {
    return this.compare(
      expression.operator,
      this.operand(expression.left),
      this.operand(expression.right),
      expression,
    );
  }

  private compare(operator: ComparisonOperator, left: Operand, right: Operand, place: Expression): Operand {
    const compare = this.scope.value("compare", comparer(this.context, operator, place));
    const sign = operators[operator];
    const [a, b] = [left.code, right.code];
    const slow = code`${compare}(${a}, ${b})`;
    const { constant } = right;
    const foldsCase = this.context.dialect.textComparison === "ignore-case";
    if (typeof constant === "bigint" || typeof constant === "number") {
      const float = literal(Number(constant));
      const exact =
        typeof constant === "bigint" ? code` : typeof ${a} === "bigint" ? ${a} ${sign} ${b}` : code``;
      return this.variable(code`typeof ${a} === "number" ? ${a} ${sign} ${float}${exact} : ${slow}`);
    }
    if (typeof constant === "string" && !foldsCase) {
      return this.variable(code`typeof ${a} === "string" ? ${a} ${sign} ${b} : ${slow}`);
    }
    return this.variable(
      code`typeof ${a} === typeof ${b} && (typeof ${a} === "number" || typeof ${a} === "bigint") ? ${a} ${sign} ${b} : ${slow}`,
    );
  }

  private membership(expression: InExpression): Operand {
    const value = this.operand(expression.operand);
    const found = this.scope.name("found");
    this.lines.push(code`let ${found} = false;`);
    for (const item of expression.items) {
      const test = this.block(() => {
        const same = this.compare("=", value, this.operand(item), expression);
        this.lines.push(code`if (${same.code} !== false) ${found} = ${same.code};`);
      });
      this.lines.push(code`if (${found} !== true) {\n${test}\n}`);
    }
    return this.negated({ code: found }, expression.negated);
  }

  private logical(expression: LogicalExpression): Operand {
    const decisive = expression.operator === "or";
    const result = this.scope.name("truth");
    this.lines.push(code`let ${result} = ${!decisive};`);
    for (const operand of expression.operands) {
      const test = this.block(() => {
        const value = this.operand(operand);
        this.lines.push(
          code`if (${value.code} === null || ${value.code} === ${decisive}) ${result} = ${value.code};`,
        );
      });
      this.lines.push(code`if (${result} !== ${decisive}) {\n${test}\n}`);
    }
    return { code: result };
  }

  private choice(expression: CaseExpression): Operand {
    const result = this.scope.name("choice");
    this.lines.push(code`let ${result} = null;`);
    const open = this.scope.name("open");
    this.lines.push(code`let ${open} = true;`);
    const subject = expression.operand === null ? null : this.operand(expression.operand);
    for (const branch of expression.branches) {
      const test = this.block(() => {
        const when = this.operand(branch.when);
        const holds = subject === null ? when : this.compare("=", subject, when, expression);
        const then = this.block(() => {
          this.lines.push(code`${result} = ${this.operand(branch.then).code};\n${open} = false;`);
        });
        this.lines.push(code`if (${holds.code} === true) {\n${then}\n}`);
      });
      this.lines.push(code`if (${open}) {\n${test}\n}`);
    }
    const { otherwise } = expression;
    if (otherwise !== null) {
      const last = this.block(() => {
        this.lines.push(code`${result} = ${this.operand(otherwise).code};`);
      });
      this.lines.push(code`if (${open}) {\n${last}\n}`);
    }
    return { code: result };
  }
}

/** Depth of an expression's tree; generated code nests as deep. */
export function depthOf(expression: unknown): number {
  if (Array.isArray(expression))
    return expression.reduce<number>((most, item) => Math.max(most, depthOf(item)), 0);
  if (expression === null || typeof expression !== "object") return 0;
  if (expression instanceof DateTime || expression instanceof AsaRecord || expression instanceof Code)
    return 0;
  let most = 0;
  for (const value of Object.values(expression)) most = Math.max(most, depthOf(value));
  return most + 1;
}
