import { type Code, code } from "../../codegen/code";
import type { Scope } from "../../codegen/scope";
import { AsaError } from "../../errors";
import { convertArgument } from "../../language/builtins/bind";
import { BuiltinError, takes } from "../../language/builtins/builtin";
import { expressionKey } from "../../plan/binding/expression-tree";
import type { AggregateCall, Expression } from "../../plan/logical-plan";
import { finite, fitsBigint } from "../../values/types";
import type { Value } from "../../values/value";
import type { RuntimeContext } from "../context";
import type { StateWriter } from "../state/writer";
import { tags } from "./columns";
import type { LoopWriter } from "./expression";
import type { Page } from "./page";

/** Fields of one argument, counted from its offset. */
const nulls = 0;
const integers = 1;
const fraction = 2;
const lost = 3;
const low = 4;
const high = 5;
const least = 6;
const greatest = 7;
const argumentFields = 8;

/** Integers are summed in two parts: the low one is brought below this size again whenever it grows beyond. */
const carryUnit = 1_099_511_627_776;
const carryLimit = 4_503_599_627_370_496;
/** Below this high part the whole sum is a double exactly. */
const plainHigh = 4096;

/**
 * COUNT, SUM, AVG, MIN and MAX of one group as doubles side by side. Float sums carry their rounding error along, so that
 * the order of the rows does not matter.
 */
export class Accumulators {
  readonly calls: readonly AggregateCall[];
  /** Doubles of one group. */
  readonly width: number;
  private readonly context: RuntimeContext;
  private readonly arguments: readonly Expression[];
  private readonly argumentOf: readonly number[];

  constructor(calls: readonly AggregateCall[], context: RuntimeContext) {
    this.calls = calls;
    this.context = context;
    const keys: string[] = [];
    const expressions: Expression[] = [];
    this.argumentOf = calls.map(({ argument }) => {
      if (argument === null) return -1;
      const key = expressionKey(argument);
      if (!keys.includes(key)) {
        keys.push(key);
        expressions.push(argument);
      }
      return keys.indexOf(key);
    });
    this.arguments = expressions;
    this.width = expressions.length * argumentFields;
  }

  clear(state: Float64Array, at: number): void {
    state.fill(0, at, at + this.width);
    for (let i = at; i < at + this.width; i += argumentFields) {
      state[i + least] = Number.POSITIVE_INFINITY;
      state[i + greatest] = Number.NEGATIVE_INFINITY;
    }
  }

  /** Adds the fields at `from` to those at `to`. */
  merge(into: Float64Array, to: number, other: Float64Array, from: number): void {
    for (let i = 0; i < this.width; i += argumentFields) {
      const a = to + i;
      const b = from + i;
      into[a + nulls]! += other[b + nulls]!;
      into[a + integers]! += other[b + integers]!;
      addFloat(into, a, other[b + fraction]!);
      into[a + lost]! += other[b + lost]!;
      into[a + low]! += other[b + low]!;
      into[a + high]! += other[b + high]!;
      if (Math.abs(into[a + low]!) > carryLimit) {
        const carry = Math.trunc(into[a + low]! / carryUnit);
        into[a + high]! += carry;
        into[a + low]! -= carry * carryUnit;
      }
      if (other[b + least]! < into[a + least]!) into[a + least] = other[b + least]!;
      if (other[b + greatest]! > into[a + greatest]!) into[a + greatest] = other[b + greatest]!;
    }
  }

  /** Statements that read the arguments of row `r`, and those that add them to the fields at `at` of `state`. */
  add(
    scope: Scope,
    writer: LoopWriter,
    state: Code,
    at: Code,
  ): { readonly reads: Code; readonly adds: Code } {
    const reads = this.arguments.map((argument) => writer.number(argument));
    const adds = reads.map(({ kind, value, boxed }, index) => {
      const base = index * argumentFields;
      const calls = this.calls.filter((_, call) => this.argumentOf[call] === index);
      const uses = (...names: string[]) => calls.some((call) => names.includes(call.function));
      const field = (offset: number) => code`${state}[${at} + ${base + offset}]`;
      const sums = uses("sum", "avg");
      const other = scope.value("addOther", (fields: Float64Array, from: number, value: Value) =>
        this.addOther(calls, fields, from, value),
      );
      const extremes = [
        ...(uses("min") ? [code`if (${value} < ${field(least)}) ${field(least)} = ${value};`] : []),
        ...(uses("max") ? [code`if (${value} > ${field(greatest)}) ${field(greatest)} = ${value};`] : []),
      ];
      const sumFloat = sums
        ? code`{ const s = ${field(fraction)}, n = s + ${value};
${field(lost)} += (s < 0 ? -s : s) >= (${value} < 0 ? -${value} : ${value}) ? s - n + ${value} : ${value} - n + s;
${field(fraction)} = n; }`
        : code``;
      const sumInteger = sums
        ? code`{ const n = ${field(low)} + ${value};
if (n > ${carryLimit} || n < ${-carryLimit}) { const c = Math.trunc(n / ${carryUnit}); ${field(high)} += c; ${field(low)} = n - c * ${carryUnit}; } else ${field(low)} = n;
${field(integers)}++; }`
        : code``;
      return code`if (${kind} === 2) {
${sumFloat}
${extremes}
} else if (${kind} === 1) {
${sumInteger}
${extremes}
} else if (${kind} === 0) ${field(nulls)}++;
else ${other}(${state}, ${at} + ${base}, ${boxed});`;
    });
    return { reads: code`${reads.flatMap(({ lines }) => lines)}`, adds: code`${adds}` };
  }

