import type { CompileOptions } from "../../api";
import type { Diagnostics, ScriptNode } from "../../language";
import type { Environment } from "../binding/environment";
import type { LogicalPlan } from "../logical-plan";

/** What a warning rule sees of a query without errors. */
export interface WarningContext {
  readonly script: ScriptNode;
  readonly plan: LogicalPlan;
  readonly environment: Environment;
  readonly options: CompileOptions;
  readonly diagnostics: Diagnostics;
}
