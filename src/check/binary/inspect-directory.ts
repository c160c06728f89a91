import { lstat, readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { WheelTags } from './archive/wheel-name.ts';
import { parseTag } from './archive/wheel-name.ts';
import { FileSource } from './bytes/source.ts';
import { Unreadable, require } from './bytes/unreadable.ts';
import { checkNative, libraryNames } from './checks/all.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';
import { formatOf } from './images/read.ts';
import type { InspectOptions } from './inspect.ts';
import type { Native } from './native.ts';
import { readNative } from './native.ts';
import type { SubjectReport } from './report.ts';

const headSize = 64;
const limits = { depth: 100, metadata: 64 * 1024 * 1024 } as const;

export interface FoundFiles {
  /** Relative to the directory, with `/` between the parts. */
  readonly files: readonly string[];
  readonly wheels: readonly string[];
  /** Directories that could not be listed, and why. */
  readonly closed: readonly { readonly path: string; readonly reason: string }[];
}

/** Links are not followed: what they point to is met in its own place, or is none of this directory's business. */
export async function listFiles(directory: string): Promise<FoundFiles> {
  const files: string[] = [];
  const wheels: string[] = [];
  const closed: { path: string; reason: string }[] = [];
  const nameOf = (path: string): string => relative(directory, path).split(sep).join('/') || '.';
  const visit = async (place: string, depth: number): Promise<void> => {
    try {
      require(depth <= limits.depth, `more than ${limits.depth} directories inside each other`);
      const entries = (await readdir(place, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const entry of entries) {
        const path = join(place, entry.name);
        if (entry.isDirectory()) await visit(path, depth + 1);
        else if (entry.isFile()) (entry.name.endsWith('.whl') ? wheels : files).push(nameOf(path));
      }
    } catch (error) {
      closed.push({ path: nameOf(place), reason: error instanceof Error ? error.message : String(error) });
    }
  };
  await visit(directory, 0);
  return { files, wheels, closed };
}

export async function inspectDirectory(directory: string, { files, closed }: FoundFiles, options: InspectOptions): Promise<SubjectReport> {
  const natives: Native[] = [];
  const findings: Finding[] = closed.map(({ path, reason }) => finding('unreadable', path, reason));
  for (const [index, file] of files.entries()) {
    if (index % 50 === 0) options.progress?.(`${directory}: ${index + 1}/${files.length} ${file}`);
    try {
      const native = await inspectLocal(join(directory, file), file, options);
      if (native !== undefined) natives.push(native);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      findings.push(finding('unreadable', file, error.message));
    }
  }
  const owners = await readOwners(directory, files);
  const libraries = libraryNames(files, natives);
  findings.push(...natives.flatMap((native) => checkNative(native, { tags: owners.get(native.path), libraries, cpus: options.cpus })));
  return { subject: directory, kind: 'directory', tag: undefined, natives, findings };
}

/** A file on disk; undefined when it holds no machine code. */
export async function inspectLocal(path: string, name: string, options: InspectOptions): Promise<Native | undefined> {
  const source = await FileSource.open(path);
  try {
    if (source.size < headSize) return undefined;
    const format = formatOf(await source.read(0, headSize));
    return format === undefined ? undefined : await readNative(name, source, format, options);
  } finally {
    await source.close();
  }
}

type Tags = Pick<WheelTags, 'pythons' | 'abis' | 'platforms'>;

/** Which wheel each file came from, by the RECORD and WHEEL files of the installation (PEP 376, PEP 427). */
async function readOwners(directory: string, files: readonly string[]): Promise<ReadonlyMap<string, Tags>> {
  const owners = new Map<string, Tags>();
  for (const wheel of files.filter((file) => file.endsWith('.dist-info/WHEEL'))) {
    const folder = wheel.slice(0, -'/WHEEL'.length);
    const tags = joinTags(await readText(join(directory, wheel)));
    if (tags === undefined) continue;
    const base = folder.includes('/') ? `${folder.slice(0, folder.lastIndexOf('/'))}/` : '';
    for (const line of (await readText(join(directory, folder, 'RECORD'))).split('\n')) {
      const path = line.startsWith('"') ? line.slice(1, line.indexOf('"', 1)) : line.split(',')[0] ?? '';
      if (path !== '') owners.set(base + path, tags);
    }
  }
  return owners;
}

async function readText(path: string): Promise<string> {
  const status = await lstat(path).catch(() => undefined);
  return status?.isFile() === true && status.size <= limits.metadata ? readFile(path, 'utf8') : '';
}

function joinTags(wheel: string): Tags | undefined {
  const tags = [...wheel.matchAll(/^Tag: *(\S+)/gm)].flatMap(([, tag]) => parseTag(tag ?? '') ?? []);
  if (tags.length === 0) return undefined;
  const unique = (names: readonly string[]): string[] => [...new Set(names)];
  const platforms = tags.flatMap((tag) => tag.platforms);
  return {
    pythons: unique(tags.flatMap((tag) => tag.pythons)), abis: unique(tags.flatMap((tag) => tag.abis)),
    platforms: platforms.filter(({ tag }, index) => platforms.findIndex((other) => other.tag === tag) === index),
  };
}
