import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { InspectOptions } from '#check/binary/inspect.ts';
import { inspect } from '#check/binary/inspect.ts';
import type { SubjectReport } from '#check/binary/report.ts';
import { findCommand, pythonTargets } from '../../tools/pythons/targets.ts';

export const everything: InspectOptions = { cpus: [], instructions: true };

export async function inspectOne(subject: string, options: InspectOptions = everything): Promise<SubjectReport> {
  const [report, ...more] = await inspect([subject], options);
  if (report === undefined || more.length > 0) throw new Error(`${more.length + 1} reports`);
  return report;
}

export function codesOf(report: SubjectReport): string[] {
  return report.findings.map(({ code }) => code).sort();
}

/** A directory for a test file, removed at its end. */
export function workDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'armature-inspect-'));
  after(() => { rmSync(directory, { recursive: true, force: true }); });
  return directory;
}

/** Runs a program of LLVM; tests fail without it. */
export function llvm(name: string, args: readonly string[], cwd?: string): string {
  const command = findCommand(`${name}-19`);
  if (command === undefined) throw new Error(`${name}-19 is missing: npm run pythons -- llvm`);
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...(cwd === undefined ? {} : { cwd }) });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr || String(error)}`);
  return stdout;
}

/** Libraries of Debian's arm64 packages, as they are installed with the Python of that architecture. */
export function armLibraries(): readonly string[] {
  const root = pythonTargets.find(({ name }) => name === 'cp314-aarch64');
  const directory = join(root?.directory ?? '', 'usr/lib/aarch64-linux-gnu');
  if (!existsSync(directory)) throw new Error('no arm64 libraries: npm run pythons -- cp314-aarch64');
  return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile() && /\.so/.test(entry.name)).map(({ name }) => join(directory, name)).sort();
}

export interface ElfRecipe {
  readonly source?: string;
  /** `-Wl,-z,max-page-size=4096` and the like. */
  readonly flags?: readonly string[];
  /** Version of glibc to need, as `2.34`. */
  readonly glibc?: string;
  readonly target?: string;
}

/** A shared library made by clang and lld, linked with a C library that holds only the symbol that is asked for. */
export function buildElf(directory: string, name: string, recipe: ElfRecipe = {}): string {
  const target = recipe.target ?? 'aarch64-linux-gnu';
  const common = [`--target=${target}`, '-nostdlib', '-shared', '-fPIC', '-O2', '-fuse-ld=lld', `--ld-path=${findCommand('ld.lld-19') ?? ''}`];
  const source = join(directory, `${name}.c`);
  const libraries: string[] = [];
  if (recipe.glibc !== undefined) {
    const stub = join(directory, 'libc.so.6');
    writeFileSync(join(directory, 'versions'), `GLIBC_${recipe.glibc} { global: needed; local: *; };\n`);
    writeFileSync(join(directory, 'stub.c'), 'int needed(void) { return 1; }\n');
    llvm('clang', [...common, '-Wl,-soname,libc.so.6', `-Wl,--version-script=${join(directory, 'versions')}`, '-o', stub, join(directory, 'stub.c')]);
    libraries.push(stub);
  }
  const call = recipe.glibc === undefined ? '' : 'int needed(void); int caller(void) { return needed(); }\n';
  writeFileSync(source, `${recipe.source ?? 'int answer(void) { return 42; }'}\n${call}`);
  const output = join(directory, name);
  llvm('clang', [...common, ...(recipe.flags ?? []), '-o', output, source, ...libraries]);
  return output;
}

export interface PackedMember {
  readonly name: string;
  readonly bytes: Buffer;
}

export function fileMember(name: string, path: string): PackedMember {
  return { name, bytes: readFileSync(path) };
}
