import type { CompileDiagnostic, SourceRange } from "../api";
import type { CompileErrorCode, CompileWarningCode } from "../errors";

/** What a finding may say beyond its message. */
export interface DiagnosticNotes {
  /** Full sentences that explain. */
  readonly detail?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** Collects the findings of one compilation; the same finding at the same place is kept once. */
export class Diagnostics {
  readonly file: string;
  readonly #found = new Map<string, CompileDiagnostic>();
  #errors = 0;

  constructor(file: string) {
    this.file = file;
  }

  error(code: CompileErrorCode, message: string, range: SourceRange, notes: DiagnosticNotes = {}): void {
    if (this.#add({ severity: "error", code, message, file: this.file, range, ...notes })) this.#errors++;
  }

  warning(code: CompileWarningCode, message: string, range: SourceRange, notes: DiagnosticNotes = {}): void {
    this.#add({ severity: "warning", code, message, file: this.file, range, ...notes });
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** All findings in the order of their places. */
  get list(): readonly CompileDiagnostic[] {
    return [...this.#found.values()].sort(
      (left, right) => left.range.start - right.range.start || left.range.end - right.range.end,
    );
  }

  #add(diagnostic: CompileDiagnostic): boolean {
    const key = `${diagnostic.code} ${diagnostic.range.start} ${diagnostic.message}`;
    if (this.#found.has(key)) return false;
    this.#found.set(key, diagnostic);
    return true;
  }
}
