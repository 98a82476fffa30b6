// Gives equal texts one small number. Texts lie one behind the other in a pool; a table finds them by their hash.
import { allocate } from "./memory";

/** Masks that keep the first n bytes of a vector, n from 0 to 16. */
const byteMasks = memory.data(16 * 17, 16);

for (let n: usize = 0; n <= 16; n++)
  for (let i: usize = 0; i < 16; i++) store<u8>(byteMasks + n * 16 + i, i < n ? 255 : 0);

@inline
export function firstBytes(count: usize): v128 {
  return v128.load(byteMasks + (count << 4));
}

/** True when `length` bytes at both places are the same; reads whole vectors. */
@inline
export function isSame(a: usize, b: usize, length: usize): bool {
  let i: usize = 0;
  for (; length - i > 16; i += 16) if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
  return !v128.any_true(v128.and(v128.xor(v128.load(a + i), v128.load(b + i)), firstBytes(length - i)));
}

let poolSize: usize = 4096;
export let pool: usize = allocate(poolSize);
export let poolUsed: u32 = 0;

let startsSize: u32 = 256;
/** Where each text begins in the pool, and behind the last where it ends. */
export let starts: usize = allocate(<usize>startsSize << 2);
export let textCount: u32 = 0;

let tableSize: u32 = 512;
/** Entries hash << 32 | number + 1, 0 for none. */
let table: usize = allocate(<usize>tableSize << 3);

store<u32>(starts, 0);
memory.fill(table, 0, <usize>tableSize << 3);

const k0: u64 = 0x9e3779b97f4a7c15;
const k1: u64 = 0xd6e8feb86659fd93;

@inline
function mixed(hash: u64): u64 {
  let h = hash * k0;
  h ^= h >> 32;
  return h * k1;
}

function hashOf(from: usize, length: usize): u32 {
  let hash = <u64>length;
  let at = from;
  let rest = length;
  while (rest > 16) {
    const bytes = v128.load(at);
    hash = mixed(mixed(hash ^ i64x2.extract_lane(bytes, 0)) ^ i64x2.extract_lane(bytes, 1));
    at += 16;
    rest -= 16;
  }
  const bytes = v128.and(v128.load(at), firstBytes(rest));
  return <u32>(mixed(mixed(hash ^ i64x2.extract_lane(bytes, 0)) ^ i64x2.extract_lane(bytes, 1)) >> 32);
}

/** The number of the text in `length` bytes from `from`, which must be valid UTF-8 with 16 readable bytes behind it. */
export function intern(from: usize, length: usize): u32 {
  const hash = hashOf(from, length);
  const mask = tableSize - 1;
  let place = hash & mask;
  while (true) {
    const entry = load<u64>(table + (<usize>place << 3));
    if (entry == 0) return add(from, length, hash, place);
    if (<u32>(entry >> 32) == hash) {
      const id = <u32>entry - 1;
      const start = load<u32>(starts + (<usize>id << 2));
      const end = load<u32>(starts + (<usize>id << 2), 4);
      if (<usize>(end - start) == length && isSame(pool + start, from, length)) return id;
    }
    place = (place + 1) & mask;
  }
}

function add(from: usize, length: usize, hash: u32, place: u32): u32 {
  if (<usize>poolUsed + length > poolSize) {
    poolSize = max<usize>(poolSize * 2, <usize>poolUsed + length);
    const grown = allocate(poolSize);
    memory.copy(grown, pool, poolUsed);
    pool = grown;
  }
  memory.copy(pool + poolUsed, from, length);
  poolUsed += <u32>length;
  const id = textCount++;
  if (id + 2 > startsSize) {
    const grown = allocate(<usize>startsSize << 3);
    memory.copy(grown, starts, <usize>startsSize << 2);
    starts = grown;
    startsSize *= 2;
  }
  store<u32>(starts + (<usize>id << 2), poolUsed, 4);
  store<u64>(table + (<usize>place << 3), (<u64>hash << 32) | <u64>(id + 1));
  // A table that fits the processor's cache is worth a few more steps in it.
  if (textCount * 3 > tableSize * 2) rehash();
  return id;
}

@inline
function enter(hash: u32, id: u32): void {
  const mask = tableSize - 1;
  let place = hash & mask;
  while (load<u64>(table + (<usize>place << 3)) != 0) place = (place + 1) & mask;
  store<u64>(table + (<usize>place << 3), (<u64>hash << 32) | <u64>(id + 1));
}

function rehash(): void {
  const old = table;
  const oldSize = tableSize;
  tableSize *= 2;
  table = allocate(<usize>tableSize << 3);
  memory.fill(table, 0, <usize>tableSize << 3);
  for (let i: u32 = 0; i < oldSize; i++) {
    const entry = load<u64>(old + (<usize>i << 3));
    if (entry != 0) enter(<u32>(entry >> 32), <u32>entry - 1);
  }
}

/**
 * Forgets the texts whose byte at `live` is not 1 and numbers the others anew, in their order. Writes the new number of
 * each old one to `numbers` as i32, -1 for the forgotten.
 */
export function compact(live: usize, numbers: usize): void {
  const before = textCount;
  let count: u32 = 0;
  let used: u32 = 0;
  let start: u32 = 0;
  memory.fill(table, 0, <usize>tableSize << 3);
  for (let id: u32 = 0; id < before; id++) {
    const end = load<u32>(starts + (<usize>id << 2), 4);
    if (load<u8>(live + id) == 1) {
      const length = <usize>(end - start);
      memory.copy(pool + used, pool + start, length);
      enter(hashOf(pool + used, length), count);
      used += <u32>length;
      store<i32>(numbers + (<usize>id << 2), count);
      count++;
      store<u32>(starts + (<usize>count << 2), used);
    } else store<i32>(numbers + (<usize>id << 2), -1);
    start = end;
  }
  textCount = count;
  poolUsed = used;
}
