import { MarkerSyntaxError, parseMarker } from '../markers/marker.ts';
import type { Marker } from '../markers/marker.ts';
import { parseRequirement } from '../markers/requirement.ts';
import type { Requirement } from '../markers/requirement.ts';
import { parseSpecifierSet } from '../versions/specifier.ts';
import type { SpecifierSet } from '../versions/specifier.ts';
import type { FilePolicy, Dependency, IndexSettings, IndexSource, LockGraph, Origin, Place, Problem, Project, WrittenMarker } from './model.ts';

/** Gathers what a reader finds; a reader goes on after anything wrong. */
export class Collector {
  readonly file: string;
  readonly dependencies: Dependency[] = [];
  readonly problems: Problem[] = [];
  readonly markers: WrittenMarker[] = [];
  readonly indexes: IndexSource[] = [];
  readonly findLinks: string[] = [];
  readonly noBinary = new Set<string>();
  readonly onlyBinary = new Set<string>();
  /** Files that this one includes, by their absolute path. */
  readonly includes = new Set<string>();
  noIndex = false;
  prefersBinary = false;
  takesPrereleases = false;
  isLock = false;
  environments: readonly Marker[] = [];
  requiresPython: SpecifierSet | undefined;
  graph: LockGraph | undefined;

  constructor(file: string) {
    this.file = file;
  }

  problem(code: Problem['code'], message: string, place: Place): void {
    this.problems.push({ code, message, place });
  }

  /** A requirement as PEP 508 writes it; `place` is where its text starts. */
  requirement(text: string, place: Place, group: string, more: Partial<Pick<Dependency, 'index' | 'hashes'>> = {}): Requirement | undefined {
    try {
      const parsed = parseRequirement(text);
      const { name, extras, specifiers, marker } = parsed;
      if (marker !== undefined) {
        const markerPlace = { ...place, column: place.column + parsed.markerOffset };
        this.markers.push({ text: text.slice(parsed.markerOffset), marker, place: markerPlace, package: name });
      }
      this.dependencies.push({ name, extras, specifiers, marker, place, group, origin: originOf(parsed.url), ...more });
      return parsed;
    } catch (error) {
      if (!(error instanceof MarkerSyntaxError)) throw error;
      this.problem('invalid-requirement', `'${shorten(text)}': ${error.message}`, { ...place, column: place.column + error.offset });
      return undefined;
    }
  }

  /** A marker that stands alone, in a lock file; undefined also when it is absent. */
  marker(text: unknown, place: Place): Marker | undefined {
    if (typeof text !== 'string' || text.trim() === '') return undefined;
    try {
      return parseMarker(text);
    } catch (error) {
      if (!(error instanceof MarkerSyntaxError)) throw error;
      this.problem('invalid-marker', `'${shorten(text)}': ${error.message}`, place);
      return undefined;
    }
  }

  specifiers(text: unknown, place: Place): SpecifierSet | undefined {
    if (typeof text !== 'string' || text.trim() === '' || text.trim() === '*') return undefined;
    const set = parseSpecifierSet(text);
    if (set === undefined) this.problem('invalid-version', `'${shorten(text)}' is no version specifier`, place);
    return set;
  }

  /** The first one with `isDefault` takes the place of PyPI. */
  index(url: unknown, more: Partial<IndexSource> = {}): void {
    if (typeof url === 'string' && url !== '') this.indexes.push({ isExplicit: false, isDefault: false, ...more, url });
  }

  /** What another file says, as if it were written here. */
  add({ dependencies, problems, markers, settings, binaries, includes }: Project): void {
    this.dependencies.push(...dependencies);
    this.problems.push(...problems);
    this.markers.push(...markers);
    this.indexes.push(...settings.indexes);
    this.findLinks.push(...settings.findLinks);
    for (const name of binaries.noBinary) this.noBinary.add(name);
    for (const name of binaries.onlyBinary) this.onlyBinary.add(name);
    for (const path of includes) this.includes.add(path);
    this.noIndex ||= settings.noIndex;
    this.prefersBinary ||= binaries.prefersBinary;
    this.takesPrereleases ||= binaries.takesPrereleases;
  }

  finish(): Project {
    const settings: IndexSettings = { indexes: this.indexes, findLinks: this.findLinks, noIndex: this.noIndex };
    const binaries: FilePolicy = { noBinary: this.noBinary, onlyBinary: this.onlyBinary, prefersBinary: this.prefersBinary, takesPrereleases: this.takesPrereleases };
    return {
      file: this.file, dependencies: this.dependencies, settings, binaries, problems: this.problems, markers: this.markers, isLock: this.isLock, includes: this.includes, environments: this.environments,
      ...(this.requiresPython === undefined ? {} : { requiresPython: this.requiresPython }),
      ...(this.graph === undefined ? {} : { graph: this.graph }),
    };
  }
}

export function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

export function originOf(url: string | undefined): Origin {
  if (url === undefined) return { kind: 'index' };
  return { kind: 'direct', what: /^(git|hg|svn|bzr)\+/.test(url) ? 'git' : /^https?:/.test(url) ? 'url' : pathKind(url), url };
}

/** A source distribution on disk has to be built; a directory is the project's own code, and a wheel is what it is. */
export function pathKind(path: string): 'archive' | 'path' {
  return /\.(?:tar\.gz|tgz|zip|tar\.bz2)$/.test(path.replace(/[#?].*$/, '')) ? 'archive' : 'path';
}
