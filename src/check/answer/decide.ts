/** The installer's choice for one package, one target and one Python. */
import type { FilePolicy } from '../project/model.ts';
import type { TagRanks } from '../tags/tag-order.ts';
import { missDistance, rejectionReason, stableAbiNote } from '../tags/rejection.ts';
import { compareBuilds } from '../tags/wheel-name.ts';
import type { SpecifierSet } from '../versions/specifier.ts';
import { asksForPrereleases, formatSpecifierSet, pinnedVersion, satisfies } from '../versions/specifier.ts';
import type { Version } from '../versions/version.ts';
import { compareVersions, formatVersion, isPrerelease } from '../versions/version.ts';
import type { Catalogue, CatalogueSdist, CatalogueWheel, Release } from './catalogue.ts';

export interface Rejection {
  readonly filename: string;
  readonly reason: string;
}

export type Decision =
  | { readonly outcome: 'wheel'; readonly version: string; readonly file: string; readonly url?: string; readonly note?: string }
  | { readonly outcome: 'source'; readonly version: string; readonly file: string; readonly url?: string; readonly rejected: readonly Rejection[] }
  | { readonly outcome: 'cannot-install'; readonly version?: string; readonly reason: string; readonly rejected: readonly Rejection[] };

export interface Wish {
  readonly specifiers: SpecifierSet;
  readonly hashes: readonly string[] | undefined;
  readonly binaries: FilePolicy;
}

/** Rejected wheels that are told: the nearest misses are the ones that explain. */
const mostRejections = 20;

export function allowsBinary(name: string, { noBinary, onlyBinary }: FilePolicy): boolean {
  if (noBinary.has(name)) return false;
  return !noBinary.has(':all:') || onlyBinary.has(name);
}

export function allowsSource(name: string, { noBinary, onlyBinary }: FilePolicy): boolean {
  if (onlyBinary.has(name)) return false;
  return !onlyBinary.has(':all:') || noBinary.has(name);
}

/** Why a file is out of the question whatever its tags say. */
function commonReason({ file, requires }: CatalogueWheel | CatalogueSdist, ranks: TagRanks, wish: Wish): string | undefined {
  if (!satisfies(ranks.python, requires)) return `requires Python ${file.requiresPython ?? ''}`;
  // A version that is asked for by name is taken all the same.
  if (file.yanked !== undefined && pinnedVersion(wish.specifiers) === undefined) return `was withdrawn${file.yanked === '' ? '' : `: ${file.yanked}`}`;
  const { hashes } = wish;
  if (hashes !== undefined && file.hashes !== undefined && file.hashes.length > 0 && !file.hashes.some((hash) => hashes.includes(hash))) {
    return 'its hash is not among those that are allowed';
  }
  return undefined;
}

function fits({ wheel }: CatalogueWheel, ranks: TagRanks): number | undefined {
  return wheel.variant === undefined ? ranks.rank(wheel) : undefined;
}

/** The wheel of one release that is taken, if there is one. */
export function bestWheel(release: Release, ranks: TagRanks, wish: Wish): CatalogueWheel | undefined {
  let best: { readonly candidate: CatalogueWheel; readonly rank: number } | undefined;
  for (const candidate of release.wheels) {
    const rank = fits(candidate, ranks);
    if (rank === undefined || commonReason(candidate, ranks, wish) !== undefined) continue;
    const order = best === undefined ? -1 : rank - best.rank || compareBuilds(best.candidate.wheel.build, candidate.wheel.build);
    if (order < 0) best = { candidate, rank };
  }
  return best?.candidate;
}

/** Why the wheels of a release are not taken, the nearest misses first. */
function rejections(release: Release, ranks: TagRanks, wish: Wish): readonly Rejection[] {
  const missed = release.wheels.map((candidate) => {
    const reason = fits(candidate, ranks) === undefined ? rejectionReason(candidate.wheel, ranks) : commonReason(candidate, ranks, wish);
    return { distance: missDistance(candidate.wheel, ranks), filename: candidate.file.filename, reason: reason ?? 'is excluded by --no-binary' };
  });
  return missed.sort((left, right) => left.distance - right.distance).slice(0, mostRejections).map(({ filename, reason }) => ({ filename, reason }));
}

