import { alertsOf } from '#lab/analysis/alerts.ts';
import type { Environment } from '#lab/analysis/environment.ts';
import { identityChanges } from '#lab/analysis/environment.ts';
import type { Change, Night, NightReport, NightState, Shift } from '#lab/analysis/night.ts';
import type { GatedNight, Issue } from '#lab/analysis/quality-gate.ts';
import { gateMemory, issuesOf, loadLimitOf } from '#lab/analysis/quality-gate.ts';
import type { Deviation, Point } from '#lab/analysis/series-set.ts';
import { SeriesSet, valuesOf } from '#lab/analysis/series-set.ts';
import type { DetectorOptions, Step } from '#lab/analysis/step-detector.ts';
import { defaultDetectorOptions, isAtOld, newestStep } from '#lab/analysis/step-detector.ts';
import { noiseOf } from '#lab/analysis/noise.ts';
import { mean, median, noiseOfSeries } from '#lab/statistics/descriptive.ts';

export interface HistoryOptions {
  readonly detector: DetectorOptions;
  /** The suite shifts when its median moves by more than this share, and by more than so many deviations of its own noise. */
  readonly suiteEffect: number;
  readonly suiteOverNoise: number;
  /** Or when more than this share of the benchmarks moves by more than `movedEffect` and so many deviations of their noise. */
  readonly movedShare: number;
  readonly movedEffect: number;
  readonly movedOverNoise: number;
  /** After this many nights in a row, where the suite moved to is its level. */
  readonly nightsToSettle: number;
  /** A change is taken back when so many nights after it was told are, in the mean, nearer to the level before than to the new one. */
  readonly nightsToLast: readonly number[];
  /** Look for changes in these benchmarks only; the suite is judged by all. */
  readonly only?: ReadonlySet<string>;
}

export const defaultHistoryOptions: HistoryOptions = {
  detector: defaultDetectorOptions, suiteEffect: 0.01, suiteOverNoise: 4, movedShare: 0.08, movedEffect: 0.03, movedOverNoise: 5, nightsToSettle: 4,
  nightsToLast: [3, 5],
};

/** What is common to all benchmarks has much less noise than one of them. */
const suiteDetector = (options: DetectorOptions): DetectorOptions => ({ ...options, minimumEffect: options.minimumEffect / 4 });

/** Nights whose median is the suite's level. */
const suiteNights = 5;

/** Fewer benchmarks than this are single ones, however few there are in all. */
const leastMoved = 3;

/** So many nights, changes that began together can be found apart. */
const nightsTold = 3;

/** Everything of a report but what is worked out last. */
type Findings = Omit<NightReport, 'alerts'>;

/** A night held against the nights before. */
interface Judged {
  readonly night: Night;
  readonly deviations: readonly Deviation[];
  /** What all benchmarks have in common: the median of their deviations. */
  readonly common: number;
  /** That, against the suite's level before. */
  readonly step: number;
  readonly moved: readonly Deviation[];
  readonly isShift: boolean;
  /** So many benchmarks moved, each in its own way, that their median means nothing for the others. */
  readonly isWide: boolean;
}

