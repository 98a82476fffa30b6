import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import avro from "avsc";
import type { OutputRow } from "../../../../asa/api";
import {
  jsonArrayText,
  jsonLines,
  jsonLinesText,
  openOutput,
  RowSpool,
  readEvents,
  type Serialization,
  writeOutput,
} from "../../../../asa/node/formats";
import { AsaRecord, DateTime, readJson, unixEpochTicks, type Value } from "../../../../asa/values";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "asa-formats-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const csv: Serialization = { ...jsonLines, format: "csv" };

async function read(
  data: Uint8Array,
  serialization: Serialization,
): Promise<readonly (AsaRecord | string)[]> {
  const { events } = await readEvents(data, serialization, "data");
  return events.map(({ body }) => (body instanceof AsaRecord ? body : new TextDecoder().decode(body)));
}

describe("readEvents of JSON", () => {
  it.each<[string, string, readonly string[]]>([
    ["lines", '{"a":1}\n{"a":2}\r\n', ['{"a":1}', '{"a":2}']],
    ["an array", '[{"a":1},\n {"a":[2,{}]}]', ['{"a":1}', '{"a":[2,{}]}']],
    ["an array of one line and a mark", '\uFEFF[{"a":"]}"}]', ['{"a":"]}"}']],
    [
      "pretty-printed objects one after the other",
      '{\n  "a": 1\n}\n{\n  "a": 2\n}',
      ['{\n  "a": 1\n}', '{\n  "a": 2\n}'],
    ],
    ["objects without a separator", '{"a":1}{"a":2}', ['{"a":1}', '{"a":2}']],
    ["objects separated by commas", '{"a":1},\r\n{"a":2},', ['{"a":1}', '{"a":2}']],
    ["an escaped quotation mark", '{"a":"\\"}{"}\n{}', ['{"a":"\\"}{"}', "{}"]],
    ["nothing", " \n\t", []],
    ["an empty array", "[]", []],
    [
      "a line that is no object between two that are",
      '{"a":1}\nhello {\n{"a":2}',
      ['{"a":1}', "hello {", '{"a":2}'],
    ],
    ["an object that is never closed", '{"a":1\n{"a":2}\n', ['{"a":1', '{"a":2}']],
    ["a text that is never closed", '{"a":"x}\n{"a":2}', ['{"a":"x}', '{"a":2}']],
    ["scalars in an array", '[1,"x,]",null,{"a":1}]', ["1", '"x,]"', "null", '{"a":1}']],
    ["a surplus bracket", '{"a":1}}\n{"a":2}', ['{"a":1}', "}", '{"a":2}']],
  ])("splits %s", async (_title, text, expected) => {
    expect(await read(bytes(text), jsonLines)).toEqual(expected);
  });

  it("gives each event its line", async () => {
    const { events } = await readEvents(bytes('\n{"a":1}\n\n{\n"a":2}\n{"a":3}'), jsonLines, "data");
    expect(events.map(({ line }) => line)).toEqual([2, 4, 6]);
  });

  it.each([
    ["GZip", gzipSync(bytes("{}")), "gzip"],
    ["Deflate with header", deflateSync(bytes("{}")), "deflate"],
    ["Deflate without header", deflateRawSync(bytes("{}")), "deflate"],
  ] as const)("unpacks %s", async (_title, data, compression) => {
    expect(await read(data, { ...jsonLines, compression })).toEqual(["{}"]);
    await expect(read(bytes("{}"), { ...jsonLines, compression })).rejects.toMatchObject({
      code: "ASA_FORMAT_INVALID",
    });
  });

  it("refuses text that is not UTF-8", async () => {
    await expect(read(Uint8Array.of(0x7b, 0xff, 0x7d), jsonLines)).rejects.toMatchObject({
      code: "ASA_FILE_UNREADABLE",
    });
  });
});

