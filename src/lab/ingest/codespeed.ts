import { createHash } from 'node:crypto';
import { LabError } from '#lab/errors.ts';
import { readJson } from '#lab/format/read-json.ts';
import type { NewMeasurement, NewRun } from '#lab/store/new-run.ts';
import type { RawFile } from '#lab/store/raw-files.ts';
import { parseDate } from './read-pyperf.ts';

/** One item of `/result/add/json/`, as Codespeed's documentation names the fields. */
export interface CodespeedItem {
  readonly commitid: string;
  readonly branch: string;
  readonly project: string;
  readonly executable: string;
  readonly benchmark: string;
  readonly environment: string;
  readonly value: number;
  readonly optional: Readonly<Record<string, string>>;
}

/** Codespeed's own messages: its clients show them. */
export class CodespeedError extends Error {
  override readonly name = 'CodespeedError';
}

const requiredFields = ['commitid', 'branch', 'project', 'executable', 'benchmark', 'environment', 'result_value'] as const;
const optionalFields = ['revision_date', 'result_date', 'std_dev', 'min', 'max', 'q1', 'q3', 'description', 'units', 'units_title', 'lessisbetter'] as const;

/** The columns of Codespeed's own database. */
const longest: Readonly<Record<string, number>> = { commitid: 42, branch: 32, project: 30, executable: 30, benchmark: 100, environment: 100, description: 1000, units: 30 };

export function readItem(value: unknown): CodespeedItem {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new CodespeedError('Each result must be an object');
  const given = value as Readonly<Record<string, unknown>>;
  const required = Object.fromEntries(requiredFields.map((field) => [field, requiredText(given, field)])) as Record<(typeof requiredFields)[number], string>;
  const optional = Object.fromEntries(optionalFields.flatMap((field) => {
    const text = textOf(given, field);
    return text === undefined || text === '' || text === 'None' ? [] : [[field, text]];
  }));
  const { result_value: result, ...names } = required;
  return { ...names, value: positive('result_value', result), optional };
}

function requiredText(given: Readonly<Record<string, unknown>>, field: string): string {
  const text = textOf(given, field);
  if (text === undefined) throw new CodespeedError(`Key "${field}" missing from request`);
  if (text === '') throw new CodespeedError(`Value for key "${field}" empty in request`);
  return text;
}

function textOf(given: Readonly<Record<string, unknown>>, field: string): string | undefined {
  const value = Object.hasOwn(given, field) ? given[field] : undefined;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') throw new CodespeedError(`Value for key "${field}" must be a text or a number`);
  const text = String(value).trim();
  if (text.length > (longest[field] ?? 100)) throw new CodespeedError(`Value for key "${field}" is longer than ${longest[field] ?? 100} characters`);
  if (/[\p{Cc}\p{Surrogate}]/u.test(text)) throw new CodespeedError(`Value for key "${field}" has a control character`);
  return text;
}

function positive(field: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new CodespeedError(`Value for key "${field}" must be a number greater than 0`);
  return value;
}

/** What belongs to one run: the same things that Codespeed keeps one result for. */
export function runIdentity(item: CodespeedItem): string {
  return JSON.stringify([item.environment, item.project, item.executable, item.branch, item.commitid]);
}

/** The items of one file are of one run. Its key comes from what it is a run of: later files add to it. */
export function readCodespeedRun({ context, bytes }: RawFile): NewRun {
  const parsed = readJson(bytes, context.name);
  const items = Array.isArray(parsed) ? parsed.map(readItem) : [];
  const [first] = items;
  if (first === undefined) throw new LabError('result-without-values', { name: context.name });
  const revisionDate = parseDate(first.optional['revision_date']);
  return {
    key: createHash('sha256').update(runIdentity(first)).digest('hex').slice(0, 16), origin: 'codespeed',
    machine: { name: first.environment, architecture: '', system: '', processor: '', cpuCount: undefined, hostname: undefined },
    environment: {}, variant: { name: first.executable, implementation: first.executable, flags: [] },
    title: `${first.executable} ${first.commitid.slice(0, 7)} on ${first.environment}`, pythonVersion: first.branch,
    commit: { id: first.commitid, branch: first.branch, fork: first.project, date: revisionDate },
    measuredAt: parseDate(first.optional['result_date']) ?? new Date(context.receivedAt), loadAverage: undefined, governor: undefined,
    conditions: { identity: {}, governor: undefined, isolated: undefined, bootTime: undefined, load: undefined, cpuCount: undefined },
    metadata: { project: first.project, executable: first.executable }, measurements: items.map(measurementOfItem),
  };
}

/** Codespeed's clients send summaries only: there are no processes to compute with. */
function measurementOfItem({ benchmark, value, optional }: CodespeedItem): NewMeasurement {
  const number = (field: string): number | undefined => (optional[field] === undefined ? undefined : positive(field, optional[field]));
  return {
    benchmark, unit: unitOf(optional['units']), lessIsBetter: !/^(false|0|no)$/i.test(optional['lessisbetter'] ?? 'true'),
    description: optional['description'], tags: [], mean: value, standardDeviation: deviation(optional['std_dev']), standardError: undefined,
    median: undefined, minimum: number('min'), maximum: number('max'), valueCount: 1, shape: '1x1', loadAverage: undefined, processMeans: [],
    peakMemory: undefined,
  };
}

/** Codespeed's default is `seconds`, pyperf's `second`. */
function unitOf(units = 'seconds'): string {
  return { seconds: 'second', bytes: 'byte' }[units] ?? units;
}

function deviation(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new CodespeedError('Value for key "std_dev" must be a number of at least 0');
  return value;
}
