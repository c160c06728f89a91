/** An integer times a power of two: what a double is. */
interface Scaled {
  readonly integer: bigint;
  readonly exponent: number;
}

const view = new DataView(new ArrayBuffer(8));

function scaled(value: number): Scaled {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const field = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const integer = field === 0 ? fraction : fraction | 0x10000000000000n;
  return { integer: bits >> 63n === 0n ? integer : -integer, exponent: Math.max(field, 1) - 1075 };
}

/** Enough digits for a double, and one more that tells whether there are others. */
const quotientBits = 66;

function bitLength(value: bigint): number {
  return value.toString(2).length;
}

/**
 * The mean as Python's `statistics.mean` computes it: exactly, and rounded once. A sum in doubles is now and then off in the last digit, so that values which
 * are all the same seem to scatter, and two orders of the same values to differ.
 */
export function exactMean(values: readonly number[]): number {
  const parts = values.map(scaled);
  const exponent = parts.reduce((least, part) => Math.min(least, part.exponent), Infinity);
  const total = parts.reduce((sum, part) => sum + (part.integer << BigInt(part.exponent - exponent)), 0n);
  const [size, count] = [total < 0n ? -total : total, BigInt(values.length)];
  if (size === 0n) return 0;
  const shift = Math.max(0, quotientBits + bitLength(count) - bitLength(size));
  const numerator = size << BigInt(shift);
  // The last digit is odd when something is left: Number() then rounds as it would round all of it.
  const quotient = (numerator / count) | (numerator % count === 0n ? 0n : 1n);
  // In two steps: 2 to the power of both may be too small for a double where the mean is not.
  const mean = Number(quotient) * 2 ** -shift * 2 ** exponent;
  return total < 0n ? -mean : mean;
}
