/** Runs units as machine code, natively or under emulation, and reads their exits back. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteWriter } from '#protocol/byte-writer.ts';
import { readUnit } from '#protocol/read-unit.ts';
import type { Arch } from '#protocol/request.ts';
import type { EncodedUnit, ExitRecord, Location, Relocation } from '#protocol/unit.ts';
import { writeUnit } from '#protocol/write-unit.ts';
import { defined, invariant } from '#support/invariant.ts';

/** In the order of `symbols` in host.c. */
const hostSymbols = ['armature_float_mod', 'armature_float_floordiv', 'host_add', 'host_mix', 'host_one', 'host_infinity'];
const SPILLS = 512;
const RECORD_BYTES = 320 + SPILLS * 8;

/** How a unit left: each value as text, `int` and `obj` in decimal, floats as the bits of the double. */
export interface NativeOutcome {
  readonly exit: ExitRecord;
  readonly reason: string;
  readonly locals: readonly string[];
  readonly stack: readonly string[];
}

export class NativeRunner {
  readonly arch: Arch;
  readonly #program: string;

  private constructor(arch: Arch, program: string) {
    this.arch = arch;
    this.#program = program;
  }

  /** Undefined when the machine lacks a compiler or an emulator for the processor. */
  static create(arch: Arch): NativeRunner | undefined {
    const program = join(mkdtempSync(join(tmpdir(), 'armature-host-')), `host-${arch}`);
    const source = new URL('./host.c', import.meta.url).pathname;
    const flags = ['-O1', '-std=c23', '-ffreestanding', '-nostdlib', '-static', '-fuse-ld=lld', '-fno-stack-protector', '-fno-builtin'];
    const built = ['clang-19', 'clang'].some((clang) => spawnSync(clang, [`--target=${arch}-linux-gnu`, ...flags, '-o', program, source]).status === 0);
    if (!built) return undefined;
    const runner = new NativeRunner(arch, program);
    return runner.#spawn(Buffer.alloc(0)).status === 0 ? runner : undefined;
  }

  run(units: readonly EncodedUnit[]): NativeOutcome[] {
    const result = this.#spawn(Buffer.concat(units.map(hostInput)));
    invariant(result.status === 0, `the host ended with ${result.status ?? result.signal} after ${result.stdout.length / RECORD_BYTES} of ${units.length} units`);
    invariant(result.stdout.length === units.length * RECORD_BYTES, 'output of the host');
    return units.map((unit, i) => readOutcome(unit, result.stdout.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES)));
  }

  #spawn(input: Uint8Array): ReturnType<typeof spawnSync> & { stdout: Buffer } {
    const options = { input, maxBuffer: 1 << 28, timeout: 60_000 };
    const isNative = process.arch === (this.arch === 'x86_64' ? 'x64' : 'arm64');
    const result = isNative ? spawnSync(this.#program, [], options) : spawnSync(`qemu-${this.arch}-static`, [this.#program], options);
    return result as ReturnType<typeof spawnSync> & { stdout: Buffer };
  }
}

function hostInput(unit: EncodedUnit): Uint8Array {
  const w = new ByteWriter().u32(unit.code.length).u32(unit.relocations.length).u32(0).u32(0).bytes(unit.code);
  for (const r of unit.relocations) {
    const { kind, value } = hostRelocation(r);
    w.u32(r.at).u32(kind).u64(value);
  }
  return w.finish();
}

function hostRelocation(r: Relocation): { kind: number; value: bigint } {
  switch (r.kind) {
    case 'object': return { kind: 1, value: fakeAddress(r.object) };
    case 'symbol': return { kind: 2, value: indexOf(r.symbol) };
    case 'x86_64_call': return { kind: 3, value: indexOf(r.symbol) };
    case 'aarch64_call': return { kind: 4, value: indexOf(r.symbol) };
    case 'unit': throw new Error('no unit relocations yet');
  }
}

/** Objects of the table are numbers here. */
export const fakeAddress = (object: number): bigint => 0x10000n + BigInt(object) * 64n;

function indexOf(symbol: string): bigint {
  const index = hostSymbols.indexOf(symbol);
  invariant(index >= 0, `the host has no ${symbol}`);
  return BigInt(index);
}

/** Without relocations: the symbols of the host are not in the table that a reply names them by. */
export const exitRecords = (unit: EncodedUnit): readonly ExitRecord[] => readUnit(writeUnit({ ...unit, relocations: [] })).exits;

function readOutcome(unit: EncodedUnit, record: Buffer): NativeOutcome {
  const exit = defined(exitRecords(unit)[record.readUInt32LE(32)], 'exit record');
  const show = (l: Location): string => {
    switch (l.kind) {
      case 'null': return 'NULL';
      case 'home': return 'home';
      case 'instance': return `instance ${l.index}`;
      case 'register_obj':
      case 'register_int': return String(record.readBigInt64LE(40 + l.index * 8));
      case 'register_bool': return truth(record.readBigInt64LE(40 + l.index * 8));
      case 'register_float': return floatText(record.readBigUInt64LE(104 + l.index * 8));
      case 'spill_obj':
      case 'spill_int': return String(record.readBigInt64LE(320 + l.index * 8));
      case 'spill_bool': return truth(record.readBigInt64LE(320 + l.index * 8));
      case 'spill_float': return floatText(record.readBigUInt64LE(320 + l.index * 8));
      case 'object': return String(fakeAddress(l.index));
      case 'literal_int': return String(BigInt.asIntN(64, defined(unit.literals[l.index], 'literal')));
      case 'literal_bool': return truth(defined(unit.literals[l.index], 'literal'));
      case 'literal_float': return floatText(defined(unit.literals[l.index], 'literal'));
    }
  };
  const frame = defined(exit.frames.at(-1), 'frame');
  return {
    exit, reason: defined(unit.reasons[exit.reason], 'reason').reason,
    locals: frame.locals.map((l) => show(l.location)), stack: frame.stack.map(show),
  };
}

const truth = (bits: bigint): string => {
  invariant(bits === 0n || bits === 1n, `a bool of value ${bits}`);
  return bits === 1n ? 'True' : 'False';
};

/** As the IR interpreter shows floats. */
export function floatText(bits: bigint): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  const value = view.getFloat64(0);
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}
