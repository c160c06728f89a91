/**
 * The p-values, adjusted so that those up to q can be called discoveries of which a share of at most q is false
 * (Benjamini and Hochberg, J. R. Stat. Soc. B 57, 1995): each is the least p_(j) · m / j of those at or above its rank.
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((left, right) => right.p - left.p);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let least = 1;
  order.forEach(({ p, index }, position) => {
    least = Math.min(least, p * pValues.length / (pValues.length - position));
    adjusted[index] = least;
  });
  return adjusted;
}