describe("readEvents of CSV", () => {
  it.each<[string, string, string, readonly Value[][]]>([
    ["text, quotes and line breaks", 'a,b\n1,"x, ""y""\nz"\n', ",", [["1", 'x, "y"\nz']]],
    ["a short row", "a,b\n1\n", ",", [["1", null]]],
    ["an empty field", "a,b\n,2\n", ",", [["", "2"]]],
    ["the word null", "a\nnull\n", ",", [["null"]]],
    ["tabs", "a\tb\n1\t2\n", "\t", [["1", "2"]]],
    ["bars and a mark", "\uFEFFa|b\r\n1|2\r\n", "|", [["1", "2"]]],
    ["a header alone", "a,b\n", ",", []],
    ["nothing", "", ",", []],
  ])("reads %s", async (_title, text, delimiter, rows) => {
    const records = await read(bytes(text), { ...csv, delimiter });
    expect(records.map((record) => (record as AsaRecord).values)).toEqual(rows);
  });

  it("reports a row that is too long and keeps the others", async () => {
    const { events, unreadable } = await readEvents(bytes("a\n1\n2,3\n4\n"), csv, "data");
    expect(events).toHaveLength(2);
    expect(unreadable).toEqual([{ line: 3, message: "row has 2 fields, the header 1" }]);
  });

  it.each([
    ["a header with a duplicate", "a,A\n1,2\n", 'names column "A" twice'],
    ["an unclosed quotation mark", 'a\n"1\n', "cannot be read"],
  ])("refuses %s", async (_title, text, message) => {
    await expect(read(bytes(text), csv)).rejects.toMatchObject({
      code: "ASA_FORMAT_INVALID",
      message: expect.stringContaining(message),
    });
  });
});

const time = new DateTime(unixEpochTicks + 17_676_000_000_000_000n);
const columns = ["i", "f", "b", "t", "s", "n", "r", "a"];
const rows: OutputRow[] = [
  {
    output: "o",
    time: 0n,
    columns,
    values: [2n ** 62n, 1.5, true, time, 'x,"y"', null, new AsaRecord(["k"], [1n]), [1n, 2n]],
  },
  { output: "o", time: 0n, columns: columns.slice(0, 2), values: [-1n, 2n] },
];

async function write(format: Serialization["format"]): Promise<string> {
  return writeOutput(folder, "o", rows, { ...jsonLines, format }, 0);
}

async function duck(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJS() as unknown[][];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

describe("writeOutput", () => {
  it("writes JSON lines and arrays that read back", () => {
    const lines = jsonLinesText(rows).trimEnd().split("\n");
    expect(lines[0]).toBe(
      '{"i":4611686018427387904,"f":1.5,"b":true,"t":"2026-01-05T08:00:00.0000000Z","s":"x,\\"y\\"","n":null,"r":{"k":1},"a":[1,2]}',
    );
    expect(readJson(jsonArrayText(rows))).toEqual(lines.map((line) => readJson(line)));
    expect(jsonArrayText([])).toBe("[]\n");
  });

  it("writes CSV", async () => {
    expect(readFileSync(await write("csv"), "utf8")).toBe(
      'i,f,b,t,s,n,r,a\r\n4611686018427387904,1.5,true,2026-01-05T08:00:00.0000000Z,"x,""y""",,Record,Array\r\n-1,2,,,,,,\r\n',
    );
  });

  it("writes Avro that it reads back, large integers and nesting included", async () => {
    const file = await write("avro");
    const [first, second] = await read(readFileSync(file), { ...jsonLines, format: "avro" });
    expect((first as AsaRecord).values).toEqual([
      2n ** 62n,
      1.5,
      true,
      "2026-01-05T08:00:00.0000000Z",
      'x,"y"',
      null,
      new AsaRecord(["k"], [1n]),
      [1n, 2n],
    ]);
    expect((second as AsaRecord).values).toEqual([-1n, 2, null, null, null, null, null, null]);
  });

  it("refuses a column that Avro cannot name", async () => {
    const bad: OutputRow[] = [{ output: "o", time: 0n, columns: ["a b"], values: [1n] }];
    await expect(writeOutput(folder, "o", bad, { ...jsonLines, format: "avro" }, 0)).rejects.toMatchObject({
      code: "ASA_FORMAT_INVALID",
    });
  });

  it("writes Parquet that another engine reads", async () => {
    const file = await write("parquet");
    expect(await duck(`SELECT i, f, b, epoch_us(t), s, n, r, a, typeof(t) FROM '${file}'`)).toEqual([
      [
        2n ** 62n,
        1.5,
        true,
        1_767_600_000_000_000n,
        'x,"y"',
        null,
        '{"k":1}',
        "[1,2]",
        "TIMESTAMP WITH TIME ZONE",
      ],
      [-1n, 2, null, null, null, null, null, null, "TIMESTAMP WITH TIME ZONE"],
    ]);
  });

  it("writes Parquet that it reads back", async () => {
    const [first] = await read(readFileSync(await write("parquet")), { ...jsonLines, format: "parquet" });
    expect((first as AsaRecord).values).toEqual([
      2n ** 62n,
      1.5,
      true,
      time,
      'x,"y"',
      null,
      '{"k":1}',
      "[1,2]",
    ]);
  });

  it("writes a Delta table whose log names the file, once", async () => {
    const table = await write("delta");
    const [protocol, metadata, add] = readFileSync(
      join(table, "_delta_log", `${"0".repeat(20)}.json`),
      "utf8",
    )
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => JSON.parse(line));
    expect(protocol).toEqual({ protocol: { minReaderVersion: 1, minWriterVersion: 2 } });
    expect(
      JSON.parse(metadata.metaData.schemaString).fields.map((field: { name: string; type: string }) => [
        field.name,
        field.type,
      ]),
    ).toEqual([
      ["i", "long"],
      ["f", "double"],
      ["b", "boolean"],
      ["t", "timestamp"],
      ["s", "string"],
      ["n", "string"],
      ["r", "string"],
      ["a", "string"],
    ]);
    expect(readdirSync(table)).toContain(add.add.path);
    expect(await duck(`SELECT count(*) FROM '${join(table, add.add.path)}'`)).toEqual([[2n]]);
    await expect(write("delta")).rejects.toMatchObject({ code: "ASA_FILE_EXISTS" });
  });

  it("keeps an output's name inside the folder", async () => {
    const path = await writeOutput(folder, "../../x y", rows, jsonLines, 0);
    expect(path.startsWith(join(folder, ".."))).toBe(true);
    expect(readdirSync(folder)).toEqual([".._.._x_y.json"]);
  });
});

