import type { Fault } from "./message";
import { hash32, Random } from "./random";

export type FaultFractions = Readonly<Record<Fault, number>>;

const blockSize = 100;

/**
 * Says which originals carry a fault. Each block of 100 originals holds exactly its share of every fault (rounded over
 * the run, so that long runs match the fractions to one message) at places that the seed shuffles. `late`,
 * `outOfOrder`, `malformed` and `invalid` are put in place of a sound message; `duplicate` marks a sound message that is
 * sent once more.
 */
export class FaultPlan {
  readonly #seed: number;
  readonly #fractions: readonly (readonly [Fault, number])[];
  #block = -1;
  #faults: readonly (Fault | null)[] = [];

  /** @throws {RangeError} when a fraction is not in 0..1, or all together exceed 1 */
  constructor(seed: number, fractions: Partial<FaultFractions>) {
    this.#seed = seed;
    this.#fractions = Object.entries(fractions) as [Fault, number][];
    let sum = 0;
    for (const [fault, fraction] of this.#fractions) {
      if (!(fraction >= 0 && fraction <= 1))
        throw new RangeError(`the fraction of ${fault} is not between 0 and 1`);
      sum += fraction;
    }
    if (sum > 1 + 1e-9) throw new RangeError("the fractions of all faults together exceed 1");
  }

  faultOf(originalIndex: number): Fault | null {
    const block = Math.floor(originalIndex / blockSize);
    if (block !== this.#block) {
      this.#faults = this.#shuffled(block);
      this.#block = block;
    }
    return this.#faults[originalIndex % blockSize]!;
  }

  #shuffled(block: number): readonly (Fault | null)[] {
    const faults: (Fault | null)[] = [];
    const upTo = (fraction: number, blocks: number) => Math.round(blocks * blockSize * fraction);
    for (const [fault, fraction] of this.#fractions) {
      const count = upTo(fraction, block + 1) - upTo(fraction, block);
      for (let n = 0; n < count && faults.length < blockSize; n += 1) faults.push(fault);
    }
    while (faults.length < blockSize) faults.push(null);
    const random = new Random(hash32(this.#seed, block, 301));
    for (let last = blockSize - 1; last > 0; last -= 1) {
      const other = random.below(last + 1);
      [faults[last], faults[other]] = [faults[other]!, faults[last]!];
    }
    return faults;
  }
}
