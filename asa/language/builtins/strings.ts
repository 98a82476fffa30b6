import { convertValue } from "../../values/convert";
import type { Value } from "../../values/value";
import { BuiltinError, scalar, takes } from "./builtin";
import { likePattern, regularExpression } from "./patterns";

const text = (value: Value | undefined): string => value as string;
const number = (value: Value | undefined): number => Number(value as bigint);

/** Unicode white space as the trim functions define it: Zs, U+2028, U+2029, U+0009-000D, U+0085. */
const blank = /^[\p{Zs}\u2028\u2029\t-\r\u0085]$/u;

// Loops, as a regular expression anchored at the end looks at every run of blanks again and again.
function trimStart(value: string): string {
  let start = 0;
  while (start < value.length && blank.test(value[start]!)) start++;
  return value.slice(start);
}

function trimEnd(value: string, isBlank: (character: string) => boolean): string {
  let end = value.length;
  while (end > 0 && isBlank(value[end - 1]!)) end--;
  return value.slice(0, end);
}

const anyBlank = (character: string): boolean => blank.test(character);

const ascii = /^[\0-\x7f]*$/;
/** The two letters i that the invariant culture leaves alone. */
const turkish = /[\u0130\u0131]/;

/** Maps characters one by one, as the invariant culture does: a letter whose other case is several letters stays. */
function mapCase(value: string, map: (text: string) => string): string {
  if (ascii.test(value)) return map(value);
  let result = "";
  for (const character of value) {
    const mapped = map(character);
    result += mapped.length === character.length && !turkish.test(character) ? mapped : character;
  }
  return result;
}

/** Longest text a function makes; the service's rows are far smaller. */
const maxTextLength = 16 * 1024 * 1024;

function repeat(piece: string, count: number): string | null {
  if (count < 0) return null;
  if (piece.length * count > maxTextLength)
    throw new BuiltinError("the text would be longer than 16 Mi characters");
  return piece.repeat(count);
}

function asText(value: Value): string {
  const converted = convertValue(value, "nvarchar(max)");
  if (converted === undefined) throw new BuiltinError("a record or an array cannot be joined to text");
  return converted as string;
}

function lengthArgument(name: string, value: Value | undefined): number {
  const length = number(value);
  if (length < 0) throw new BuiltinError(`the length given to function ${name} is negative`);
  return length;
}

function stuff([source, start, length, inserted]: readonly Value[]): Value {
  const from = number(start);
  const count = lengthArgument("stuff", length);
  const whole = text(source);
  if (from > whole.length) return "";
  const begin = Math.max(from, 1) - 1;
  return whole.slice(0, begin) + text(inserted) + whole.slice(begin + count);
}

function substring([source, start, length]: readonly Value[]): Value {
  const from = number(start);
  const count = lengthArgument("substring", length);
  if (from < 1) return text(source).slice(0, Math.max(from + count - 1, 0));
  return text(source).slice(from - 1, from - 1 + count);
}

function translate([source, characters, replacements]: readonly Value[]): Value {
  const from = text(characters);
  const to = text(replacements);
  if (from.length !== to.length) {
    throw new BuiltinError("the 2nd and 3rd argument of function translate have different lengths");
  }
  let result = "";
  for (const character of text(source).split("")) {
    const index = from.indexOf(character);
    result += index < 0 ? character : to[index];
  }
  return result;
}

function charIndex([find, source, start]: readonly Value[]): Value {
  if (start === null) return null;
  const from = Math.max((start === undefined ? 1 : number(start)) - 1, 0);
  if (text(find) === "" || from > text(source).length) return 0n;
  return BigInt(text(source).indexOf(text(find), from) + 1);
}

function patIndex([pattern, source]: readonly Value[]): Value {
  if (text(pattern).length > 8000)
    throw new BuiltinError("the pattern of function patindex is longer than 8000 characters");
  return BigInt(likePattern(text(pattern)).positionIn(text(source)));
}

