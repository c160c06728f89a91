import type { Database } from '#lab/store/database.ts';
import { SeriesJudge } from './judge-series.ts';
import type { WatchedSeries } from './load-nights.ts';
import { listSeries, seriesOf } from './load-nights.ts';

interface Waiting {
  readonly series: WatchedSeries;
  readonly judged: Promise<void>;
  readonly finish: () => void;
}

function waitingFor(series: WatchedSeries): Waiting {
  let finish = (): void => undefined;
  const judged = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { series, judged, finish };
}

/** Judges series after results came in, one at a time; many results at once are judged once. */
export class Watcher {
  readonly #database: Database;
  readonly #judge: SeriesJudge;
  readonly #onError: (error: unknown) => void;
  readonly #waiting = new Map<string, Waiting>();
  /** Series whose past is to be learned while nothing else is to do. */
  #cold: WatchedSeries[] = [];
  readonly #noticed = new Set<Promise<void>>();
  #working: Promise<void> | undefined;

  constructor(database: Database, onError: (error: unknown) => void) {
    this.#database = database;
    this.#judge = new SeriesJudge(database);
    this.#onError = onError;
  }

  /** Ends when the series of the run was judged, or that failed. */
  notice(runKey: string): Promise<void> {
    const judged = this.#judgedWith(runKey).catch(this.#onError).finally(() => this.#noticed.delete(judged));
    this.#noticed.add(judged);
    return judged;
  }

  /** Looks at the past of all series, so that the next result of one is judged by itself. */
  async learn(): Promise<void> {
    this.#cold = [...await listSeries(this.#database)];
    await this.#start();
  }

  /** When all that was noticed is judged. What is not yet learned stays so. */
  async idle(): Promise<void> {
    this.#cold = [];
    while (this.#noticed.size > 0) await Promise.all(this.#noticed);
    await this.#working;
  }

  async #judgedWith(runKey: string): Promise<void> {
    const series = await seriesOf(this.#database, runKey);
    if (series === undefined) return;
    const name = JSON.stringify(series);
    const waiting = this.#waiting.get(name) ?? waitingFor(series);
    this.#waiting.set(name, waiting);
    void this.#start();
    await waiting.judged;
  }

  #start(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  async #work(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting;
      const cold = next === undefined ? this.#cold.shift() : undefined;
      try {
        if (next !== undefined) {
          this.#waiting.delete(next[0]);
          await this.#judge.judge(next[1].series);
        } else if (cold !== undefined) {
          await this.#judge.learn(cold);
        } else {
          return;
        }
      } catch (error) {
        this.#onError(error);
      } finally {
        next?.[1].finish();
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
