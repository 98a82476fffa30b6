// npm test: set-up, lint, types, build and every suite, browser and Spark included; arguments go to jest.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { addStep, formatCount, noCount, parseCount } from "./setup/count.mjs";
import { SetupFailure } from "./setup/failure.mjs";
import { root } from "./setup/paths.mjs";
import { setUp } from "./setup.mjs";

const bin = (path) => join(root, "node_modules", path);

const checks = [
  { title: "lint", program: bin("@biomejs/biome/bin/biome"), args: ["check", "--error-on-warnings", "."] },
  { title: "types", program: bin("typescript/bin/tsc"), args: ["-p", "tsconfig.json"] },
];

// Suites that start whole platforms, Spark or a browser would starve one another: they run one after another.
const heavy = ["conformance", "notebooks", "platform", "browser"];
const phases = [
  { title: "suites", args: ["--ignoreProjects", ...heavy] },
  {
    title: "suites that start servers, Spark and a browser",
    args: ["--maxWorkers", "1", "--selectProjects", ...heavy],
  },
];

/** Runs a Node program in the terminal; `take` may see standard output line by line and keeps the lines it wants. */
function runProgram(program, args, take) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: root,
      stdio: ["inherit", take ? "pipe" : "inherit", "inherit"],
    });
    let rest = "";
    const show = (line, end) => {
      if (!take(line)) process.stdout.write(`${line}${end}`);
    };
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      for (const line of lines) show(line, "\n");
    });
    child.on("error", () => resolve(127));
    child.on("close", (code) => {
      if (take && rest !== "") show(rest, "");
      resolve(code ?? 1);
    });
  });
}

async function main() {
  let count = noCount;
  try {
    process.stdout.write("set-up\n");
    await setUp();
  } catch (error) {
    process.stdout.write(`${error instanceof SetupFailure ? error.describe() : error.stack}\n`);
    return { count: addStep(count, false), code: 1 };
  }
  for (const { title, program, args } of checks) {
    process.stdout.write(`${title}\n`);
    count = addStep(count, (await runProgram(program, args)) === 0);
  }
  const asked = process.argv.slice(2);
  let worst = 0;
  for (const { title, args } of asked.length > 0 ? [{ title: "suites", args: asked }] : phases) {
    process.stdout.write(`${title}\n`);
    const { suites, code } = await runSuites(args);
    count = {
      passed: count.passed + suites.passed,
      failed: count.failed + suites.failed + (code !== 0 && suites.failed === 0 ? 1 : 0),
      skipped: count.skipped + suites.skipped,
    };
    worst = worst || code;
  }
  return { count, code: worst };
}

/** Runs jest; its closing count is kept for the sum and not shown. */
async function runSuites(args) {
  let suites;
  const code = await runProgram(bin("jest/bin/jest.js"), ["--ci", ...args], (line) => {
    const found = parseCount(line);
    suites = found ?? suites;
    return found !== undefined;
  });
  return suites === undefined ? { suites: noCount, code: code || 1 } : { suites, code };
}

const { count, code } = await main();
process.stdout.write(`\n${formatCount(count)}\n`);
process.exitCode = count.failed > 0 ? 1 : code;
