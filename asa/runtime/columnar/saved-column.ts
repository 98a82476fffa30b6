import type { Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import { StateWriter } from "../state/writer";
import { boxesOf, type ColumnStore } from "./columns";

interface SavedColumn {
  readonly numbers: Float64Array;
  readonly kinds: Uint8Array;
  /** The values of boxed cells, in order. */
  readonly boxed: readonly Value[];
}

/** A column in few bytes: most numbers are small and whole, and most columns have one kind of value. */
export function packed({ numbers, kinds, boxed }: SavedColumn): Uint8Array {
  const writer = new StateWriter();
  const whole = numbers.every((number) => Object.is(number, number | 0));
  writer.flag(whole);
  writer.array(whole ? new Int32Array(numbers) : numbers);
  const oneKind = kinds.every((kind) => kind === kinds[0]);
  writer.flag(oneKind);
  if (oneKind) writer.byte(kinds[0] ?? 0);
  else writer.array(kinds);
  writer.column(boxed);
  return writer.resultAsArray();
}

/** Reads what `packed` wrote. */
export function unpacked(reader: StateReader): ColumnStore {
  const numbers = reader.flag() ? new Float64Array(reader.array(Int32Array)) : reader.array(Float64Array);
  const kinds = reader.flag() ? new Uint8Array(numbers.length).fill(reader.byte()) : reader.array(Uint8Array);
  return { numbers, kinds, boxes: boxesOf(kinds, reader.column()) };
}
