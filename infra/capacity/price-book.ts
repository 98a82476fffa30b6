import { readFileSync } from "node:fs";
import standard from "./price-book.json";

export interface Price {
  /** US dollars for the unit that the price's name ends with. */
  readonly usd: number;
  readonly verified: boolean;
  readonly source: string;
}

/** Prices of one day; any of them can be overridden by a file of the same form. */
export interface PriceBook {
  readonly asOf: string;
  readonly currency: string;
  readonly hoursPerMonth: number;
  readonly prices: Readonly<Record<string, Price>>;
}

export const standardPriceBook: PriceBook = standard;

/**
 * The standard book with the entries of a file over it. A file may hold some prices only, and as plain numbers: they
 * count as verified then.
 *
 * @throws Error CAPACITY_PRICE_BOOK for a file that is no price book, or that names an unknown price
 */
export function readPriceBook(file: string, base: PriceBook = standardPriceBook): PriceBook {
  let parsed: { asOf?: string; prices?: Record<string, number | Price> };
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`CAPACITY_PRICE_BOOK: "${file}" cannot be read: ${(cause as Error).message}`, { cause });
  }
  const prices: Record<string, Price> = { ...base.prices };
  for (const [name, price] of Object.entries(parsed.prices ?? {})) {
    if (!(name in prices))
      throw new Error(`CAPACITY_PRICE_BOOK: "${file}" names the unknown price "${name}"`);
    const entry = typeof price === "number" ? { usd: price, verified: true, source: file } : price;
    if (typeof entry.usd !== "number" || !(entry.usd >= 0)) {
      throw new Error(`CAPACITY_PRICE_BOOK: the price "${name}" of "${file}" is no amount`);
    }
    prices[name] = { ...prices[name]!, ...entry };
  }
  return { ...base, asOf: parsed.asOf ?? base.asOf, prices };
}
