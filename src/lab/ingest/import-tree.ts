import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { LabError } from '#lab/errors.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { ReportedError } from '#support/reported-error.ts';
import { reasonOf } from '#support/system-reason.ts';
import { ingest } from './ingest.ts';

export interface ImportOutcome {
  readonly imported: number;
  readonly known: number;
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

export interface ImportOptions {
  readonly machine?: string | undefined;
  readonly onFile?: (done: number, total: number) => void;
}

/** Reads all results below a directory, or one file. What cannot be read is reported; it does not stop the rest. */
export async function importTree(lab: Lab, path: string, options: ImportOptions = {}): Promise<ImportOutcome> {
  const files = await resultFiles(path);
  if (files.length === 0) throw new LabError('nothing-to-import', { path });
  let imported = 0;
  const refused: { path: string; reason: string }[] = [];
  for (const [index, file] of files.entries()) {
    options.onFile?.(index, files.length);
    try {
      const context = { format: 'pyperf', receivedAt: new Date().toISOString(), name: file.name, ...machineOf(options) } as const;
      const { isNew } = await ingest(lab, await readFile(file.path), context);
      if (isNew) imported++;
    } catch (error) {
      if (!ReportedError.is(error)) throw error;
      refused.push({ path: file.name, reason: error.message });
    }
  }
  options.onFile?.(files.length, files.length);
  return { imported, known: files.length - imported - refused.length, refused };
}

function machineOf({ machine }: ImportOptions): { machine?: string } {
  return machine === undefined ? {} : { machine };
}

interface FoundFile {
  readonly path: string;
  /** From the imported directory on: the names of bench_runner's directories say what its files do not. */
  readonly name: string;
}

async function resultFiles(path: string): Promise<readonly FoundFile[]> {
  try {
    if ((await stat(path)).isFile()) return [{ path, name: basename(path) }];
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const base = basename(path);
    return entries.filter((entry) => entry.isFile() && /\.json(?:\.gz)?$/.test(entry.name) && isResult(entry.name)).map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return { path: file, name: join(base, relative(path, file)) };
    }).sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    throw new LabError('unreadable-path', { path, reason: reasonOf(error) });
  }
}

/** bench_runner keeps statistics of the interpreter beside the results, in files of another form. */
function isResult(name: string): boolean {
  return !/-pystats\.json|-vs-/.test(name);
}
