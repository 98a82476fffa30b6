import type { SnapshotTask } from "../api";
import { AsaError } from "../errors";
import type { LogicalPlan } from "../plan/logical-plan";
import { headRoom, sealSnapshot, WordChecksum } from "./snapshot";
import { StateWriter } from "./state/writer";

/** Memory of a job's snapshots, kept from one to the next: pages that were touched once are copied into fast. */
export class SnapshotRoom {
  private free: Uint8Array | null = null;

  /** The kept memory, when it has room for so many bytes and is not far too large. */
  take(size: number): Uint8Array | null {
    const { free } = this;
    this.free = null;
    return free !== null && free.length >= size && free.length <= 4 * size + 65_536 ? free : null;
  }

  give(bytes: Uint8Array): void {
    this.free = bytes;
  }
}

const pageBytes = 4096;
const slicePages = 256;

/** Makes one snapshot in three parts, of which only `capture` needs the job to stand still. */
export class StateSnapshot implements SnapshotTask {
  private readonly plan: LogicalPlan;
  private readonly save: (writer: StateWriter) => void;
  private readonly room: SnapshotRoom;
  private memory: Uint8Array | null = null;
  private touched = Number.POSITIVE_INFINITY;
  private size = -1;
  private checksum: WordChecksum | null = null;
  private sealed: Uint8Array | null = null;

  constructor(plan: LogicalPlan, room: SnapshotRoom, save: (writer: StateWriter) => void) {
    this.plan = plan;
    this.room = room;
    this.save = save;
  }

  prepare(): boolean {
    if (this.memory === null) {
      const trial = new StateWriter();
      this.save(trial);
      // The state may grow until `capture`.
      const size = headRoom + Math.ceil(trial.size * 1.25);
      this.memory = this.room.take(size);
      if (this.memory === null) {
        this.memory = new Uint8Array(size);
        this.touched = 0;
      }
    }
    const end = this.touched + slicePages * pageBytes;
    // A write makes the operating system give the page, which otherwise happens while the job stands still.
    for (; this.touched < this.memory.length && this.touched < end; this.touched += pageBytes)
      this.memory[this.touched] = 1;
    return this.touched >= this.memory.length;
  }

  capture(): void {
    if (this.checksum !== null) throw new AsaError("ASA_SNAPSHOT_ORDER", "the state was captured already");
    this.memory ??= this.room.take(headRoom) ?? new Uint8Array(4096);
    const room = this.memory.subarray(headRoom);
    const writer = new StateWriter(room);
    this.save(writer);
    this.size = writer.size;
    if (this.size > room.length) this.memory = new Uint8Array(headRoom + this.size);
    writer.copyTo(this.size > room.length ? this.memory.subarray(headRoom) : room);
    this.checksum = new WordChecksum(this.memory.subarray(headRoom, headRoom + this.size));
  }

  seal(): boolean {
    if (this.checksum === null) throw new AsaError("ASA_SNAPSHOT_ORDER", "no state was captured yet");
    return this.checksum.step();
  }

  get bytes(): Uint8Array {
    if (this.sealed !== null) return this.sealed;
    if (this.checksum === null || this.memory === null)
      throw new AsaError("ASA_SNAPSHOT_ORDER", "no state was captured yet");
    this.sealed = sealSnapshot(this.plan, this.memory, this.size, this.checksum.result());
    return this.sealed;
  }

  release(): void {
    if (this.memory !== null) this.room.give(this.memory);
    this.memory = null;
    this.sealed = null;
  }
}
