// Reads the needed fields of events from their bytes into columns.
import { JsonReader } from "../../../values/json-read";
import type { ColumnStore, ColumnUse } from "../columns";
import type { Interner } from "../interner";
import { Kernel } from "./kernel";
import { KernelInterner } from "./kernel-interner";
import { KernelRows, kernelCanRead } from "./kernel-rows";
import type { ScannerLevel } from "./levels";
import type { RowScanner } from "./rows";
import { ScannerFactory } from "./script";
import { ScriptInterner } from "./script-interner";
import { ScriptRows } from "./script-rows";

export type { Kernel } from "./kernel";
export { KernelInterner } from "./kernel-interner";
export { type ScannerLevel, scannerLevels } from "./levels";
export type { RowScanner, ScannedRows } from "./rows";

/** The texts of an input and its scanner; in the kernel's memory where the kernel can run and `level` allows it. */
export function makeInterner(level: ScannerLevel = "layout"): Interner {
  const kernel = level === "layout" || level === "any-order" ? Kernel.make() : null;
  return kernel === null ? new ScriptInterner() : new KernelInterner(kernel);
}

export interface ScannerSettings {
  readonly uses: readonly ColumnUse[];
  /** One store for each use, each with room for `capacity` rows. */
  readonly stores: readonly ColumnStore[];
  readonly capacity: number;
  /** From `makeInterner`. */
  readonly interner: Interner;
  /** The fastest level that may be used. @default "layout" */
  readonly level?: ScannerLevel | undefined;
}

export function makeScanner(settings: ScannerSettings): RowScanner {
  const { uses, stores, capacity, interner, level = "layout" } = settings;
  const reader = new JsonReader();
  if (level === "reader") return new ScriptRows(null, capacity);
  const factory = new ScannerFactory(uses, stores, interner, reader);
  const script = new ScriptRows(factory, capacity);
  if (!(interner instanceof KernelInterner) || level === "script" || !kernelCanRead(uses)) return script;
  return new KernelRows({
    kernel: interner.kernel,
    uses,
    stores,
    interner,
    reader,
    factory,
    script,
    capacity,
    learns: level === "layout",
  });
}
