import { convertValue } from "../../../values/convert";
import { AsaRecord, type Value } from "../../../values/value";
import { BuiltinError } from "../builtin";
import { parseWkt } from "./wkt";

/** Longitude and latitude in degrees. */
export type Position = readonly [number, number];
export type Ring = readonly Position[];

/** A geography value, multi-part kinds included: lists of points, lines, and polygons (outer ring first, then holes). */
export interface Geometry {
  readonly points: readonly Position[];
  readonly lines: readonly Ring[];
  readonly polygons: readonly (readonly Ring[])[];
}

const invalid = (): BuiltinError => new BuiltinError("a value is no GeoJSON object and no WKT text");

function position(value: Value | undefined): Position {
  if (!Array.isArray(value) || value.length < 2) throw invalid();
  const [longitude, latitude] = [convertValue(value[0], "float"), convertValue(value[1], "float")];
  if (typeof longitude !== "number" || typeof latitude !== "number") throw invalid();
  return [longitude, latitude];
}

function list<T>(value: Value | undefined, read: (item: Value) => T): T[] {
  if (!Array.isArray(value)) throw invalid();
  return value.map(read);
}

const ring = (value: Value): Ring => list(value, position);
const polygon = (value: Value): Ring[] => list(value, ring);

function fromGeoJson(record: AsaRecord): Geometry {
  const type = record.get("type");
  const coordinates = record.get("coordinates");
  const none: Geometry = { points: [], lines: [], polygons: [] };
  switch (typeof type === "string" ? type.toLowerCase() : "") {
    case "point":
      return { ...none, points: [position(coordinates)] };
    case "multipoint":
      return { ...none, points: list(coordinates, position) };
    case "linestring":
      return { ...none, lines: [list(coordinates, position)] };
    case "multilinestring":
      return { ...none, lines: list(coordinates, ring) };
    case "polygon":
      return { ...none, polygons: [list(coordinates, ring)] };
    case "multipolygon":
      return { ...none, polygons: list(coordinates, polygon) };
    case "geometrycollection":
      return joined(
        list(record.get("geometries"), (item) => {
          if (!(item instanceof AsaRecord)) throw invalid();
          return fromGeoJson(item);
        }),
      );
    default:
      throw invalid();
  }
}

/** One geometry with the parts of several. */
export function joined(parts: readonly Geometry[]): Geometry {
  return {
    points: parts.flatMap((part) => part.points),
    lines: parts.flatMap((part) => part.lines),
    polygons: parts.flatMap((part) => part.polygons),
  };
}

// Geofences come from reference data and are read for every event, so both forms are read once.
const byRecord = new WeakMap<AsaRecord, Geometry>();
const byText = new Map<string, Geometry>();
const maxTexts = 10_000;

/**
 * Reads a geography value.
 * @throws {BuiltinError} when the record is no GeoJSON geometry or the text no WKT.
 */
export function readGeometry(value: Value): Geometry {
  if (value instanceof AsaRecord) {
    let known = byRecord.get(value);
    if (known === undefined) {
      known = fromGeoJson(value);
      byRecord.set(value, known);
    }
    return known;
  }
  if (typeof value !== "string") throw invalid();
  let known = byText.get(value);
  if (known === undefined) {
    const parsed = parseWkt(value);
    if (parsed === null) throw invalid();
    known = parsed;
    if (byText.size >= maxTexts) byText.clear();
    byText.set(value, known);
  }
  return known;
}
