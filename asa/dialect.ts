import { AsaError } from "./errors";

/** One switch for a point that no public source decides; `id` numbers the point. */
interface SwitchDefinition<Choice extends string> {
  readonly id: string;
  readonly choices: readonly [Choice, ...Choice[]];
  readonly meaning: string;
}

const point = <const Choice extends string>(
  id: string,
  choices: readonly [Choice, ...Choice[]],
  meaning: string,
): SwitchDefinition<Choice> => ({ id, choices, meaning });

/** Every switch by name; the first choice is the default. */
export const dialectSwitches = {
  fieldCase: point("OPEN-01", ["exact-first", "first"], "which of two fields that differ by case is read"),
  crossJoinReference: point("OPEN-02", ["accept", "error"], "CROSS JOIN with reference data"),
  bitwisePrecedence: point("OPEN-03", ["tsql", "c"], "precedence of & | ^ against + and -"),
  caseWithoutElse: point("OPEN-04", ["error", "null"], "CASE without ELSE"),
  arrayIndexing: point("OPEN-05", ["error", "accept"], "a[0] reads an array element"),
  havingAlias: point("OPEN-06", ["accept", "error"], "SELECT aliases in HAVING"),
  joinStar: point("OPEN-07", ["records", "columns", "error"], "SELECT * over a join or APPLY"),
  defaultNameCase: point("OPEN-08", ["lower", "query"], "casing of the default name of a function call"),
  duplicateColumns: point("OPEN-08b", ["error", "first"], "two items of one name in a SELECT list"),
  joinDistance: point("OPEN-09", ["boundaries", "plain"], "what DATEDIFF of two sources counts in ON"),
  nullLogic: point("OPEN-10", ["three-valued", "two-valued"], "NOT of a comparison with NULL"),
  textComparison: point("OPEN-11", ["case-sensitive", "ignore-case"], "equality and LIKE of text"),
  analyticInJoin: point("OPEN-12", ["before", "after"], "analytic functions before or after the join"),
  patternCounts: point("OPEN-13", ["error", "accept"], "{n,m} in PATTERN"),
  matchGreed: point("OPEN-14", ["longest", "shortest"], "which match a start row of MATCH_RECOGNIZE gives"),
  matchTime: point("OPEN-14b", ["last-event", "first-event"], "timestamp of a MATCH_RECOGNIZE row"),
  gridOrigin: point("OPEN-15", ["year-one", "unix-epoch"], "origin of window ends"),
  offsetTimestamp: point("OPEN-16", ["shifted", "unshifted"], "System.Timestamp() of a window with offset"),
  sessionGapAtTimeout: point("OPEN-17", ["extend", "close"], "a session gap exactly equal to the timeout"),
  sessionMode: point("OPEN-18", ["trill", "documented"], "start of the max-duration checks of a session"),
  averageOfBigint: point("OPEN-19", ["float", "bigint"], "AVG of a column known to be bigint"),
  limitDurationStart: point("OPEN-20", ["exclusive", "inclusive"], "start of LIMIT DURATION"),
  anomalyModel: point("OPEN-21", ["iid"], "anomaly detection model"),
  dateParts: point("OPEN-22", ["tsql", "iso"], "base of DATEPART weekday and week"),
  jsonParseOther: point("OPEN-23", ["null", "value"], "JSON_PARSE of an array or a scalar"),
  nonFinite: point("OPEN-24", ["null", "error"], "NaN and Infinity results"),
  integerDivision: point("OPEN-25", ["truncate", "float"], "bigint / bigint"),
  integerDivisionByZero: point("OPEN-25b", ["error", "null"], "bigint / 0"),
  isNullFunction: point("OPEN-26", ["error", "accept"], "ISNULL(a, b)"),
  geographyBoundary: point("OPEN-27", ["outside", "inside"], "a point on a polygon's edge"),
  emptyCsvField: point("OPEN-28", ["text", "null"], "an empty CSV field"),
  timestampColumn: point("OPEN-29", ["datetime", "text"], "type of the TIMESTAMP BY column in expressions"),
  floatText: point("OPEN-30", ["shortest", "with-point"], "CAST of an integral float to nvarchar"),
  bitText: point("OPEN-30b", ["lower", "capitalised"], "CAST of a bit to nvarchar"),
  recordText: point("OPEN-30c", ["error", "json"], "CAST of a record or an array to nvarchar"),
  textNumberOrder: point("OPEN-31", ["error", "false"], "< between text and number"),
  referenceSnapshot: point("OPEN-33", ["event-time", "newest"], "which reference snapshot an event sees"),
  timestampByPerStatement: point(
    "OPEN-34",
    ["independent", "error"],
    "one input with different TIMESTAMP BY",
  ),
  orderTies: point("OPEN-35", ["arrival", "latest"], "ties in TopOne and CollectTop"),
  typeOfNull: point("OPEN-36", ["null", "any"], "GetType(NULL)"),
  modulo: point("OPEN-37", ["accept", "error"], "the % operator"),
  hopLargerThanSize: point("OPEN-38", ["accept", "error"], "a hop larger than the window"),
  duplicateOutput: point("OPEN-39", ["by-purpose", "accept", "error"], "two statements with one INTO name"),
  duplicateKeys: point("OPEN-40", ["last", "first"], "duplicate keys of a JSON object"),
  createTable: point("OPEN-41", ["closed", "open"], "columns that CREATE TABLE does not declare"),
  timestampByOnStep: point("OPEN-42", ["error", "accept"], "TIMESTAMP BY on a step"),
  missingDefaultOutput: point(
    "OPEN-43",
    ["by-purpose", "accept", "error"],
    "no INTO and no output named output",
  ),
  minMaxOfText: point("OPEN-44", ["text", "float"], "MIN and MAX of text that no CAST made"),
  memberOfCall: point("OPEN-45", ["accept", "error"], "member access on a call"),
  starMissingFields: point("OPEN-46", ["absent", "null"], "SELECT * of events whose fields differ"),
} as const;

