import type { Changes } from "../state/large-arrays";

/** Gives equal texts one small number. */
export interface Interner {
  readonly size: number;
  /** Bytes of all texts. */
  readonly byteLength: number;
  /** The number of the text in bytes [from, to), which must be valid UTF-8; `hash` is `h = h * 31 + byte` over it. */
  bytes(source: Uint8Array, from: number, to: number, hash: number): number;
  /** The number of a text; null when it has a lone surrogate, which UTF-8 cannot hold. */
  id(text: string): number | null;
  text(id: number): string;
  /**
   * Forgets the texts that `live` does not mark and numbers the others anew, in their order; returns the new number of
   * each old one, -1 for the forgotten.
   */
  compact(live: Uint8Array): Int32Array;
  /** All texts as bytes and the place where each ends; valid until the next text is added. */
  readonly contents: { readonly bytes: Uint8Array; readonly starts: Int32Array };
  /** How both arrays of `contents` change. */
  readonly changes: Changes;
  /** Takes the texts of `contents` in their order; false when texts that are here already have other numbers there. */
  load(bytes: Uint8Array, starts: Int32Array): boolean;
}