/**
 * The nights of one machine in one configuration, told one by one from the oldest; each is judged by what was known then. First the
 * environment is looked at, then the suite as a whole, and only if both are as usual the single benchmarks, without what is common to all.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #past: GatedNight[] = [];
  readonly #series = new SeriesSet();
  #suite: Point[] = [];
  #pending: Judged[] = [];
  #epoch = 0;
  #identity: Environment | undefined;
  /** Changes that must still show that they last, by benchmark. */
  readonly #unproven = new Map<string, { readonly change: Change; readonly before: number; readonly after: number }>();
  /** The changes of the last nights. */
  #told: (readonly Change[])[] = [];
  /** The position of each night, and the first night of the shift it was part of. */
  readonly #nights = new Map<string, { readonly position: number; readonly shift: string | undefined }>();

  constructor(options: Partial<HistoryOptions> = {}) {
    this.#options = { ...defaultHistoryOptions, ...options };
  }

  add(night: Night): NightReport {
    const findings = this.#findings(night);
    this.#nights.set(night.id, { position: this.#nights.size, shift: findings.shift?.since });
    const alerts = alertsOf(findings, this.#told.flat(), (id) => this.#nights.get(id)?.position ?? -1);
    this.#told = [...this.#told, findings.changes].slice(-nightsTold);
    return { ...findings, alerts };
  }

  #findings(night: Night): Findings {
    const gated: GatedNight = {
      environment: night.environment,
      names: new Set(night.levels.keys()),
      shapes: new Map([...night.levels].map(([name, { shape }]) => [name, shape])),
    };
    const issues = issuesOf(gated, this.#past);
    const loadLimit = loadLimitOf(this.#past.slice(-gateMemory));
    this.#past.push(gated);
    if (issues.some(({ severity }) => severity === 'fault')) {
      return { ...this.#report(night, 'faulty', issues), suiteRatio: this.#ratioOf(this.#judge(night)) };
    }
    const epochReasons = this.#beginEpoch(night.environment);
    const judged = this.#judge(night);
    return { ...(judged.isShift ? this.#shifted(judged, issues) : this.#normal(judged, issues, loadLimit)), epochReasons };
  }

  #report(night: Night, state: NightState, issues: readonly Issue[]): Findings {
    return {
      id: night.id, state, epoch: this.#epoch, epochReasons: [], issues, suiteRatio: undefined, common: undefined, shift: undefined, suiteChange: undefined, changes: [], withdrawn: [],
    };
  }

  #beginEpoch(environment: Environment): string[] {
    const reasons = this.#identity === undefined ? [] : identityChanges(this.#identity, environment);
    this.#identity = environment;
    if (reasons.length > 0) {
      this.#epoch++;
      this.#series.clear();
      this.#suite = [];
      this.#pending = [];
      this.#unproven.clear();
    }
    return reasons;
  }

  #suiteLevel(): number {
    return this.#suite.length === 0 ? 0 : median(valuesOf(this.#suite.slice(-suiteNights)));
  }

  /** What is common to all has far less noise than one benchmark, so that it has no floor once there are enough nights to tell. */
  #suiteNoise(): number {
    const { suiteEffect } = this.#options;
    return this.#suite.length < suiteNights ? suiteEffect / 2 : Math.min(noiseOfSeries(valuesOf(this.#suite)), suiteEffect);
  }

  #judge(night: Night): Judged {
    const { suiteEffect, suiteOverNoise, movedShare, movedEffect, movedOverNoise } = this.#options;
    const deviations = this.#series.deviations(night);
    const level = this.#suiteLevel();
    const common = deviations.length === 0 ? level : median(deviations.map(({ deviation }) => deviation));
    const step = common - level;
    const moved = deviations.map((one) => ({ ...one, deviation: one.deviation - level }))
      .filter(({ deviation, noise }) => Math.abs(deviation) > Math.max(Math.log1p(movedEffect), movedOverNoise * noise));
    const isWide = moved.length > Math.max(leastMoved - 1, movedShare * deviations.length);
    const limit = Math.max(Math.log1p(suiteEffect), suiteOverNoise * this.#suiteNoise());
    return { night, deviations, common, step, moved, isWide, isShift: isWide || Math.abs(step) > limit };
  }

  #ratioOf({ deviations, step }: Judged): number | undefined {
    return deviations.length === 0 ? undefined : Math.exp(step);
  }

  #shifted(judged: Judged, issues: readonly Issue[]): Findings {
    this.#pending.push(judged);
    const settled = this.#pending.length >= this.#options.nightsToSettle;
    const shift: Shift = {
      since: this.#pending[0]?.night.id ?? judged.night.id,
      ratio: Math.exp(judged.step),
      moved: [...judged.moved].sort((left, right) => Math.abs(right.deviation) - Math.abs(left.deviation))
        .map(({ benchmark, deviation }) => ({ benchmark, ratio: Math.exp(deviation) })),
      settled,
    };
    const report = { ...this.#report(judged.night, 'shifted', issues), suiteRatio: shift.ratio, shift };
    if (settled) this.#settle();
    return report;
  }

  /** The suite stays where it moved to: what moved begins again there, the rest goes on. */
  #settle(): void {
    const { detector } = this.#options;
    const level = this.#suiteLevel();
    const wide = this.#pending.filter(({ isWide }) => isWide).length > this.#pending.length / 2;
    const nights = this.#pending.map((judged) => ({ ...judged, common: wide ? level : judged.common }));
    this.#pending = [];
    const names = new Set(nights.flatMap(({ night }) => [...night.levels.keys()]));
    for (const name of names) {
      const own = nights.flatMap(({ deviations, common }) => deviations.filter(({ benchmark }) => benchmark === name)
        .map(({ deviation, noise }) => ({ deviation: deviation - common, noise })));
      const size = own.length === 0 ? 0 : Math.abs(median(own.map(({ deviation }) => deviation)));
      if (size > Math.max(Math.log1p(detector.minimumEffect), 3 * (own[0]?.noise ?? 0))) this.#series.cut(name, Infinity);
    }
    for (const { night, common } of nights) this.#append(night, common, Infinity);
  }

  #normal({ night, common, deviations, step }: Judged, issues: readonly Issue[], loadLimit: number): Findings {
    this.#pending = [];
    const { detector } = this.#options;
    const touched = this.#append(night, common, loadLimit);
    const suiteStep = newestStep(valuesOf(this.#suite), noiseOf(valuesOf(this.#suite)), suiteDetector(detector));
    const suiteChange = suiteStep === undefined ? undefined : this.#changeOf('', suiteStep, this.#suite[suiteStep.index]?.night ?? '');
    if (suiteStep !== undefined) this.#suite = this.#suite.slice(suiteStep.index);
    const withdrawn = touched.flatMap((name) => this.#withdrawn(name) ?? []);
    return {
      ...this.#report(night, 'normal', issues),
      suiteRatio: deviations.length === 0 ? undefined : Math.exp(step),
      common,
      suiteChange,
      withdrawn,
      changes: touched.flatMap((name) => this.#newChange(name) ?? []),
    };
  }

  #append(night: Night, common: number, loadLimit: number): string[] {
    this.#suite.push({ night: night.id, value: common });
    // A benchmark that was not alone on the machine for a moment is not blamed for it.
    const trusted = [...night.levels].filter(([, { load }]) => load === undefined || load <= loadLimit);
    for (const [name, level] of trusted) this.#series.append(name, level, night.id, common);
    return trusted.map(([name]) => name).filter((name) => this.#options.only?.has(name) ?? true);
  }

  /** A change is reported once: the series begins again at its new level. */
  #newChange(name: string): Change | undefined {
    const points = this.#series.points(name);
    const step = newestStep(valuesOf(points), this.#series.noise(name), this.#options.detector);
    if (step === undefined) return undefined;
    this.#series.cut(name, step.index);
    const change = this.#changeOf(name, step, points[step.index]?.night ?? '');
    this.#unproven.set(name, { change, before: step.before, after: step.after });
    return change;
  }

  /** A change that does not last was none: the next nights are held against the level before it again. */
  #withdrawn(name: string): Change | undefined {
    const { nightsToLast } = this.#options;
    const unproven = this.#unproven.get(name);
    const nights = this.#series.sinceTold(name);
    if (unproven === undefined || !nightsToLast.includes(nights.length)) return undefined;
    const { change, before, after } = unproven;
    if (!isAtOld(mean(valuesOf(nights)), before, after)) {
      if (nights.length >= Math.max(...nightsToLast)) this.#unproven.delete(name);
      return undefined;
    }
    this.#unproven.delete(name);
    this.#series.join(name);
    return change;
  }

  #changeOf(benchmark: string, step: Step, since: string): Change {
    const direction = step.after < step.before ? 'faster' : 'slower';
    return { benchmark, direction, ratio: Math.exp(step.after - step.before), since, p: step.p, noise: step.noise, partOf: this.#shiftNear(since) };
  }

  /** The first night of a change is found to within a night, so that those beside a shift belong to it too. */
  #shiftNear(id: string): string | undefined {
    const position = this.#nights.get(id)?.position;
    if (position === undefined) return undefined;
    return [...this.#nights.values()].slice(Math.max(0, position - 1), position + 2).find(({ shift }) => shift !== undefined)?.shift;
  }
}
