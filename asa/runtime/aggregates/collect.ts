import type { Value } from "../../values/value";
import { Listing } from "./listing";

/** Collect: the values, NULLs included, in row order. */
export class Collect extends Listing {
  override result(): Value {
    return this.inputs.map(({ value }) => value);
  }
}
