import type { Environment } from '#lab/analysis/environment.ts';
import type { PullRequest } from './raw-files.ts';

/** A run as ingest hands it to the store. */
export interface NewRun {
  /** Names the run in links, in every database the result files are read into. */
  readonly key: string;
  readonly origin: 'pyperf' | 'codespeed';
  readonly machine: NewMachine;
  readonly environment: Facts;
  readonly variant: NewVariant;
  readonly title: string;
  readonly pythonVersion: string;
  readonly commit: NewCommit;
  readonly measuredAt: Date;
  readonly loadAverage: number | undefined;
  readonly governor: string | undefined;
  readonly conditions: Environment;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly measurements: readonly NewMeasurement[];
  readonly pull?: PullRequest | undefined;
}

export type Facts = Readonly<Record<string, string>>;

export interface NewMachine {
  readonly name: string;
  readonly architecture: string;
  readonly system: string;
  readonly processor: string;
  readonly cpuCount: number | undefined;
  readonly hostname: string | undefined;
}

export interface NewVariant {
  readonly name: string;
  readonly implementation: string;
  readonly flags: readonly string[];
}

export interface NewCommit {
  readonly id: string | undefined;
  readonly branch: string | undefined;
  readonly fork: string | undefined;
  readonly date: Date | undefined;
}

export interface NewMeasurement {
  readonly benchmark: string;
  readonly unit: string;
  readonly lessIsBetter: boolean;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** The mean of the means of the processes. */
  readonly mean: number;
  readonly standardDeviation: number | undefined;
  /** Of the mean, over the processes. */
  readonly standardError: number | undefined;
  readonly median: number | undefined;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly valueCount: number;
  readonly shape: string;
  readonly loadAverage: number | undefined;
  readonly processMeans: readonly number[];
  readonly peakMemory: number | undefined;
}

/** The file a run was read from. */
export interface ResultFile {
  readonly digest: string;
  readonly byteCount: number;
  readonly receivedAt: Date;
}
