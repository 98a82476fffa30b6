import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { createJob, explain, type OutputRow } from "../../../../asa";
import { type ColumnUse, makeStore } from "../../../../asa/runtime/columnar/columns";
import {
  makeInterner,
  makeScanner,
  type ScannerLevel,
  scannerLevels,
} from "../../../../asa/runtime/columnar/scan";
import { KernelInterner } from "../../../../asa/runtime/columnar/scan/kernel-interner";
import { at, planOf, rowText } from "../../../support/asa";

const encoder = new TextEncoder();
const uses: readonly ColumnUse[] = [
  { name: "deviceId", as: "text" },
  { name: "temperature", as: "value" },
  { name: "eventTime", as: "time" },
];
const capacity = 64;

function scanner(level: ScannerLevel) {
  const interner = makeInterner(level);
  const stores = uses.map(() => makeStore(capacity));
  return { interner, stores, rows: makeScanner({ uses, stores, capacity, interner, level }) };
}

const line = (device: string, temperature: unknown, rest = ""): string =>
  `{"deviceId":"${device}","eventTime":"2026-01-05T08:00:00.1234567Z","partition":4,"temperature":${temperature}${rest}}`;

/** Kernel calls of the scanner's last batch. */
function misses(interner: ReturnType<typeof makeInterner>): number {
  return (interner as KernelInterner).kernel.calls.misses();
}

describe("the kernel", () => {
  it("is what its sources make", () => {
    const script = join(__dirname, "../../../../scripts/asa-kernel.mjs");
    expect(execFileSync(process.execPath, [script, "--check"], { encoding: "utf8", stdio: "pipe" })).toBe("");
  });

  it("runs here", () => {
    expect(makeInterner()).toBeInstanceOf(KernelInterner);
    expect(makeInterner("script")).not.toBeInstanceOf(KernelInterner);
  });

  it("is not needed where there is no WebAssembly", () => {
    const held = Object.getOwnPropertyDescriptor(globalThis, "WebAssembly")!;
    try {
      Object.defineProperty(globalThis, "WebAssembly", { value: undefined, configurable: true });
      expect(makeInterner()).not.toBeInstanceOf(KernelInterner);
      const { rows, stores } = scanner("layout");
      expect(rows.lines(encoder.encode(line("a", 1.5)), 0)).toBe(1);
      expect([rows.refused[0], stores[1]!.numbers[0]]).toEqual([0, 1.5]);
    } finally {
      Object.defineProperty(globalThis, "WebAssembly", held);
    }
  });

  it("reads events of a shape seen before by their layout, and others key by key", () => {
    const { rows, interner, stores } = scanner("layout");
    const chunk = encoder.encode(`${line("device-1", 20.25)}\n${line("device-2", -3)}\n`);
    expect(rows.lines(chunk, 0)).toBe(2);
    expect(misses(interner)).toBe(2);
    expect(rows.lines(chunk, 0)).toBe(2);
    expect(misses(interner)).toBe(0);
    expect(rows.lines(encoder.encode(`${line("device-1", "null")}\n`), 0)).toBe(1);
    expect(misses(interner)).toBe(1);
    expect([...rows.refused.subarray(0, 2)]).toEqual([0, 0]);
    expect(stores[1]!.kinds[0]).toBe(0);
    expect(interner.text(stores[0]!.numbers[0]!)).toBe("device-1");
  });

  it("learns several shapes, and stops comparing when there are too many", () => {
    const { rows, interner } = scanner("layout");
    const shapes = Array.from({ length: 3 }, (_, i) => line("a", 1, `,"more${i}":${i}`));
    const few = encoder.encode(shapes.join("\n"));
    for (let i = 0; i < 4; i++) rows.lines(few, 0);
    expect(misses(interner)).toBe(0);
    const many = encoder.encode(
      Array.from({ length: 20 }, (_, i) => line("a", 1, `,"else${i}":${i}`)).join("\n"),
    );
    for (let i = 0; i < 30; i++) rows.lines(many, 0);
    rows.lines(few, 0);
    expect(misses(interner)).toBe(3);
    for (let i = 0; i < 1500; i++) rows.lines(few, 0);
    expect(misses(interner)).toBe(0);
  });

  it("learns a column's key in another case", () => {
    const { rows, interner, stores } = scanner("layout");
    const chunk = encoder.encode(`${line("x", 5).replace("deviceId", "DEVICEID")}\n`);
    for (let i = 0; i < 4; i++) {
      expect(rows.lines(chunk, 0)).toBe(1);
      if (rows.refused[0] === 0) expect(interner.text(stores[0]!.numbers[0]!)).toBe("x");
    }
    expect([rows.refused[0], misses(interner)]).toEqual([0, 0]);
  });
});

