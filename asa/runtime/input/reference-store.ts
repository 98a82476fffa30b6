import type { RuntimeDiagnostic } from "../../api";
import { AsaError } from "../../errors";
import type { LogicalPlan, ReferenceInput } from "../../plan/logical-plan";
import type { AsaRecord } from "../../values/value";
import type { ReferenceLookup, ReferenceVersion } from "../context";
import type { StateReader } from "../state/reader";
import { StateWriter } from "../state/writer";
import { Conformer } from "./conform";

const before = (a: ReferenceVersion, b: ReferenceVersion): number => {
  if (a.from === b.from) return 0;
  if (a.from === null) return -1;
  return b.from === null || a.from > b.from ? 1 : -1;
};

/** The versions of all reference inputs of a job, by the moment from which each is in effect. */
export class ReferenceStore {
  private readonly versions = new Map<string, ReferenceVersion[]>();
  private readonly plan: LogicalPlan;
  private readonly diagnose: (diagnostic: RuntimeDiagnostic) => void;

  constructor(plan: LogicalPlan, diagnose: (diagnostic: RuntimeDiagnostic) => void) {
    this.plan = plan;
    this.diagnose = diagnose;
    for (const { input } of this.relations()) this.versions.set(input.toLowerCase(), []);
  }

  private relations(): ReferenceInput[] {
    return this.plan.relations.filter(
      (relation): relation is ReferenceInput => relation.kind === "reference-input",
    );
  }

  set(input: string, rows: readonly AsaRecord[], from: bigint | null): void {
    const known = this.versions.get(input.toLowerCase());
    if (known === undefined) throw new AsaError("ASA_JOB_INPUT", `the job has no reference input "${input}"`);
    const replaced = known.findIndex((version) => version.from === from);
    if (replaced >= 0) known.splice(replaced, 1);
    known.push({ from, rows: [...rows] });
    known.sort(before);
    this.report(input, rows);
  }

  private report(input: string, rows: readonly AsaRecord[]): void {
    const relation = this.relations().find(
      (candidate) => candidate.input.toLowerCase() === input.toLowerCase(),
    );
    if (relation?.declared === null || relation?.declared === undefined) return;
    const conformer = new Conformer(relation.declared, this.plan.dialect);
    for (const event of rows) {
      const conformed = conformer.conform(event);
      if (conformed.ok) continue;
      this.diagnose({ kind: conformed.kind, action: "dropped", input, message: conformed.message, event });
    }
  }

  lookup(input: string): ReferenceLookup {
    const versions = this.versions.get(input.toLowerCase()) ?? [];
    if (this.plan.dialect.referenceSnapshot === "newest") return () => versions[versions.length - 1] ?? null;
    return (time) => {
      for (let i = versions.length - 1; i >= 0; i--) {
        const version = versions[i]!;
        if (version.from === null || version.from <= time) return version;
      }
      return null;
    };
  }

  save(writer: StateWriter): void {
    writer.list(this.versions, this.versions.size, ([input, versions]) => {
      writer.text(input);
      writer.list(versions, versions.length, (version) => {
        writer.optionalInteger(version.from);
        writer.array(encoded(version), "never");
      });
    });
  }

  /** `encodedRows`: rows stand in a piece of their own, as `save` writes them; otherwise as the older formats have them. */
  load(reader: StateReader, encodedRows: boolean): void {
    const count = reader.count();
    for (let i = 0; i < count; i++) {
      const versions = this.versions.get(reader.text());
      const loaded = reader.list(() => ({
        from: reader.optionalInteger(),
        rows: rowsOf(encodedRows ? reader.inner() : reader),
      }));
      // Operators hold on to the array itself.
      versions?.splice(0, versions.length, ...loaded);
    }
  }
}

/** The rows of versions as bytes: a version never changes, and its rows may be many. */
const bytesOf = new WeakMap<ReferenceVersion, Uint8Array>();

function encoded(version: ReferenceVersion): Uint8Array {
  let bytes = bytesOf.get(version);
  if (bytes === undefined) {
    const writer = new StateWriter();
    writer.list(version.rows, version.rows.length, (row) => writer.record(row));
    bytes = writer.result();
    bytesOf.set(version, bytes);
  }
  return bytes;
}

const rowsOf = (reader: StateReader): AsaRecord[] => reader.list(() => reader.record());
