const letter = /\p{L}|\p{Nl}/u;
const mark = /\p{Mn}|\p{Mc}|\p{Nd}|\p{Pc}/u;

/** True for space, tab, line ends, the byte order mark and the other Unicode spaces. */
export function isSpace(character: string): boolean {
  return /[\s\uFEFF]/.test(character);
}

export function isDigit(character: string): boolean {
  return character >= "0" && character <= "9" && character.length === 1;
}

/** True for a character that may begin a plain identifier: a letter of any script, `_` or `#`. */
export function isNameStart(character: string): boolean {
  if (/^[A-Za-z_#]$/.test(character)) return true;
  return character > "\u007f" && letter.test(character);
}

export function isNamePart(character: string): boolean {
  return (
    isNameStart(character) ||
    isDigit(character) ||
    character === "$" ||
    (character > "\u007f" && mark.test(character))
  );
}
