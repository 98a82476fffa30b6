import { AsaError, compile, defaultDialect, dialectSwitches, resolveDialect } from "../../../../asa";

function codes(text: string, dialect: Record<string, string | boolean>): readonly string[] {
  return compile(text, { dialect })
    .diagnostics.filter((diagnostic) => diagnostic.severity === "error")
    .map((diagnostic) => diagnostic.code);
}

describe("resolveDialect", () => {
  it("gives the documented default of every switch", () => {
    expect(resolveDialect()).toEqual(defaultDialect);
    expect(defaultDialect.joinDistance).toBe("boundaries");
    expect(defaultDialect.nullLogic).toBe("three-valued");
    expect(defaultDialect.sessionMode).toBe("trill");
    for (const { choices, id, meaning } of Object.values(dialectSwitches)) {
      expect(choices.length).toBeGreaterThan(0);
      expect(id).toMatch(/^OPEN-\d\d[a-z]?$/);
      expect(meaning).not.toBe("");
    }
  });

  it.each([
    ["nonsense", "x"],
    ["nullLogic", "four-valued"],
    ["toString", "x"],
  ])("refuses %s = %s", (name, choice) => {
    expect(() => resolveDialect({ [name]: choice })).toThrow(
      expect.objectContaining({ name: AsaError.name, code: "ASA_UNKNOWN_SWITCH", hint: expect.any(String) }),
    );
  });
});

/** Query, switch, choice that refuses it and choice that takes it. */
const switches: readonly (readonly [string, string, string, string])[] = [
  ["SELECT CASE WHEN a = 1 THEN 2 END AS c FROM t", "caseWithoutElse", "error", "null"],
  ["SELECT a[0] AS b FROM t", "arrayIndexing", "error", "accept"],
  [
    "SELECT a, COUNT(*) AS n FROM t GROUP BY a, Tumbling(minute, 1) HAVING n > 1",
    "havingAlias",
    "error",
    "accept",
  ],
  ["SELECT * FROM t JOIN c ON DATEDIFF(minute, t, c) = 0", "joinStar", "error", "columns"],
  ["SELECT a, b AS a FROM t", "duplicateColumns", "error", "first"],
  ["SELECT ISNULL(a, b) AS c FROM t", "isNullFunction", "error", "accept"],
  ["SELECT 'a' AS x FROM t WHERE 'a' < 1", "textNumberOrder", "error", "false"],
  ["SELECT a % 2 AS m FROM t", "modulo", "error", "accept"],
  [
    "SELECT COUNT(*) AS n FROM t GROUP BY HoppingWindow(minute, 1, 5)",
    "hopLargerThanSize",
    "error",
    "accept",
  ],
  ["SELECT a INTO o FROM t SELECT a INTO o FROM t", "duplicateOutput", "error", "accept"],
  ["CREATE TABLE t (a bigint) SELECT b FROM t", "createTable", "closed", "open"],
  ["WITH s AS (SELECT a, x FROM t) SELECT a FROM s TIMESTAMP BY x", "timestampByOnStep", "error", "accept"],
  ["SELECT GetArrayElement(a, 0).x AS x FROM t", "memberOfCall", "error", "accept"],
  [
    "SELECT CAST(System.Window() AS nvarchar(max)) AS x, COUNT(*) AS n FROM t GROUP BY Tumbling(minute, 1)",
    "recordText",
    "error",
    "json",
  ],
  [
    "SELECT * FROM t MATCH_RECOGNIZE (LIMIT DURATION(minute, 1) MEASURES Last(A.x) AS x AFTER MATCH SKIP TO NEXT ROW PATTERN (A{2,3}) DEFINE A AS A.x > 1)",
    "patternCounts",
    "error",
    "accept",
  ],
  [
    "SELECT a INTO x FROM t TIMESTAMP BY p SELECT a INTO y FROM t TIMESTAMP BY q",
    "timestampByPerStatement",
    "error",
    "independent",
  ],
];

describe("dialect", () => {
  it.each(switches)("decides about %s by %s", (text, name, refusing, taking) => {
    expect(codes(text, { [name]: refusing })).toHaveLength(1);
    expect(codes(text, { [name]: taking })).toEqual([]);
  });

  it("moves TIMESTAMP BY of a step to the input below it when that is accepted", () => {
    const { plan } = compile("WITH s AS (SELECT a, x FROM t WHERE a > 1) SELECT a FROM s TIMESTAMP BY x", {
      dialect: { timestampByOnStep: true },
    });
    const [input] = plan?.relations ?? [];
    expect(input?.kind === "stream-input" && input.timestampColumn).toBe("x");
  });
});
