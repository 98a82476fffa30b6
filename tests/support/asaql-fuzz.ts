import { compile, explain } from "../../asa";
import { asaErrors } from "../../asa/errors";
import { QueryGenerator, Random } from "./asaql-generator";
import { publishedQueries } from "./published-queries";

/** Compiles a text and returns what is wrong with the outcome, or undefined; a plan is counted by `onPlan`. */
function complaint(text: string, onPlan: () => void): string | undefined {
  const started = process.hrtime.bigint();
  const { diagnostics, plan } = compile(text);
  const millis = Number(process.hrtime.bigint() - started) / 1e6;
  if (millis > 2000) return `took ${millis} ms`;
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  if ((plan === null) !== errors.length > 0) return "has neither a plan nor an error";
  for (const { code, range, message } of diagnostics) {
    if (!Object.hasOwn(asaErrors, code)) return `has the unknown code ${code}`;
    if (message === "" || range.line < 1 || range.column < 1 || range.start > text.length)
      return `places ${code} nowhere`;
  }
  if (plan === null) return undefined;
  onPlan();
  return plan.outputs.length > 0 && explain(text, "logical") === ""
    ? "has a plan that explain does not print"
    : undefined;
}

export type FuzzKind = "random" | "mutated" | "published";

export interface FuzzResult {
  /** Seed, what is wrong, and the text; at most five. */
  readonly bad: readonly string[];
  /** Texts that gave a plan. */
  readonly planned: number;
}

/**
 * Compiles the texts of `runs` seeds: random ones follow the grammar, mutated ones were damaged afterwards, published
 * ones are damaged forms that people write.
 */
export function fuzzCompiler(kind: FuzzKind, firstSeed: number, runs: number): FuzzResult {
  const bad: string[] = [];
  let planned = 0;
  for (let seed = firstSeed; seed < firstSeed + runs && bad.length < 5; seed++) {
    const text = textOf(kind, new Random(seed));
    let found: string | undefined;
    try {
      found = complaint(text, () => planned++);
    } catch (error) {
      found = `throws ${(error as Error).stack}`;
    }
    if (found !== undefined) bad.push(`SEED=${seed} ${found}\n${text}`);
  }
  return { bad, planned };
}

function textOf(kind: FuzzKind, random: Random): string {
  const generator = new QueryGenerator(random);
  if (kind === "random") return generator.script();
  return kind === "mutated" ? generator.mutated() : generator.mutated(random.pick(publishedQueries));
}
