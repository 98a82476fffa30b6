export { compareRows, defaultTolerance, type RowDifference } from "./compare";
export { describeDifferences } from "./describe-difference";
export {
  type CaseResult,
  type OutputResult,
  type OutputVerdict,
  runTests,
  type TestOptions,
  type TestResult,
} from "./run-tests";
export { testResultSummary } from "./summary";
export {
  type ExpectedDiagnostic,
  type ExpectedOutput,
  readTestConfig,
  type TestCase,
  type TestConfig,
  type TestInput,
} from "./test-config";
