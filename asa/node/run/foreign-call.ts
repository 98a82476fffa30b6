import { AsaToolError } from "../errors";
import type { ForeignFunction } from "../project";

/** Returns an error when the query calls a function that exists in the service only. Comments and texts do not count. */
export function foreignCall(
  text: string,
  foreignFunctions: readonly ForeignFunction[],
): AsaToolError | undefined {
  if (foreignFunctions.length === 0) return undefined;
  const code = text.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, " ");
  for (const [, called] of code.matchAll(/\b(?:udf|uda)\s*\.\s*\[?(\w+)\]?\s*\(/gi)) {
    const found = foreignFunctions.find(({ name }) => name.toLowerCase() === called?.toLowerCase());
    if (found !== undefined)
      return new AsaToolError(
        "ASA_FUNCTION_NOT_SUPPORTED",
        `function "${found.name}" cannot run here: ${found.reason}`,
        {
          place: { file: found.file },
          hint: "Rewrite it in JavaScript, or leave the statement that calls it out of the test.",
        },
      );
  }
  return undefined;
}
