import { rowText, start } from "./asa";

/**
 * Value of an expression over one event as JSON text, or `ASA_...` where it stops the job. Generated code and the
 * interpreter have to agree.
 */
export function valueOn(expression: string, body = "{}", dialect: Record<string, string> = {}): string {
  const results = (["generated", "interpreter"] as const).map((evaluator) => {
    const { job, rows } = start(
      `SELECT ${expression} AS x FROM input`,
      { evaluator },
      { dialect: dialect as never },
    );
    try {
      job.push("input", 0, [{ body: new TextEncoder().encode(body), arrival: 0n }]);
      job.finish();
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
    return rowText(rows[0]!).slice('{"x":'.length, -1);
  });
  expect(results[0]).toBe(results[1]);
  return results[0]!;
}
