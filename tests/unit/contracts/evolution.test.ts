import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { breakingChanges, type EventSchema } from "../../../contracts";

const events = join(__dirname, "../../../contracts/events");
const readSchema = (path: string) => JSON.parse(readFileSync(path, "utf8")) as EventSchema;

function schemaFiles(): { event: string; version: string; path: string }[] {
  return readdirSync(events, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "released")
    .flatMap(({ name }) =>
      readdirSync(join(events, name))
        .map((file) => /^(v\d+)\.schema\.json$/.exec(file))
        .filter((match) => match !== null)
        .map((match) => ({ event: name, version: match[1]!, path: join(events, name, match[0]) })),
    );
}

describe("event schemas", () => {
  it.each(schemaFiles())("$event $version changes compatibly only", ({ event, version, path }) => {
    const released = readSchema(join(events, "released", `${event}-${version}.json`));
    expect(breakingChanges(released, readSchema(path))).toEqual([]);
  });

  it("keeps every released version", () => {
    const present = schemaFiles().map(({ event, version }) => `${event}-${version}.json`);
    expect(readdirSync(join(events, "released")).sort()).toEqual(present.sort());
  });
});

describe("breakingChanges", () => {
  const released: EventSchema = {
    required: ["id", "size"],
    properties: {
      id: { type: "string", pattern: "^a$" },
      size: { type: "number", minimum: 0, maximum: 10, unit: "m" },
      note: { type: "string" },
    },
  };
  const changed = (
    change: (schema: { required: string[]; properties: Record<string, Record<string, unknown>> }) => void,
  ) => {
    const copy = structuredClone(released) as never;
    change(copy);
    return copy as EventSchema;
  };

  it("accepts an optional field and other words", () => {
    const current = changed((schema) => {
      schema.properties["color"] = { type: "string" };
      schema.properties["id"]!["description"] = "other words";
    });
    expect(breakingChanges(released, current)).toEqual([]);
  });

  it.each([
    [
      "a removed field",
      (s: never) => delete (s as { properties: Record<string, unknown> }).properties["note"],
      '"note" is gone',
    ],
    [
      "a new required field",
      (s: never) => (s as { required: string[] }).required.push("note"),
      '"note" became required',
    ],
    [
      "a field no longer required",
      (s: never) => (s as { required: string[] }).required.pop(),
      '"size" is no longer required',
    ],
    [
      "another unit",
      (s: never) => Object.assign((s as EventSchema).properties["size"]!, { unit: "km" }),
      'unit of "size" changed from m to km',
    ],
    [
      "a narrower range",
      (s: never) => Object.assign((s as EventSchema).properties["size"]!, { maximum: 9 }),
      'maximum of "size" changed from 10 to 9',
    ],
    [
      "a wider range",
      (s: never) => Object.assign((s as EventSchema).properties["size"]!, { minimum: -1 }),
      'minimum of "size" changed from 0 to -1',
    ],
    [
      "another type",
      (s: never) => Object.assign((s as EventSchema).properties["size"]!, { type: "string" }),
      'type of "size" changed from number to string',
    ],
    [
      "another pattern",
      (s: never) => Object.assign((s as EventSchema).properties["id"]!, { pattern: "^b$" }),
      'pattern of "id" changed from ^a$ to ^b$',
    ],
    [
      "a closed schema",
      (s: never) => Object.assign(s, { additionalProperties: false }),
      "additional fields are refused",
    ],
  ])("names %s", (_name, change, sentence) => {
    expect(breakingChanges(released, changed(change as never))).toEqual([sentence]);
  });
});
