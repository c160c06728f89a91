/**
 * Takes the pictures of the lab's documentation anew, from a tree of results: `npm run lab-pictures -- DIRECTORY`.
 * The same results give the same pictures, but for the fonts of the machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { importTree } from '#lab/ingest/import-tree.ts';
import { createApp } from '#lab/server/app.ts';
import { listen } from '#lab/server/serve.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { openLab } from '#lab/store/open-lab.ts';
import { comparisonPresets } from '#lab/store/queries/comparison.ts';
import { listSeriesNames } from '#lab/store/queries/overview.ts';
import { judgeAll } from '#lab/watch/watcher.ts';
import { createPages } from '#lab/web/pages.ts';
import { besideName } from '#lab/web/timeline-page.ts';
import { launchBrowser } from '../tests/lab-web/browser.ts';
import { projectRoot } from './pythons/targets.ts';

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly colorScheme?: 'dark' | 'light';
  readonly isPhone?: true;
}

const desk = { viewport: { width: 1240, height: 800 }, deviceScaleFactor: 1.5 };
const phone = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 };

async function picturesOf(lab: Lab): Promise<readonly Picture[]> {
  const [pair] = await comparisonPresets(lab.database, ['variants']);
  const [series, ...others] = await listSeriesNames(lab.database);
  const [changed] = await lab.database.query<{ benchmark: string }>(`
    select benchmark.name as benchmark from change join benchmark on benchmark.id = benchmark_id join variant on variant.id = variant_id
    where kind = 'step' and variant.name = $1 group by 1 order by count(*) desc, max(abs(ln(ratio))) desc, 1 limit 1`, [series?.variant]);
  if (pair === undefined || series === undefined || changed === undefined) throw new Error('these results have no two builds of one commit, or no changes');
  const timeline = `/timeline?${new URLSearchParams({ ...series }).toString()}`;
  const comparison = `/compare?base=${pair.base}&head=${pair.head}`;
  return [
    { name: 'lab-overview', path: '/' }, { name: 'lab-comparison', path: comparison }, { name: 'lab-timeline', path: `${timeline}&order=slower`, colorScheme: 'dark' },
    { name: 'lab-benchmark', path: `${timeline}&benchmark=${encodeURIComponent(changed.benchmark)}${others.map((one) => `&beside=${encodeURIComponent(besideName(one))}`).join('')}` },
    { name: 'lab-phone-overview', path: '/', isPhone: true }, { name: 'lab-phone-timeline', path: timeline, isPhone: true, colorScheme: 'dark' },
  ];
}

async function take(browser: Browser, server: string, { name, path, colorScheme = 'light', isPhone }: Picture): Promise<void> {
  const page = await browser.newPage({ ...(isPhone ? phone : desk), colorScheme });
  await page.goto(`${server}${path}`);
  await page.screenshot({ path: join(projectRoot, 'docs', 'images', `${name}.png`) });
  await page.close();
}

const [results] = process.argv.slice(2);
if (results === undefined) throw new Error('npm run lab-pictures -- DIRECTORY, with a tree of results as bench_runner lays it out');
const directory = mkdtempSync(join(tmpdir(), 'armature-pictures-'));
const lab = await openLab(directory, undefined);
const browser = await launchBrowser();
const server = await listen(createApp(lab, { pages: createPages(lab) }), '127.0.0.1', 0);
try {
  await importTree(lab, results);
  await judgeAll(lab.database);
  for (const picture of await picturesOf(lab)) await take(browser, server.url, picture);
} finally {
  await server.close();
  await browser.close();
  await lab.database.close();
  rmSync(directory, { recursive: true, force: true });
}