describe("readEvents of binary formats", () => {
  it("reads a Parquet file of another engine", async () => {
    const file = join(folder, "d.parquet");
    await duck(
      `COPY (SELECT 1::INT AS i, 9007199254740993::BIGINT AS l, 2.0::DOUBLE AS d, 'x' AS s, TIMESTAMP '2026-01-05 08:00:00' AS t, [1,2] AS a, {'k': 'v'} AS r, NULL AS n) TO '${file}' (FORMAT parquet)`,
    );
    const [row] = await read(readFileSync(file), { ...jsonLines, format: "parquet" });
    expect(row).toEqual(
      new AsaRecord(
        ["i", "l", "d", "s", "t", "a", "r", "n"],
        [1n, 9007199254740993n, 2, "x", time, [1n, 2n], new AsaRecord(["k"], ["v"]), null],
      ),
    );
  });

  it("reads Avro with unions, bytes and enums, and refuses a map", async () => {
    const encode = (schema: object, value: unknown): Promise<Buffer> =>
      new Promise((resolve) => {
        const encoder = new avro.streams.BlockEncoder(schema as avro.Schema, { codec: "deflate" });
        const chunks: Buffer[] = [];
        encoder.on("data", (chunk: Buffer) => chunks.push(chunk));
        encoder.on("end", () => resolve(Buffer.concat(chunks)));
        encoder.write(value);
        encoder.end();
      });
    const type = (fields: object[]) => ({ type: "record", name: "R", fields });
    const data = await encode(
      type([
        { name: "u", type: ["null", "int", "string"] },
        { name: "b", type: "bytes" },
        { name: "e", type: { type: "enum", name: "E", symbols: ["A", "B"] } },
        { name: "d", type: "double" },
      ]),
      { u: 3, b: Buffer.from("hi"), e: "B", d: 2 },
    );
    expect(await read(data, { ...jsonLines, format: "avro" })).toEqual([
      new AsaRecord(["u", "b", "e", "d"], [3n, "aGk=", "B", 2]),
    ]);
    const map = await encode(type([{ name: "m", type: { type: "map", values: "int" } }]), { m: { a: 1 } });
    await expect(read(map, { ...jsonLines, format: "avro" })).rejects.toMatchObject({
      code: "ASA_FORMAT_NOT_SUPPORTED",
    });
  });

  it.each(["avro", "parquet"] as const)("refuses other data as %s", async (format) => {
    writeFileSync(join(folder, "x"), "");
    for (const text of ["", '{"a":1}', "Obj\u0001", "PAR1PAR1"])
      await expect(read(bytes(text), { ...jsonLines, format })).rejects.toMatchObject({
        code: "ASA_FORMAT_INVALID",
      });
  });
});