/** Name of a switch. */
export type DialectSwitch = keyof typeof dialectSwitches;

/** The chosen reading of every open point. */
export type Dialect = {
  readonly [Name in DialectSwitch]: (typeof dialectSwitches)[Name]["choices"][number];
};

const names = Object.keys(dialectSwitches) as DialectSwitch[];

/** The documented default of every switch. */
export const defaultDialect: Dialect = Object.freeze(
  Object.fromEntries(names.map((name) => [name, dialectSwitches[name].choices[0]])),
) as Dialect;

/**
 * Returns the defaults with the given switches set; `true` and `false` mean `accept` and `error`.
 *
 * @throws {AsaError} ASA_UNKNOWN_SWITCH for a name or a choice that does not exist
 */
export function resolveDialect(options: Readonly<Record<string, string | boolean | number>> = {}): Dialect {
  const chosen: Record<string, string> = { ...defaultDialect };
  for (const [name, value] of Object.entries(options)) {
    const definition = Object.hasOwn(dialectSwitches, name)
      ? dialectSwitches[name as DialectSwitch]
      : undefined;
    if (definition === undefined) {
      throw new AsaError("ASA_UNKNOWN_SWITCH", `dialect switch "${name}" does not exist`, {
        hint: `Use one of: ${names.join(", ")}.`,
      });
    }
    const choice = value === true ? "accept" : value === false ? "error" : String(value);
    if (!(definition.choices as readonly string[]).includes(choice)) {
      throw new AsaError("ASA_UNKNOWN_SWITCH", `dialect switch "${name}" has no choice "${choice}"`, {
        hint: `Use one of: ${definition.choices.join(", ")}.`,
      });
    }
    chosen[name] = choice;
  }
  return chosen as Dialect;
}
