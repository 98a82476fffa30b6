import type { Random } from "./asaql-generator";

type Kind = "number" | "text" | "bit" | "time" | "record" | "array";

interface Column {
  readonly path: string;
  readonly kind: Kind;
}

/** The columns that rows of an input carry; some rows leave them out, or write NULL. */
const inputColumns: readonly Column[] = [
  { path: "k", kind: "text" },
  { path: "g", kind: "text" },
  { path: "v", kind: "number" },
  { path: "w", kind: "number" },
  { path: "b", kind: "bit" },
  { path: "at", kind: "time" },
  { path: "d.x", kind: "number" },
  { path: "d.y", kind: "text" },
  { path: "d", kind: "record" },
  { path: "xs", kind: "array" },
];
const referenceColumns: readonly Column[] = [
  { path: "k", kind: "text" },
  { path: "name", kind: "text" },
  { path: "rank", kind: "number" },
];

interface Scope {
  readonly columns: readonly Column[];
  /** Calls that may stand in this place beside scalar ones. */
  readonly extra: Partial<Record<Kind, () => string>>;
}

/** Makes queries that compile, of everything the engine runs by columns, by rows, or by both. */
export class QueryMaker {
  readonly #random: Random;
  #steps: string[] = [];
  #named = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  query(): string {
    this.#steps = [];
    this.#named = 0;
    const depth = this.#random.below(3);
    let source: readonly Column[] | null = null;
    let name = "";
    for (let i = 0; i < depth; i++) {
      const { text, columns } = this.#select(source, name, true);
      name = `s${i}`;
      this.#steps.push(`${name} AS (${text})`);
      source = columns;
    }
    const last = this.#select(source, name, false).text;
    return this.#steps.length === 0 ? last : `WITH ${this.#steps.join(",\n")}\n${last}`;
  }

  #select(
    source: readonly Column[] | null,
    name: string,
    inner: boolean,
  ): { readonly text: string; readonly columns: readonly Column[] } {
    const random = this.#random;
    const shape = random.below(inner ? 8 : 10);
    if (shape < 2) return this.#plain(source, name);
    if (shape < 5) return this.#grouped(source, name);
    if (shape === 5) return this.#analytic(source, name);
    if (shape === 6) return this.#joined(source, name);
    if (shape === 7) return this.#referenced(source, name);
    return shape === 8 ? this.#applied(source, name) : this.#united(source, name);
  }

  #from(source: readonly Column[] | null, name: string, alias = ""): string {
    const as = alias === "" ? "" : ` ${alias}`;
    return source === null ? `input${as} TIMESTAMP BY t` : `${name}${as}`;
  }

  #where(scope: Scope): string {
    return this.#random.once(4) ? ` WHERE ${this.#condition(scope, 2)}` : "";
  }

  /** Select items of random kinds, with the columns that they make. */
  #items(scope: Scope, count: number): { readonly items: string[]; readonly columns: Column[] } {
    const items: string[] = [];
    const columns: Column[] = [];
    const kinds: readonly Kind[] = ["number", "number", "text", "text", "bit", "time"];
    for (let i = 0; i < count; i++) {
      const kind = this.#random.pick(kinds);
      const alias = `c${this.#named++}`;
      items.push(`${this.#value(scope, kind, 2)} AS ${alias}`);
      columns.push({ path: alias, kind });
    }
    return { items, columns };
  }

  #plain(source: readonly Column[] | null, name: string) {
    const scope: Scope = { columns: source ?? inputColumns, extra: {} };
    const { items, columns } = this.#items(scope, 1 + this.#random.below(4));
    const star = source === null && this.#random.once(6);
    const text = `SELECT ${star ? "*, " : ""}${items.join(", ")} FROM ${this.#from(source, name)}${this.#where(scope)}`;
    return { text, columns };
  }

  #analytic(source: readonly Column[] | null, name: string) {
    const columns = source ?? inputColumns;
    const scope: Scope = { columns, extra: {} };
    const frame = () => {
      const by = this.#random.once(2) ? `PARTITION BY ${this.#key(scope)} ` : "";
      const when = this.#random.once(3) ? ` WHEN ${this.#condition(scope, 1)}` : "";
      return { by, when, limit: `LIMIT DURATION(second, ${1 + this.#random.below(12)})` };
    };
    const call = (kind: Kind): string => {
      const { by, when, limit } = frame();
      const argument = this.#value(scope, kind, 1);
      const choice = this.#random.below(kind === "number" ? 7 : 3);
      if (choice === 0) return `LAG(${argument}) OVER (${by}${limit}${when})`;
      if (choice === 1) return `LAG(${argument}, ${1 + this.#random.below(3)}) OVER (${by}${limit}${when})`;
      if (choice === 2) return `LAST(${argument}) OVER (${by}${limit}${when})`;
      if (choice === 3)
        return `ISFIRST(second, ${1 + this.#random.below(6)}) OVER (${`${by}${when}`.trim()})`.replace(
          " OVER ()",
          "",
        );
      if (choice === 4) return `COUNT(${argument}) OVER (${by}${limit}${when})`;
      return `${this.#random.pick(["SUM", "AVG", "MIN", "MAX"])}(${argument}) OVER (${by}${limit}${when})`;
    };
    const withCalls: Scope = { columns, extra: { number: () => call("number"), text: () => call("text") } };
    const made = this.#items(withCalls, 1 + this.#random.below(3));
    return {
      text: `SELECT ${made.items.join(", ")} FROM ${this.#from(source, name)}${this.#where(scope)}`,
      columns: made.columns,
    };
  }

  #grouped(source: readonly Column[] | null, name: string) {
    const random = this.#random;
    const scope: Scope = { columns: source ?? inputColumns, extra: {} };
    const keys = Array.from({ length: random.below(3) }, () => this.#key(scope));
    const unique = [...new Set(keys)];
    const items: string[] = [];
    const columns: Column[] = [];
    const add = (text: string, kind: Kind | null) => {
      const alias = `c${this.#named++}`;
      items.push(`${text} AS ${alias}`);
      if (kind !== null) columns.push({ path: alias, kind });
    };
    for (const key of unique)
      if (!random.once(4)) add(key, scope.columns.find(({ path }) => path === key)?.kind ?? "text");
    const calls = 1 + random.below(3);
    for (let i = 0; i < calls; i++) add(this.#aggregate(scope), "number");
    if (random.once(3)) add("System.Timestamp()", "time");
    if (random.once(5)) add(`Collect(${this.#value(scope, "text", 0)})`, null);
    if (random.once(6))
      add(
        `TopOne(${this.#value(scope, "number", 0)}) OVER (ORDER BY ${this.#value(scope, "number", 0)} ${random.pick(["", "DESC"])})`,
        "number",
      );
    if (random.once(8)) add(`COUNT(DISTINCT ${this.#key(scope)})`, "number");
    if (random.once(8))
      add(
        `PERCENTILE_DISC(0.${1 + random.below(9)}) OVER (ORDER BY ${this.#value(scope, "number", 0)})`,
        "number",
      );
    const having = random.once(4)
      ? ` HAVING ${this.#aggregate(scope)} ${random.pick([">", "<=", "<>"])} ${random.below(4)}`
      : "";
    const group = [...unique, this.#window(scope)].join(", ");
    return {
      text: `SELECT ${items.join(", ")} FROM ${this.#from(source, name)}${this.#where(scope)} GROUP BY ${group}${having}`,
      columns,
    };
  }

  #window(scope: Scope): string {
    const random = this.#random;
    const n = (most: number) => 1 + random.below(most);
    const offset = random.once(4) ? `, Offset(second, ${random.below(9) - 4})` : "";
    switch (random.below(9)) {
      case 0:
      case 1:
        return `TumblingWindow(second, ${n(9)})`;
      case 2:
        return `TumblingWindow(Duration(second, ${n(9)})${offset})`;
      case 3:
      case 4:
        return `HoppingWindow(Duration(second, ${3 + n(9)}), Hop(second, ${n(4)})${offset})`;
      case 5:
        return `SlidingWindow(second, ${n(6)})`;
      case 6: {
        const by = random.once(2) ? ` OVER (PARTITION BY ${this.#key(scope)})` : "";
        return `SessionWindow(second, ${n(4)}, ${4 + n(8)})${by}`;
      }
      case 7:
        return "System.Timestamp()";
      default:
        return `Windows(TumblingWindow(second, ${n(5)}), HoppingWindow(second, ${4 + n(8)}, ${n(4)}))`;
    }
  }

  #aggregate(scope: Scope): string {
    const random = this.#random;
    const argument = this.#value(scope, "number", 1);
    const name = random.pick(["COUNT", "SUM", "AVG", "MIN", "MAX", "SUM", "MIN", "MAX"]);
    if (name === "COUNT" && random.once(2)) return "COUNT(*)";
    return `${name}(${argument})`;
  }

  #joined(source: readonly Column[] | null, name: string) {
    const random = this.#random;
    const columns = source ?? inputColumns;
    const side = (alias: string): Column[] =>
      columns
        .filter(({ kind }) => kind !== "record")
        .map(({ path, kind }) => ({ path: `${alias}.${path}`, kind }));
    const both: Scope = { columns: [...side("l"), ...side("r")], extra: {} };
    const lower = random.below(7) - 4;
    const bounds = `DATEDIFF(second, l, r) BETWEEN ${lower} AND ${lower + random.below(5)}`;
    const texts = columns.filter(({ kind }) => kind === "text" || kind === "number");
    const key =
      texts.length === 0 || random.once(4)
        ? ""
        : (({ path }) => `l.${path} = r.${path} AND `)(random.pick(texts));
    const more = random.once(3) ? ` AND ${this.#condition(both, 1)}` : "";
    const kind = random.pick(["JOIN", "INNER JOIN", "LEFT JOIN", "LEFT OUTER JOIN"]);
    const { items, columns: made } = this.#items(both, 1 + random.below(3));
    const text = `SELECT ${items.join(", ")} FROM ${this.#from(source, name, "l")} ${kind} ${this.#from(source, name, "r")} ON ${key}${bounds}${more}${this.#where(both)}`;
    return { text, columns: made };
  }

  #referenced(source: readonly Column[] | null, name: string) {
    const random = this.#random;
    const columns = source ?? inputColumns;
    const left: Column[] = columns
      .filter(({ kind }) => kind !== "record")
      .map(({ path, kind }) => ({ path: `i.${path}`, kind }));
    const right = referenceColumns.map(({ path, kind }) => ({ path: `ref.${path}`, kind }));
    const both: Scope = { columns: [...left, ...right], extra: {} };
    const of = (kind: Kind): string => this.#value({ columns: left, extra: {} }, kind, 0);
    const on = random.once(3) ? `${of("number")} = ref.rank` : `${of("text")} = ref.k`;
    const more = random.once(3) ? ` AND ${this.#condition(both, 1)}` : "";
    const { items, columns: made } = this.#items(both, 1 + random.below(3));
    const text = `SELECT ${items.join(", ")} FROM ${this.#from(source, name, "i")} ${random.pick(["JOIN", "LEFT JOIN"])} ref ON ${on}${more}${this.#where(both)}`;
    return { text, columns: made };
  }

  #applied(source: readonly Column[] | null, name: string) {
    const columns = source ?? inputColumns;
    const array = columns.find(({ kind }) => kind === "array");
    if (array === undefined) return this.#plain(source, name);
    const scope: Scope = {
      columns: [
        ...columns.map(({ path, kind }) => ({ path: `i.${path}`, kind })),
        { path: "e.ArrayIndex", kind: "number" },
        { path: "e.ArrayValue", kind: "number" },
      ],
      extra: {},
    };
    const { items, columns: made } = this.#items(scope, 2);
    const text = `SELECT ${items.join(", ")} FROM ${this.#from(source, name, "i")} ${this.#random.pick(["CROSS", "OUTER"])} APPLY GetArrayElements(i.${array.path}) AS e${this.#where(scope)}`;
    return { text, columns: made };
  }

  #united(source: readonly Column[] | null, name: string) {
    const scope: Scope = { columns: source ?? inputColumns, extra: {} };
    const kinds = Array.from({ length: 1 + this.#random.below(3) }, () =>
      this.#random.pick<Kind>(["number", "text", "time"]),
    );
    const columns = kinds.map((kind) => ({ path: `c${this.#named++}`, kind }));
    const branch = () =>
      `SELECT ${columns.map(({ path, kind }) => `${this.#value(scope, kind, 1)} AS ${path}`).join(", ")} FROM ${this.#from(source, name)}${this.#where(scope)}`;
    return { text: `${branch()} UNION ${branch()}`, columns };
  }

  #key(scope: Scope): string {
    const random = this.#random;
    const keys = scope.columns.filter(({ kind }) => kind === "text" || kind === "number" || kind === "bit");
    if (keys.length === 0 || random.once(8)) return this.#value(scope, "text", 1);
    return random.pick(keys).path;
  }

  #value(scope: Scope, kind: Kind, depth: number): string {
    const random = this.#random;
    const extra = scope.extra[kind];
    if (extra !== undefined && random.once(2)) return extra();
    if (depth > 0 && !random.once(3)) return this.#composed(scope, kind, depth - 1);
    const columns = scope.columns.filter((column) => column.kind === kind);
    if (columns.length > 0 && !random.once(6)) return random.pick(columns).path;
    switch (kind) {
      case "number":
        return random.pick(["0", "1", "2.5", "-3", "7", "0.5"]);
      case "text":
        return random.pick(["'a'", "'b'", "'ab'", "''", "'ä'"]);
      case "bit":
        return `CAST(${random.below(2)} AS bit)`;
      default:
        return random.pick(["System.Timestamp()", "CAST('2026-01-01T12:00:05Z' AS datetime)"]);
    }
  }

  #composed(scope: Scope, kind: Kind, depth: number): string {
    const random = this.#random;
    const of = (inner: Kind): string => this.#value({ ...scope, extra: {} }, inner, depth);
    const choose = `CASE WHEN ${this.#condition({ ...scope, extra: {} }, depth)} THEN ${of(kind)} ELSE ${random.once(4) ? "NULL" : of(kind)} END`;
    if (random.once(6)) return choose;
    if (random.once(12)) return `COALESCE(${of(kind)}, ${of(kind)})`;
    if (random.once(20)) return `NULLIF(${of(kind)}, ${of(kind)})`;
    switch (kind) {
      case "number":
        return random.pick<() => string>([
          () => `${of("number")} + ${of("number")}`,
          () => `${of("number")} - ${of("number")}`,
          () => `(${of("number")}) * 2`,
          () => `(${of("number")}) / 2.0`,
          () => `(${of("number")}) % 3`,
          () => `-(${of("number")})`,
          () => `ABS(${of("number")})`,
          () => `FLOOR(${of("number")})`,
          () => `ROUND(${of("number")}, ${random.below(3) - 1})`,
          () => `LEN(${of("text")})`,
          () => `CHARINDEX('a', ${of("text")})`,
          () => `DATEDIFF(${random.pick(["second", "ms", "minute"])}, ${of("time")}, ${of("time")})`,
          () => `DATEPART(second, ${of("time")})`,
          () => `CAST(${of("number")} AS float)`,
          () => `TRY_CAST(${of("text")} AS bigint)`,
          () => `CAST(${of("number")} AS bigint)`,
        ])();
      case "text":
        return random.pick<() => string>([
          () => `UPPER(${of("text")})`,
          () => `CONCAT(${of("text")}, ${of("number")})`,
          () => `SUBSTRING(${of("text")}, 1, ${random.below(3)})`,
          () => `CAST(${of("number")} AS nvarchar(max))`,
          () => `CAST(${of("time")} AS nvarchar(max))`,
          () => `CAST(${of("bit")} AS nvarchar(max))`,
          () => `${of("text")} + ${of("text")}`,
          () => `REPLACE(${of("text")}, 'a', ${of("text")})`,
          () => `GetType(${of("number")})`,
        ])();
      case "bit":
        return `CAST(${of("number")} AS bit)`;
      default:
        return `DATEADD(${random.pick(["second", "ms", "hour"])}, ${random.below(9) - 4}, ${of("time")})`;
    }
  }

  #condition(scope: Scope, depth: number): string {
    const random = this.#random;
    const of = (kind: Kind): string => this.#value(scope, kind, depth > 0 ? 1 : 0);
    if (depth > 0 && random.once(4)) {
      const parts = [this.#condition(scope, depth - 1), this.#condition(scope, depth - 1)];
      return random.once(3) ? `NOT (${parts[0]})` : `(${parts.join(random.pick([" AND ", " OR "]))})`;
    }
    const operator = random.pick(["=", "<>", "<", "<=", ">", ">="]);
    return random.pick<() => string>([
      () => `${of("number")} ${operator} ${of("number")}`,
      () => `${of("number")} ${operator} ${of("number")}`,
      () => `${of("text")} ${operator} ${of("text")}`,
      () => `${of("time")} ${operator} ${of("time")}`,
      () => `${of("bit")} = ${of("bit")}`,
      () => `${of("number")} ${random.pick(["", "NOT "])}BETWEEN ${of("number")} AND ${of("number")}`,
      () =>
        `${of("text")} ${random.pick(["", "NOT "])}LIKE ${random.pick(["'a%'", "'%b'", "'_'", "'%[ab]%'"])}`,
      () => `${of("text")} ${random.pick(["", "NOT "])}IN (${of("text")}, 'b')`,
      () => `${of("number")} IN (1, ${of("number")})`,
      () => `${of(random.pick<Kind>(["number", "text", "bit", "time"]))} IS ${random.pick(["", "NOT "])}NULL`,
    ])();
  }
}

