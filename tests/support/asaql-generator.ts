/** Pseudo-random numbers from a seed, the same on every machine (mulberry32). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** True in one of so many cases. */
  once(cases: number): boolean {
    return this.below(cases) === 0;
  }
}

const columns = ["a", "b.c", "deviceId", "t.a", "[x y]", "telemetry.v", "System.Timestamp", "e.ArrayValue"];
const calls = [
  "ABS",
  "ROUND",
  "LEN",
  "CONCAT",
  "COALESCE",
  "COUNT",
  "SUM",
  "MAX",
  "TopOne",
  "Collect",
  "LAG",
  "LAST",
  "ISFIRST",
  "DATEDIFF",
  "DATEADD",
  "udf.f",
  "uda.g",
  "GetType",
  "System.Timestamp",
  "System.Window",
  "GetArrayElement",
  "nothing",
  "PERCENTILE_CONT",
  "CollectTop",
  "TumblingWindow",
  "GetMetadataPropertyValue",
  "LEFT",
];
const words = [
  "SELECT",
  "FROM",
  "WHERE",
  "GROUP BY",
  "HAVING",
  "UNION",
  "JOIN",
  "ON",
  "INTO",
  "WITH",
  "AS",
  "AND",
  "OR",
  "NOT",
  "IN",
  "LIKE",
  "BETWEEN",
  "IS NULL",
  "CASE",
  "WHEN",
  "THEN",
  "ELSE",
  "END",
  "OVER",
  "PARTITION BY",
  "LIMIT DURATION",
  "CREATE TABLE",
  "TIMESTAMP BY",
  "CROSS APPLY",
  "MATCH_RECOGNIZE",
  "(",
  ")",
  ",",
  ".",
  ";",
  "*",
  "+",
  "-",
  "=",
  "<",
  "'",
  "[",
  "]",
  '"',
  "/*",
  "--",
  "1",
  "1.5",
  "'x'",
  "NULL",
  "@v",
  "\u00e9",
  "\n",
  "{",
  "}",
  "~",
  "minute",
  "DATEDIFF(minute, t, c)",
  "TumblingWindow(minute, 1)",
];

/** Writes random queries that follow the grammar, most of them with semantic mistakes. */
export class QueryGenerator {
  readonly #random: Random;
  constructor(random: Random) {
    this.#random = random;
  }

