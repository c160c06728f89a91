/** Versions of Python packages (PEP 440, https://packaging.python.org/en/latest/specifications/version-specifiers/). */

/** Beyond 2^53 a segment is a bigint; both kinds compare with each other. */
type Segment = number | bigint;

export interface Version {
  /** As it was written, without surrounding blanks. */
  readonly text: string;
  readonly epoch: Segment;
  readonly release: readonly Segment[];
  readonly pre: readonly [phase: 'a' | 'b' | 'rc', number: Segment] | undefined;
  readonly post: Segment | undefined;
  readonly dev: Segment | undefined;
  readonly local: readonly (Segment | string)[] | undefined;
}

/** The grammar of PEP 440's appendix B. */
const pattern = new RegExp([
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)/,
  /(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?/,
  /(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?/,
  /(?:[-_.]?(dev)[-_.]?(\d*))?/,
  /(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/,
].map((part) => part.source).join(''), 'i');

/** Longer than any real one; keeps a hostile index from costing time. */
const longestVersion = 400;

function segment(digits: string): Segment {
  return digits.length > 15 ? BigInt(digits) : Number(digits);
}

const phases: Readonly<Record<string, 'a' | 'b' | 'rc'>> = { a: 'a', alpha: 'a', b: 'b', beta: 'b', c: 'rc', rc: 'rc', pre: 'rc', preview: 'rc' };

export function parseVersion(written: string): Version | undefined {
  const text = written.trim();
  if (text.length > longestVersion) return undefined;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, epoch, release = '', phase, preNumber, postImplicit, postWord, postNumber, devWord, devNumber, local] = match;
  const pre = phases[phase?.toLowerCase() ?? ''];
  return {
    text,
    epoch: epoch === undefined ? 0 : segment(epoch),
    release: release.split('.').map(segment),
    pre: pre === undefined ? undefined : [pre, segment(preNumber ?? '')],
    post: postImplicit !== undefined ? segment(postImplicit) : postWord === undefined ? undefined : segment(postNumber ?? ''),
    dev: devWord === undefined ? undefined : segment(devNumber ?? ''),
    local: local?.toLowerCase().split(/[-_.]/).map((part) => (/^\d+$/.test(part) ? segment(part) : part)),
  };
}

export function isPrerelease(version: Version): boolean {
  return version.pre !== undefined || version.dev !== undefined;
}

/** The normal form, without the local part when it is not asked for. */
export function formatVersion(version: Version, parts: 'all' | 'public' | 'base' = 'all'): string {
  const epoch = compareScalars(version.epoch, 0) === 0 ? '' : `${version.epoch}!`;
  const base = `${epoch}${version.release.join('.')}`;
  if (parts === 'base') return base;
  const pre = version.pre === undefined ? '' : `${version.pre[0]}${version.pre[1]}`;
  const post = version.post === undefined ? '' : `.post${version.post}`;
  const dev = version.dev === undefined ? '' : `.dev${version.dev}`;
  const local = version.local === undefined || parts === 'public' ? '' : `+${version.local.join('.')}`;
  return `${base}${pre}${post}${dev}${local}`;
}

/** Numbers of both kinds, or words. */
export function compareScalars(left: Segment | string, right: Segment | string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

export function compareReleases(left: readonly Segment[], right: readonly Segment[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = compareScalars(left[index] ?? 0, right[index] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

/** a < b < rc < (none); a development release without a pre-release sorts before all of them. */
function phaseRank(version: Version): number {
  if (version.pre !== undefined) return { a: 1, b: 2, rc: 3 }[version.pre[0]];
  return version.post === undefined && version.dev !== undefined ? 0 : 4;
}

/** Words sort before numbers, and a local part that goes on sorts after one that ends. */
function compareLocals(left: Version['local'], right: Version['local']): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [one, other] = [left[index], right[index]];
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    const order = Number(typeof one !== 'string') - Number(typeof other !== 'string') || compareScalars(one, other);
    if (order !== 0) return order;
  }
  return 0;
}

export function comparePublic(left: Version, right: Version): number {
  return compareScalars(left.epoch, right.epoch)
    || compareReleases(left.release, right.release)
    || phaseRank(left) - phaseRank(right)
    || compareScalars(left.pre?.[1] ?? 0, right.pre?.[1] ?? 0)
    || compareScalars(left.post ?? -1, right.post ?? -1)
    // No development release sorts after any.
    || compareScalars(left.dev ?? Infinity, right.dev ?? Infinity);
}

export function compareVersions(left: Version, right: Version): number {
  return comparePublic(left, right) || compareLocals(left.local, right.local);
}
