// Writes the rows of outputs as JSON lines.
import type { Interner } from "../interner";
import { KernelInterner } from "../scan";
import { KernelLines } from "./kernel-lines";
import type { LineSink, LineWriter } from "./line-writer";
import { RecordLines } from "./record-lines";

export type { LineSink, LineWriter } from "./line-writer";

/** A writer for rows whose texts are in `interner`. */
export function makeLineWriter(interner: Interner, deliver: LineSink): LineWriter {
  return interner instanceof KernelInterner
    ? new KernelLines(interner.kernel, interner, deliver)
    : new RecordLines(interner, deliver);
}
