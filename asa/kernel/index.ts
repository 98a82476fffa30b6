// What the host calls. Places are byte offsets in the exported memory.
import * as decimal from "./decimal";
import * as interner from "./interner";
import * as lines from "./lines";
import * as memory from "./memory";
import * as rows from "./rows";

export function allocate(bytes: u32): u32 {
  return <u32>memory.allocate(bytes);
}

/** Room for one call behind everything else. */
export function scratch(bytes: u32): u32 {
  return <u32>memory.scratch(bytes);
}

export function setColumns(at: u32, count: i32, starts: u32, ends: u32, states: u32): void {
  memory.setColumns(at, count, starts, ends, states);
}

export function setKeys(table: u32, lengths: u32, targets: u32): void {
  memory.setKeys(table, lengths, targets);
}

export function setLayouts(table: u32, count: i32): void {
  memory.setLayouts(table, count);
}

export function readLines(from: u32, to: u32, limit: i32): i32 {
  return rows.readLines(from, to, limit);
}

export function readBodies(count: i32): void {
  rows.readBodies(count);
}

/** Where the last `readLines` stopped. */
export function position(): u32 {
  return <u32>rows.position;
}

/** Rows of the last call that the host has to finish. */
export function unfinished(): i32 {
  return rows.unfinished;
}

/** Rows of the last call that no layout fitted. */
export function misses(): i32 {
  return rows.misses;
}

/** The last of them that was accepted, -1 when none was. */
export function lastMiss(): i32 {
  return rows.lastMiss;
}

export function intern(at: u32, length: u32): u32 {
  return interner.intern(at, length);
}

export function compactTexts(live: u32, numbers: u32): void {
  interner.compact(live, numbers);
}

export function textCount(): u32 {
  return interner.textCount;
}

export function textBytes(): u32 {
  return interner.poolUsed;
}

export function textPool(): u32 {
  return <u32>interner.pool;
}

export function textStarts(): u32 {
  return <u32>interner.starts;
}

/** Room for the powers of ten; see decimal.ts. */
export function powersOfTen(): u32 {
  return <u32>decimal.powers;
}

export function beginRows(at: u32): void {
  lines.beginRows(at);
}

/** 0: all rows are written; 1: the host writes a cell; 2: `neededBytes` have no room. */
export function writeRows(items: u32, itemCount: i32, count: i32, end: u32): i32 {
  return lines.writeRows(items, itemCount, count, end);
}

export function moveRow(begin: u32): void {
  lines.moveRow(begin);
}

export function passCell(at: u32): void {
  lines.passCell(at);
}

export function currentRow(): i32 {
  return lines.row;
}

export function currentItem(): i32 {
  return lines.item;
}

/** Where the next byte belongs, and where its row began. */
export function outPosition(): u32 {
  return <u32>lines.out;
}

export function rowBegin(): u32 {
  return <u32>lines.rowBegin;
}

export function neededBytes(): u32 {
  return <u32>lines.needed;
}
