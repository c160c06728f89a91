import type { Version } from './version.ts';
import { comparePublic, compareReleases, compareScalars, compareVersions, formatVersion, isPrerelease, parseVersion } from './version.ts';

type Operator = '~=' | '==' | '!=' | '<=' | '>=' | '<' | '>' | '===';

/** One clause of a version specifier (PEP 440). */
export interface Specifier {
  readonly operator: Operator;
  /** The version as written. */
  readonly text: string;
  /** Undefined for `===`, which compares text. */
  readonly version: Version | undefined;
  /** `== 1.2.*` */
  readonly isPrefix: boolean;
}

/** All clauses must hold; no clause allows everything. */
export type SpecifierSet = readonly Specifier[];

const clause = /^\s*(===|~=|==|!=|<=|>=|<|>)\s*([^\s,;)]+)\s*$/;

export function parseSpecifier(text: string): Specifier | undefined {
  const match = clause.exec(text);
  if (match === null) return undefined;
  const operator = match[1] as Operator;
  const written = match[2] ?? '';
  if (operator === '===') return { operator, text: written, version: undefined, isPrefix: false };
  const isPrefix = written.endsWith('.*');
  const version = parseVersion(isPrefix ? written.slice(0, -2) : written);
  if (version === undefined) return undefined;
  const isEquality = operator === '==' || operator === '!=';
  if (isPrefix && (!isEquality || formatVersion(version) !== formatVersion(version, 'base'))) return undefined;
  if (!isEquality && version.local !== undefined) return undefined;
  if (operator === '~=' && version.release.length < 2) return undefined;
  return { operator, text: written, version, isPrefix };
}

/** Undefined when a clause is malformed. */
export function parseSpecifierSet(text: string): SpecifierSet | undefined {
  const clauses = text.split(',').filter((part) => part.trim() !== '').map(parseSpecifier);
  return clauses.every((parsed) => parsed !== undefined) ? clauses : undefined;
}

export function formatSpecifierSet(set: SpecifierSet): string {
  return set.map(({ operator, text }) => `${operator}${text}`).join(',');
}

/** Whether the candidate begins with the release of a `.*` clause. */
function hasPrefix(candidate: Version, prefix: Version): boolean {
  const padded = prefix.release.map((_, index) => candidate.release[index] ?? 0);
  return compareScalars(candidate.epoch, prefix.epoch) === 0 && compareReleases(padded, prefix.release) === 0;
}

function isEqual(candidate: Version, { version, isPrefix }: Specifier & { version: Version }): boolean {
  if (isPrefix) return hasPrefix(candidate, version);
  return version.local === undefined ? comparePublic(candidate, version) === 0 : compareVersions(candidate, version) === 0;
}

/** `~= 1.4.5` is `>= 1.4.5, == 1.4.*`; suffixes play no part in the second half. */
function isCompatible(candidate: Version, version: Version): boolean {
  if (comparePublic(candidate, version) < 0) return false;
  return hasPrefix(candidate, { ...version, release: version.release.slice(0, -1) });
}

/** `< 1.0` leaves out the pre-releases of 1.0 itself, unless 1.0 is written as one. */
function isBelow(candidate: Version, version: Version): boolean {
  if (comparePublic(candidate, version) >= 0) return false;
  const earliest = { ...version, dev: 0, local: undefined };
  return isPrerelease(version) || !isPrerelease(candidate) || compareVersions(candidate, earliest) < 0;
}

/** `> 1.0` leaves out post-releases of 1.0, unless it is written as one, and local versions of 1.0. */
function isAbove(candidate: Version, version: Version): boolean {
  if (compareVersions(candidate, version) <= 0) return false;
  const base = { ...candidate, post: undefined, dev: undefined };
  if (version.post === undefined && candidate.post !== undefined && comparePublic(base, version) === 0) return false;
  return candidate.local === undefined || comparePublic(candidate, version) !== 0;
}

/** Whether a version satisfies one clause; pre-releases are the caller's choice. */
export function satisfiesClause(candidate: Version, specifier: Specifier): boolean {
  const { version } = specifier;
  if (version === undefined) return candidate.text.toLowerCase() === specifier.text.toLowerCase() || formatVersion(candidate) === specifier.text.toLowerCase();
  switch (specifier.operator) {
    case '==': return isEqual(candidate, { ...specifier, version });
    case '!=': return !isEqual(candidate, { ...specifier, version });
    case '<=': return comparePublic(candidate, version) <= 0;
    case '>=': return comparePublic(candidate, version) >= 0;
    case '<': return isBelow(candidate, version);
    case '>': return isAbove(candidate, version);
    case '~=': return isCompatible(candidate, version);
    case '===': return false;
  }
}

export function satisfies(candidate: Version, set: SpecifierSet): boolean {
  return set.every((specifier) => satisfiesClause(candidate, specifier));
}

/** A clause that names a pre-release (other than `!=`) asks for them. */
export function asksForPrereleases(set: SpecifierSet): boolean {
  return set.some(({ operator, version, text }) => {
    if (operator === '!=') return false;
    const named = version ?? parseVersion(text);
    return named !== undefined && isPrerelease(named);
  });
}

/** The one version that `==` or `===` names, if there is one. */
export function pinnedVersion(set: SpecifierSet): Version | undefined {
  const pin = set.find(({ operator, isPrefix }) => (operator === '==' && !isPrefix) || operator === '===');
  return pin === undefined ? undefined : pin.version ?? parseVersion(pin.text);
}