function regexMatch([source, pattern]: readonly Value[]): Value {
  const expression = regularExpression(text(pattern));
  if (expression === null) return 0n;
  const match = expression.exec(text(source));
  return match === null ? 0n : BigInt(match.index + 1);
}

function concatWithSeparator(args: readonly Value[]): Value {
  const [separator, ...rest] = args;
  const pieces = rest.filter((value) => value !== null).map(asText);
  return pieces.join(separator === null || separator === undefined ? "" : asText(separator));
}

function unicode([source]: readonly Value[]): Value {
  const code = text(source).codePointAt(0);
  return code === undefined ? null : BigInt(code);
}

function nchar([code]: readonly Value[]): Value {
  const point = number(code);
  return point < 0 || point > 1_114_111 ? null : String.fromCodePoint(point);
}

/** String functions. Positions count UTF-16 units from 1; NULL in gives NULL out unless `nulls` says otherwise. */
export const stringBuiltins = [
  scalar("CHARINDEX", [takes.text, takes.text, takes.bigint], "bigint", charIndex, { minArguments: 2 }),
  scalar(
    "CONCAT",
    [takes.any],
    "nvarchar(max)",
    (args) => args.map((v) => (v === null ? "" : asText(v))).join(""),
    {
      minArguments: 2,
      maxArguments: Number.POSITIVE_INFINITY,
      nulls: "handles",
    },
  ),
  scalar("CONCAT_WS", [takes.any], "nvarchar(max)", concatWithSeparator, {
    minArguments: 2,
    maxArguments: Number.POSITIVE_INFINITY,
    nulls: "handles",
  }),
  scalar("LEFT", [takes.text, takes.bigint], "nvarchar(max)", ([s, n]) =>
    text(s).slice(0, lengthArgument("left", n)),
  ),
  scalar("RIGHT", [takes.text, takes.bigint], "nvarchar(max)", ([s, n]) => {
    const length = lengthArgument("right", n);
    return text(s).slice(Math.max(text(s).length - length, 0));
  }),
  scalar("LEN", [takes.text], "bigint", ([s]) => BigInt(trimEnd(text(s), (c) => c === " ").length)),
  scalar("LOWER", [takes.text], "nvarchar(max)", ([s]) => mapCase(text(s), (piece) => piece.toLowerCase())),
  scalar("UPPER", [takes.text], "nvarchar(max)", ([s]) => mapCase(text(s), (piece) => piece.toUpperCase())),
  scalar("LTRIM", [takes.text], "nvarchar(max)", ([s]) => trimStart(text(s))),
  scalar("RTRIM", [takes.text], "nvarchar(max)", ([s]) => trimEnd(text(s), anyBlank)),
  scalar("TRIM", [takes.text], "nvarchar(max)", ([s]) => trimEnd(trimStart(text(s)), anyBlank)),
  scalar("NCHAR", [takes.bigint], "nvarchar(max)", nchar),
  scalar("UNICODE", [takes.text], "bigint", unicode),
  scalar("PATINDEX", [takes.text, takes.text], "bigint", patIndex),
  scalar("REGEXMATCH", [takes.text, takes.text], "bigint", regexMatch),
  scalar("REPLACE", [takes.text, takes.text, takes.text], "nvarchar(max)", ([s, pattern, by]) =>
    text(pattern) === "" ? text(s) : text(s).split(text(pattern)).join(text(by)),
  ),
  scalar("REPLICATE", [takes.text, takes.bigint], "nvarchar(max)", ([s, n]) => repeat(text(s), number(n))),
  scalar("REVERSE", [takes.text], "nvarchar(max)", ([s]) => text(s).split("").reverse().join("")),
  scalar("SPACE", [takes.bigint], "nvarchar(max)", ([n]) => repeat(" ", number(n))),
  scalar("STUFF", [takes.text, takes.bigint, takes.bigint, takes.text], "nvarchar(max)", stuff),
  scalar("SUBSTRING", [takes.text, takes.bigint, takes.bigint], "nvarchar(max)", substring),
  scalar("TRANSLATE", [takes.text, takes.text, takes.text], "nvarchar(max)", translate),
] as const;
