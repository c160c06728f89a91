import type { ReleaseFile } from '../project/model.ts';
import type { SdistName, WheelName } from '../tags/wheel-name.ts';
import { parseSdistName, parseWheelName } from '../tags/wheel-name.ts';
import type { SpecifierSet } from '../versions/specifier.ts';
import { parseSpecifierSet } from '../versions/specifier.ts';
import type { Version } from '../versions/version.ts';
import { compareScalars, compareVersions, formatVersion } from '../versions/version.ts';

export interface CatalogueWheel {
  readonly file: ReleaseFile;
  readonly wheel: WheelName;
  readonly requires: SpecifierSet;
}

export interface CatalogueSdist {
  readonly file: ReleaseFile;
  readonly sdist: SdistName;
  readonly requires: SpecifierSet;
}

export interface Release {
  readonly version: Version;
  readonly wheels: readonly CatalogueWheel[];
  readonly sdists: readonly CatalogueSdist[];
}

/** The releases of one package, newest first, from names of files. */
export class Catalogue {
  readonly name: string;
  readonly releases: readonly Release[];
  /** Names that are none, or are of another package: an index that lies, or files of other kinds. */
  readonly strangers: readonly string[];

  constructor(name: string, files: readonly ReleaseFile[]) {
    const releases = new Map<string, { version: Version; wheels: CatalogueWheel[]; sdists: CatalogueSdist[] }>();
    const strangers: string[] = [];
    const seen = new Set<string>();
    for (const file of files) {
      // The same file in several indexes: the first one counts.
      if (seen.has(file.filename)) continue;
      seen.add(file.filename);
      const parsed = file.filename.endsWith('.whl') ? parseWheelName(file.filename) : parseSdistName(file.filename, name);
      if (parsed === undefined || parsed.name !== name) {
        if (/\.(whl|tar\.gz|zip)$/.test(file.filename)) strangers.push(file.filename);
        continue;
      }
      const key = formatVersion({ ...parsed.version, release: trimZeros(parsed.version.release) });
      const release = releases.get(key) ?? { version: parsed.version, wheels: [], sdists: [] };
      releases.set(key, release);
      const requires = parseSpecifierSet(file.requiresPython ?? '') ?? [];
      if (parsed.kind === 'wheel') release.wheels.push({ file, wheel: parsed, requires });
      else release.sdists.push({ file, sdist: parsed, requires });
    }
    this.name = name;
    this.strangers = strangers;
    this.releases = [...releases.values()].sort((left, right) => compareVersions(right.version, left.version));
  }
}

function trimZeros(release: Version['release']): Version['release'] {
  const end = release.findLastIndex((part) => compareScalars(part, 0) !== 0);
  return release.slice(0, end + 1 || 1);
}
