import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { CompileDiagnostic, CompileOptions } from "../../asa";

/** A query file with what its header expects of the compiler. */
export interface Golden {
  readonly name: string;
  readonly path: string;
  readonly options: CompileOptions;
  /** Lines `CODE line:column message`, places counted in the query without its header. */
  readonly expected: readonly string[];
  readonly query: string;
}

/** Reads the `.asaql` files below a folder; the header is made of `-- options:` and `-- expect-error:` lines. */
export function readGoldens(folder: string): readonly Golden[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".asaql"),
  );
  return files.sort().map((file) => {
    const path = join(folder, file);
    const lines = readFileSync(path, "utf8").split("\n");
    const header = lines.findIndex((line) => !/^-- (options|expect-error|expect-warning):/.test(line));
    const value = (word: string): readonly string[] =>
      lines
        .slice(0, header)
        .filter((line) => line.startsWith(`-- ${word}: `))
        .map((line) => line.slice(word.length + 5));
    const [options] = value("options");
    return {
      name: relative(folder, path).replace(/\.asaql$/, ""),
      path,
      options: options === undefined ? {} : (JSON.parse(options) as CompileOptions),
      expected: [...value("expect-error"), ...value("expect-warning")],
      query: lines.slice(header).join("\n"),
    };
  });
}

/** Returns a finding as a header line states it. */
export function findingLine({ code, range, message }: CompileDiagnostic): string {
  return `${code} ${range.line}:${range.column} ${message}`;
}
