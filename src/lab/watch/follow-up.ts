import type { Database } from '#lab/store/database.ts';
import { finishRun, unfinishedRuns } from '#lab/store/unfinished-runs.ts';
import type { Watcher } from './watcher.ts';

export interface FollowUpOptions {
  readonly database: Database;
  readonly watcher: Watcher;
  /** Tells of a run that was judged; without it nobody is told. */
  readonly report: ((runKey: string) => Promise<void>) | undefined;
  readonly onError: (runKey: string, error: unknown) => void;
}

/** What is done after a run came in: it is judged, then reported. The database knows what is left to do, so that a process that is killed loses none of it. */
export class FollowUp {
  readonly #options: FollowUpOptions;
  readonly #pending = new Set<Promise<void>>();

  constructor(options: FollowUpOptions) {
    this.#options = options;
  }

  /** Returns at once. */
  notice(runKey: string): void {
    const { onError } = this.#options;
    const done = this.#finish(runKey).catch((error: unknown) => onError(runKey, error)).finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }

  /** Goes on where an earlier process ended, then learns the past of all series. */
  async resume(): Promise<void> {
    const { database, watcher } = this.#options;
    for (const runKey of await unfinishedRuns(database)) this.notice(runKey);
    await watcher.learn();
  }

  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    await this.#options.watcher.idle();
  }

  async #finish(runKey: string): Promise<void> {
    const { database, watcher, report } = this.#options;
    await watcher.notice(runKey);
    await report?.(runKey);
    await finishRun(database, runKey);
  }
}
