/** Compiles random and mutated queries with the full budget: `npm run fuzz [runs of each kind] [first seed]`. */
import { type FuzzKind, fuzzCompiler } from "../tests/support/asaql-fuzz";

const [runs, firstSeed] = [Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 1)];
if (!(runs > 0) || !(firstSeed >= 0)) {
  console.error("usage: npm run fuzz [runs of each kind] [first seed]");
  process.exit(2);
}
let failed = 0;
for (const kind of ["random", "mutated", "published"] satisfies FuzzKind[]) {
  const started = performance.now();
  const { bad, planned } = fuzzCompiler(kind, firstSeed, runs);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${runs} ${kind} queries in ${seconds} s: ${planned} compiled, ${bad.length} defects`);
  for (const text of bad) console.log(text);
  failed += bad.length;
}
process.exitCode = failed === 0 ? 0 : 1;
