/** xorshift32: the same words on every run. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  word(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }

  below(limit: number): number {
    return this.word() % limit;
  }
}
