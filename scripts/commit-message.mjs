// Checks a commit message: Conventional Commits with a top folder as scope. Called by lefthook with the message's file.
import { readFileSync } from "node:fs";

const types = "feat|fix|docs|test|perf|refactor|build|ci|chore|revert";
const scopes =
  "contracts|asa|functions|stream-jobs|notebooks|infra|local|examples|docs|benchmarks|tests|scripts|adr|deps";
const pattern = new RegExp(`^(?:${types})(?:\\((?:${scopes})\\))?!?: \\S.{0,99}$`);
const [subject = ""] = readFileSync(process.argv[2], "utf8").split("\n");

if (!pattern.test(subject) && !/^(?:Merge|Revert|fixup!|squash!) /.test(subject)) {
  process.stderr.write(
    `the commit message "${subject}" does not read "<type>(<scope>): <what changes>" with at most 100 letters\n` +
      `  types: ${types.replaceAll("|", ", ")}\n  scopes: ${scopes.replaceAll("|", ", ")}\n`,
  );
  process.exit(1);
}
