import { AsaError } from "../../errors";
import { convertArgument } from "../../language/builtins/bind";
import { BuiltinError, takes } from "../../language/builtins/builtin";
import type { AnomalyCall } from "../../plan/logical-plan";
import { AsaRecord, type Value } from "../../values/value";
import type { RuntimeContext } from "../context";
import type { Evaluator, Row } from "../row";
import { KeyedState } from "../state/keyed";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import { DensityHistory } from "./density";
import { compileFrame, type Frame } from "./frame";
import type { AnalyticFunction } from "./function";

const resultNames = ["IsAnomaly", "Score"] as const;
const epsilon = 0.1;
const clamp = (p: number): number => Math.min(Math.max(p, 1e-8), 1 - 1e-8);
/** Logarithm of the power martingale's bet on a p-value. */
const bet = (p: number): number => Math.log(epsilon) + (epsilon - 1) * Math.log(p);

interface Model {
  readonly history: DensityHistory;
  /** Change points only: the last bets, their sum, and how many rows ago the last alarm was. */
  bets: number[];
  logMartingale: number;
  sinceAlarm: number;
}

/**
 * AnomalyDetection_SpikeAndDip and AnomalyDetection_ChangePoint with i.i.d. detectors: a kernel density p-value, and for
 * change points a power martingale over p-values. No alarm is given before the history is full (OPEN-21).
 */
export class Anomaly implements AnalyticFunction {
  private readonly call: AnomalyCall;
  private readonly context: RuntimeContext;
  private readonly frame: Frame;
  private readonly expression: Evaluator;
  private readonly confidence: Evaluator;
  private readonly historySize: Evaluator;
  private readonly models: KeyedState<Model>;

  constructor(call: AnomalyCall, context: RuntimeContext) {
    this.call = call;
    this.context = context;
    this.frame = compileFrame(call.frame, context);
    this.expression = context.compile(call.expression);
    this.confidence = context.compile(call.confidence);
    this.historySize = context.compile(call.historySize);
    this.models = new KeyedState(this.frame.limitTicks, ({ history }, now) => {
      const last = history.values[history.values.length - 1];
      return last === undefined || !this.frame.inside(last.time, now);
    });
  }

  evaluate(row: Row): Value {
    this.models.passed(row.time);
    if (!this.frame.takesPart(row)) return null;
    const number = this.number(this.expression(row));
    if (number === null) return null;
    const size = Number(this.number(this.historySize(row)) ?? 0);
    const confidence = Number(this.number(this.confidence(row)) ?? 0);
    if (size < 1 || confidence < 1 || confidence > 100) {
      throw this.error("a history size or confidence of an anomaly function is out of range");
    }
    const model = this.models.get(this.frame.partition(row), newModel);
    const { history } = model;
    while (history.values.length > 0 && !this.frame.inside(history.values[0]!.time, row.time))
      history.shift();
    const above = history.probabilityAbove(number);
    const full = history.values.length >= size;
    const result =
      this.call.model === "change-point"
        ? changePoint(model, clamp(Math.min(above, 1 - above)), full, size, confidence)
        : this.spike(clamp(this.side(above)), full, confidence);
    if (full) history.shift();
    history.push(row.time, number);
    return result;
  }

  private side(above: number): number {
    if (this.call.mode === "spikes") return above;
    return this.call.mode === "dips" ? 1 - above : Math.min(above, 1 - above);
  }

  private spike(p: number, full: boolean, confidence: number): AsaRecord {
    const anomaly = full && p <= 1 - confidence / 100;
    return new AsaRecord(resultNames, [anomaly ? 1n : 0n, p]);
  }

  private number(value: Value): number | null {
    if (value === null) return null;
    try {
      return Number(
        convertArgument(`anomalydetection_${this.call.model.replaceAll("-", "")}`, 0, value, takes.number),
      );
    } catch (error) {
      throw error instanceof BuiltinError ? this.error(error.message) : error;
    }
  }

  private error(message: string): AsaError {
    const { range } = this.call;
    const text = this.context.plan.text.slice(range.start, range.end).replace(/\s+/g, " ");
    const place = `At line '${range.line}' and column '${range.column}'.`;
    return new AsaError("ASA_ARGUMENT_VALUE", `${message} in expression '${text}'. ${place}`, {
      location: range,
    });
  }

  save(writer: StateWriter): void {
    this.models.save(writer, ({ history, bets, logMartingale, sinceAlarm }) => {
      writer.list(history.values, history.values.length, ({ time, value }) => {
        writer.integer(time);
        writer.number(value);
      });
      writer.number(history.spread);
      writer.list(bets, bets.length, (value) => writer.number(value));
      writer.number(logMartingale);
      writer.number(sinceAlarm);
    });
  }

  load(reader: StateReader): void {
    this.models.load(reader, () => {
      const model = newModel();
      const values = reader.list(() => ({ time: reader.integer(), value: reader.number() }));
      model.history.restore(values, reader.number());
      model.bets = reader.list(() => reader.number());
      model.logMartingale = reader.number();
      model.sinceAlarm = reader.number();
      return model;
    });
  }
}

const newModel = (): Model => ({
  history: new DensityHistory(),
  bets: [],
  logMartingale: 0,
  sinceAlarm: Number.POSITIVE_INFINITY,
});

function changePoint(model: Model, p: number, full: boolean, size: number, confidence: number): AsaRecord {
  const value = bet(p);
  if (model.bets.length === 0) {
    model.bets = new Array<number>(size).fill(value);
    model.logMartingale = size * value;
  }
  model.logMartingale += value - model.bets[0]!;
  model.bets.push(value);
  model.bets.shift();
  const threshold =
    size * (Math.log(epsilon) + (epsilon - 1) * Math.log(Math.max(1 - confidence / 100, 1e-8)));
  const anomaly = full && model.logMartingale >= threshold && model.sinceAlarm >= size;
  model.sinceAlarm = anomaly ? 0 : model.sinceAlarm + 1;
  const score = Math.exp(model.logMartingale);
  return new AsaRecord(resultNames, [anomaly ? 1n : 0n, Number.isFinite(score) ? score : Number.MAX_VALUE]);
}
