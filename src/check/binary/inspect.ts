/** The inside of wheels, installed files and directories of both: machine code and what it promises. Nothing of it is executed. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { HttpOptions } from './bytes/http.ts';
import { openUrl } from './bytes/http.ts';
import type { ByteSource } from './bytes/source.ts';
import { FileSource } from './bytes/source.ts';
import { Unreadable } from './bytes/unreadable.ts';
import { checkNative } from './checks/all.ts';
import { InspectError } from './errors.ts';
import { finding } from './finding.ts';
import { inspectDirectory, inspectLocal, listFiles } from './inspect-directory.ts';
import { inspectWheel } from './inspect-wheel.ts';
import type { Cpu } from './instructions/cpus.ts';
import { cpus } from './instructions/cpus.ts';
import type { NativeOptions } from './native.ts';
import type { SubjectReport } from './report.ts';

export interface InspectOptions extends NativeOptions {
  /** Processors that matter; empty for all that are known. */
  readonly cpus: readonly Cpu[];
  readonly http?: HttpOptions;
  /** Told what is being looked at. */
  readonly progress?: (what: string) => void;
}

export function cpuNamed(name: string): Cpu {
  const found = cpus.find((cpu) => cpu.name === name.toLowerCase());
  if (found === undefined) throw new InspectError('unknown-cpu', { cpu: name, cpus: cpus.map((cpu) => cpu.name).join(', ') });
  return found;
}

const isUrl = (subject: string): boolean => /^https?:\/\//i.test(subject);

/** One report for each thing that is named, and for each wheel in a directory that is named. */
export async function inspect(subjects: readonly string[], options: InspectOptions): Promise<readonly SubjectReport[]> {
  if (subjects.length === 0) throw new InspectError('nothing-to-inspect', {}, 'armature inspect --help');
  const kinds = await Promise.all(subjects.map(kindOf));
  const reports: SubjectReport[] = [];
  for (const [index, subject] of subjects.entries()) reports.push(...await inspectSubject(subject, kinds[index] ?? 'file', options));
  return reports;
}

type SubjectKind = 'url' | 'wheel' | 'file' | 'directory';

async function kindOf(subject: string): Promise<SubjectKind> {
  if (isUrl(subject)) {
    if (!URL.canParse(subject)) throw new InspectError('inspect-no-such-path', { path: subject, reason: 'this is no URL' });
    return 'url';
  }
  const status = await stat(subject).catch((error: unknown) => {
    throw new InspectError('inspect-no-such-path', { path: subject, reason: error instanceof Error ? error.message.replace(/,.*/, '') : String(error) });
  });
  return status.isDirectory() ? 'directory' : subject.endsWith('.whl') ? 'wheel' : 'file';
}

async function inspectSubject(subject: string, kind: SubjectKind, options: InspectOptions): Promise<readonly SubjectReport[]> {
  switch (kind) {
    case 'url': return [await guarded(subject, () => openUrl(subject, options.http), fileOf(subject), options)];
    case 'wheel': return [await guarded(subject, () => FileSource.open(subject), basename(subject), options)];
    case 'directory': return inspectTree(subject, options);
    case 'file': return [await inspectFile(subject, options)];
  }
}

function fileOf(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

async function guarded(subject: string, open: () => Promise<ByteSource>, file: string, options: InspectOptions): Promise<SubjectReport> {
  let source: ByteSource | undefined;
  try {
    source = await open();
    return await inspectWheel(subject, file, source, options);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { subject, kind: 'wheel', tag: undefined, natives: [], findings: [finding('unreadable', undefined, error.message)] };
  } finally {
    await source?.close();
  }
}

async function inspectTree(directory: string, options: InspectOptions): Promise<readonly SubjectReport[]> {
  const found = await listFiles(directory);
  const { wheels } = found;
  const reports: SubjectReport[] = [];
  for (const wheel of wheels) {
    const path = `${directory.replace(/[\\/]+$/, '')}/${wheel}`;
    reports.push(await guarded(path, () => FileSource.open(path), basename(path), options));
  }
  const own = await inspectDirectory(directory, found, options);
  return own.natives.length > 0 || own.findings.length > 0 || wheels.length === 0 ? [...reports, own] : reports;
}

async function inspectFile(subject: string, options: InspectOptions): Promise<SubjectReport> {
  const nothing = { subject, kind: 'file', tag: undefined } as const;
  try {
    const native = await inspectLocal(subject, basename(subject), options);
    if (native === undefined) return { ...nothing, natives: [], findings: [finding('unreadable', undefined, 'not a wheel, and no ELF, PE or Mach-O file')] };
    return { ...nothing, natives: [native], findings: checkNative(native, { tags: undefined, libraries: new Set(), cpus: options.cpus }) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ...nothing, natives: [], findings: [finding('unreadable', undefined, error.message)] };
  }
}
