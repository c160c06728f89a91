/** Runs a Python of either processor under QEMU and counts its instructions; how is told in count-instructions.c. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, findCommand, hostArch, projectRoot, pythonTargets, type MachineArch, type ToolTarget } from '../pythons/targets.ts';
import { fetchMissing } from '../fetch-pythons.ts';
import { unpackRoot } from '../pythons/unpack.ts';

/** Later suites build it statically, and a static QEMU has no plugins. */
const suite = 'bookworm';

const emulators = { x86_64: 'qemu-x86_64', aarch64: 'qemu-aarch64' } as const;
/** `max` of x86-64 has what the libraries ask for; that of AArch64 authenticates pointers, which is slow. */
const processors = { x86_64: 'max', aarch64: 'neoverse-n1' } as const;

export class InstructionCounter {
  readonly #emulator: ToolTarget;
  readonly #plugin: string;

  /** Fetches what the machine lacks. */
  constructor() {
    if (hostArch === undefined) throw new Error('only Linux on x86-64 and AArch64 can count instructions');
    const name = 'qemu-plugins', commands = Object.values(emulators);
    this.#emulator = {
      name, arch: hostArch, suite, packages: ['qemu-user'], commands, programs: commands.map((command) => `usr/bin/${command}`),
      directory: join(cacheRoot, 'tools', name),
    };
    fetchMissing(['patchelf']);
    unpackRoot(this.#emulator);
    mkdirSync(join(cacheRoot, 'bench'), { recursive: true });
    this.#plugin = join(cacheRoot, 'bench', 'count-instructions.so');
    const compiler = findCommand('clang-19') ?? 'cc';
    const { status, stderr } = spawnSync(compiler, ['-shared', '-fPIC', '-O2', '-Wall', '-o', this.#plugin, join(projectRoot, 'tools/bench/count-instructions.c')], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${compiler}: ${stderr}`);
  }

  /** The words that run CPython 3.14 of a processor; the counts are in the file when it has ended. */
  python(arch: MachineArch, report: string): readonly string[] {
    const target = pythonTargets.find((t) => t.layout === 314 && t.arch === arch)!;
    const emulator = join(this.#emulator.directory, 'usr/bin', emulators[arch]);
    return [emulator, '-plugin', `${this.#plugin},out=${report}`, '-cpu', processors[arch], '-L', target.directory, join(target.directory, target.programs[0]!)];
  }
}

export interface Counts {
  readonly total: number;
  /** Instructions outside of files: what a JIT has made. */
  readonly made: number;
  /** Bytes of such code that were executed at least `often` times. */
  hotBytes(often: number): number;
  /** Instructions since the first of such code was there. */
  since(often: number): number;
}

interface Piece {
  readonly address: number;
  readonly bytes: number;
  readonly instructions: number;
  readonly times: number;
  /** Instructions that were executed before it was translated. */
  readonly born: number;
}

export function readCounts(path: string): Counts {
  const lines = readFileSync(path, 'utf8').split('\n').filter((line) => line !== '');
  const total = Number(lines[0]!.split(' ')[1]);
  const files = lines.flatMap((line) => mappedFile(line) ?? []);
  const isOfFile = (address: number): boolean => files.some(([start, end]) => address >= start && address < end);
  const pieces = lines.filter((line) => /^[0-9a-f]+( \d+){4}$/.test(line)).map((line): Piece => {
    const [address = '', ...numbers] = line.split(' ');
    const [bytes = 0, instructions = 0, times = 0, born = 0] = numbers.map(Number);
    return { address: parseInt(address, 16), bytes, instructions, times, born };
  }).filter(({ address }) => !isOfFile(address));
  return {
    total,
    made: pieces.reduce((sum, { instructions, times }) => sum + instructions * times, 0),
    hotBytes: (often) => unionOfBytes(pieces.filter(({ times }) => times >= often)),
    since: (often) => total - pieces.reduce((first, { times, born }) => (times >= often ? Math.min(first, born) : first), total),
  };
}

/** The arena of a JIT may be a file too, but one that lives in memory. */
function mappedFile(line: string): [number, number][] | undefined {
  const match = /^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+ +(\/.*)$/.exec(line);
  return match === null || match[3]!.startsWith('/memfd:') ? undefined : [[parseInt(match[1]!, 16), parseInt(match[2]!, 16)]];
}

/** Pieces overlap where a jump leads into the middle of another. */
function unionOfBytes(pieces: readonly Piece[]): number {
  let bytes = 0, end = 0;
  for (const piece of pieces.toSorted((a, b) => a.address - b.address)) {
    const last = piece.address + piece.bytes;
    bytes += Math.max(0, last - Math.max(end, piece.address));
    end = Math.max(end, last);
  }
  return bytes;
}
