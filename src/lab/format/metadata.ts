/**
 * The metadata of a run: names with texts, numbers or lists of texts. Which names have which type is pyperf's
 * own table (`pyperf/_metadata.py`), so that what we accept it accepts, and the other way round.
 */
export type MetadataValue = string | number | readonly string[];
export type Metadata = Readonly<Record<string, MetadataValue>>;

/** Says what is wrong, or nothing. */
type Check = (value: unknown) => string | undefined;

const integerFrom = (least: number): Check => (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= least ? undefined : `must be an integer of at least ${least}`;

const notNegative: Check = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? undefined : 'must be a number of at least 0';

/** pyperf before 0.7.2 wrote the load as a text. */
const load: Check = (value) => notNegative(typeof value === 'string' && value !== '' ? Number(value) : value);

const text: Check = (value) => (typeof value === 'string' ? undefined : 'must be a text');

const texts: Check = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '' && problemOfText(item) === undefined)
    ? undefined : 'must be a list of texts that are not empty';

const tags: Check = (value) => texts(value) ?? ((value as readonly string[]).includes('all') ? "must not contain 'all'" : undefined);

const phase: Check = (value) => texts(value) ?? ((value as readonly string[]).length === 2 ? undefined : 'must have two texts');

const units = ['second', 'byte', 'integer'];
const unit: Check = (value) => (units.includes(value as string) ? undefined : `must be one of ${units.join(', ')}`);

const checks: ReadonlyMap<string, Check> = new Map([
  ['loops', integerFrom(1)], ['inner_loops', integerFrom(1)], ['calibrate_loops', integerFrom(1)], ['recalibrate_loops', integerFrom(1)],
  ['calibrate_warmups', integerFrom(0)], ['recalibrate_warmups', integerFrom(0)],
  ['duration', notNegative], ['uptime', notNegative], ['load_avg_1min', load],
  ['mem_max_rss', integerFrom(0)], ['mem_peak_pagefile_usage', integerFrom(0)], ['command_max_rss', integerFrom(0)],
  ['unit', unit], ['date', text], ['boot_time', text], ['tags', tags], ['phase', phase],
]);

const other: Check = (value) =>
  typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value)) ? undefined : 'must be a text or a finite number';

/** Longer than the longest command line of pyperformance by far. */
const longestText = 65_536;

/** Of one object; pyperformance has some 50. */
const mostNames = 1000;

/** No text of a result has these; databases and terminals cannot take them. pyperf itself refuses line ends. */
function problemOfText(value: string): string | undefined {
  if (value.length > longestText) return `is longer than ${longestText} characters`;
  if (/[\0\r\n]/.test(value)) return 'has a line end or a NUL character';
  if (/\p{Surrogate}/u.test(value)) return 'has half of a character (a lone surrogate)';
  return undefined;
}

function problemOf(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return (checks.get(name) ?? other)(value);
  if (value === '') return 'is empty';
  return problemOfText(value) ?? (checks.get(name) ?? other)(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** To pyperf a boolean is a number that it shows as Python does. */
function withoutBoolean(value: unknown): unknown {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : value;
}

export type Complain = (where: string, reason: string) => never;

/** The checked metadata of one level of the file. */
export function parseMetadata(value: unknown, where: string, complain: Complain): Metadata {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) return complain(where, 'metadata must be an object');
  if (Object.keys(value).length > mostNames) return complain(where, `there are more than ${mostNames} metadata`);
  // fromEntries defines properties: a name like __proto__ is a name and nothing else.
  return Object.fromEntries(Object.entries(value).map(([name, raw]) => {
    const trimmed = typeof raw === 'string' ? raw.trim() : checks.has(name) ? raw : withoutBoolean(raw);
    const problem = (name === '' ? 'has no name' : problemOfText(name)) ?? problemOf(name, trimmed);
    if (problem !== undefined) return complain(where, `metadata ${JSON.stringify(name.slice(0, 100))} ${problem}`);
    return [name, name === 'load_avg_1min' ? Number(trimmed) : trimmed as MetadataValue];
  }));
}

/** What all have in common: that is what pyperf writes once, a level higher. */
export function commonMetadata(all: readonly Metadata[]): Metadata {
  const [first, ...rest] = all;
  if (first === undefined) return {};
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => rest.every((metadata) => sameValue(ownValue(metadata, name), value))));
}

export function ownValue(metadata: Metadata, name: string): MetadataValue | undefined {
  return Object.hasOwn(metadata, name) ? metadata[name] : undefined;
}

export function sameValue(left: MetadataValue | undefined, right: MetadataValue | undefined): boolean {
  if (typeof left !== 'object' || typeof right !== 'object') return left === right;
  return left.length === right.length && left.every((item, index) => item === right[index]);
}

export function textOf(metadata: Metadata, name: string): string | undefined {
  const value = ownValue(metadata, name);
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(metadata: Metadata, name: string): number | undefined {
  const value = ownValue(metadata, name);
  return typeof value === 'number' ? value : undefined;
}
