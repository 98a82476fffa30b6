import { arrayFunctions } from "./array";
import { dateTimeFunctions } from "./date-time";
import { define, type FunctionDefinition, type FunctionTable } from "./definition";
import { mathFunctions } from "./math";
import { stringFunctions } from "./string";
import { typeFunctions } from "./type-check";

export type { FunctionDefinition } from "./definition";

/** Built-in scalar functions by group; names are upper case, as calls are compared without regard to case. */
export const functionGroups: Readonly<Record<string, FunctionTable>> = {
  string: stringFunctions,
  mathematical: mathFunctions,
  array: arrayFunctions,
  "type checking": typeFunctions,
  "date and time": dateTimeFunctions,
  conditional: {
    IIF: define(3, 3, (test, then, otherwise) => (test === true ? then : otherwise)),
  },
  item: {
    DOCUMENTID: define(1, 1, (item) =>
      typeof item === "object" && item !== null && "_rid" in item
        ? documentNumber(String(item["_rid"]))
        : undefined,
    ),
  },
};

const all = new Map<string, FunctionDefinition>(
  Object.values(functionGroups).flatMap((group) => Object.entries(group)),
);

/** Returns the function of that upper-case name. */
export function functionNamed(name: string): FunctionDefinition | undefined {
  return all.get(name);
}

/** The number of a document in its container, the second half of its resource id. */
function documentNumber(rid: string): number | undefined {
  const bytes = Buffer.from(rid.replaceAll("-", "/"), "base64");
  return bytes.length === 16 ? Number(bytes.readBigUInt64LE(8)) : undefined;
}
