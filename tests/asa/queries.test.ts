import { join } from "node:path";
import { expectedRows, planOfCase, readCases, runCase, type Way, ways } from "../support/asa-cases";

/** Several partitions and another order of arrival may change what depends on the order of arrival. */
const orderMatters: readonly Way[] = ["shuffled", "two partitions"];

describe.each(readCases(join(__dirname, "cases")))("%s", (_, cases) => {
  describe.each(cases.map((test) => [test.name, test] as const))("%s", (_name, test) => {
    const plan = planOfCase(test);
    const suitable = ways.filter((way) => test.anyOrder !== false || !orderMatters.includes(way));
    it.each(suitable)("gives its rows when run %s", (way) => {
      if (test.error !== undefined) {
        expect(() => runCase(plan, test, way)).toThrow(
          expect.objectContaining({
            code: test.error.code,
            message: expect.stringContaining(test.error.message),
          }),
        );
        return;
      }
      const { rows, diagnostics } = runCase(plan, test, way);
      expect(rows).toEqual(expectedRows(test));
      expect(diagnostics).toEqual([...(test.diagnostics ?? [])].sort());
    });
  });
});
