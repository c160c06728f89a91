import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ArchiveError, downloadPackages } from './private-apt.ts';
import type { MachineArch, UnpackedRoot } from './targets.ts';
import { completionMark, findCommand, hostArch, toolTargets } from './targets.ts';

/** The names the system has for these are absolute links in some suites, and would lead out of the root. */
const loaders: Readonly<Record<MachineArch, string>> = {
  x86_64: 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
  aarch64: 'usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1',
};
const loaderLinks: Readonly<Record<MachineArch, string>> = {
  x86_64: 'usr/lib64/ld-linux-x86-64.so.2',
  aarch64: 'usr/lib/ld-linux-aarch64.so.1',
};

export function isUnpacked(root: UnpackedRoot): boolean {
  const mark = completionMark(root);
  return existsSync(mark) && readFileSync(mark, 'utf8') === markOf(root);
}

/** What is unpacked, and where: its programs name their libraries by absolute path. */
function markOf(root: UnpackedRoot): string {
  return `${root.directory}\n${root.suite}: ${root.packages.join(' ')}\n`;
}

/** Downloads and unpacks a root that is not there yet; whole or not at all. */
export function unpackRoot(root: UnpackedRoot): void {
  if (isUnpacked(root)) return;
  const packages = downloadPackages(root);
  rmSync(root.directory, { recursive: true, force: true });
  mkdirSync(root.directory, { recursive: true });
  for (const file of packages) execute('dpkg-deb', ['-x', file, root.directory]);
  mergeDirectories(root.directory);
  keepLoaderInside(root);
  if (root.arch === hostArch) {
    for (const library of root.withOwnPath ?? []) dropSearchPath(root, library);
    for (const program of root.programs) useOwnLibraries(root, program);
  }
  writeFileSync(completionMark(root), markOf(root));
  for (const file of packages) rmSync(file);
}

function execute(command: string, args: readonly string[]): void {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  if (result.status !== 0) throw new ArchiveError(`${command} ${args[0] ?? ''} failed: ${result.stderr || String(result.error)}`);
}

/** Debian's packages count on /lib being /usr/lib, and so on; some of them still hold files under the old name. */
function mergeDirectories(root: string): void {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    const old = join(root, name);
    const merged = join(root, 'usr', name);
    const status = lstatSync(old, { throwIfNoEntry: false });
    if (status?.isSymbolicLink() === true) continue;
    if (status !== undefined && !existsSync(merged)) renameSync(old, merged);
    else if (status !== undefined) execute('cp', ['-a', `${old}/.`, merged]);
    rmSync(old, { recursive: true, force: true });
    if (existsSync(merged)) symlinkSync(`usr/${name}`, old);
  }
}

/** An emulator looks the loader up by its system name, inside the root. */
function keepLoaderInside(root: UnpackedRoot): void {
  const link = join(root.directory, loaderLinks[root.arch]);
  // A root of static programs has no loader.
  if (!existsSync(join(root.directory, loaders[root.arch]))) return;
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), join(root.directory, loaders[root.arch])), link);
}

/** An unpacked patchelf may need a newer C library than the system's, and cannot patch itself: its own loader runs it. */
function patchelfCommand(): readonly string[] {
  const installed = findCommand('patchelf', process.env['PATH']);
  if (installed !== undefined) return [installed];
  const root = toolTargets.find((target) => target.name === 'patchelf');
  if (root === undefined || !isUnpacked(root)) throw new ArchiveError('patchelf is missing');
  return [join(root.directory, loaders[root.arch]), '--library-path', libraryDirectory(root), join(root.directory, 'usr/bin/patchelf')];
}

function libraryDirectory(root: UnpackedRoot): string {
  return join(root.directory, 'usr/lib', `${root.arch}-linux-gnu`);
}

/** A library with DT_RUNPATH is looked into without the DT_RPATH of the program: what it needs would come from the system. */
function dropSearchPath(root: UnpackedRoot, library: string): void {
  const [patchelf = '', ...args] = patchelfCommand();
  execute(patchelf, [...args, '--remove-rpath', join(root.directory, library)]);
}

/** The program and its libraries come from one suite, which may be newer than the system's C library. */
function useOwnLibraries(root: UnpackedRoot, program: string): void {
  const [patchelf = '', ...args] = patchelfCommand();
  const loader = join(root.directory, loaders[root.arch]);
  const path = `${libraryDirectory(root)}:$ORIGIN/../lib`;
  execute(patchelf, [...args, '--set-interpreter', loader, '--force-rpath', '--set-rpath', path, join(root.directory, program)]);
  const { signal } = spawnSync(join(root.directory, program), ['--version']);
  if (signal !== null) throw new ArchiveError(`${program} ends by ${signal} after ${patchelf}`);
}
