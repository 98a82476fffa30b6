import * as fc from "fast-check";
import { createJob, type LogicalPlan, type OutputRow, type RuntimeDiagnostic } from "../../../asa";
import { type ScannerLevel, scannerLevels } from "../../../asa/runtime/columnar/scan";
import { at, planOf, rowText } from "../../support/asa";

const runs = Number(process.env["RUNS"] ?? 60);
const encoder = new TextEncoder();

/** A column as key, one as number, one as any value, and the time twice. */
const grouped = planOf(
  "SELECT k, n, v, t, LAG(v) OVER (PARTITION BY k, n LIMIT DURATION(minute, 1)) AS before INTO output FROM input TIMESTAMP BY t",
);
/** Two columns that differ by case alone. */
const twice = planOf(
  "SELECT k, n, v, K AS upper INTO output FROM input TIMESTAMP BY t WHERE n IS NULL OR n <> 99999",
);

interface Outcome {
  readonly rows: readonly string[];
  readonly diagnostics: readonly unknown[];
}

const shown = ({ kind, action, message, event, applicationTime }: RuntimeDiagnostic) => [
  kind,
  action,
  message,
  event === undefined ? null : event.names.map((name, i) => [name, String(event.values[i])]),
  String(applicationTime),
];

/** What a job makes of chunks of bytes when it may use `scanner` at best; as lines, or each line as a body of its own. */
function outcome(
  plan: LogicalPlan,
  chunks: readonly Uint8Array[],
  scanner: ScannerLevel,
  as: "lines" | "bodies",
): Outcome {
  const rows: OutputRow[] = [];
  const diagnostics: unknown[] = [];
  const job = createJob(plan, {
    mode: "live",
    policies: { lateToleranceTicks: 600_000_000n, outOfOrderToleranceTicks: 20_000_000n, policy: "drop" },
    scanner,
    onRows: (batch) => rows.push(...batch),
    onDiagnostic: (diagnostic) => diagnostics.push(shown(diagnostic)),
  });
  for (const chunk of chunks) {
    if (as === "lines") job.pushLines("input", 0, chunk, at("12:00:30"));
    else job.push("input", 0, bodies(chunk));
  }
  job.finish();
  return { rows: rows.map(rowText), diagnostics };
}

function bodies(chunk: Uint8Array) {
  const found: { body: Uint8Array; arrival: bigint }[] = [];
  for (let from = 0; from < chunk.length; ) {
    const feed = chunk.indexOf(10, from);
    const end = feed < 0 ? chunk.length : feed;
    found.push({ body: chunk.subarray(from, end), arrival: at("12:00:30") });
    from = end + 1;
  }
  return found;
}

function agree(plan: LogicalPlan, chunks: readonly Uint8Array[]): void {
  for (const as of ["lines", "bodies"] as const) {
    const expected = outcome(plan, chunks, "reader", as);
    for (const level of scannerLevels)
      expect({ level, as, ...outcome(plan, chunks, level, as) }).toEqual({ level, as, ...expected });
  }
}

const digit = fc.integer({ min: 0, max: 9 });
const numberText = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc
    .tuple(fc.constantFrom("", "-"), fc.array(digit, { minLength: 1, maxLength: 20 }))
    .map(([sign, digits]) => sign + digits.join("")),
  fc
    .tuple(
      fc.constantFrom("", "-"),
      fc.array(digit, { minLength: 1, maxLength: 17 }),
      fc.array(digit, { maxLength: 19 }),
      fc.constantFrom("", "", "", "e5", "E-3", "e+12", "e400", "e"),
    )
    .map(([sign, whole, places, exponent]) => `${sign}${whole.join("")}.${places.join("")}${exponent}`),
  fc.constantFrom(
    "-0",
    "-0.0",
    "0",
    "00",
    "01",
    "-",
    "+1",
    ".5",
    "1.",
    "9007199254740993",
    "-9223372036854775808",
    "9223372036854775808",
  ),
);
const textText = fc.oneof(
  fc.constantFrom('"a"', '"b"', '"device-00001"', '""', '"a text of more than sixteen bytes"'),
  fc.string({ unit: "binary", maxLength: 24 }).map((text) => JSON.stringify(text)),
  fc.string({ maxLength: 40 }).map((text) => `"${text}"`),
  fc.constantFrom(
    '"\\u0041"',
    '"\\ud800"',
    '"\\x"',
    '"\\u12"',
    '"é"',
    '"\ud83d\ude00 and more than sixteen"',
    '"\t"',
    '"open',
  ),
);
const two = (number: number): string => String(number).padStart(2, "0");
const timeText = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 59 }), fc.constantFrom("", ".1", ".1234567", ".12345678", ".", ".000"))
    .map(([s, fraction]) => `"2026-01-01T12:00:${two(s)}${fraction}Z"`),
  fc.constantFrom(
    '"2026-01-01T12:00:20.5000000Z"',
    '"2026-01-01T24:00:00Z"',
    '"2026-02-29T12:00:00Z"',
    '"2026-01-01T12:00:20+00:00"',
    '"2026-01-01 12:00:20"',
    '"2026-01-01T12:00:2aZ"',
    '"0001-01-01T00:00:00Z"',
    '"2026-1-01T12:00:20Z"',
    "null",
    "17",
    '"\\u0032026-01-01T12:00:20Z"',
  ),
);
const anyValue: fc.Arbitrary<string> = fc.oneof(
  numberText,
  textText,
  fc.constantFrom(
    "true",
    "false",
    "null",
    "tru",
    "nul",
    "[]",
    "{}",
    "[1,2",
    '{"a":}',
    '{"x":{"y":[1,{"z":"]"}]}}',
    "[[[[]]]]",
  ),
  fc.json({ maxDepth: 4 }),
);
const blank = fc.constantFrom("", "", "", " ", "\t ", "\r");

