import type { Value } from "../../values/value";
import type { Row } from "../row";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";

/** An analytic function while it runs: rows come in time order, equal times in order of arrival. */
export interface AnalyticFunction {
  evaluate(row: Row): Value;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}
