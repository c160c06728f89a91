import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { InjectionOptions } from '#lab/figures/injection.ts';
import { foundShare, injectionFigures, medianNights } from '#lab/figures/injection.ts';
import type { SplitFigures } from '#lab/figures/splits.ts';
import { addSplits, noSplits } from '#lab/figures/splits.ts';
import { History } from '#lab/analysis/history.ts';
import type { Night, NightReport } from '#lab/analysis/night.ts';
import { nightOf } from '#lab/analysis/night.ts';
import { textOf } from '#lab/format/metadata.ts';
import type { Suite } from '#lab/format/pyperf.ts';
import { readSuite } from '#lab/format/pyperf.ts';
import { sum } from '#lab/statistics/descriptive.ts';
import { randomFrom } from '#lab/statistics/random.ts';

/** A file of a tree of results as bench_runner lays it out: bm-DATE-VERSION-HASH[-FLAGS]/NAME.json[.gz]. */
export interface ResultFile {
  readonly path: string;
  readonly name: string;
  /** The flags of the build, which only the name of the directory tells: `JIT`, or nothing for a plain one. */
  readonly flags: string;
  readonly commit: string;
}

export function resultFiles(directory: string): ResultFile[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const [, commit, flags] = /^bm-\d{8}-[^-]+-([0-9a-f]{7,})(?:-(.+))?$/.exec(entry.name) ?? [];
    if (!entry.isDirectory() || commit === undefined) return [];
    const files = readdirSync(join(directory, entry.name)).filter((name) => /\.json(\.gz)?$/.test(name) && !/-vs-|-pystats/.test(name));
    return files.map((name) => ({ path: join(directory, entry.name, name), name: join(entry.name, name), flags: flags ?? '', commit }));
  });
}

/** When the first process of a file began: local time, as pyperf writes it. */
function startOf(suite: Suite): string {
  return suite.benchmarks.flatMap(({ runs }) => runs.flatMap((run) => textOf(run.metadata, 'date') ?? []))
    .reduce((first, date) => (first === '' || date < first ? date : first), '');
}

export interface StepFigures {
  readonly injected: number;
  readonly found: number;
  /** Until the step was told, of those found. */
  readonly medianNights: number;
  /** The same by the benchmark's own noise from night to night. */
  readonly byNoise: readonly { readonly below: number; readonly injected: number; readonly found: number }[];
}

export interface BuildFigures {
  readonly flags: string;
  readonly nights: readonly NightReport[];
  readonly splits: SplitFigures;
  readonly steps: StepFigures;
}

export interface FiguresOptions {
  readonly seed: number;
  readonly splits: number;
  readonly draws: number;
  readonly injection: Partial<InjectionOptions>;
}

export const defaultFiguresOptions: FiguresOptions = { seed: 1, splits: 4, draws: 100, injection: {} };

const noiseClasses = [0.005, 0.01, 0.015, Infinity];

function stepFigures(nights: readonly Night[], options: FiguresOptions): StepFigures {
  const injected = injectionFigures(nights, randomFrom(options.seed), options.injection);
  const byNoise = noiseClasses.map((below, index) => {
    const group = injected.filter(({ noise }) => noise < below && noise >= (noiseClasses[index - 1] ?? 0));
    return { below, injected: group.length, found: group.filter(({ nights: count }) => count !== undefined).length };
  });
  return { injected: injected.length, found: Math.round(foundShare(injected) * injected.length), medianNights: medianNights(injected), byNoise };
}

interface Build {
  readonly nights: { readonly start: string; readonly night: Night }[];
  splits: SplitFigures;
}

/** Everything that the lab promises about its statistics, measured on a tree of nightly results. `progress` is told each file. */
export function nightlyFigures(directory: string, given: Partial<FiguresOptions> = {}, progress: (name: string) => void = () => undefined): BuildFigures[] {
  const options = { ...defaultFiguresOptions, ...given };
  const random = randomFrom(options.seed);
  const builds = new Map<string, Build>();
  for (const file of resultFiles(directory)) {
    progress(file.name);
    const suite = readSuite(readFileSync(file.path), file.name);
    const build = builds.get(file.flags) ?? { nights: [], splits: noSplits };
    const start = startOf(suite);
    build.nights.push({ start, night: nightOf(`${start.slice(0, 10)} ${file.commit}`, suite) });
    build.splits = addSplits(build.splits, suite.benchmarks, random, options);
    builds.set(file.flags, build);
  }
  return [...builds].map(([flags, build]) => {
    const nights = build.nights.sort((left, right) => (left.start < right.start ? -1 : 1)).map(({ night }) => night);
    const history = new History();
    return { flags, nights: nights.map((night) => history.add(night)), splits: build.splits, steps: stepFigures(nights, options) };
  });
}