function member(name: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(blank, blank, value, blank).map(([a, b, text, c]) => `${a}"${name}"${b}:${text}${c}`);
}

const oneMember = fc.oneof(
  member("k", fc.oneof(textText, anyValue)),
  member("n", fc.oneof(numberText, anyValue)),
  member("v", anyValue),
  member("other", anyValue),
  member("K", textText),
  member("N", numberText),
  member("T", timeText),
  member("a key of more than sixteen bytes", anyValue),
  member("\\u006b", textText),
  member("é", anyValue),
);
const anyLine = fc
  .tuple(
    fc.array(oneMember, { maxLength: 5 }),
    member("t", timeText),
    fc.integer({ min: 0, max: 5 }),
    blank,
    blank,
  )
  .map(([members, time, place, before, behind]) => {
    const all = [...members];
    all.splice(Math.min(place, all.length), 0, time);
    return `${before}{${all.join(",")}}${behind}`;
  });
/** Lines of one shape, the ordinary case. */
const plainLine = fc
  .tuple(textText, numberText, anyValue, timeText)
  .map(([k, n, v, t]) => `{"k":${k},"t":${t},"other":${v},"n":${n},"v":${v}}`);
const hostileLine = fc.oneof(
  anyLine,
  plainLine,
  fc.constantFrom(
    "",
    " ",
    "{}",
    "[]",
    "null",
    "{",
    "}",
    '{"k":1',
    '{"k":"a"}{"k":"b"}',
    '[{"k":"a","t":"2026-01-01T12:00:20Z"},{"k":"b","t":"2026-01-01T12:00:21Z"}]',
  ),
);

describe("the levels of the scanner", () => {
  it("agree on random and hostile lines", () => {
    fc.assert(
      fc.property(fc.array(hostileLine, { minLength: 1, maxLength: 12 }), (lines) => {
        agree(grouped, [encoder.encode(lines.join("\n"))]);
      }),
      { numRuns: runs },
    );
  });

  it("agree on events of one shape that a few lines leave, once the shape is learned", () => {
    fc.assert(
      fc.property(
        fc.array(plainLine, { minLength: 3, maxLength: 20 }),
        fc.array(hostileLine, { maxLength: 3 }),
        (plain, hostile) => {
          const first = encoder.encode(
            '{"k":"a","t":"2026-01-01T12:00:20Z","other":1,"n":1,"v":1}\n'.repeat(3),
          );
          agree(grouped, [
            first,
            first,
            encoder.encode(`${[...plain, ...hostile].join("\n")}\n`),
            encoder.encode(plain.join("\n")),
          ]);
        },
      ),
      { numRuns: runs },
    );
  });

  it("agree on lines with bytes changed at random", () => {
    const line =
      '{"k":"dev\\u0031 é","t":"2026-01-01T12:00:20.1234567Z","other":{"a":[1,-2.5e3,"x"]},"n":-12.75,"v":"text"}\n';
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 }),
        (changes) => {
          const bytes = encoder.encode(line.repeat(4));
          for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
          agree(grouped, [encoder.encode(line.repeat(2)), bytes]);
        },
      ),
      { numRuns: runs },
    );
  });

  it("agree where columns differ by case", () => {
    fc.assert(
      fc.property(fc.array(hostileLine, { minLength: 1, maxLength: 8 }), (lines) => {
        agree(twice, [encoder.encode(lines.join("\n")), encoder.encode(lines.join("\n"))]);
      }),
      { numRuns: runs },
    );
  });
});
