const least = -292;
const greatest = 324;

const floorLog2 = (value: bigint): number => value.toString(2).length - 1;

/** 10^exponent * 2^shift with 128 bits, rounded up. */
function power(exponent: number): bigint {
  if (exponent >= 0) {
    const whole = 10n ** BigInt(exponent);
    const excess = floorLog2(whole) - 127;
    if (excess <= 0) return whole << BigInt(-excess);
    const divisor = 1n << BigInt(excess);
    return (whole + divisor - 1n) / divisor;
  }
  const divisor = 10n ** BigInt(-exponent);
  // The quotient of 2^(127 + n + 1) and a divisor of n + 1 bits that is no power of two has 128 bits.
  const numerator = 1n << BigInt(127 + floorLog2(divisor) + 1);
  return (numerator + divisor - 1n) / divisor;
}

let table: Uint8Array | null = null;

/** The powers of ten from 10^-292 to 10^324 as the kernel reads them: high and low half of 128 bits, little-endian. */
export function powersOfTen(): Uint8Array {
  if (table === null) {
    const halves = new BigUint64Array(2 * (greatest - least + 1));
    for (let exponent = least; exponent <= greatest; exponent++) {
      const value = power(exponent);
      halves[2 * (exponent - least)] = value >> 64n;
      halves[2 * (exponent - least) + 1] = value & 0xffff_ffff_ffff_ffffn;
    }
    table = new Uint8Array(halves.buffer);
  }
  return table;
}
