import { compareOrdered, type Value } from "./value";

/** State of one aggregate over one group. */
export interface Accumulator {
  add(value: Value): void;
  result(): Value;
}

function sumAccumulator(finish: (sum: number, count: number) => Value): () => Accumulator {
  return () => {
    let sum = 0;
    let count = 0;
    let valid = true;
    return {
      // Undefined values are left out; a value that is no number makes the whole result undefined.
      add(value) {
        if (value === undefined) return;
        if (typeof value === "number") sum += value;
        else valid = false;
        count++;
      },
      result: () => (valid ? finish(sum, count) : undefined),
    };
  };
}

function extremeAccumulator(better: (order: number) => boolean): () => Accumulator {
  return () => {
    let best: Value;
    let valid = true;
    return {
      add(value) {
        if (value === undefined) return;
        if (typeof value === "object" && value !== null) valid = false;
        if (best === undefined || better(compareOrdered(value, best))) best = value;
      },
      result: () => (valid ? best : undefined),
    };
  };
}

function countAccumulator(counts: (value: Value) => boolean): () => Accumulator {
  return () => {
    let count = 0;
    return {
      add(value) {
        if (counts(value)) count++;
      },
      result: () => count,
    };
  };
}

/** Aggregates by upper-case name. */
export const aggregates: ReadonlyMap<string, () => Accumulator> = new Map([
  ["COUNT", countAccumulator((value) => value !== undefined)],
  ["COUNTIF", countAccumulator((value) => value === true)],
  ["SUM", sumAccumulator((sum) => sum)],
  ["AVG", sumAccumulator((sum, count) => (count === 0 ? undefined : sum / count))],
  ["MIN", extremeAccumulator((order) => order < 0)],
  ["MAX", extremeAccumulator((order) => order > 0)],
]);
