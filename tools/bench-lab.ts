/** How fast the lab is with a hundred thousand results: npm run bench:lab [-- --only embedded|server] [--seconds N] [--json] */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from '#lab/server/app.ts';
import { listen } from '#lab/server/serve.ts';
import { createToken } from '#lab/store/decisions.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { openLab } from '#lab/store/open-lab.ts';
import { FollowUp } from '#lab/watch/follow-up.ts';
import { Watcher, judgeAll } from '#lab/watch/watcher.ts';
import { createPages } from '#lab/web/pages.ts';
import { startPostgres } from '../tests/lab-store/postgres-server.ts';
import { fillLargeLab, hundredThousand, nightlyFile } from './bench/large-lab.ts';
import type { LoadFigures, PageFigure } from './bench/lab-load.ts';
import { cpuMilliseconds, loadFigures, pageFigures, quantiles } from './bench/lab-load.ts';
import { formatTable, progressLine } from './bench/table.ts';

interface LabFigures {
  readonly database: string;
  readonly results: number;
  readonly fillSeconds: number;
  readonly judgeSeconds: number;
  readonly ingestMilliseconds: readonly number[];
  /** Of this process, the sender and the look for changes included. */
  readonly ingestCpu: readonly number[];
  readonly pages: readonly PageFigure[];
  readonly load: LoadFigures;
}

const unlimited = { reads: 1e9, writes: 1e9, refusals: 1e9 };

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function measure(lab: Lab, seconds: number): Promise<LabFigures> {
  let results = 0;
  const fillSeconds = await secondsOf(async () => {
    results = await fillLargeLab(lab, hundredThousand, (done, total) => progressLine(`${lab.database.kind} database: run ${done} of ${total}`));
  });
  const judgeSeconds = await secondsOf(() => judgeAll(lab.database, (done, total) => progressLine(`looking for changes, series ${done} of ${total}`)));
  const fail = (error: unknown): never => {
    throw error;
  };
  const followUp = new FollowUp({ database: lab.database, watcher: new Watcher(lab.database, fail), report: undefined, onError: (_, error) => fail(error) });
  const { secret } = await createToken(lab, { name: 'figures', scope: 'submit', machine: 'kite' }, new Date());
  // A new app for each request has nothing in its cache of answers.
  const fresh = (): ReturnType<typeof createApp> => createApp(lab, { pages: createPages(lab), rateLimits: unlimited });
  const pages = await pageFigures(lab, fresh);
  const app = createApp(lab, { pages: createPages(lab), rateLimits: unlimited, onResult: (key) => followUp.notice(key) });
  const server = await listen(app, '127.0.0.1', 0);
  try {
    const upload = async (night: number): Promise<void> => {
      const answer = await fetch(`${server.url}/api/results`, { method: 'POST', body: nightlyFile(night), headers: { Authorization: `Bearer ${secret}` } });
      if (answer.status !== 201) throw new Error(await answer.text());
    };
    // After the first one all nights are told to the detector of changes, which keeps them.
    await upload(hundredThousand.nights);
    await followUp.idle();
    const ingestMilliseconds: number[] = [], ingestCpu: number[] = [];
    for (let night = 1; night <= 5; night++) {
      const usage = process.cpuUsage();
      ingestMilliseconds.push(1000 * await secondsOf(() => upload(hundredThousand.nights + night)));
      await followUp.idle();
      ingestCpu.push(cpuMilliseconds(usage));
    }
    const load = await loadFigures(server.url, { readers: 50, seconds, upload: (count) => upload(hundredThousand.nights + 6 + count) });
    await followUp.idle();
    return { database: lab.database.kind, results, fillSeconds, judgeSeconds, ingestMilliseconds, ingestCpu, pages, load };
  } finally {
    await server.close();
  }
}

function textOf({ database, results, fillSeconds, judgeSeconds, ingestMilliseconds, ingestCpu, pages, load }: LabFigures): string {
  const milliseconds = (values: readonly number[]): string => {
    const { median, p95, most } = quantiles(values);
    return `median ${median.toFixed(0)} ms, 95 % below ${p95.toFixed(0)} ms, most ${most.toFixed(0)} ms`;
  };
  const rows = pages.map(({ path, first, cpu, cached, bytes, compressed }) =>
    [path.slice(0, 70), `${first.toFixed(0)} ms`, `${cpu.toFixed(0)} ms`, `${cached.toFixed(1)} ms`, `${(bytes / 1024).toFixed(0)} KiB`, `${(compressed / 1024).toFixed(0)} KiB`]);
  return [
    `${database} database, ${results} results (written in ${fillSeconds.toFixed(0)} s, looked for changes in ${judgeSeconds.toFixed(0)} s)`,
    formatTable(['page', 'computed', 'CPU', 'known', 'size', 'compressed'], rows, 1),
    `one nightly file taken in: ${milliseconds(ingestMilliseconds)}; CPU with sender and look for changes: ${milliseconds(ingestCpu)}`,
    `${load.readers} readers for ${load.seconds} s while a machine uploads: ${load.answers.length} answers, ${milliseconds(load.answers)}; ${load.uploads.length} uploads, ${milliseconds(load.uploads)}`,
  ].join('\n');
}

async function figuresOf(url: string | undefined, seconds: number): Promise<LabFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'armature-bench-lab-'));
  const lab = await openLab(directory, url);
  try {
    return await measure(lab, seconds);
  } finally {
    await lab.database.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A PostgreSQL server of its own, as the tests have it. */
async function figuresOnServer(seconds: number): Promise<LabFigures> {
  const postgres = await startPostgres();
  try {
    return await figuresOf(await postgres.createDatabase(), seconds);
  } finally {
    await postgres.stop();
  }
}

const { values } = parseArgs({ options: { only: { type: 'string' }, seconds: { type: 'string', default: '10' }, json: { type: 'boolean', default: false } } });
for (const kind of ['embedded', 'server'] as const) {
  if (values.only !== undefined && values.only !== kind) continue;
  const figures = kind === 'embedded' ? await figuresOf(undefined, Number(values.seconds)) : await figuresOnServer(Number(values.seconds));
  progressLine('');
  process.stdout.write(`${values.json ? JSON.stringify(figures) : `${textOf(figures)}\n`}\n`);
}
