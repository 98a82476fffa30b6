import { BuiltinError } from "../../language/builtins/builtin";
import { convertValue } from "../../values/convert";
import type { Value } from "../../values/value";
import { Listing } from "./listing";

/** STRING_AGG: the texts that are not NULL, joined in row order; NULL when there is none. */
export class StringAgg extends Listing {
  private readonly separator: string;

  constructor(separator: string) {
    super();
    this.separator = separator;
  }

  override result(): Value {
    const texts = this.inputs
      .filter(({ value }) => value !== null)
      .map(({ value }) => {
        const text = convertValue(value, "nvarchar(max)");
        if (text === undefined) throw new BuiltinError("a record or an array cannot be joined to text");
        return text as string;
      });
    return texts.length === 0 ? null : texts.join(this.separator);
  }
}