  script(): string {
    const { below } = this.#bound();
    const parts: string[] = [];
    if (below(4) === 0)
      parts.push("CREATE TABLE telemetry (a bigint, v float, deviceId nvarchar(max), time datetime)");
    if (below(3) === 0)
      parts.push(`WITH s AS (${this.#query(1)})${below(2) === 0 ? `, r AS (${this.#query(1)})` : ""}`);
    for (let count = below(2); count >= 0; count--) parts.push(this.#query(0));
    return parts.join("\n");
  }

  /** The script with some tokens removed, doubled, swapped or replaced. */
  mutated(text: string = this.script()): string {
    const { below, pick } = this.#bound();
    const parts = text.split(/(?<=\W)|(?=\W)/);
    for (let count = below(5); count >= 0; count--) {
      const at = below(parts.length);
      const kind = below(4);
      if (kind === 0) parts.splice(at, 1);
      else if (kind === 1) parts.splice(at, 0, parts[at] ?? "");
      else if (kind === 2) parts.splice(at, 1, ` ${pick(words)} `);
      else parts.splice(at, 0, ` ${pick(words)} `);
    }
    return parts.join("");
  }

  #bound() {
    const random = this.#random;
    return {
      below: (limit: number) => random.below(limit),
      pick: <T>(items: readonly T[]) => random.pick(items),
    };
  }

  #query(depth: number): string {
    const { below } = this.#bound();
    return below(8) === 0 ? `${this.#select(depth)} UNION ${this.#select(depth)}` : this.#select(depth);
  }

  #select(depth: number): string {
    const { below, pick } = this.#bound();
    const items = Array.from({ length: 1 + below(3) }, () =>
      pick([() => "*", () => this.#item(), () => this.#item(), () => "t.*"])(),
    );
    const parts = [`SELECT ${items.join(", ")}`];
    if (depth === 0 && below(2) === 0) parts.push(`INTO ${pick(["o1", "o2"])}`);
    parts.push(`FROM ${this.#source(depth)}`);
    if (below(4) === 0)
      parts.push(
        `${pick(["JOIN", "LEFT JOIN"])} ${this.#source(depth)} ON ${this.#condition(2)} AND DATEDIFF(${pick(["minute", "hour", "month"])}, t, c) BETWEEN 0 AND ${below(9)}`,
      );
    if (below(6) === 0)
      parts.push(`${pick(["CROSS", "OUTER"])} APPLY GetArrayElements(${this.#expression(1)}) AS e`);
    if (below(10) === 0) {
      parts.push(
        "MATCH_RECOGNIZE (LIMIT DURATION(minute, 1) MEASURES Last(A.x) AS x AFTER MATCH SKIP TO NEXT ROW PATTERN (A+ (B | .)*) DEFINE A AS A.x > 1)",
      );
    }
    if (below(3) === 0) parts.push(`WHERE ${this.#condition(2)}`);
    if (below(2) === 0)
      parts.push(`GROUP BY ${[this.#expression(1), this.#window()].slice(below(2)).join(", ")}`);
    if (below(4) === 0) parts.push(`HAVING ${this.#condition(2)}`);
    return parts.join(" ");
  }

  #source(depth: number): string {
    const { below, pick } = this.#bound();
    const base =
      below(6) === 0 && depth < 3 ? `(${this.#query(depth + 1)})` : pick(["telemetry", "commands", "s", "r"]);
    const clauses =
      below(3) === 0
        ? ` TIMESTAMP BY ${pick(["time", "CAST(time AS datetime)", "DATEADD(second, a, '1970-01-01')"])}`
        : "";
    return `${base} ${pick(["", "t", "c", "AS t"])}${clauses}${below(6) === 0 ? " PARTITION BY deviceId" : ""}`;
  }

  #window(): string {
    return this.#bound().pick([
      "TumblingWindow(minute, 1)",
      "HoppingWindow(Duration(hour, 1), Hop(minute, 5))",
      "SlidingWindow(second, 90)",
      "SessionWindow(minute, 1, 60) OVER (PARTITION BY deviceId)",
      "System.Timestamp()",
      "Windows(Window('a', Tumbling(minute, 1)), Window('b', Hopping(day, 8, 1)))",
      "TumblingWindow(minut, 0)",
    ]);
  }

  #item(): string {
    const { below } = this.#bound();
    return `${this.#expression(3)}${below(2) === 0 ? ` AS i${below(9)}` : ""}`;
  }

  #condition(depth: number): string {
    const { pick } = this.#bound();
    const side = (): string => this.#expression(depth - 1);
    if (depth > 0 && this.#random.below(3) === 0)
      return `(${this.#condition(depth - 1)}) ${pick(["AND", "OR"])} NOT (${this.#condition(depth - 1)})`;
    return pick([
      () => `${side()} ${pick(["=", "<>", "!=", "<", "<=", ">", ">=", "!<", "!>"])} ${side()}`,
      () => `${side()} IS ${pick(["", "NOT "])}NULL`,
      () => `${side()} ${pick(["", "NOT "])}LIKE '%[a-c]_'`,
      () => `${side()} ${pick(["", "NOT "])}IN (${side()}, ${side()})`,
      () => `${side()} BETWEEN ${side()} AND ${side()}`,
    ])();
  }

  #expression(depth: number): string {
    const { below, pick } = this.#bound();
    if (depth <= 0)
      return pick([
        () => pick(columns),
        () => String(below(100)),
        () => "'text'",
        () => "1.5",
        () => "NULL",
      ])();
    const inner = (): string => this.#expression(depth - 1);
    return pick([
      () => pick(columns),
      () => `${pick(calls)}(${Array.from({ length: below(4) }, inner).join(", ")})`,
      () =>
        `${pick(calls)}(${inner()}) OVER (PARTITION BY ${inner()} LIMIT DURATION(${pick(["minute", "hour", "parsec"])}, ${below(300)}) WHEN ${this.#condition(0)})`,
      () => `TopOne() OVER (ORDER BY ${inner()} DESC)`,
      () => `(${inner()} ${pick(["+", "-", "*", "/", "%", "&", "|", "^"])} ${inner()})`,
      () => `CASE WHEN ${this.#condition(0)} THEN ${inner()} ELSE ${inner()} END`,
      () =>
        `${pick(["CAST", "TRY_CAST"])}(${inner()} AS ${pick(["bigint", "float", "datetime", "record", "int"])})`,
      () => `DATEDIFF(${pick(["minute", "weekday", "a"])}, ${inner()}, ${inner()})`,
      () => `-${inner()}`,
    ])();
  }
}
