export { type Compilation, compile, compilePlan } from "./compile";
export { type ExplainStage, explain, printPlan } from "./explain";
export { expressionText } from "./expression-text";
export type * from "./logical-plan";
