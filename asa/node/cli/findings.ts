import { relative } from "node:path";
import type { CompileDiagnostic } from "../../api";
import { AsaError, formatDiagnostic } from "../engine";
import { AsaToolError } from "../errors";

/** Something a report names with its place: a compiler's finding, an unusable file or a failed test. */
export interface Finding {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly message: string;
  /** Relative to the working folder where it lies inside it; undefined when the finding has no file. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** Lines that a reader of text sees below the first: source with caret, detail, hint. */
  readonly more: readonly string[];
}

/** Turns a compiler's finding into a report's, with the source line and a caret. */
export function findingOf(diagnostic: CompileDiagnostic, text: string, cwd: string): Finding {
  return {
    severity: diagnostic.severity,
    code: diagnostic.code,
    message: diagnostic.message,
    file: shownPath(diagnostic.file, cwd),
    line: diagnostic.range.line,
    column: diagnostic.range.column,
    more: formatDiagnostic(diagnostic, text).split("\n").slice(2),
  };
}

/**
 * Turns an error with a code into a finding, with its place in `query` where it has one; any other error is a defect
 * and is thrown on.
 */
export function findingOfError(
  error: unknown,
  cwd: string,
  query?: { readonly file: string; readonly text: string },
): Finding {
  if (error instanceof AsaError && error.location !== undefined && query !== undefined) {
    const { code, message, location, detail, hint } = error;
    const diagnostic: CompileDiagnostic = {
      severity: "error",
      code,
      message,
      file: query.file,
      range: location,
      ...(detail === undefined ? {} : { detail }),
      ...(hint === undefined ? {} : { hint }),
    };
    return findingOf(diagnostic, query.text, cwd);
  }
  if (error instanceof AsaToolError || error instanceof AsaError) {
    const place = error instanceof AsaToolError ? error.place : query;
    return {
      severity: "error",
      code: error.code,
      message: error.message,
      file: place === undefined ? undefined : shownPath(place.file, cwd),
      line: error instanceof AsaToolError ? error.place?.line : undefined,
      column: error instanceof AsaToolError ? error.place?.column : undefined,
      more: [
        ...(error.detail === undefined ? [] : [`  ${error.detail}`]),
        ...(error.hint === undefined ? [] : [`  hint: ${error.hint}`]),
      ],
    };
  }
  throw error;
}

/** `file:line:column: error CODE: message`, the form that editors' problem matchers know, then the details. */
export function findingText({ severity, code, message, file, line, column, more }: Finding): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return [`${place === "" ? "" : `${place}: `}${severity} ${code}: ${message}`, ...more].join("\n");
}

/** Paths inside the working folder are shown relative to it. */
export function shownPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path === "" || path.startsWith("..") ? file : path;
}