export function singleAlerts(report: NightReport): number {
  return report.alerts.filter(({ kind }) => kind === 'benchmark').length;
}

const percent = (part: number, whole: number): string => `${(100 * part / whole).toFixed(2)} %`;

const average = (counts: readonly number[]): string => (sum(counts) / counts.length).toFixed(2);

function countAlerts(nights: readonly NightReport[], kinds: readonly string[]): number {
  return sum(nights.map(({ alerts }) => alerts.filter(({ kind }) => kinds.includes(kind)).length));
}

function buildText({ flags, nights, splits, steps }: BuildFigures): string[] {
  const counts = nights.map(singleAlerts);
  const own = nights.map(({ changes }) => changes.filter(({ partOf }) => partOf === undefined).length);
  const faulty = nights.filter(({ state }) => state === 'faulty');
  const shifted = nights.filter(({ state }) => state === 'shifted');
  return [
    `${flags === '' ? 'plain' : flags}: ${nights.length} nights`,
    `  halves of one file called different, nominal 5 % (${splits.comparisons} comparisons):`,
    `    Welch on process means   ${percent(splits.welch, splits.comparisons)}`,
    `    our verdict              ${percent(splits.verdict, splits.comparisons)}  (adjusted for the number of benchmarks, at least 1 %)`,
    `    bootstrap of processes   ${percent(splits.bootstrap, splits.comparisons)}  (shown, not decided by)`,
    `    pyperf compare_to        ${percent(splits.pyperf, splits.comparisons)}`,
    `  alerts of single benchmarks a night: mean ${average(counts)}, most ${Math.max(...counts)}`,
    `  benchmarks found changed a night, grouped into alerts or not: mean ${average(own)}, most ${Math.max(...own)}; with a shift of the suite: ${sum(nights.map(({ changes }) => changes.length)) - sum(own)} in all`,
    `  alerts of several benchmarks in one: ${countAlerts(nights, ['group', 'several'])}; of the suite: ${countAlerts(nights, ['suite'])}; later parts of those: ${countAlerts(nights, ['suite-part'])}`,
    `  nights with a faulty environment: ${faulty.length}, alerts of benchmarks in them: ${sum(faulty.map(({ changes }) => changes.length))}`,
    ...faulty.map(({ id, issues, suiteRatio }) => `    ${id}  ${issues.map(({ detail }) => detail).join('; ')}${suiteRatio === undefined ? '' : `; suite ${suiteRatio.toFixed(3)}x`}`),
    `  nights on which the suite had shifted: ${shifted.length}`,
    ...shifted.map(({ id, shift }) => `    ${id}  suite ${shift?.ratio.toFixed(3) ?? ''}x, ${shift?.moved.length ?? 0} benchmarks moved${shift?.settled === true ? '; the new level' : ''}`),
    `  3 % steps put into one benchmark: ${steps.found} of ${steps.injected} found within five nights (${percent(steps.found, steps.injected)}), median night ${steps.medianNights}`,
    ...steps.byNoise.map(({ below, injected, found }, index) => `    noise ${(100 * (noiseClasses[index - 1] ?? 0)).toFixed(1)} to ${below === Infinity ? 'any' : `${(100 * below).toFixed(1)} %`}: ${found} of ${injected} (${percent(found, injected)})`),
  ];
}

/** Nights of all builds of one commit count together: a person reads them together. */
export function mostSingleAlerts(builds: readonly BuildFigures[]): number {
  const together = new Map<string, number>();
  for (const report of builds.flatMap(({ nights }) => nights)) {
    const commit = report.id.split(' ')[1] ?? report.id;
    together.set(commit, (together.get(commit) ?? 0) + singleAlerts(report));
  }
  return Math.max(0, ...together.values());
}

export function figuresText(builds: readonly BuildFigures[]): string {
  const most = `alerts of single benchmarks for one commit, all builds together: most ${mostSingleAlerts(builds)}`;
  return `${[...builds.flatMap((build) => [...buildText(build), '']), most].join('\n')}\n`;
}
