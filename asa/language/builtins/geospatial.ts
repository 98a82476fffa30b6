import { AsaRecord, type Value } from "../../values/value";
import { BuiltinError, type Evaluate, scalar, takes } from "./builtin";
import { geodesicDistance } from "./geography/geodesic";
import { type Geometry, type Position, readGeometry } from "./geography/geometry";
import {
  nearestOnSegment,
  placeInPolygon,
  polygonsOverlap,
  polygonWithin,
  segments,
  segmentsCross,
  segmentsMeet,
} from "./geography/planar";

const names = ["type", "coordinates"] as const;
const geoJson = (type: string, coordinates: Value): AsaRecord => new AsaRecord(names, [type, coordinates]);

const createPoint: Evaluate = ([latitude, longitude]) => {
  const [lat, lon] = [Number(latitude), Number(longitude)];
  if (Math.abs(lat) > 90 || Math.abs(lon) > 15_069) {
    throw new BuiltinError("a latitude or longitude given to function createpoint is out of range");
  }
  return geoJson("Point", [lon, lat]);
};

function positions(name: string, args: readonly Value[]): Position[] {
  return args.map((arg) => {
    const { points } = readGeometry(arg);
    if (points.length !== 1) throw new BuiltinError(`function ${name} takes points only`);
    return points[0]!;
  });
}

const samePlace = (a: Position, b: Position): boolean => a[0] === b[0] && a[1] === b[1];

function rejectSelfCrossing(name: string, line: readonly Position[]): void {
  const parts = segments(line);
  for (let i = 0; i < parts.length; i++) {
    for (let j = i + 2; j < parts.length; j++) {
      if (segmentsCross(...parts[i]!, ...parts[j]!))
        throw new BuiltinError(`the line given to function ${name} crosses itself`);
    }
  }
}

const createLineString: Evaluate = (args) => {
  const line = positions("createlinestring", args);
  rejectSelfCrossing("createlinestring", line);
  return geoJson("LineString", line);
};

const createPolygon: Evaluate = (args) => {
  const ring = positions("createpolygon", args);
  const distinct = ring.filter((p, i) => ring.findIndex((q) => samePlace(p, q)) === i);
  if (!samePlace(ring[0]!, ring[ring.length - 1]!) || distinct.length < 3) {
    throw new BuiltinError("a polygon needs at least three different points and ends where it starts");
  }
  rejectSelfCrossing("createpolygon", ring);
  return geoJson("Polygon", [ring]);
};

/** Points and lines as lists of segments; a point is a segment of no length. */
const pieces = (shape: Geometry): (readonly [Position, Position])[] => [
  ...shape.points.map((p) => [p, p] as const),
  ...shape.lines.flatMap((line) => segments(line)),
];

const distance: Evaluate = ([first, second]) => {
  const [a, b] = [readGeometry(first!), readGeometry(second!)];
  if (a.polygons.length > 0 || b.polygons.length > 0) return 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [p, q] of pieces(a)) {
    for (const [r, s] of pieces(b)) {
      if (segmentsMeet(p, q, r, s)) return 0;
      least = Math.min(
        least,
        geodesicDistance(p, nearestOnSegment(p, r, s)),
        geodesicDistance(q, nearestOnSegment(q, r, s)),
        geodesicDistance(r, nearestOnSegment(r, p, q)),
        geodesicDistance(s, nearestOnSegment(s, p, q)),
      );
    }
  }
  return Number.isFinite(least) ? least : null;
};

const within: Evaluate = ([first, second], dialect) => {
  const [a, b] = [readGeometry(first!), readGeometry(second!)];
  if (a.lines.length > 0 || b.polygons.length === 0) {
    throw new BuiltinError("function st_within takes a point or a polygon, and a polygon");
  }
  const edgeCounts = dialect.geographyBoundary === "inside";
  const pointsIn = a.points.every((p) =>
    b.polygons.some((polygon) => {
      const place = placeInPolygon(p, polygon);
      return place === "inside" || (edgeCounts && place === "boundary");
    }),
  );
  const polygonsIn = a.polygons.every((inner) => b.polygons.some((outer) => polygonWithin(inner, outer)));
  return pointsIn && polygonsIn ? 1n : 0n;
};

const overlaps: Evaluate = ([first, second]) => {
  const [a, b] = [readGeometry(first!), readGeometry(second!)];
  if (a.polygons.length === 0 || b.polygons.length === 0)
    throw new BuiltinError("function st_overlaps takes two polygons");
  return a.polygons.some((p) => b.polygons.some((q) => polygonsOverlap(p, q))) ? 1n : 0n;
};

const intersects: Evaluate = ([first, second]) => {
  const [a, b] = [readGeometry(first!), readGeometry(second!)];
  if (a.lines.length === 0 || b.lines.length === 0)
    throw new BuiltinError("function st_intersects takes two lines");
  const met = a.lines.some((p) =>
    b.lines.some((q) => segments(p).some(([r, s]) => segments(q).some(([t, u]) => segmentsMeet(r, s, t, u)))),
  );
  return met ? 1n : 0n;
};

/** Geospatial functions over GeoJSON records and WKT text; predicates are planar on (longitude, latitude). */
export const geospatialBuiltins = [
  scalar("CreatePoint", [takes.number, takes.number], "record", createPoint),
  scalar("CreateLineString", [takes.geography], "record", createLineString, {
    minArguments: 2,
    maxArguments: Number.POSITIVE_INFINITY,
  }),
  scalar("CreatePolygon", [takes.geography], "record", createPolygon, {
    minArguments: 4,
    maxArguments: Number.POSITIVE_INFINITY,
  }),
  scalar("ST_DISTANCE", [takes.geography, takes.geography], "float", distance),
  scalar("ST_WITHIN", [takes.geography, takes.geography], "bigint", within),
  scalar("ST_OVERLAPS", [takes.geography, takes.geography], "bigint", overlaps),
  scalar("ST_INTERSECTS", [takes.geography, takes.geography], "bigint", intersects),
] as const;
