/** One waiting compile. */
export interface Job {
  /** Jobs of one owner with one key ask for the same thing; only the newest is done. */
  readonly key: string;
  readonly owner: object;
  readonly run: () => Promise<void>;
  /** Called instead of `run` when a newer job took its place. */
  readonly superseded: () => void;
}

/** Runs jobs one at a time in order of arrival; between two of them the event loop serves sockets and signals. */
export class CompileQueue {
  #waiting: Job[] = [];
  #running = false;
  #stopped = false;

  get length(): number {
    return this.#waiting.length;
  }

  get isBusy(): boolean {
    return this.#running;
  }

  /** A newer job takes the place of an older one, so that a noisy client does not move to the front or the back. */
  add(job: Job): void {
    if (this.#stopped) return;
    const index = this.#waiting.findIndex((other) => other.owner === job.owner && other.key === job.key);
    const replaced = this.#waiting[index];
    if (replaced === undefined) {
      this.#waiting.push(job);
    } else {
      this.#waiting[index] = job;
      replaced.superseded();
    }
    if (!this.#running) void this.#drain();
  }

  dropOwner(owner: object): void {
    this.#waiting = this.#waiting.filter((job) => job.owner !== owner);
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
  }

  async #drain(): Promise<void> {
    this.#running = true;
    for (;;) {
      await new Promise(setImmediate);
      const job = this.#waiting.shift();
      if (job === undefined) break;
      await job.run();
    }
    this.#running = false;
  }
}
