/** The date parts of DATEADD, DATEDIFF, DATEPART and DATENAME, by canonical name. */
export type DatePart =
  | "year"
  | "quarter"
  | "month"
  | "dayofyear"
  | "day"
  | "week"
  | "weekday"
  | "hour"
  | "minute"
  | "second"
  | "millisecond"
  | "microsecond";

const spellings: Readonly<Record<DatePart, readonly string[]>> = {
  year: ["year", "yy", "yyyy"],
  quarter: ["quarter", "qq", "q"],
  month: ["month", "mm", "m"],
  dayofyear: ["dayofyear", "dy", "y"],
  day: ["day", "dd", "d"],
  week: ["week", "wk", "ww"],
  weekday: ["weekday", "dw", "w"],
  hour: ["hour", "hh"],
  minute: ["minute", "mi", "n"],
  second: ["second", "ss", "s"],
  millisecond: ["millisecond", "ms"],
  microsecond: ["microsecond", "mcs"],
};

const byWord = new Map<string, DatePart>();
for (const part of Object.keys(spellings) as DatePart[]) {
  for (const word of spellings[part]) byWord.set(word, part);
}

/** Returns the canonical name of a date part word, without regard to case, or undefined. */
export function canonicalDatePart(word: string): DatePart | undefined {
  return byWord.get(word.toLowerCase());
}
