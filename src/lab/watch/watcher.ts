import type { Database } from '#lab/store/database.ts';
import { SeriesJudge } from './judge-series.ts';
import type { WatchedSeries } from './load-nights.ts';
import { listSeries, seriesOf } from './load-nights.ts';

/** Judges series after results came in, one at a time; many results at once are judged once. */
export class Watcher {
  readonly #database: Database;
  readonly #judge: SeriesJudge;
  readonly #onError: (error: unknown) => void;
  readonly #waiting = new Map<string, WatchedSeries>();
  #working: Promise<void> | undefined;

  constructor(database: Database, onError: (error: unknown) => void) {
    this.#database = database;
    this.#judge = new SeriesJudge(database);
    this.#onError = onError;
  }

  /** Returns at once. */
  notice(runKey: string): void {
    const added = seriesOf(this.#database, runKey).then((series) => {
      if (series !== undefined) this.#waiting.set(JSON.stringify(series), series);
    });
    this.#working = Promise.allSettled([this.#working, added]).then(() => this.#work());
  }

  /** When all that was noticed is judged. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    for (const [name, series] of this.#waiting) {
      this.#waiting.delete(name);
      try {
        await this.#judge.judge(series);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

export async function judgeAll(database: Database, onSeries?: (done: number, total: number) => void): Promise<void> {
  const all = await listSeries(database);
  const judge = new SeriesJudge(database);
  for (const [index, series] of all.entries()) {
    onSeries?.(index, all.length);
    await judge.judge(series);
  }
  onSeries?.(all.length, all.length);
}
