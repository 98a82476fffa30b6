import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { shortfalls } from "../capacity";
import { stages as configured, type StageName, stageNames } from "../config/stages";
import { architectureImage } from "../graph";
import { applyExceptions, exceptions, exceptionsPage } from "../policies";
import type { Finding } from "./finding";
import { checkStages, roleEdgesOf } from "./index";
import type { SynthesisedStage } from "./synthesis";
import { loadStages } from "./synthesise";

const root = process.cwd();

/** Writes the permissions of the synthesised stages into the register; stages that were not synthesised keep theirs. */
function writeRoles(stages: readonly SynthesisedStage[]): void {
  const file = join(root, "infra", "policies", "role-edges.json");
  const before = JSON.parse(readFileSync(file, "utf8")) as Record<string, string[]>;
  const names = stages.map(({ name }) => name);
  const register = new Map<string, Set<string>>();
  for (const [text, kept] of Object.entries(before)) {
    register.set(text, new Set(kept.filter((stage) => !names.includes(stage))));
  }
  for (const stage of stages) {
    for (const { text } of roleEdgesOf(stage))
      register.set(text, (register.get(text) ?? new Set()).add(stage.name));
  }
  const lines = [...register]
    .filter(([, kept]) => kept.size > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([text, kept]) => {
      const list = stageNames.filter((stage) => kept.has(stage)).map((stage) => JSON.stringify(stage));
      const line = `  ${JSON.stringify(text)}: [${list.join(", ")}]`;
      // As the formatter writes it: a line that is too long is broken up.
      return line.length < 110 ? line : `  ${JSON.stringify(text)}: [\n    ${list.join(",\n    ")}\n  ]`;
    });
  writeFileSync(file, `{\n${lines.join(",\n")}\n}\n`);
}

/** Committed files that are made from the synthesised stages or from the register: they must be fresh. */
function staleFiles(stages: readonly SynthesisedStage[], write: boolean): Finding[] {
  const files = new Map([[join("docs", "exceptions.md"), exceptionsPage()]]);
  for (const stage of stages) {
    if (stage.name === "prod")
      files.set(join("docs", "images", `infra-${stage.name}.svg`), architectureImage(stage));
  }
  const findings: Finding[] = [];
  for (const [path, text] of files) {
    let committed = "";
    try {
      committed = readFileSync(join(root, path), "utf8");
    } catch {
      // A file that is not there is stale too.
    }
    if (committed === text) continue;
    if (write) writeFileSync(join(root, path), text);
    else {
      const message = `${path} is stale`;
      findings.push({
        check: "generated",
        stack: "-",
        address: path,
        path,
        message,
        hint: "npm run check:infra -- --write",
      });
    }
  }
  return findings;
}

/** Stages whose sizes cannot carry the load that they declare. */
function capacityFindings(names: readonly StageName[]): Finding[] {
  return names.flatMap((name) =>
    shortfalls(configured[name]).map(({ service, message }) => ({
      check: "capacity",
      stack: name,
      address: service,
      path: name,
      message,
      hint: `npm run capacity -- --stage ${name}`,
    })),
  );
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stage: { type: "string", multiple: true },
      synth: { type: "string" },
      json: { type: "boolean" },
      only: { type: "string" },
      write: { type: "boolean" },
      "write-roles": { type: "boolean" },
    },
  });
  const wanted = (values.stage ?? [...stageNames]) as StageName[];
  for (const stage of wanted) {
    if (!stageNames.includes(stage)) {
      console.error(`CHECK_STAGE_UNKNOWN: stage "${stage}" is not one of ${stageNames.join(", ")}`);
      return 2;
    }
  }
  const { stages, failed } = await loadStages(values.synth, wanted);
  if (values["write-roles"]) writeRoles(stages);
  const { left, waived } = applyExceptions(checkStages(stages));
  const all = [...failed, ...capacityFindings(wanted), ...left, ...staleFiles(stages, values.write ?? false)];
  const findings =
    values.only === undefined ? all : all.filter(({ check }) => check.startsWith(values.only!));
  if (values.json) console.log(JSON.stringify(findings, null, 2));
  else {
    const rows = findings.map(
      ({ check, path, address, message }) => `${check}  ${path}  (${address})\n    ${message}`,
    );
    if (rows.length > 0) console.log(rows.join("\n"));
    const resources = stages.reduce((sum, stage) => sum + stage.resources.length, 0);
    console.log(
      `${stages.length} stages, ${resources} resources: ${findings.length} findings, ${waived.length} waived by ${exceptions.length} exceptions`,
    );
  }
  return findings.length === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);
