/** What a project says about its dependencies, whichever file says it. */
import type { Marker } from '../markers/marker.ts';
import type { SpecifierSet } from '../versions/specifier.ts';

/** Counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One file of a release, as an index or a lock file describes it. */
export interface ReleaseFile {
  readonly filename: string;
  readonly url?: string;
  /** `sha256=…`, as far as it is known. */
  readonly hashes?: readonly string[];
  readonly requiresPython?: string;
  /** The reason, or the empty text. */
  readonly yanked?: string;
  readonly size?: number;
  readonly uploadTime?: string;
  /** The index serves the file's METADATA beside it (PEP 658). */
  readonly hasMetadata?: boolean;
  /** Address of the index that lists it. */
  readonly index?: string;
}

/** The files of one version that a lock file names. */
export interface LockedFiles {
  readonly files: readonly ReleaseFile[];
  /** uv leaves out wheels that the markers of the project exclude (`pruned`), and an installed wheel is only one of many. */
  readonly isComplete: 'all' | 'pruned' | 'one-of-many';
}

export type Origin =
  | { readonly kind: 'index' }
  | { readonly kind: 'locked'; readonly locked: LockedFiles }
  /** A checkout, an address, an archive on disk or a directory: it is built, or is the very file that is named. */
  | { readonly kind: 'direct'; readonly what: 'git' | 'url' | 'archive' | 'path'; readonly url: string }
  | { readonly kind: 'conda'; readonly channels: readonly string[]; readonly build: string | undefined };

export interface Dependency {
  readonly name: string;
  readonly extras: readonly string[];
  readonly specifiers: SpecifierSet;
  readonly marker: Marker | undefined;
  readonly place: Place;
  /** Where it is listed: `dependencies`, `build-system.requires`, `optional-dependencies.dev`… */
  readonly group: string;
  readonly origin: Origin;
  /** The index it must come from, when the project says so. */
  readonly index?: string;
  /** Hashes that the file must have one of. */
  readonly hashes?: readonly string[];
  /** Pythons it is locked for. */
  readonly pythons?: SpecifierSet;
}

/** An edge of a lock file's graph. */
export interface LockEdge {
  readonly to: number;
  readonly marker: Marker | undefined;
  readonly extras: readonly string[];
}

/** Dependencies of a lock file with a graph; the index of a node is that of its dependency. */
export interface LockNode {
  readonly edges: readonly LockEdge[];
  /** Edges of each extra. */
  readonly extras: ReadonlyMap<string, readonly LockEdge[]>;
}

export interface LockGraph {
  readonly nodes: readonly LockNode[];
  /** Members of the project, with every extra and group. */
  readonly roots: readonly number[];
  /** Extras and groups that exclude each other, in uv's spelling; each is tried alone. */
  readonly conflicting: readonly string[];
}

/** Where packages come from. */
export interface IndexSettings {
  /** In order; the first is the default one. Empty: the installer's own default. */
  readonly indexes: readonly IndexSource[];
  readonly findLinks: readonly string[];
  readonly noIndex: boolean;
}

export interface IndexSource {
  readonly url: string;
  readonly name?: string;
  /** Only for the packages that are pinned to it. */
  readonly isExplicit: boolean;
  readonly isDefault: boolean;
}

/** What the installer may take. */
export interface FilePolicy {
  /** `--no-binary` and `--only-binary`: names, or `:all:`. */
  readonly noBinary: ReadonlySet<string>;
  readonly onlyBinary: ReadonlySet<string>;
  /** `--prefer-binary`: an older version with a wheel before a newer one without. */
  readonly prefersBinary: boolean;
  /** `--pre`. */
  readonly takesPrereleases: boolean;
}

/** Something wrong in a file of the project; the rest of it is used. */
export interface Problem {
  readonly place: Place;
  readonly message: string;
  readonly code: 'unreadable' | 'invalid-requirement' | 'invalid-marker' | 'invalid-version' | 'unsupported-line' | 'excluded-system';
}

/** A marker as it is written, for the lint. */
export interface WrittenMarker {
  readonly text: string;
  readonly marker: Marker;
  readonly place: Place;
  readonly package: string;
}

export interface Project {
  /** As named by the user. */
  readonly file: string;
  readonly dependencies: readonly Dependency[];
  readonly graph?: LockGraph;
  readonly requiresPython?: SpecifierSet;
  /** Systems that a lock is made for: one of these has to hold. Empty: all. */
  readonly environments: readonly Marker[];
  readonly settings: IndexSettings;
  readonly binaries: FilePolicy;
  readonly problems: readonly Problem[];
  readonly markers: readonly WrittenMarker[];
  /** Absolute paths of files that are read as parts of this one. */
  readonly includes: ReadonlySet<string>;
  /** Dependencies are listed with all of their own dependencies. */
  readonly isLock: boolean;
}

export const noSettings: IndexSettings = { indexes: [], findLinks: [], noIndex: false };
