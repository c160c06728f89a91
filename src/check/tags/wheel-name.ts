/** File names of releases (https://packaging.python.org/en/latest/specifications/binary-distribution-format/). */
import { normalizeName } from '../markers/evaluate.ts';
import type { Version } from '../versions/version.ts';
import { parseVersion } from '../versions/version.ts';

export interface WheelName {
  readonly kind: 'wheel';
  readonly filename: string;
  readonly name: string;
  readonly version: Version;
  /** Absent, it sorts lowest. */
  readonly build: readonly [number: number, rest: string] | undefined;
  /** Dots in a field separate alternatives. */
  readonly interpreters: readonly string[];
  readonly abis: readonly string[];
  readonly platforms: readonly string[];
  /** A sixth field (PEP 825, a draft): no installer of today chooses such a wheel. */
  readonly variant: string | undefined;
}

export interface SdistName {
  readonly kind: 'sdist';
  readonly filename: string;
  readonly name: string;
  readonly version: Version;
}

/** More tags than any wheel has; a hostile name could ask for millions of combinations. */
const mostAlternatives = 64;

function alternatives(field: string): readonly string[] | undefined {
  const parts = field.toLowerCase().split('.');
  return parts.includes('') || parts.length > mostAlternatives ? undefined : parts;
}

/** Undefined when the name is none that an installer would take. */
export function parseWheelName(filename: string): WheelName | undefined {
  if (!filename.endsWith('.whl')) return undefined;
  const fields = filename.slice(0, -'.whl'.length).split('-');
  const [name = '', written = '', ...rest] = fields;
  const build = /^(\d+)(.*)$/.exec(rest.length > 3 ? rest[0] ?? '' : '');
  const tags = build === null ? rest : rest.slice(1);
  if (tags.length !== 3 && tags.length !== 4) return undefined;
  const [interpreters, abis, platforms] = tags.slice(0, 3).map(alternatives);
  const version = parseVersion(written.replaceAll('_', '-'));
  if (version === undefined || !/^[\w.]+$/u.test(name) || name.includes('__')) return undefined;
  if (interpreters === undefined || abis === undefined || platforms === undefined) return undefined;
  return {
    kind: 'wheel', filename, name: normalizeName(name), version, interpreters, abis, platforms,
    build: build === null ? undefined : [Number(build[1]), build[2] ?? ''], variant: tags[3],
  };
}

/** The name of the package must be known: sdists of old have dashes in it. */
export function parseSdistName(filename: string, project: string): SdistName | undefined {
  const stem = /^(.*)\.(?:tar\.gz|zip|tar\.bz2|tgz|tar\.xz)$/.exec(filename)?.[1];
  if (stem === undefined) return undefined;
  for (let dash = stem.lastIndexOf('-'); dash > 0; dash = stem.lastIndexOf('-', dash - 1)) {
    const version = parseVersion(stem.slice(dash + 1));
    if (version !== undefined && normalizeName(stem.slice(0, dash)) === project) return { kind: 'sdist', filename, name: project, version };
  }
  return undefined;
}

export function compareBuilds(left: WheelName['build'], right: WheelName['build']): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return left[0] - right[0] || (left[1] < right[1] ? -1 : Number(left[1] > right[1]));
}
