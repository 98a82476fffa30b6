/** Abramowitz and Stegun 7.1.26. */
function erf(x: number): number {
  const magnitude = Math.abs(x);
  const t = 1 / (1 + 0.3275911 * magnitude);
  const poly =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const value = 1 - poly * Math.exp(-magnitude * magnitude);
  return x < 0 ? -value : value;
}

const square = (value: number): number => value * value;

/**
 * The last values of a series and the share of them, blurred by a normal kernel, that lies above a new value. The
 * kernel's width follows from the squared differences of all pairs.
 */
export class DensityHistory {
  readonly values: { readonly time: bigint; readonly value: number }[] = [];
  private pairSquares = 0;

  /** Probability that a value of the history with noise exceeds `value`; 0.5 without history. */
  probabilityAbove(value: number): number {
    const count = this.values.length;
    if (count === 0) return 0.5;
    const spread = count === 1 ? 1 : Math.sqrt(Math.max(this.pairSquares, 0)) / count;
    const width = Math.max(Math.SQRT2 * spread, 1e-6);
    let sum = 0;
    for (const item of this.values) sum += erf((value - item.value) / width);
    return 0.5 - sum / (2 * count);
  }

  push(time: bigint, value: number): void {
    for (const item of this.values) this.pairSquares += square(value - item.value);
    this.values.push({ time, value });
  }

  shift(): void {
    const first = this.values.shift();
    if (first === undefined) return;
    for (const item of this.values) this.pairSquares -= square(first.value - item.value);
    if (this.values.length < 2) this.pairSquares = 0;
  }

  get spread(): number {
    return this.pairSquares;
  }

  restore(values: readonly { readonly time: bigint; readonly value: number }[], spread: number): void {
    this.values.splice(0, this.values.length, ...values);
    this.pairSquares = spread;
  }
}