  /** Adds a value that is no plain number, by the rules that the row engine's accumulators have. */
  private addOther(calls: readonly AggregateCall[], state: Float64Array, at: number, value: Value): void {
    for (const call of calls) {
      let number: bigint | number | null = null;
      try {
        if (call.function === "count") continue;
        if (call.function === "min" || call.function === "max") {
          const float = convertArgument(call.function, 0, value, takes.float) as number | null;
          if (float === null) continue;
          if (call.function === "min") state[at + least] = Math.min(state[at + least]!, float);
          else state[at + greatest] = Math.max(state[at + greatest]!, float);
          continue;
        }
        number = convertArgument(call.function, 0, value, takes.number) as bigint | number | null;
      } catch (error) {
        throw error instanceof BuiltinError ? this.located(call, error) : error;
      }
      // SUM and AVG of one argument share their fields: only the first of them adds.
      if (call !== calls.find((other) => other.function === "sum" || other.function === "avg")) continue;
      if (typeof number === "bigint") {
        const unit = BigInt(carryUnit);
        state[at + integers]!++;
        state[at + high]! += Number(number / unit);
        state[at + low]! += Number(number % unit);
      } else if (number !== null) addFloat(state, at, number);
    }
  }

  private located(call: AggregateCall, error: BuiltinError): AsaError {
    const { range } = call;
    const text = this.context.plan.text.slice(range.start, range.end).replace(/\s+/g, " ");
    const place = `At line '${range.line}' and column '${range.column}'.`;
    return new AsaError("ASA_ARGUMENT_VALUE", `${error.message} in expression '${text}'. ${place}`, {
      location: range,
      cause: error,
    });
  }

  /** Puts the results of a group of so many rows into the columns of a page from `first` on. */
  put(page: Page, row: number, first: number, state: Float64Array, at: number, rows: number): void {
    for (let index = 0; index < this.calls.length; index++) {
      const call = this.calls[index]!;
      const store = page.columns[first + index]!;
      const argument = this.argumentOf[index]!;
      const base = at + argument * argumentFields;
      const count = argument < 0 ? rows : rows - state[base + nulls]!;
      let kind: number = tags.float;
      let number = 0;
      if (call.function === "count") {
        kind = tags.integer;
        number = count;
      } else if (count === 0) kind = tags.null;
      else if (call.function === "min") number = state[base + least]!;
      else if (call.function === "max") number = state[base + greatest]!;
      else if (call.function === "sum" && state[base + integers] === count) {
        const whole = wholeSum(state, base);
        kind = tags.integer;
        if (typeof whole === "number") number = whole;
        else {
          if (!fitsBigint(whole))
            throw this.located(call, new BuiltinError("the sum does not fit into 64 bits"));
          kind = tags.boxed;
          store.boxes[row] = whole;
        }
      } else {
        const sum = state[base + fraction]! + state[base + lost]! + Number(wholeSum(state, base));
        const result = finite(call.function === "avg" ? sum / count : sum);
        if (result === null) kind = tags.null;
        else number = result;
      }
      store.kinds[row] = kind;
      store.numbers[row] = number;
    }
  }

  /** Writes the accumulators of a group as the row engine has them. */
  saveRows(writer: StateWriter, state: Float64Array, at: number, rows: number): void {
    for (const [index, call] of this.calls.entries()) {
      const argument = this.argumentOf[index]!;
      const base = at + argument * argumentFields;
      const count = argument < 0 ? rows : rows - state[base + nulls]!;
      // COUNT(*) has no fields of an argument.
      const whole = argument < 0 ? 0n : BigInt(wholeSum(state, base));
      const float = argument < 0 ? 0 : state[base + fraction]! + state[base + lost]!;
      if (call.function === "count") writer.count(count);
      else if (call.function === "min" || call.function === "max")
        writer.value(count === 0 ? null : state[base + (call.function === "min" ? least : greatest)]!);
      else if (call.function === "avg") {
        writer.number(float);
        writer.integer(whole);
        writer.count(count);
      } else {
        writer.integer(whole);
        writer.number(float);
        writer.count(count - state[base + integers]!);
        writer.count(count);
      }
    }
  }

  /** The value of each call's argument when the fields are those of one row; a value of another kind as the number it was taken for. */
  inputs(state: Float64Array, at: number): Value[] {
    return this.calls.map((call, index) => {
      const argument = this.argumentOf[index]!;
      if (argument < 0) return null;
      const base = at + argument * argumentFields;
      if (state[base + nulls] === 1) return null;
      if (state[base + integers] === 1) return BigInt(wholeSum(state, base));
      if (call.function === "min") return state[base + least]!;
      if (call.function === "max") return state[base + greatest]!;
      // COUNT asks only whether there is a value.
      return state[base + fraction]! + state[base + lost]!;
    });
  }
}

function wholeSum(state: Float64Array, at: number): number | bigint {
  const top = state[at + high]!;
  if (top < plainHigh && top > -plainHigh) return top * carryUnit + state[at + low]!;
  return BigInt(top) * BigInt(carryUnit) + BigInt(state[at + low]!);
}

function addFloat(state: Float64Array, at: number, value: number): void {
  const sum = state[at + fraction]!;
  const next = sum + value;
  state[at + lost]! += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
  state[at + fraction] = next;
}
