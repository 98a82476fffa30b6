import type { Position, Ring } from "./geometry";

/** Where a position lies relative to an area. */
export type Place = "inside" | "boundary" | "outside";

/** Twice the signed area of a triangle: positive when `c` lies to the left of a -> b. */
function turn(a: Position, b: Position, c: Position): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function onSegment(p: Position, a: Position, b: Position): boolean {
  return (
    turn(a, b, p) === 0 &&
    Math.min(a[0], b[0]) <= p[0] &&
    p[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= p[1] &&
    p[1] <= Math.max(a[1], b[1])
  );
}

function placeInRing(p: Position, ring: Ring): Place {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[i]!;
    const b = ring[j]!;
    if (onSegment(p, a, b)) return "boundary";
    if (a[1] > p[1] !== b[1] > p[1] && p[0] < ((b[0] - a[0]) * (p[1] - a[1])) / (b[1] - a[1]) + a[0])
      inside = !inside;
  }
  return inside ? "inside" : "outside";
}

/** Place of a position relative to a polygon given as its outer ring and holes. */
export function placeInPolygon(p: Position, polygon: readonly Ring[]): Place {
  const [outer, ...holes] = polygon;
  if (outer === undefined) return "outside";
  const place = placeInRing(p, outer);
  if (place !== "inside") return place;
  for (const hole of holes) {
    const inHole = placeInRing(p, hole);
    if (inHole === "boundary") return "boundary";
    if (inHole === "inside") return "outside";
  }
  return "inside";
}

/** True when two segments share a point; ends count. */
export function segmentsMeet(a: Position, b: Position, c: Position, d: Position): boolean {
  const [t1, t2, t3, t4] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (t1 * t2 < 0 && t3 * t4 < 0) return true;
  return onSegment(c, a, b) || onSegment(d, a, b) || onSegment(a, c, d) || onSegment(b, c, d);
}

/** True when two segments cross in a point inside both. */
export function segmentsCross(a: Position, b: Position, c: Position, d: Position): boolean {
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

/** The segments of a line, or of a ring. */
export function segments(line: Ring): readonly (readonly [Position, Position])[] {
  return line.slice(1).map((end, index) => [line[index]!, end] as const);
}

/** Corners and edge midpoints: enough to tell on which side of another outline an outline runs that it never crosses. */
function probes(ring: Ring): readonly Position[] {
  const middles = segments(ring).map(([a, b]): Position => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
  return [...ring, ...middles];
}

function outlinesCross(a: readonly Ring[], b: readonly Ring[]): boolean {
  return a.some((ringA) =>
    b.some((ringB) =>
      segments(ringA).some(([p, q]) => segments(ringB).some(([r, s]) => segmentsCross(p, q, r, s))),
    ),
  );
}

/** True when the first polygon lies in the second; a shared edge does not matter. */
export function polygonWithin(inner: readonly Ring[], outer: readonly Ring[]): boolean {
  if (outlinesCross(inner, outer)) return false;
  const inside =
    (inner[0] ?? []).length > 0 && probes(inner[0]!).every((p) => placeInPolygon(p, outer) !== "outside");
  const holesFree = outer
    .slice(1)
    .every((hole) => probes(hole).every((p) => placeInPolygon(p, inner) !== "inside"));
  return inside && holesFree;
}

/** True when two polygons share area and neither contains the other. */
export function polygonsOverlap(a: readonly Ring[], b: readonly Ring[]): boolean {
  if (polygonWithin(a, b) || polygonWithin(b, a)) return false;
  if (outlinesCross(a, b)) return true;
  return (
    probes(a[0] ?? []).some((p) => placeInPolygon(p, b) === "inside") ||
    probes(b[0] ?? []).some((p) => placeInPolygon(p, a) === "inside")
  );
}

/** The point of a segment nearest to `p`, in a plane scaled for p's latitude. */
export function nearestOnSegment(p: Position, a: Position, b: Position): Position {
  const scale = Math.cos((p[1] * Math.PI) / 180);
  const [dx, dy] = [(b[0] - a[0]) * scale, b[1] - a[1]];
  const square = dx * dx + dy * dy;
  if (square === 0) return a;
  const along = ((p[0] - a[0]) * scale * dx + (p[1] - a[1]) * dy) / square;
  const share = Math.min(1, Math.max(0, along));
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}