describe.each(scannerLevels.filter((level) => level !== "reader"))("lines at level %s", (level) => {
  it("are cut into batches, without blank ones and whatever ends the last", () => {
    const { rows, stores } = scanner(level);
    const lines = Array.from({ length: 150 }, (_, i) => line(`device-${i % 7}`, i));
    const chunk = encoder.encode(`\n \r\n${lines.join("\r\n \n")}`);
    const found: number[] = [];
    for (let from = 0; from < chunk.length; from = rows.next) {
      const count = rows.lines(chunk, from);
      for (let row = 0; row < count; row++) {
        expect(rows.refused[row]).toBe(0);
        expect(String.fromCharCode(chunk[rows.start(row)]!)).toBe("{");
        found.push(stores[1]!.numbers[row]!);
      }
    }
    expect(found).toEqual(lines.map((_, i) => i));
  });

  it("may be longer than the room for input", () => {
    const { rows, stores } = scanner(level);
    const long = line("big", 7, `,"text":"${"x".repeat(300_000)}"`);
    const chunk = encoder.encode(`${line("a", 1)}\n${long}\n${long}\n${line("b", 2)}\n`);
    const found: number[] = [];
    for (let from = 0; from < chunk.length; from = rows.next) {
      const count = rows.lines(chunk, from);
      for (let row = 0; row < count; row++)
        found.push(rows.refused[row] === 0 ? stores[1]!.numbers[row]! : -1);
    }
    expect(found).toEqual([1, 7, 7, 2]);
  });

  it.each([
    ["12.5", 2, 12.5],
    ["-0", 1, 0],
    ["-0.0", 2, -0],
    ["123456789012345", 1, 123456789012345],
    ["12345678.1234567", 2, 12345678.1234567],
    ["0.1234567890123456", 2, 0.1234567890123456],
    ["1e3", 2, 1000],
    ["9007199254740993", 5, 0],
    ["true", 4, 1],
    ["null", 0, 0],
  ])("read %s", (text, kind, number) => {
    const { rows, stores } = scanner(level);
    expect(rows.lines(encoder.encode(line("a", text)), 0)).toBe(1);
    expect([rows.refused[0], stores[1]!.kinds[0], stores[1]!.numbers[0]]).toEqual([0, kind, number]);
  });

  it.each(["01", "1.", "-", "+1", "1e", "tru", "nulll", "[1", '"\\x"', '"a\tb"', "9223372036854775808"])(
    "leave %s to the JSON reader, also where no column needs it",
    (text) => {
      const { rows } = scanner(level);
      expect(rows.lines(encoder.encode(line("a", text)), 0)).toBe(1);
      expect(rows.refused[0]).toBe(1);
      expect(rows.lines(encoder.encode(line("a", 1, `,"other":${text}`)), 0)).toBe(1);
      expect(rows.refused[0]).toBe(1);
    },
  );

  it("refuse what is not UTF-8", () => {
    const { rows } = scanner(level);
    const chunk = encoder.encode(`${line("a?b", 1)}\n${line("a", 1, ',"x":"?"')}\n`);
    for (let i = 0; i < chunk.length; i++) if (chunk[i] === 63) chunk[i] = 0xff;
    expect(rows.lines(chunk, 0)).toBe(2);
    expect([...rows.refused.subarray(0, 2)]).toEqual([1, 1]);
  });
});

describe("texts", () => {
  it("have the same numbers in script and kernel, also after some were forgotten", () => {
    const both = [makeInterner("script"), makeInterner("layout")];
    const texts = Array.from({ length: 5000 }, (_, i) => `${"é".repeat(i % 40)}${i}${"x".repeat(i % 23)}`);
    for (const interner of both) {
      expect(texts.map((text) => interner.id(text))).toEqual(texts.map((_, i) => i));
      expect(interner.id("\ud800")).toBeNull();
      expect(interner.id("y".repeat(100_000))).toBe(5000);
      const live = Uint8Array.from({ length: interner.size }, (_, id) => (id % 3 === 0 ? 1 : 0));
      const numbers = interner.compact(live);
      expect([numbers[0], numbers[1], numbers[3], numbers[4998]]).toEqual([0, -1, 1, 1666]);
      expect(interner.id(texts[9]!)).toBe(3);
      expect(interner.text(3)).toBe(texts[9]);
      expect(interner.id(texts[1]!)).toBe(interner.size - 1);
    }
    const [script, kernel] = both.map(({ contents: { bytes, starts } }) => [Buffer.from(bytes), [...starts]]);
    expect(kernel).toEqual(script);
    const fresh = makeInterner("layout");
    const { bytes, starts } = both[0]!.contents;
    expect(fresh.load(bytes, starts)).toBe(true);
    expect(fresh.text(3)).toBe(texts[9]);
    const other = makeInterner("layout");
    other.id("something else");
    expect(other.load(bytes, starts)).toBe(false);
  });
});

describe("a job", () => {
  const query =
    "SELECT k, COUNT(*) AS n, MAX(v) AS high INTO output FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 5)";
  const chunk = (from: number) =>
    encoder.encode(
      Array.from(
        { length: 40 },
        (_, i) => `{"t":"2026-01-01T12:00:${10 + ((from + i) >> 3)}Z","k":"key-${i % 5}","v":${from + i}}`,
      ).join("\n"),
    );
  const started = (scanner: ScannerLevel) => {
    const rows: OutputRow[] = [];
    const job = createJob(planOf(query), {
      mode: "live",
      policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 0n, policy: "adjust" },
      scanner,
      onRows: (batch) => rows.push(...batch),
    });
    return { job, rows };
  };

  it.each([
    ["layout", "script"],
    ["script", "layout"],
    ["reader", "any-order"],
    ["any-order", "reader"],
  ] as const)("carries on at level %s what level %s has begun", (after, before) => {
    const undisturbed = started("reader");
    const first = started(before);
    for (const { job } of [undisturbed, first])
      for (let i = 0; i < 3; i++) job.pushLines("input", 0, chunk(40 * i), at("12:01:00"));
    const second = started(after);
    second.job.restore(first.job.snapshot());
    for (const { job } of [undisturbed, second]) {
      for (let i = 3; i < 6; i++) job.pushLines("input", 0, chunk(40 * i), at("12:01:00"));
      job.finish();
    }
    expect([...first.rows, ...second.rows].map(rowText)).toEqual(undisturbed.rows.map(rowText));
    expect(undisturbed.rows.length).toBeGreaterThan(10);
  });

  it("says in explain how its events are read", () => {
    expect(explain(query, "code")).toContain("WebAssembly: learned layouts, keys in any order");
  });
});