describe("outputs of many rows", () => {
  /** More than one batch of rows, with a column that comes late and one whose type changes. */
  const many = Array.from({ length: 10_000 }, (_, i): OutputRow => {
    const late = i > 9000 ? [["late"], [BigInt(i)]] : [[], []];
    return {
      output: "o",
      time: 0n,
      columns: ["i", "t", "r", "m", ...(late[0] as string[])],
      values: [
        BigInt(i),
        new DateTime(unixEpochTicks + BigInt(i)),
        new AsaRecord(["k"], [[i / 2, null, `x${i}`]]),
        i < 5000 ? BigInt(i) : i + 0.5,
        ...(late[1] as bigint[]),
      ],
    };
  });

  it("come back from a spool as they went in", () => {
    const spool = new RowSpool();
    for (const row of many) spool.add(row);
    const back = [...spool.read()].flat().map(({ columns: names, values }) => ({ columns: names, values }));
    expect(back).toEqual(many.map(({ columns: names, values }) => ({ columns: names, values })));
    spool.dispose();
  });

  it.each(["csv", "avro", "parquet"] as const)("are written as %s and read back", async (format) => {
    const path = await writeOutput(folder, "o", many, { ...jsonLines, format }, 0);
    const back = (await read(readFileSync(path), { ...jsonLines, format })) as AsaRecord[];
    expect(back).toHaveLength(many.length);
    expect(back[0]!.names).toEqual(["i", "t", "r", "m", "late"]);
    const number = (value: Value | undefined): number => Number(value);
    for (const index of [0, 4095, 4096, 4999, 5000, 9000, 9999]) {
      const record = back[index]!;
      expect(number(record.get("i"))).toBe(index);
      expect(number(record.get("m"))).toBe(index < 5000 ? index : index + 0.5);
      expect(record.get("late") === null || record.get("late") === "").toBe(index <= 9000);
    }
  });

  it("are the same as JSON, whether they come as rows, as lines, or in pieces", async () => {
    for (const layout of ["lines", "array"] as const) {
      const texts: string[] = [];
      for (const size of [1, 7, many.length]) {
        const serialization = { ...jsonLines, layout };
        const place = { folder, name: `o${size}`, serialization, now: 0, replace: false };
        const writer = openOutput(place);
        for (let from = 0; from < 100; from += size) {
          const piece = many.slice(from, Math.min(from + size, 100));
          if (from % 2 === 0) writer.add(piece);
          else writer.addLines(Buffer.from(jsonLinesText(piece)), piece.length);
        }
        texts.push(readFileSync(await writer.close(), "utf8"));
        rmSync(folder, { recursive: true });
      }
      const whole = layout === "array" ? jsonArrayText : jsonLinesText;
      expect(texts).toEqual([0, 1, 2].map(() => whole(many.slice(0, 100))));
    }
  });

  it.each(["json", "csv"] as const)(
    "say that the disk is full, and leave nothing behind: %s",
    async (format) => {
      symlinkSync("/dev/full", join(folder, `o.${format}.part`));
      const writing = writeOutput(folder, "o", many, { ...jsonLines, format }, 0);
      await expect(writing).rejects.toMatchObject({
        code: "ASA_OUTPUT_NOT_WRITTEN",
        message: expect.stringContaining("no room is left"),
      });
      if (format === "csv") expect(readdirSync(folder)).toEqual([]);
    },
  );

  it("do not take the place of a file unless they shall", async () => {
    const place = { folder, name: "o", serialization: jsonLines, now: 0 };
    writeFileSync(join(folder, "o.json"), "mine");
    expect(() => openOutput({ ...place, replace: false })).toThrow(
      expect.objectContaining({ code: "ASA_FILE_EXISTS" }),
    );
    const aborted = openOutput({ ...place, replace: true });
    aborted.add(many.slice(0, 1));
    aborted.abort();
    expect(readFileSync(join(folder, "o.json"), "utf8")).toBe("mine");
    const written = openOutput({ ...place, replace: true });
    written.add(many.slice(0, 1));
    await written.close();
    expect(readdirSync(folder)).toEqual(["o.json"]);
    expect(readFileSync(join(folder, "o.json"), "utf8")).toBe(jsonLinesText(many.slice(0, 1)));
  });
});
