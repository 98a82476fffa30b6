import type { FunctionHost } from "../../api";
import type { Dialect } from "../../dialect";
import type { AggregateCall } from "../../plan/logical-plan";
import type { Accumulator, AggregateFactory } from "./aggregate";
import { Average } from "./average";
import { Collect } from "./collect";
import { CountDistinct, CountRows, CountValues } from "./count";
import { Extreme } from "./extreme";
import { floatResult } from "./numeric";
import { Percentile } from "./percentile";
import { StringAgg } from "./string-agg";
import { Sum } from "./sum";
import { Top } from "./top";
import { UserDefined } from "./user-defined";
import { Variance } from "./variance";

export type { Accumulator, AggregateFactory, AggregateInput } from "./aggregate";

function maker(
  call: AggregateCall,
  dialect: Dialect,
  functions: FunctionHost | undefined,
): () => Accumulator {
  const descending = call.orderBy.map((item) => item.descending);
  const float = floatResult(call.function, dialect);
  const latestFirst = dialect.orderTies === "latest";
  switch (call.function) {
    case "count":
      if (call.distinct) return () => new CountDistinct();
      return call.argument === null ? () => new CountRows() : () => new CountValues();
    case "sum":
      return () => new Sum(float);
    case "avg": {
      const integral = call.argument?.type === "bigint" && dialect.averageOfBigint === "bigint";
      return () => new Average(integral, float);
    }
    case "min":
    case "max": {
      const name = call.function;
      const typed = call.argument?.type ?? "any";
      // Only a CAST makes text comparable as text when the dialect asks for it (OPEN-44).
      const castless = typed === "nvarchar(max)" && call.argument?.kind !== "cast";
      const type = castless && dialect.minMaxOfText === "float" ? "any" : typed;
      return () => new Extreme(name, type);
    }
    case "stdev":
      return () => new Variance(true, true, float);
    case "stdevp":
      return () => new Variance(false, true, float);
    case "var":
      return () => new Variance(true, false, float);
    case "varp":
      return () => new Variance(false, false, float);
    case "percentile_cont":
    case "percentile_disc": {
      const continuous = call.function === "percentile_cont";
      return () => new Percentile(call.percentile ?? 0, continuous, descending[0] === true, float);
    }
    case "collect":
      return () => new Collect();
    case "collecttop":
      return () => new Top(call.limit ?? 1, descending, false, latestFirst);
    case "topone":
      return () => new Top(1, descending, true, latestFirst);
    case "string_agg":
      return () => new StringAgg(call.separator ?? "");
    case "uda":
      return () => new UserDefined(functions, call.uda ?? "");
  }
}

/** Aggregates that keep all their rows: combining them for each row of a frame would cost the square of its size. */
const listing: ReadonlySet<string> = new Set([
  "uda",
  "collect",
  "string_agg",
  "percentile_cont",
  "percentile_disc",
]);

/** Returns what makes accumulators for an aggregate call. */
export function aggregateFactory(
  call: AggregateCall,
  dialect: Dialect,
  functions: FunctionHost | undefined,
): AggregateFactory {
  return {
    initial: maker(call, dialect, functions),
    combinable: !call.distinct && !listing.has(call.function),
  };
}
