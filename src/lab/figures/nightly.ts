import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bound, Bounds } from '#lab/figures/bound.ts';
import { boundsOf, findableIn, noiseLaws } from '#lab/figures/bound.ts';
import type { Injected, InjectionOptions } from '#lab/figures/injection.ts';
import { defaultInjectionOptions, injectionFigures, medianNights, noiseOver } from '#lab/figures/injection.ts';
import type { NoChangeFigures } from '#lab/figures/no-change.ts';
import { noChangeFigures, withoutChanges } from '#lab/figures/no-change.ts';
import type { SplitFigures } from '#lab/figures/splits.ts';
import { addSplits, noSplits } from '#lab/figures/splits.ts';
import { mostSingle } from '#lab/analysis/alerts.ts';
import { History } from '#lab/analysis/history.ts';
import type { Night, NightReport } from '#lab/analysis/night.ts';
import { nightOf } from '#lab/analysis/night.ts';
import { textOf } from '#lab/format/metadata.ts';
import { detectableStep } from '#lab/analysis/step-detector.ts';
import type { Suite } from '#lab/format/pyperf.ts';
import { readSuite } from '#lab/format/pyperf.ts';
import { median, sum } from '#lab/statistics/descriptive.ts';
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

export interface FoundOf {
  readonly injected: number;
  readonly found: number;
}

export interface StepFigures extends FoundOf {
  /** Until the step was told, of those found. */
  readonly medianNights: number;
  /** In benchmarks whose noise permits it: of which an oracle with as many wrong ones as the lab finds nineteen of twenty steps of this size. */
  readonly detectable: FoundOf;
  /** The same by the benchmark's own noise from night to night. */
  readonly byNoise: readonly (FoundOf & { readonly below: number })[];
}

export interface BuildFigures {
  readonly flags: string;
  readonly nights: readonly NightReport[];
  readonly splits: SplitFigures;
  /** 3 % slower, in the nights as they are. */
  readonly steps: StepFigures;
  /** Other steps: what they are, and how many were found. */
  readonly otherSteps: readonly (readonly [what: string, figures: StepFigures])[];
  readonly noChange: NoChangeFigures;
  /** How many of the steps of 3 % can be found at all. */
  readonly bounds: Bounds;
  /** What each benchmark must change by to be found nineteen of twenty times, as a share, the steadiest first. */
  readonly detectable: readonly (readonly [benchmark: string, step: number])[];
}

export interface FiguresOptions {
  readonly seed: number;
  readonly splits: number;
  readonly draws: number;
  readonly injection: Partial<InjectionOptions>;
  /** How often each benchmark gets each of the other steps. */
  readonly otherRounds: number;
  /** Orders of the nights without changes. */
  readonly orders: number;
  /** Steps that the oracle looks for, in each benchmark. */
  readonly oracleDraws: number;
}

export const defaultFiguresOptions: FiguresOptions = { seed: 1, splits: 4, draws: 100, injection: {}, otherRounds: 1, orders: 4, oracleDraws: 500 };

const otherSteps: readonly (readonly [what: string, options: Partial<InjectionOptions>])[] = [
  ['2 % slower', { step: 0.02 }], ['5 % slower', { step: 0.05 }], ['3 % faster', { direction: 'faster' }], ['5 % faster', { direction: 'faster', step: 0.05 }],
  ['3 % slower in the sixth to tenth night of all', { nightsBefore: 5, mostBefore: 9 }],
];

const noiseClasses = [0.005, 0.01, 0.015, Infinity];

function foundOf(injected: readonly Injected[]): FoundOf {
  return { injected: injected.length, found: injected.filter(({ nights }) => nights !== undefined).length };
}

function stepFigures(injected: readonly Injected[], findable: ReadonlySet<string>): StepFigures {
  const byNoise = noiseClasses.map((below, index) =>
    ({ below, ...foundOf(injected.filter(({ noise }) => noise < below && noise >= (noiseClasses[index - 1] ?? 0))) }));
  return { ...foundOf(injected), medianNights: medianNights(injected), detectable: foundOf(injected.filter(({ benchmark }) => findable.has(benchmark))), byNoise };
}

function detectableSteps(nights: readonly Night[]): (readonly [string, number])[] {
  const names = [...new Set(nights.flatMap(({ levels }) => [...levels.keys()]))];
  return names.map((name) => [name, detectableStep(noiseOver(nights, name))] as const).filter(([, step]) => !Number.isNaN(step)).sort((left, right) => left[1] - right[1]);
}