/** Lines of random events with times of half a minute; numbers are such that sums are exact. */
export function randomEvents(random: Random, hostile = false): string[] {
  const strange = (): string | undefined =>
    hostile && random.once(8)
      ? random.pick([
          "true",
          '"7"',
          '" 2 "',
          '"x"',
          "9007199254740993",
          "[1]",
          '{"x":1}',
          '"2026-01-01T12:00:03Z"',
          "5",
        ])
      : undefined;
  const clock = (): string => {
    const second = String(random.below(30)).padStart(2, "0");
    const fraction = random.pick(["", "", ".0000001", ".9999999", ".5"]);
    return `"2026-01-01T12:00:${second}${fraction}Z"`;
  };
  const number = (): string =>
    strange() ?? random.pick(["0", "1", "2", "3", "-1", "7", "0.5", "-2.5", "1.5e2", "null", "4294967296"]);
  const text = (): string =>
    strange() ?? random.pick(['"a"', '"b"', '"c"', '"ab"', '""', '"\\u00e4"', '"A"', "null"]);
  return Array.from({ length: random.below(24) }, () => {
    const members: string[] = [`"t":${clock()}`];
    const add = (name: string, value: () => string, absent: number) => {
      if (!random.once(absent)) members.push(`"${name}":${value()}`);
    };
    add("k", text, 8);
    add("g", text, 3);
    add("v", number, 8);
    add("w", number, 3);
    add("b", () => random.pick(["true", "false", "null"]), 3);
    add("at", clock, 3);
    add("d", () => (random.once(6) ? "null" : `{"x":${number()},"y":${text()}}`), 2);
    add("xs", () => random.pick(["[]", "null", "[1]", "[1,2.5,null]"]), 2);
    if (random.once(3)) members.reverse();
    return `{${members.join(",")}}`;
  });
}

/** Reference rows with keys that occur, several times, and not at all. */
export const randomReference = [
  '{"k":"a","name":"first","rank":1}',
  '{"k":"a","name":"second","rank":2.0}',
  '{"k":"b","name":null,"rank":3}',
  '{"k":null,"name":"none","rank":null}',
  '{"k":"zz","name":"far","rank":7}',
] as const;
