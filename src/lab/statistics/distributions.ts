import { invariant } from '#support/invariant.ts';

/** Lanczos' approximation with g = 7 and 9 terms (P. Godfrey's coefficients): 15 digits for x > 0. */
const lanczos = [0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];

export function logGamma(x: number): number {
  const base = x - 1 + 7.5;
  const series = lanczos.reduce((total, coefficient, index) => total + (index === 0 ? coefficient : coefficient / (x - 1 + index)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(series);
}

const tiny = 1e-300;
const mostTerms = 500;

/** A continued fraction b0 + a1/(b1 + a2/(b2 + …)), by Lentz' method as modified by Thompson and Barnett. */
function continuedFraction(b0: number, term: (index: number) => readonly [a: number, b: number]): number {
  let value = b0 === 0 ? tiny : b0;
  let c = value;
  let d = 0;
  for (let index = 1; index < mostTerms; index++) {
    const [a, b] = term(index);
    d = 1 / (b + a * d || tiny);
    c = b + a / c || tiny;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return value;
}

/** I_x(a, b), DLMF 8.17.22 where the fraction converges fast, and by symmetry elsewhere. */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  return front / continuedFraction(1, (index) => {
    const m = index >> 1;
    const numerator = index % 2 === 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)) : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    return [numerator, 1];
  });
}

/** P(|T| ≥ |t|) of Student's distribution. */
export function studentTwoSided(t: number, degrees: number): number {
  if (Number.isNaN(t) || Number.isNaN(degrees)) return NaN;
  return Math.abs(t) === Infinity ? 0 : regularizedBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** The t that is exceeded, in either direction, with probability `alpha`: 1.96 for alpha 0.05 and many degrees of freedom. */
export function studentCritical(alpha: number, degrees: number): number {
  invariant(alpha > 0 && alpha < 1, 'level of a critical value', alpha);
  let high = 1;
  while (studentTwoSided(high, degrees) > alpha) high *= 2;
  let low = 0;
  // Each step halves the interval: 100 reach the last bit of a double.
  for (let step = 0; step < 100 && low < high; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentTwoSided(middle, degrees) > alpha) low = middle;
    else high = middle;
  }
  return high;
}

/** erfc for x ≥ 0: the series DLMF 7.6.2 near zero, the continued fraction DLMF 7.9.2 further out. */
function complementaryError(x: number): number {
  if (x > 2) return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x * continuedFraction(1, (index) => [index / 2 / (x * x), 1]));
  let term = x;
  let total = x;
  for (let n = 1; n < mostTerms && Math.abs(term) > 1e-17 * Math.abs(total); n++) {
    term *= 2 * x * x / (2 * n + 1);
    total += term;
  }
  return 1 - 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * total;
}

/** P(Z ≥ z) of the normal distribution. */
export function normalUpper(z: number): number {
  return z >= 0 ? complementaryError(z / Math.SQRT2) / 2 : 1 - normalUpper(-z);
}
