export type { ExpressionCompiler } from "./context";
export { type DisorderMeter, disorderMeter } from "./disorder";
export { type CompilerFactory, createJob } from "./job";
export type { Evaluator, Row, Slot } from "./row";
