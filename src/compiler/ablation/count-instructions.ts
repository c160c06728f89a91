/** Runs AArch64 machine code under QEMU and counts what it executes: QEMU logs each instruction of an address range. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { invariant } from '#support/invariant.ts';

/** Where everything is while it runs. The start and the activation record are below the arena. */
export const ARENA_BASE = 0x10000000;
const START = 0x0e000000, ACTIVATION = 0x0f000000;
/** The record with all its spill slots. */
const ACTIVATION_BYTES = 0x10000;
const RET = 0xd65f03c0;

/** One way to call every C function: they return at once, with what is in the result register. */
export interface StubRegion {
  readonly base: number;
  readonly symbols: readonly string[];
}

export const stubAddress = ({ base, symbols }: StubRegion, symbol: string): number => {
  const index = symbols.indexOf(symbol);
  invariant(index >= 0, 'no stub of', symbol);
  return base + index * 4;
};

/** Undefined: the machine has no emulator. */
export function findQemu(root: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const directories = [...(environment['PATH'] ?? '').split(delimiter), join(root, '.cache', 'tools', 'qemu', 'usr', 'bin')].filter((d) => d !== '');
  return ['qemu-aarch64-static', 'qemu-aarch64'].flatMap((name) => directories.map((d) => join(d, name))).find((path) => existsSync(path));
}

/** Instructions executed inside the arena when each entry is called once. */
export function countInstructions(qemu: string, arena: Uint8Array, entries: readonly number[], stubs: StubRegion): number {
  const folder = mkdtempSync(join(tmpdir(), 'armature-count-'));
  try {
    const program = join(folder, 'program'), log = join(folder, 'log');
    const words = new Uint8Array(stubs.symbols.length * 4 + 4);
    for (let at = 0; at < words.length; at += 4) new DataView(words.buffer).setUint32(at, RET, true);
    writeFileSync(program, executable([
      { address: START, bytes: startCode(entries) }, { address: ACTIVATION, bytes: new Uint8Array(ACTIVATION_BYTES) },
      { address: ARENA_BASE, bytes: arena }, { address: stubs.base, bytes: words },
    ]), { mode: 0o755 });
    const range = `0x${ARENA_BASE.toString(16)}+0x${arena.length.toString(16)}`;
    const run = spawnSync(qemu, ['-one-insn-per-tb', '-d', 'exec,nochain', '-dfilter', range, '-D', log, program], { encoding: 'utf8' });
    invariant(run.status === 0, 'the emulator failed:', run.error?.message ?? run.signal ?? `${run.status ?? ''} ${run.stderr}`);
    return countLines(log);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Calls each entry with the activation record in X20, then ends the process. */
function startCode(entries: readonly number[]): Uint8Array {
  const load = (register: number, value: number): number[] =>
    [0xd2800000 | ((value & 0xffff) << 5) | register, 0xf2a00000 | (((value >>> 16) & 0xffff) << 5) | register];
  const words = entries.flatMap((entry) => [...load(20, ACTIVATION), ...load(16, entry), 0xd63f0200]); // blr x16
  words.push(...load(0, 0), ...load(8, 93), 0xd4000001); // exit(0)
  return new Uint8Array(Uint32Array.from(words).buffer);
}

interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

const PAGE = 0x1000;

/** A static ELF64 program of segments that may be read, written and executed. */
function executable(segments: readonly Segment[]): Buffer {
  const headers = Buffer.alloc(PAGE);
  headers.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  headers.writeUInt16LE(2, 16); // an executable
  headers.writeUInt16LE(183, 18); // AArch64
  headers.writeUInt32LE(1, 20);
  headers.writeBigUInt64LE(BigInt(START), 24);
  headers.writeBigUInt64LE(64n, 32); // program headers
  headers.writeUInt16LE(64, 52);
  headers.writeUInt16LE(56, 54);
  headers.writeUInt16LE(segments.length, 56);
  const parts: Buffer[] = [headers];
  let offset = PAGE;
  segments.forEach(({ address, bytes }, i) => {
    const at = 64 + i * 56;
    headers.writeUInt32LE(1, at); // PT_LOAD
    headers.writeUInt32LE(7, at + 4);
    for (const [field, value] of [[8, offset], [16, address], [24, address], [32, bytes.length], [40, bytes.length], [48, PAGE]] as const) {
      headers.writeBigUInt64LE(BigInt(value), at + field);
    }
    const size = Math.ceil(bytes.length / PAGE) * PAGE;
    parts.push(Buffer.concat([bytes], size));
    offset += size;
  });
  return Buffer.concat(parts);
}

function countLines(path: string): number {
  const file = openSync(path, 'r');
  const chunk = Buffer.alloc(1 << 20);
  let lines = 0;
  try {
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      for (let i = 0; i < size; i++) if (chunk[i] === 10) lines++;
    }
  } finally {
    closeSync(file);
  }
  return lines;
}
