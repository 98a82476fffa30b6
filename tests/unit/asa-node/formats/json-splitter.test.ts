import fc from "fast-check";
import {
  type FilePiece,
  filePieces,
  JsonSplitter,
  jsonLines,
  splitJsonEvents,
} from "../../../../asa/node/formats";

const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 });

describe("splitJsonEvents", () => {
  it("gives back every object, however the file is laid out", () => {
    fc.assert(
      fc.property(
        objects,
        fc.constantFrom("\n", "\r\n", ",", ",\n", "", " \n\n"),
        fc.constantFrom(0, 2),
        (list, separator, indent) => {
          const texts = list.map((item) => JSON.stringify(item, null, indent));
          const parsed = (text: string) => splitJsonEvents(text).map((event) => JSON.parse(event.text));
          expect(parsed(texts.join(separator))).toEqual(list.map((item) => JSON.parse(JSON.stringify(item))));
          expect(parsed(JSON.stringify(list, null, indent))).toEqual(
            list.map((item) => JSON.parse(JSON.stringify(item))),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("loses no text of any input but separators", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", "\n", " ", "a", "1", ":") }),
        (text) => {
          const kept = splitJsonEvents(text)
            .map((event) => event.text)
            .join("");
          const strip = (value: string) => value.replaceAll(/[\s,[\]]/g, "");
          expect(strip(kept)).toBe(strip(text));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

const pieceOf = fc.string({
  unit: fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", "\n", " ", "a", "1", ":", '{"a":1}', "\n{}\n"),
});

describe("JsonSplitter", () => {
  it("gives the same events with the same lines, wherever the text is cut", () => {
    fc.assert(
      fc.property(fc.array(pieceOf, { maxLength: 8 }), (texts) => {
        const splitter = new JsonSplitter();
        const split = texts.flatMap((text) => splitter.push(text));
        expect([...split, ...splitter.end()]).toEqual(splitJsonEvents(texts.join("")));
      }),
      { numRuns: 3000 },
    );
  });
});

/** The bodies of a file's events; lines are cut at their ends. */
async function bodies(chunks: readonly Uint8Array[], asLines: boolean): Promise<string[]> {
  const data = {
    async *chunks() {
      yield* chunks;
    },
    open: () => Promise.reject(new Error("not read at any place")),
  };
  const found: string[] = [];
  const decode = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString();
  for await (const piece of filePieces(data, jsonLines, "data", asLines) as AsyncIterable<FilePiece>) {
    if ("lines" in piece)
      found.push(
        ...decode(piece.lines)
          .split("\n")
          .map((line) => line.trim())
          .filter((line) => line !== ""),
      );
    else found.push(...piece.events.map(({ body }) => decode(body)));
  }
  return found;
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe("JSON files in pieces", () => {
  it("have the same events as lines and without, in UTF-8 and UTF-16, wherever they are cut", async () => {
    const item = fc.dictionary(
      fc.string({ unit: fc.constantFrom("a", "ü", "😀", '"', "}") }),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 8 }),
        fc.constantFrom("\n", "\r\n", ",\n", "\n\n \t", ""),
        fc.constantFrom("", "\n"),
        fc.constantFrom<BufferEncoding>("utf8", "utf16le"),
        fc.constantFrom("", "\uFEFF"),
        fc.array(fc.nat(), { maxLength: 5 }),
        async (list, separator, end, encoding, mark, places) => {
          const text = list.map((value) => JSON.stringify(value)).join(separator) + end;
          const bytes = Buffer.from(`${encoding === "utf8" ? mark : "\uFEFF"}${text}`, encoding);
          const expected = splitJsonEvents(text).map((event) => event.text);
          expect(await bodies(cut(bytes, places), true)).toEqual(expected);
          expect(await bodies(cut(bytes, places), false)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("go over from lines to other JSON where it begins", async () => {
    const text = '{"a":1}\n{"a":2}\n{\n  "a": 3\n}\n{"a":4}\n[{"a":5},{"a":6}]\nno object\n{"a":7}';
    const expected = splitJsonEvents(text).map((event) => event.text);
    for (let size = 1; size < text.length; size++) {
      const places = Array.from({ length: Math.floor(text.length / size) }, (_, index) => index * size);
      expect(await bodies(cut(Buffer.from(text), places), true)).toEqual(expected);
    }
  });

  it("are refused when they are no text, in the first line or in a later piece", async () => {
    const good = Buffer.from('{"a":1}\n');
    const bad = Buffer.from([0x7b, 0xff, 0x7d, 0x0a]);
    for (const chunks of [[bad], [good, bad], [good, good, Buffer.from("[1,"), bad]])
      await expect(bodies(chunks, true)).rejects.toMatchObject({ code: "ASA_FILE_UNREADABLE" });
  });
});
