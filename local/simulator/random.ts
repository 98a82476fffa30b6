/** Numbers that depend on nothing but their arguments, so that any part of a schedule can be made alone. */

function scramble(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Returns 32 bits from a seed and up to three whole numbers, each taken modulo 2^53. */
export function hash32(seed: number, a: number, b = 0, c = 0): number {
  let state = scramble(seed ^ 0x9e3779b9);
  for (const part of [a, b, c]) {
    state = scramble(state ^ (part | 0));
    state = scramble((state + 0x9e3779b9) ^ Math.floor(part / 0x1_0000_0000));
  }
  return state;
}

/** A stream of numbers from one seed value. */
export class Random {
  #state: number;

  constructor(seed32: number) {
    this.#state = seed32 | 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** About normally distributed, mean 0, deviation 1. */
  normal(): number {
    return (this.next() + this.next() + this.next() + this.next() - 2) * Math.sqrt(3);
  }
}

/** Returns a UUID (version 8, custom) that depends on the seed, a salt and an index alone. */
export function seededUuid(seed: number, salt: number, index: number): string {
  let hex = "";
  for (let part = 0; part < 4; part += 1) {
    hex += hash32(seed, index, salt, part).toString(16).padStart(8, "0");
  }
  const variant = (8 + (Number.parseInt(hex[16]!, 16) & 3)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
