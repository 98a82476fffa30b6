import { groupKey } from "../../values/group-key";
import type { Value } from "../../values/value";
import type { StateReader } from "../state/reader";
import type { StateWriter } from "../state/writer";
import type { Accumulator, AggregateInput } from "./aggregate";

/** COUNT(*): all rows, those with NULLs too. */
export class CountRows implements Accumulator {
  private count = 0;

  accumulate(): void {
    this.count++;
  }

  combine(later: this): void {
    this.count += later.count;
  }

  result(): Value {
    return BigInt(this.count);
  }

  save(writer: StateWriter): void {
    writer.count(this.count);
  }

  load(reader: StateReader): void {
    this.count = reader.count();
  }
}

/** COUNT(e): values that are not NULL. */
export class CountValues extends CountRows {
  override accumulate(input?: AggregateInput): void {
    if (input?.value !== null) super.accumulate();
  }
}

/** COUNT(DISTINCT e): different values that are not NULL, equal as group keys are. */
export class CountDistinct implements Accumulator {
  private readonly keys = new Set<string>();

  accumulate({ value }: AggregateInput): void {
    if (value !== null) this.keys.add(groupKey(value));
  }

  combine(later: this): void {
    for (const key of later.keys) this.keys.add(key);
  }

  result(): Value {
    return BigInt(this.keys.size);
  }

  save(writer: StateWriter): void {
    writer.list(this.keys, this.keys.size, (key) => writer.text(key));
  }

  load(reader: StateReader): void {
    this.keys.clear();
    for (const key of reader.list(() => reader.text())) this.keys.add(key);
  }
}
