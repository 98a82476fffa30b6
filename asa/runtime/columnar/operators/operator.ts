import type { Relation } from "../../../plan/logical-plan";
import type { RuntimeContext } from "../../context";
import type { StateReader } from "../../state/reader";
import type { StateWriter } from "../../state/writer";
import type { Interner } from "../interner";
import type { Page, PageTarget } from "../page";

/** What the typed operators of a job share. */
export interface TypedContext {
  readonly context: RuntimeContext;
  /** One for all, so that equal texts of different inputs have one number. */
  readonly interner: Interner;
  /** Makes known what keeps numbers of texts besides the operators. */
  readonly hold: (holder: TextHolder) => void;
}

/** Keeps numbers of texts between rows. */
export interface TextHolder {
  /** Calls `visit` for every text that something open still has. */
  liveTexts(visit: (id: number) => void): void;
  /** Forgets what nothing open has; `numbers` has the new number of each text. */
  compact(numbers: Int32Array): void;
  /** How many keys and texts it keeps. */
  readonly size: number;
}

/** State of a typed operator, and its way back to the row engine. */
export interface TypedState extends TextHolder {
  readonly relation: Relation;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
  /** Writes the state as the relation's row operator has it. */
  saveRows(writer: StateWriter): void;
}

/** An operator that takes pages; each source is a target of its own. */
export type TypedOperator = PageTarget & TypedState;

/** State of one window of an aggregate. */
export interface WindowState extends TypedState {
  readonly out: Page;
  /** Writes what is open as the window of the row engine has it. */
  saveWindow(writer: StateWriter): void;
}
