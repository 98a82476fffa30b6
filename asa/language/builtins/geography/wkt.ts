import type { Geometry, Position, Ring } from "./geometry";

type Nested = Position | readonly Nested[];

const tokenPattern = /\s*(?:([A-Za-z]+)|([(),])|([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))/y;

class WktReader {
  private readonly tokens: string[] = [];
  private at = 0;
  readonly broken: boolean;

  constructor(text: string) {
    const body = text.trim().replace(/^SRID\s*=\s*\d+\s*;/i, "");
    tokenPattern.lastIndex = 0;
    let end = 0;
    for (let match = tokenPattern.exec(body); match !== null; match = tokenPattern.exec(body)) {
      this.tokens.push(match[1]?.toUpperCase() ?? match[2] ?? match[3]!);
      end = tokenPattern.lastIndex;
    }
    this.broken = body.slice(end).trim() !== "";
  }

  peek(): string | undefined {
    return this.tokens[this.at];
  }

  take(): string {
    return this.tokens[this.at++] ?? "";
  }

  done(): boolean {
    return this.at >= this.tokens.length;
  }

  /** `(` items `)` with positions as leaves; null when the text is malformed. */
  group(): readonly Nested[] | null {
    if (this.peek() === "EMPTY") {
      this.at++;
      return [];
    }
    if (this.take() !== "(") return null;
    const items: Nested[] = [];
    for (;;) {
      const item = this.peek() === "(" ? this.group() : this.position();
      if (item === null) return null;
      items.push(item);
      const separator = this.take();
      if (separator === ")") return items;
      if (separator !== ",") return null;
    }
  }

  private position(): Position | null {
    const numbers: number[] = [];
    while (this.peek() !== undefined && /^[+\-.\d]/.test(this.peek()!)) numbers.push(Number(this.take()));
    return numbers.length >= 2 && numbers.length <= 4 ? [numbers[0]!, numbers[1]!] : null;
  }
}

const isPosition = (item: Nested): item is Position => typeof item[0] === "number";
const isRing = (item: Nested): item is Ring => !isPosition(item) && item.every(isPosition);
const isPolygon = (item: Nested): item is readonly Ring[] => !isPosition(item) && item.every(isRing);

function shaped(kind: string, body: readonly Nested[]): Geometry | null {
  const none: Geometry = { points: [], lines: [], polygons: [] };
  const flat = body.map((item) =>
    !isPosition(item) && item.length === 1 && isPosition(item[0]!) ? item[0] : item,
  );
  if (kind === "POINT") return body.length <= 1 && body.every(isPosition) ? { ...none, points: body } : null;
  if (kind === "MULTIPOINT") return flat.every(isPosition) ? { ...none, points: flat } : null;
  if (kind === "LINESTRING") return body.every(isPosition) ? { ...none, lines: [body] } : null;
  if (kind === "MULTILINESTRING") return body.every(isRing) ? { ...none, lines: body } : null;
  if (kind === "POLYGON") return body.every(isRing) ? { ...none, polygons: [body] } : null;
  if (kind === "MULTIPOLYGON") return body.every(isPolygon) ? { ...none, polygons: body } : null;
  return null;
}

function geometry(reader: WktReader): Geometry | null {
  const kind = reader.take();
  while (/^(?:Z|M|ZM)$/.test(reader.peek() ?? "")) reader.take();
  if (kind !== "GEOMETRYCOLLECTION") {
    const body = reader.group();
    return body === null ? null : shaped(kind, body);
  }
  if (reader.take() !== "(") return null;
  const points: Position[] = [];
  const lines: Ring[] = [];
  const polygons: (readonly Ring[])[] = [];
  for (;;) {
    const part = geometry(reader);
    if (part === null) return null;
    points.push(...part.points);
    lines.push(...part.lines);
    polygons.push(...part.polygons);
    const separator = reader.take();
    if (separator === ")") return { points, lines, polygons };
    if (separator !== ",") return null;
  }
}

/** Reads well-known text of any kind, or returns null; x is the longitude, y the latitude. */
export function parseWkt(text: string): Geometry | null {
  const reader = new WktReader(text);
  if (reader.broken) return null;
  const result = geometry(reader);
  return result !== null && reader.done() ? result : null;
}
