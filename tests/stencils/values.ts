/** Numbers for the tests: reproducible random ones, and the edges. */
import { defined } from '#support/invariant.ts';

export class Random {
  #state: bigint;
  constructor(seed: number) {
    this.#state = BigInt(seed);
  }
  /** 64 bits (splitmix64). */
  bits(): bigint {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n);
    let z = this.#state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  }
  below(n: number): number {
    return Number(this.bits() % BigInt(n));
  }
  pick<T>(values: readonly T[]): T {
    return defined(values[this.below(values.length)], 'value');
  }
}

export const MIN = -(2n ** 63n);
export const MAX = 2n ** 63n - 1n;
export const edgeInts: readonly bigint[] = [
  0n, 1n, -1n, 2n, -2n, 3n, -7n, 62n, 63n, 64n, 65n, 255n, 256n, MAX, MIN, MAX - 1n, MIN + 1n, 2n ** 31n, -(2n ** 31n), 2n ** 32n, 2n ** 53n,
  2n ** 53n + 1n, -(2n ** 53n), -(2n ** 53n) - 1n, 2n ** 62n, -(2n ** 62n), 10n ** 9n,
];
export const edgeFloats: readonly number[] = [
  0, -0, 1, -1, 0.5, -0.5, 1.5, -1.5, NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, 2 ** 52, 2 ** 53, -(2 ** 53), 2 ** 62,
  2 ** 63, -(2 ** 63), -(2 ** 63) - 2048, 2 ** 63 - 1024, 1e300, -1e-300, 4503599627370495.5, -4503599627370495.5,
];

export const signed = (x: bigint): bigint => BigInt.asIntN(64, x);

export function floatBits(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return view.getBigUint64(0);
}
export function bitsFloat(x: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, x));
  return view.getFloat64(0);
}

export function someInt(random: Random): bigint {
  const kind = random.below(4);
  if (kind === 0) return random.pick(edgeInts);
  if (kind === 1) return BigInt(random.below(200) - 100);
  return signed(random.bits()) >> BigInt(random.below(64));
}
export function someFloat(random: Random): number {
  const kind = random.below(4);
  if (kind === 0) return random.pick(edgeFloats);
  if (kind === 1) return (random.below(2000) - 1000) / 8;
  if (kind === 2) return Number(someInt(random));
  const x = bitsFloat(random.bits());
  return Number.isNaN(x) ? NaN : x;
}
