/**
 * Fetches the Pythons and tools that tests need and this machine lacks, into .cache/, without root.
 * Usage: fetch-pythons [--list] [NAME…]   (cp314-x86_64, cp314-aarch64, cp311-x86_64, cp311-aarch64, patchelf, qemu, llvm, gdb, packaging; only by name: clang-21)
 */
import { ArchiveError } from './pythons/private-apt.ts';
import type { UnpackedRoot } from './pythons/targets.ts';
import { compilerTargets, findCommand, hostArch, pythonTargets, toolTargets } from './pythons/targets.ts';
import { isUnpacked, unpackRoot } from './pythons/unpack.ts';

export interface Wanted {
  readonly root: UnpackedRoot;
  readonly present: boolean;
  /** Not fetched with the others. */
  readonly onlyByName: boolean;
}

/** Tools first: unpacking a native Python needs patchelf. */
function wantedRoots(): readonly Wanted[] {
  const isInstalled = (command: string): boolean => findCommand(command, process.env['PATH'] ?? '') !== undefined;
  const tools = toolTargets.map((root) => ({ root, present: (root.commands.length > 0 && root.commands.every(isInstalled)) || isUnpacked(root), onlyByName: false }));
  const unpacked = (roots: readonly UnpackedRoot[], onlyByName: boolean): Wanted[] => roots.map((root) => ({ root, present: isUnpacked(root), onlyByName }));
  return [...tools, ...unpacked(pythonTargets, false), ...unpacked(compilerTargets, true)];
}

function say(line: string): void {
  process.stderr.write(`fetch-pythons: ${line}\n`);
}

function fetchOne(root: UnpackedRoot): string | undefined {
  const start = Date.now();
  say(`${root.name}: fetching ${root.packages.join(', ')} from ${root.suite} (${root.arch})`);
  try {
    unpackRoot(root);
    say(`${root.name}: ready after ${Math.round((Date.now() - start) / 1000)} s`);
    return undefined;
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    say(`${root.name}: NOT AVAILABLE: ${error.message}`);
    return error.message;
  }
}

/** What is missing of the roots with these names, or without names of those that are always fetched; what is asked for brings patchelf along when it needs it. */
export function rootsToFetch(wanted: readonly Wanted[], names: readonly string[]): readonly UnpackedRoot[] {
  const isAsked = ({ root, onlyByName }: Wanted): boolean => names.includes(root.name) || (names.length === 0 && !onlyByName);
  const missing = wanted.filter(({ present }) => !present);
  const needsPatchelf = missing.some((each) => isAsked(each) && each.root.arch === hostArch && each.root.programs.length > 0);
  return missing.filter((each) => isAsked(each) || (needsPatchelf && each.root.name === 'patchelf')).map(({ root }) => root);
}

/** Fetches what is missing; returns the names of what stays missing. */
export function fetchMissing(names: readonly string[] = []): readonly string[] {
  return rootsToFetch(wantedRoots(), names).filter((root) => fetchOne(root) !== undefined).map((root) => root.name);
}

if (process.argv[1] === import.meta.filename) {
  const names = process.argv.slice(2);
  if (hostArch === undefined || process.platform !== 'linux') say('only Linux on x86-64 and AArch64 can run these');
  else if (names.includes('--list')) for (const { root, present, onlyByName } of wantedRoots()) console.log(`${root.name.padEnd(14)} ${present ? 'present' : 'missing'}${onlyByName ? ' (only by name)' : ''}`);
  else process.exitCode = fetchMissing(names).length === 0 ? 0 : 1;
}
