/** A small seeded generator (mulberry32), so that a failing choice can be made again. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6D2B79F5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A seed from a name, so that each fixture has choices of its own. */
export function seedOf(text: string): number {
  let hash = 0x811C9DC5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

/** `count` different numbers of 1..limit, in ascending order. */
export function sampleUpTo(limit: number, count: number, random: () => number): readonly number[] {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(limit, count)) chosen.add(1 + Math.floor(random() * limit));
  return [...chosen].toSorted((a, b) => a - b);
}