/** pip's and uv's order: the newest version that has anything usable; in it the best wheel, else the source. */
export function decide(catalogue: Catalogue, ranks: TagRanks, wish: Wish): Decision {
  const allowed = catalogue.releases.filter(({ version }) => satisfies(version, wish.specifiers));
  const { prefersBinary, takesPrereleases } = wish.binaries;
  const finals = takesPrereleases || asksForPrereleases(wish.specifiers) ? allowed : allowed.filter(({ version }) => !isPrerelease(version));
  // pip falls back to what it has; uv only when the package has no final version at all (`if-necessary-or-explicit`).
  const mayFallBack = finals.length < allowed.length && (ranks.installer === 'pip' || catalogue.releases.every(({ version }) => isPrerelease(version)));
  const onlyWheels: Wish = { ...wish, binaries: { ...wish.binaries, onlyBinary: new Set([...wish.binaries.onlyBinary, catalogue.name]) } };
  return (prefersBinary ? tryReleases(finals, catalogue.name, ranks, onlyWheels) : undefined)
    ?? tryReleases(finals, catalogue.name, ranks, wish)
    ?? (mayFallBack ? tryReleases(allowed, catalogue.name, ranks, wish) : undefined)
    ?? nothingFits(catalogue, finals[0] ?? (mayFallBack ? allowed[0] : undefined), ranks, wish);
}

function tryReleases(releases: readonly Release[], name: string, ranks: TagRanks, wish: Wish): Decision | undefined {
  for (const release of releases) {
    const version = formatVersion(release.version);
    const best = allowsBinary(name, wish.binaries) ? bestWheel(release, ranks, wish) : undefined;
    if (best !== undefined) {
      const note = stableAbiNote(best.wheel, ranks);
      return { outcome: 'wheel', version, file: best.file.filename, ...address(best.file.url), ...(note === undefined ? {} : { note }) };
    }
    if (!allowsSource(name, wish.binaries)) continue;
    const source = release.sdists.find((candidate) => commonReason(candidate, ranks, wish) === undefined);
    if (source !== undefined) return { outcome: 'source', version, file: source.file.filename, rejected: rejections(release, ranks, wish), ...address(source.file.url) };
  }
  return undefined;
}

function address(url: string | undefined): { readonly url?: string } {
  return url === undefined ? {} : { url };
}

function nothingFits(catalogue: Catalogue, release: Release | undefined, ranks: TagRanks, wish: Wish): Decision {
  if (release === undefined) {
    const asked = formatSpecifierSet(wish.specifiers);
    const newest = catalogue.releases[0];
    const hasPrerelease = catalogue.releases.some(({ version }) => isPrerelease(version) && satisfies(version, wish.specifiers));
    const which = hasPrerelease ? `no version but a pre-release is ${asked}` : `no version is ${asked}`;
    const reason = newest === undefined ? 'there are no files' : `${which}; the newest is ${formatVersion(newest.version)}`;
    return { outcome: 'cannot-install', reason, rejected: [] };
  }
  const rejected = rejections(release, ranks, wish);
  const sources = release.sdists.map((candidate) => ({ filename: candidate.file.filename, reason: commonReason(candidate, ranks, wish) ?? 'is excluded by --only-binary' }));
  const reason = [
    release.wheels.length === 0 ? 'no wheels at all' : release.wheels.length === 1 ? 'the only wheel does not fit' : `none of ${release.wheels.length} wheels fits`,
    release.sdists.length === 0 ? 'no source distribution' : `the source distribution ${sources[0]?.reason ?? ''}`,
  ].join(', ');
  return { outcome: 'cannot-install', version: formatVersion(release.version), reason, rejected: [...sources, ...rejected] };
}

/** What other versions of the package would give: the nearest with a wheel on either side, and the first that ever had one. */
export interface Alternatives {
  readonly newer?: string;
  readonly older?: string;
  /** The first version with a wheel for the target, for any Python. */
  readonly first?: string;
}

export function findAlternatives(catalogue: Catalogue, current: Version | undefined, ranks: TagRanks, wish: Wish): Alternatives {
  const anyVersion: Wish = { ...wish, specifiers: [], hashes: undefined };
  const finals = catalogue.releases.filter(({ version }) => !isPrerelease(version));
  const having = finals.filter((release) => bestWheel(release, ranks, anyVersion) !== undefined).map(({ version }) => version);
  const first = finals.findLast((release) => release.wheels.some(({ wheel }) => wheel.platforms.some((platform) => platform === 'any' || ranks.platforms.has(platform))))?.version;
  const newer = current === undefined ? undefined : having.findLast((version) => compareVersions(version, current) > 0);
  const older = having.find((version) => current === undefined || compareVersions(version, current) < 0);
  return {
    ...(newer === undefined ? {} : { newer: formatVersion(newer) }),
    ...(older === undefined ? {} : { older: formatVersion(older) }),
    ...(first === undefined ? {} : { first: formatVersion(first) }),
  };
}
