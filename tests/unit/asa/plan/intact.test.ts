import { compile } from "../../../../asa";
import { Random } from "../../../support/asaql-generator";
import { publishedQueries } from "../../../support/published-queries";

const runs = Number(process.env["RUNS"] ?? 1) * 600;
const firstSeed = Number(process.env["SEED"] ?? 1);
const syntax = new Set([
  "ASA_SYNTAX",
  "ASA_UNEXPECTED_CHARACTER",
  "ASA_UNTERMINATED",
  "ASA_NUMBER_OUT_OF_RANGE",
  "ASA_NOT_SUPPORTED",
  "ASA_TOO_DEEP",
]);

const errorsOf = (text: string): readonly string[] =>
  compile(text, { purpose: "local" })
    .diagnostics.filter(({ severity }) => severity === "error")
    .map(({ code, message, range }) => `${code} ${range.line}:${range.column} ${message}`);
const isSyntax = (error: string): boolean => syntax.has(error.split(" ")[0] as string);

describe("findings beside syntax errors", () => {
  const scripts = publishedQueries.filter((text) => errorsOf(text).length === 0);

  it("are none when one token of a right script is damaged", () => {
    const wrong: string[] = [];
    let damaged = 0;
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      const random = new Random(seed);
      // Two scripts in one, so that there are intact parts in front of the damage and behind it.
      const [one, two] = [random.pick(scripts), random.pick(scripts)];
      const text = /^\s*(WITH|CREATE|--)/i.test(two)
        ? `${two.replaceAll("--", "")};\n${one}`
        : `${one};\n${two}`;
      if (errorsOf(text).length > 0) continue;
      const parts = text.split(/(?<=\W)|(?=\W)/);
      const at = random.below(parts.length);
      parts.splice(at, random.below(2), random.pick([",", ")", "(", " FROM ", " AS ", "@", ""]));
      const errors = errorsOf(parts.join(""));
      if (!errors.some(isSyntax)) continue;
      damaged++;
      const others = errors.filter((error) => !isSyntax(error));
      if (others.length > 0) wrong.push(`SEED=${seed} ${others.join("; ")}\n${parts.join("")}`);
    }
    expect(damaged).toBeGreaterThan(runs / 10);
    expect(wrong.slice(0, 3)).toEqual([]);
  });
});
