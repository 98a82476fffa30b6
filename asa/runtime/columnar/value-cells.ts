import { DateTime, type Value } from "../../values/value";
import { tags } from "./columns";
import { inReach, relativeTicks } from "./ticks";

/** A value of the language as the parts of a cell. */
export class ValueCells {
  number = 0;
  boxed: Value = null;

  /** Returns the value's kind and leaves its number and its box; text is never interned here. */
  take(value: Value): number {
    this.number = 0;
    this.boxed = null;
    if (value === null) return tags.null;
    if (typeof value === "number") {
      this.number = value;
      return tags.float;
    }
    if (typeof value === "boolean") {
      this.number = value ? 1 : 0;
      return tags.bit;
    }
    if (typeof value === "bigint" && value <= 9_007_199_254_740_991n && value >= -9_007_199_254_740_991n) {
      this.number = Number(value);
      return tags.integer;
    }
    if (value instanceof DateTime && inReach(value.ticks)) {
      this.number = relativeTicks(value.ticks);
      return tags.time;
    }
    this.boxed = value;
    return tags.boxed;
  }
}
