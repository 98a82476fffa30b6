import type { SnapshotTask } from "../api";
import { AsaError } from "../errors";
import type { LogicalPlan } from "../plan/logical-plan";
import { snapshotHeader, WordChecksum } from "./snapshot";
import { LargeArrays } from "./state/large-arrays";
import { bytesOf, joined, type Piece, StateWriter } from "./state/writer";

/** So many bytes of pieces that are made late are made at a time. */
const lateSlice = 1 << 18;

/** A snapshot made at once. */
export function wholeSnapshot(plan: LogicalPlan, save: (writer: StateWriter) => void): Uint8Array {
  const writer = new StateWriter();
  save(writer);
  const pieces = writer.pieces.map(bytesOf);
  return joined(sealed(plan, pieces, new WordChecksum(pieces)));
}

function sealed(plan: LogicalPlan, pieces: readonly Uint8Array[], sum: WordChecksum): readonly Uint8Array[] {
  const size = pieces.reduce((total, piece) => total + piece.length, 0);
  return [snapshotHeader(plan, size, sum.result()), ...pieces];
}

/** Makes one snapshot in three parts, of which only `capture` needs the job to stand still. */
export class StateSnapshot implements SnapshotTask {
  private readonly plan: LogicalPlan;
  private readonly save: (writer: StateWriter) => void;
  private readonly saveArrays: (writer: StateWriter) => void;
  private readonly arrays = new LargeArrays();
  private planned = false;
  private captured: readonly Piece[] | null = null;
  /** The captured pieces, as far as they are made. */
  private readonly made: Uint8Array[] = [];
  private checksum: WordChecksum | null = null;
  private finished: readonly Uint8Array[] | null = null;

  /** `saveArrays` writes at least the large arrays of `save`, and is what `prepare` costs at once. */
  constructor(
    plan: LogicalPlan,
    save: (writer: StateWriter) => void,
    saveArrays: (writer: StateWriter) => void,
  ) {
    this.plan = plan;
    this.save = save;
    this.saveArrays = saveArrays;
  }

  /** Makes `capture` take all: a later snapshot of the job follows the changes now. */
  outdate(): void {
    this.planned = true;
    this.arrays.clear();
  }

  prepare(): boolean {
    if (this.planned) return this.arrays.step();
    this.planned = true;
    this.saveArrays(
      new StateWriter((bytes, changes) => {
        this.arrays.plan(bytes, changes);
        return bytes;
      }),
    );
    return this.arrays.step();
  }

  capture(): void {
    if (this.captured !== null) throw new AsaError("ASA_SNAPSHOT_ORDER", "the state was captured already");
    const writer = new StateWriter((bytes, changes) => this.arrays.take(bytes, changes));
    this.save(writer);
    this.captured = writer.pieces;
  }

  seal(): boolean {
    if (this.captured === null) throw new AsaError("ASA_SNAPSHOT_ORDER", "no state was captured yet");
    if (this.checksum !== null) return this.checksum.step();
    const { captured, made } = this;
    for (let late = 0; made.length < captured.length && late < lateSlice; ) {
      const piece = captured[made.length]!;
      const bytes = bytesOf(piece);
      made.push(bytes);
      if (piece !== bytes) late += bytes.length;
    }
    if (made.length === captured.length) this.checksum = new WordChecksum(made);
    return false;
  }

  get pieces(): readonly Uint8Array[] {
    while (!this.seal());
    this.finished ??= sealed(this.plan, this.made, this.checksum!);
    return this.finished;
  }
}
