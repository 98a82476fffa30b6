import fc from "fast-check";
import { splitJsonEvents } from "../../../../asa/node/formats";

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