function buildFigures(flags: string, nights: readonly Night[], splits: SplitFigures, options: FiguresOptions): BuildFigures {
  const { seed, otherRounds, orders, oracleDraws } = options;
  const history = new History();
  const reports = nights.map((night) => history.add(night));
  const still = withoutChanges(nights, reports);
  const injection = { ...defaultInjectionOptions, ...options.injection };
  const noChange = noChangeFigures(still, randomFrom(seed), orders);
  const laws = noiseLaws(still);
  const oracle = { step: injection.step, nights: injection.nightsAllowed, mostSingle, draws: oracleDraws, ours: noChange.changes / noChange.nights };
  const sizes = [...new Set([injection.step, ...otherSteps.map(([, { step }]) => step ?? injection.step)])];
  const findable = new Map(sizes.map((step) => [step, findableIn(laws, randomFrom(seed), { ...oracle, step })]));
  const injected = injectionFigures(nights, randomFrom(seed), injection);
  const other = (from: readonly Night[], given: Partial<InjectionOptions>): StepFigures =>
    stepFigures(injectionFigures(from, randomFrom(seed + 1), { ...injection, rounds: otherRounds, ...given }), findable.get(given.step ?? injection.step) ?? new Set());
  return {
    flags, nights: reports, splits, steps: stepFigures(injected, findable.get(injection.step) ?? new Set()),
    otherSteps: [...otherSteps.map(([what, given]) => [what, other(nights, given)] as const),
      ['3 % slower, the own changes of the nights taken out', other(still, { rounds: injection.rounds })] as const],
    noChange, bounds: boundsOf({ nights, reports, still, laws }, injected, randomFrom(seed), oracle), detectable: detectableSteps(nights),
  };
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
    return buildFigures(flags, nights, build.splits, options);
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

const shareOf = ({ found, injected }: FoundOf): string => (injected === 0 ? 'none' : `${found} of ${injected} (${percent(found, injected)})`);

function boundText({ wrong, found, beyond }: Bound, of: string): string[] {
  const names = beyond.map((one) => `${one.benchmark} (noise ${(100 * one.noise).toFixed(1)} %, ${(100 * one.found).toFixed(0)} %)`);
  return [
    `    the most that any detector finds that tells ${wrong.toFixed(2)} wrong ones a night${of}: ${(100 * found).toFixed(1)} %`,
    `      it finds fewer than nineteen of twenty in ${names.length === 0 ? 'none' : `${names.length}: ${names.join(', ')}`}`,
  ];
}

function stepText({ steps, otherSteps: others, noChange, bounds, detectable }: BuildFigures): string[] {
  const beyond = detectable.filter(([, step]) => step > 0.03);
  return [
    `  3 % steps put into one benchmark: ${steps.found} of ${steps.injected} found within five nights (${percent(steps.found, steps.injected)}), median night ${steps.medianNights}`,
    `    in benchmarks whose noise permits it: ${shareOf(steps.detectable)}`,
    ...boundText(bounds.allowed, ', as many as are allowed'),
    ...boundText(bounds.asOurs, ', as many as the lab'),
    `    the first of these in the nights as they are, with the benchmarks' own changes: ${(100 * bounds.inNights).toFixed(1)} %`,
    ...steps.byNoise.map((one, index) => `    noise ${(100 * (noiseClasses[index - 1] ?? 0)).toFixed(1)} to ${one.below === Infinity ? 'any' : `${(100 * one.below).toFixed(1)} %`}: ${shareOf(one)}`),
    ...others.map(([what, figures]) => `  ${what}: ${shareOf(figures)}; where the noise permits it: ${shareOf(figures.detectable)}`),
    `  told a night when nothing changed (${noChange.nights} nights in random order): ${average([noChange.changes / noChange.nights])} benchmarks, ${average([noChange.single / noChange.nights])} alerts of single ones, most ${noChange.mostSingle}; ${average([noChange.withdrawn / noChange.nights])} taken back within five nights`,
    `  smallest step found nineteen of twenty times: median ${percent(median(detectable.map(([, step]) => step)), 1)}; more than 3 % for ${beyond.length} of ${detectable.length}: ${beyond.map(([name, step]) => `${name} ${(100 * step).toFixed(1)} %`).join(', ')}`,
  ];
}

function buildText(build: BuildFigures): string[] {
  const { flags, nights, splits } = build;
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
    `    taken back within five nights because the benchmark was where it had been: ${sum(nights.map(({ withdrawn }) => withdrawn.filter(({ partOf }) => partOf === undefined).length))} of ${sum(own)}`,
    `  alerts of several benchmarks in one: ${countAlerts(nights, ['group', 'several'])}; of the suite: ${countAlerts(nights, ['suite'])}; later parts of those: ${countAlerts(nights, ['suite-part'])}`,
    `  nights with a faulty environment: ${faulty.length}, alerts of benchmarks in them: ${sum(faulty.map(({ changes }) => changes.length))}`,
    ...faulty.map(({ id, issues, suiteRatio }) => `    ${id}  ${issues.map(({ detail }) => detail).join('; ')}${suiteRatio === undefined ? '' : `; suite ${suiteRatio.toFixed(3)}x`}`),
    `  nights on which the suite had shifted: ${shifted.length}`,
    ...shifted.map(({ id, shift }) => `    ${id}  suite ${shift?.ratio.toFixed(3) ?? ''}x, ${shift?.moved.length ?? 0} benchmarks moved${shift?.settled === true ? '; the new level' : ''}`),
    ...stepText(build),
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
