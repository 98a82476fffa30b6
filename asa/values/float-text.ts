/**
 * Writes a finite float as the shortest text that reads back the same, with an exponent below 1E-05 and from 1E+15 on,
 * as .NET does: `309`, `0.1`, `1E+16`, `1.5E-07`.
 */
export function formatFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e15) return String(value);
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  const digits = exponent.slice(1).padStart(2, "0");
  return `${mantissa}E${exponent[0]}${digits}`;
}

/** Like `formatFloat`, with `.0` behind integral values, so that a float is never read as an integer. */
export function formatJsonFloat(value: number): string {
  const text = formatFloat(value);
  return Number.isInteger(value) && !text.includes("E") ? `${text}.0` : text;
}
