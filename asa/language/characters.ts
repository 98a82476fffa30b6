const letter = /\p{L}|\p{Nl}/u;
const mark = /\p{Mn}|\p{Mc}|\p{Nd}|\p{Pc}/u;

/** True for space, tab, line ends, the byte order mark and the other Unicode spaces. */
export function isSpace(character: string): boolean {
  if (character === " " || character === "\n" || character === "\t" || character === "\r") return true;
  return (character < "!" || character > "\u007f") && /[\s\uFEFF]/.test(character);
}

export function isDigit(character: string): boolean {
  return character >= "0" && character <= "9" && character.length === 1;
}

/** True for a character that may begin a plain identifier: a letter of any script, `_` or `#`. */
export function isNameStart(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code > 127) return letter.test(character);
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 35;
}

export function isNamePart(character: string): boolean {
  if (isNameStart(character) || isDigit(character) || character === "$") return true;
  return character > "\u007f" && mark.test(character);
}
