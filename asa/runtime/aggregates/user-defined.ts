import type { FunctionHost } from "../../api";
import { AsaError } from "../../errors";
import type { Value } from "../../values/value";
import { Listing } from "./listing";

/** A JavaScript aggregate: fed with all rows of the group when its result is asked for. */
export class UserDefined extends Listing {
  private readonly host: FunctionHost | undefined;
  private readonly name: string;

  constructor(host: FunctionHost | undefined, name: string) {
    super();
    this.host = host;
    this.name = name;
  }

  override result(): Value {
    if (this.host === undefined) {
      throw new AsaError("ASA_FUNCTION_FAILED", `the job has no host for function "${this.name}"`);
    }
    try {
      const aggregate = this.host.createAggregate(this.name);
      for (const { value, time } of this.inputs) aggregate.accumulate(value, time);
      return aggregate.compute();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `Function 'uda${this.name.toLowerCase()}' resulted in an error: '${reason}'`;
      throw new AsaError("ASA_FUNCTION_FAILED", message, { cause: error });
    }
  }
}
