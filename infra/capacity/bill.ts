import type { ServicePlan } from "./capacity-plan";
import type { PriceBook } from "./price-book";

/** Collects what a service costs and which of the prices are guesses. */
export class Bill {
  readonly #book: PriceBook;
  readonly unverified = new Set<string>();
  usd = 0;

  constructor(book: PriceBook) {
    this.#book = book;
  }

  add(name: string, quantity: number): this {
    const price = this.#book.prices[name];
    if (price === undefined) throw new RangeError(`the price book has no "${name}"`);
    if (!price.verified && quantity > 0) this.unverified.add(name);
    this.usd += price.usd * quantity;
    return this;
  }

  hours(name: string, units: number): this {
    return this.add(name, units * this.#book.hoursPerMonth);
  }
}

/** A plan before it has its price. */
export type Size = Omit<ServicePlan, "monthlyUsd" | "unverified">;

/** The plan with what its bill adds up to. */
export const priced = (size: Size, bill: Bill): ServicePlan => ({
  ...size,
  monthlyUsd: bill.usd,
  unverified: [...bill.unverified].sort(),
});
