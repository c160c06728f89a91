import type { Found, PackageIndex } from '../indexes/package-index.ts';
import type { Dependency, ReleaseFile } from '../project/model.ts';
import { Catalogue } from './catalogue.ts';
import type { BuildEffort } from './model.ts';
import { readSourceBuild } from './source-build.ts';

export interface Listing {
  readonly catalogue: Catalogue;
  readonly errors: readonly string[];
  readonly status?: string;
}

/** Larger source distributions are not fetched to look at their build system. */
const largestSource = 30 << 20;

/** The catalogues of all packages of a run, each made once. */
export class Sources {
  readonly index: PackageIndex;
  /** Indexes that are looked into only to say that they have what the others lack. */
  readonly otherIndexes: readonly string[];
  readonly #listings = new Map<string, Promise<Listing>>();
  readonly #builds = new Map<string, Promise<BuildEffort | undefined>>();

  constructor(index: PackageIndex, otherIndexes: readonly string[]) {
    this.index = index;
    this.otherIndexes = otherIndexes;
  }

  listing({ name, index }: Pick<Dependency, 'name' | 'index'>): Promise<Listing> {
    return this.#once(`${index ?? ''} ${name}`, name, () => this.index.find(name, index));
  }

  /** The package in one of the other indexes. */
  elsewhere(index: string, name: string): Promise<Listing> {
    return this.#once(`elsewhere ${index} ${name}`, name, () => this.index.look(index, name));
  }

  /** What the build of a source distribution takes; each archive is fetched once. */
  build(file: ReleaseFile): Promise<BuildEffort | undefined> {
    const known = this.#builds.get(file.filename);
    if (known !== undefined) return known;
    // The answer itself does not depend on it: an archive that is broken or not there leaves the advice out.
    const build = this.index.download(file, largestSource).then((archive) => (archive === undefined ? undefined : readSourceBuild(archive))).catch(() => undefined);
    this.#builds.set(file.filename, build);
    return build;
  }

  #once(key: string, name: string, find: () => Promise<Found>): Promise<Listing> {
    const known = this.#listings.get(key);
    if (known !== undefined) return known;
    const listing = find().then((found): Listing => ({
      catalogue: new Catalogue(name, found.files), errors: found.errors, ...(found.status === undefined ? {} : { status: found.status }),
    }));
    this.#listings.set(key, listing);
    return listing;
  }
}

/** What the lock names, and what the index has besides; the lock's own files come first. */
export function mergeFiles(locked: readonly ReleaseFile[], catalogue: Catalogue): Catalogue {
  const listed = catalogue.releases.flatMap(({ wheels, sdists }) => [...wheels, ...sdists].map(({ file }) => file));
  // The lock has hashes and addresses, the index also which Python a file requires.
  const known = new Map(listed.map((file) => [file.filename, file]));
  return new Catalogue(catalogue.name, [...locked.map((file) => ({ ...known.get(file.filename), ...file })), ...listed]);
}
