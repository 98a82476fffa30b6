import type { OutputLines, OutputRow } from "../../api";
import { jsonLinesText, type OutputWriter, openOutput, RowSpool, type Serialization } from "../formats";
import type { CliContext } from "./context";
import { shownPath } from "./findings";

/** Takes the rows of a run as they come. */
export interface RunOutputs {
  /** Names the outputs of the query, before any row. */
  begin(names: readonly string[]): void;
  /** Rows may come as JSON lines. Known once `begin` was called. */
  readonly takesLines: boolean;
  rows(rows: readonly OutputRow[]): void;
  lines(lines: OutputLines): void;
  end(): Promise<void>;
  abort(): void;
}

/** Where the files of a run go, and in which formats. */
export interface OutputFiles {
  readonly folder: string;
  readonly replace: boolean;
  readonly serializationOf: (output: string) => Serialization;
}

/** Writes each output into a file of its own; an output without rows has none. */
export class FileOutputs implements RunOutputs {
  private readonly files: OutputFiles;
  private readonly context: CliContext;
  private readonly writers = new Map<string, OutputWriter>();
  takesLines = false;

  constructor(files: OutputFiles, context: CliContext) {
    this.files = files;
    this.context = context;
  }

  begin(names: readonly string[]): void {
    this.takesLines = names.every((name) => this.files.serializationOf(name).format === "json");
  }

  private writer(name: string): OutputWriter {
    let writer = this.writers.get(name);
    if (writer === undefined) {
      const { folder, replace, serializationOf } = this.files;
      writer = openOutput({
        folder,
        name,
        serialization: serializationOf(name),
        now: this.context.now(),
        replace,
      });
      this.writers.set(name, writer);
    }
    return writer;
  }

  rows(rows: readonly OutputRow[]): void {
    for (let from = 0; from < rows.length; ) {
      const { output } = rows[from]!;
      let to = from + 1;
      while (rows[to]?.output === output) to++;
      this.writer(output).add(rows.slice(from, to));
      from = to;
    }
  }

  lines({ output, lines, rows }: OutputLines): void {
    this.writer(output).addLines(lines, rows);
  }

  async end(): Promise<void> {
    if (this.writers.size === 0) this.context.out("no output has rows\n");
    for (const [name, writer] of this.writers) {
      const path = await writer.close();
      this.writers.delete(name);
      this.context.out(`${name}: ${writer.rows} rows in ${shownPath(path, this.context.cwd)}\n`);
    }
  }

  abort(): void {
    for (const writer of this.writers.values()) writer.abort();
  }
}

/** Prints the rows as JSON lines: at once, or output after output when the query has several. */
export class PrintedOutputs implements RunOutputs {
  private readonly context: CliContext;
  private readonly spools = new Map<string, RowSpool>();
  takesLines = false;

  constructor(context: CliContext) {
    this.context = context;
  }

  begin(names: readonly string[]): void {
    this.takesLines = new Set(names.map((name) => name.toLowerCase())).size === 1;
  }

  rows(rows: readonly OutputRow[]): void {
    if (this.takesLines) {
      this.context.out(jsonLinesText(rows));
      return;
    }
    for (const row of rows) {
      let spool = this.spools.get(row.output);
      if (spool === undefined) {
        spool = new RowSpool();
        this.spools.set(row.output, spool);
      }
      spool.add(row);
    }
  }

  lines({ lines }: OutputLines): void {
    this.context.out(Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString());
  }

  async end(): Promise<void> {
    for (const [name, spool] of this.spools) {
      if (this.spools.size > 1) this.context.err(`${name}: ${spool.count} rows\n`);
      for (const rows of spool.read()) this.context.out(jsonLinesText(rows));
    }
    this.abort();
  }

  abort(): void {
    for (const spool of this.spools.values()) spool.dispose();
  }
}
