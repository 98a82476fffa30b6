import { resolve } from "node:path";
import { explain as explainQuery, explainStages } from "../../index";
import { functionDeclarations, inputDeclarations } from "../project";
import { readTextFile } from "../settings";
import { type Arguments, usage } from "./arguments";
import type { CliContext, ExitCode } from "./context";
import { findQuery } from "./queries";

export const explainOptions = {
  stage: { type: "string" },
  project: { type: "string" },
  dialect: { type: "string", multiple: true },
} as const;
