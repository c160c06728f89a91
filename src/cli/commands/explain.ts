export function explain(_words: readonly string[]): Promise<number> {
  return Promise.resolve(1);
}
