/** Requests to a lab, timed: each page by itself, and many readers at once. */
import { gzipSync } from 'node:zlib';
import type { Hono } from 'hono';
import type { LabEnvironment } from '#lab/server/reader.ts';
import { listRuns } from '#lab/store/queries/runs.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { benchmarkName } from './large-lab.ts';

export interface PageFigure {
  readonly path: string;
  /** Milliseconds until the answer is complete: the median of some that are computed, and of some that are known. */
  readonly first: number;
  /** Of this process, for one that is computed: where other programs have the machine too, the better figure. With the embedded database it is all there is. */
  readonly cpu: number;
  readonly cached: number;
  readonly bytes: number;
  readonly compressed: number;
}

export interface LoadFigures {
  readonly readers: number;
  readonly seconds: number;
  /** Milliseconds of each. */
  readonly answers: readonly number[];
  readonly uploads: readonly number[];
}

export interface Quantiles {
  readonly median: number;
  readonly p95: number;
  readonly most: number;
}

export function quantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { median: at(0.5), p95: at(0.95), most: at(1) };
}

/** Of a lab that fillLargeLab filled: every page, and the data behind the largest. */
export async function pagesOf({ database }: Lab): Promise<readonly string[]> {
  const [head, base] = (await listRuns(database, { machine: 'kite', variant: 'cpython', limit: 2 })).map(({ key }) => key);
  const series = 'machine=kite&variant=cpython';
  return [
    '/', '/timeline', `/timeline?${series}`, `/timeline?${series}&benchmark=${benchmarkName(7)}`, '/compare', `/compare?base=${base ?? ''}&head=${head ?? ''}`,
    '/changes', '/machines', '/machines/kite', '/runs', `/runs/${head ?? ''}`, '/api/overview', `/api/series?${series}`, `/api/series?${series}&format=csv`, '/api/runs',
    '/api/changes', '/api/benchmarks', '/feeds/changes.atom',
  ];
}

const repetitions = 5;

export function cpuMilliseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

async function timed(app: Hono<LabEnvironment>, path: string): Promise<{ readonly milliseconds: number; readonly cpu: number; readonly body: Buffer }> {
  const [start, usage] = [performance.now(), process.cpuUsage()];
  const response = await app.request(path);
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${body.toString().slice(0, 200)}`);
  return { milliseconds: performance.now() - start, cpu: cpuMilliseconds(usage), body };
}

export async function pageFigures(lab: Lab, fresh: () => Hono<LabEnvironment>): Promise<readonly PageFigure[]> {
  const figures: PageFigure[] = [];
  for (const path of await pagesOf(lab)) {
    const first: number[] = [], cpu: number[] = [], cached: number[] = [];
    let body: Buffer = Buffer.alloc(0);
    for (let index = 0; index < repetitions; index++) {
      const app = fresh();
      const computed = await timed(app, path);
      first.push(computed.milliseconds);
      cpu.push(computed.cpu);
      const known = await timed(app, path);
      cached.push(known.milliseconds);
      body = known.body;
    }
    figures.push({ path, first: quantiles(first).median, cpu: quantiles(cpu).median, cached: quantiles(cached).median, bytes: body.length, compressed: gzipSync(body).length });
  }
  return figures;
}

export interface LoadOptions {
  readonly readers: number;
  readonly seconds: number;
  /** Sends another result. */
  readonly upload: (count: number) => Promise<void>;
}

const readPaths = ['/', '/timeline?machine=kite&variant=cpython', '/changes', '/runs', '/machines', `/timeline?machine=heron&variant=cpython-jit&benchmark=${benchmarkName(3)}`];
/** A machine that has nothing else to do; nights come once a day. */
const uploadPause = 1000;

export async function loadFigures(url: string, { readers, seconds, upload }: LoadOptions): Promise<LoadFigures> {
  const answers: number[] = [], uploads: number[] = [];
  const end = performance.now() + 1000 * seconds;
  const time = async (list: number[], work: () => Promise<void>): Promise<void> => {
    const start = performance.now();
    await work();
    list.push(performance.now() - start);
  };
  const read = async (reader: number): Promise<void> => {
    for (let turn = reader; performance.now() < end; turn++) {
      await time(answers, async () => {
        const response = await fetch(`${url}${readPaths[turn % readPaths.length] ?? '/'}`);
        await response.arrayBuffer();
        if (response.status !== 200) throw new Error(`status ${response.status}`);
      });
    }
  };
  const send = async (): Promise<void> => {
    for (let count = 0; performance.now() < end; count++) {
      await time(uploads, () => upload(count));
      await new Promise((resolve) => setTimeout(resolve, uploadPause));
    }
  };
  await Promise.all([send(), ...Array.from({ length: readers }, (_, reader) => read(reader))]);
  return { readers, seconds, answers, uploads };
}
