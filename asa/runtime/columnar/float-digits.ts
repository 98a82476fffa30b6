/** Powers of ten that a double holds exactly. */
const powers = Float64Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));
/** Splits a double into two halves of 26 bits. */
const splitter = 134_217_729;
const highs = powers.map((power) => {
  const scaled = power * splitter;
  return scaled - (scaled - power);
});
const mostDigits = 15;
/** Half the distance between floats from 2^n on. */
const halves = Float64Array.from({ length: 32 }, (_, exponent) => 2 ** (exponent - 53));

/**
 * The shortest decimals behind the point of floats from 1 to 2^31 that are not whole: the least number of digits with which
 * the text reads back as the same float, and of these the nearest.
 */
export class FloatDigits {
  /** The digits behind the point as a whole number. */
  digits = 0;
  private rest = 0;

  /** How many digits there are, which stand in `digits`; 0 when the general writer has to decide. */
  of(value: number, whole: number): number {
    const fraction = value - whole;
    // Half the distance to the next float, in units of 1.
    const half = halves[31 - Math.clz32(whole)]!;
    // Powers of two, whose lower neighbour is nearer, are whole here.
    let low = 1;
    let high = mostDigits;
    if (this.test(fraction, high, half) !== 1) return 0;
    // With one digit more there is always a text too, so the least number of digits is found by halving.
    while (low < high) {
      const middle = (low + high) >> 1;
      const verdict = this.test(fraction, middle, half);
      if (verdict < 0) return 0;
      if (verdict === 1) high = middle;
      else low = middle + 1;
    }
    if (this.test(fraction, high, half) !== 1) return 0;
    this.digits = this.rest;
    return high;
  }

  /** 1 when the nearest decimal with so many digits reads back as the float, 0 when none does, -1 when it is too close to tell. */
  private test(fraction: number, digits: number, half: number): number {
    const power = powers[digits]!;
    const product = fraction * power;
    // What rounding took from the product, exactly (Dekker).
    const scaled = fraction * splitter;
    const a = scaled - (scaled - fraction);
    const b = fraction - a;
    const c = highs[digits]!;
    const d = power - c;
    const error = b * d - (product - a * c - b * c - a * d);
    const nearest = Math.round(product + error);
    const distance = Math.abs(nearest - product - error);
    const limit = half * power;
    if (nearest >= power) return 0;
    this.rest = nearest;
    if (distance > limit * 1.000000001) return 0;
    // Between two decimals that are equally near, and at the border to the next float, rounding rules decide.
    return distance < limit * 0.999999999 && distance < 0.499999999 ? 1 : -1;
  }
}
