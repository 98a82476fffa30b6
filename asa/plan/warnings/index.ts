import type { WarningContext } from "./context";
import { jobLimits } from "./limits";
import { notParallel } from "./parallel";
import { slowPatterns } from "./patterns";
import { quotedTexts } from "./quotes";
import { ignoredPolicies, neverClosingWindows, nondeterminism } from "./time";
import { unusedSteps, unusedTables } from "./unused";

export type { WarningContext } from "./context";

/** Checks beyond the service's own, in the order in which they run. */
export const warnings: readonly ((context: WarningContext) => void)[] = [
  unusedSteps,
  unusedTables,
  ignoredPolicies,
  neverClosingWindows,
  nondeterminism,
  quotedTexts,
  slowPatterns,
  notParallel,
  jobLimits,
];
