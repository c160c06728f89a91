/** Runs stencils in a small C program: natively for the machine's own processor, else under emulation. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTuples } from '#stencils/families.ts';
import { readTable, tableFileName } from '#stencils/read-table.ts';
import type { Hole, Stencil, StencilFamily } from '#stencils/table.ts';
import type { LayoutNumber, StencilTarget } from '#stencils/targets.ts';
import { defined, invariant } from '#support/invariant.ts';
import { Memory } from './memory.ts';

export type Machine = StencilTarget['machine'];

/** clang that makes the host and, in tests, stencils. */
export const clang = process.env['CLANG'] ?? 'clang-19';

/** Where the tables are that are tested: ARMATURE_STENCIL_TABLES names those of another compiler (docs/stencils.md). */
export const tablesFolder = process.env['ARMATURE_STENCIL_TABLES'] ?? join(import.meta.dirname, '../../stencils/generated');

export const CODE_BASE = 0x2000000;
export const DATA_BASE = 0x4000000;

/** Order of the addresses the host prints. */
const hostFunctions = [
  'CONTINUE', 'TARGET', 'armature_keeping_dealloc', 'armature_keeping_box_int', 'armature_keeping_new_int',
  'armature_keeping_box_float', 'armature_keeping_wide_number', 'armature_keeping_replace_by_float', 'armature_keeping_replace_by_int',
  'armature_keeping_stack_take', 'armature_vectorcall',
  'call_0', 'call_1', 'call_2', 'call_3', 'call_4', 'call_5', 'call_int', 'call_f', 'call_ff', 'call_ff_i', 'call_f_i', 'call_i_f', 'call_arguments',
];

/** What the helpers look at: C symbols, and where they are in the memory of a batch. */
const hostData = { PyLong_Type: 'TYPE_LONG', PyFloat_Type: 'TYPE_FLOAT', armature_small_integers: 'OBJ_SMALL_INTEGERS' } as const;

export interface Registers {
  readonly r: bigint[];
  /** As 64-bit patterns. */
  readonly f: bigint[];
}

export interface TestCase {
  readonly family: string;
  readonly registers: readonly number[];
  readonly input: Registers;
  /** Values of holes: IMM0…, LIT0…, CALL0 (name of a host function). */
  readonly holes: Readonly<Record<string, number | bigint | string>>;
  readonly activation: bigint;
  /** A stencil without holes that is put behind this one. */
  readonly followedBy?: string;
}

export interface TestResult {
  readonly way: 'CONTINUE' | 'TARGET' | 'return';
  readonly activation: bigint;
  readonly output: Registers;
}

export interface Batch {
  readonly results: TestResult[];
  /** The data after all cases have run. */
  readonly memory: Memory;
}

type TestTable = ReturnType<typeof readTable>;

export function testTable(target: StencilTarget['name'], layout: LayoutNumber): TestTable {
  return readTable(readFileSync(join(tablesFolder, tableFileName(target, layout))));
}

/** The target with the same processor whose table is executed whole. */
export const linuxOf = ({ machine }: StencilTarget): StencilTarget['name'] => `${machine}-linux`;

/** The choices of registers that a family has. */
export function tuplesOf({ operands, fixed, isFixed }: StencilFamily): number[][] {
  const isSingle = operands.length === 0 || isFixed;
  return registerTuples({ form: isSingle ? 'single' : 'value', operands, fixed: fixed.map((r) => r ?? 0) });
}

export interface Variant {
  readonly family: string;
  readonly registers: readonly number[];
  /** `int.add 012` */
  readonly name: string;
  readonly stencil: Stencil;
}

/** Every stencil of a table: each family in each choice of registers. */
export function* variantsOf(table: TestTable): Generator<Variant> {
  for (const name of table.familyNames) {
    const family = defined(table.family(name), name);
    for (const registers of tuplesOf(family)) yield { family: name, registers, name: `${name} ${registers.join('')}`, stencil: family.variant(registers) };
  }
}

export const isSameStencil = (a: Stencil, b: Stencil): boolean => Buffer.compare(a.code, b.code) === 0 && JSON.stringify(a.holes) === JSON.stringify(b.holes);

/** The stencils of a table that Linux' table for the same processor does not have byte for byte; all, if it is that table. */
export function* ownVariants(target: StencilTarget, layout: LayoutNumber): Generator<Variant> {
  const table = testTable(target.name, layout), linux = testTable(linuxOf(target), layout);
  for (const variant of variantsOf(table)) {
    const other = linux.family(variant.family)?.variant(variant.registers);
    if (target.name === linuxOf(target) || other === undefined || !isSameStencil(variant.stencil, other)) yield variant;
  }
}

export class StencilHost {
  readonly table: TestTable;
  readonly #machine: Machine;
  readonly #folder: string;
  readonly #command: readonly string[];
  readonly #addresses: ReadonlyMap<string, number>;
  /** `family registers` of every case that was run. */
  readonly executed = new Set<string>();

  constructor({ name, machine }: StencilTarget, layout: LayoutNumber) {
    this.#machine = machine;
    this.table = testTable(name, layout);
    this.#folder = mkdtempSync(join(tmpdir(), 'armature-host-'));
    const program = join(this.#folder, 'host');
    const here = import.meta.dirname;
    execFileSync(clang, [
      `--target=${machine}-linux-gnu`, '-O1', '-std=c23', '-ffreestanding', '-fno-stack-protector', '-fno-pic', '-static', '-nostdlib',
      '-fuse-ld=lld', ...Object.entries(hostData).map(([symbol, known]) => `-Wl,--defsym=${symbol}=${new Memory().wellKnown(known)}`),
      `-DARMATURE_LAYOUT=${layout}`, ...(name === 'x86_64-windows' ? ['-DWINDOWS_CALLS'] : []), join(here, 'host.c'), join(here, '../../agent/preserve.c'), '-o', program,
    ]);
    const native = process.arch === (machine === 'x86_64' ? 'x64' : 'arm64');
    this.#command = native ? [program] : [`qemu-${machine}-static`, program];
    const printed = this.#run(['addresses'], new Uint8Array(0));
    this.#addresses = new Map(hostFunctions.map((name, i) => [name, Number(printed.readBigUInt64LE(8 * i))]));
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  run(cases: readonly TestCase[], memory: Memory): Batch {
    const parts = cases.map((c) => {
      this.executed.add(`${c.family} ${c.registers.join('')}`);
      return [this.#variant(c.family, c.registers), c.followedBy === undefined ? undefined : this.#variant(c.followedBy, [])] as const;
    });
    const code = new CodeBlob(this.#machine, this.#addresses, memory, parts.reduce((sum, [stencil, next]) => sum + mostBytes(stencil, next), 0));
    const entries = cases.map((c, i) => code.add(...defined(parts[i], 'stencil'), c.holes, this.table.savesLinkOnce));
    const codeBytes = code.finish();
    const data = memory.bytes(cases.length);
    const header = [codeBytes.length, data.length, cases.length, memory.freeOffset, memory.typeLong, memory.typeFloat];
    const words = new BigUint64Array(header.map(BigInt));
    const records = new BigUint64Array(cases.flatMap((c, i) =>
      [BigInt(defined(entries[i], 'entry')), c.activation, ...c.input.r, ...c.input.f].map((x) => BigInt.asUintN(64, x))));
    const output = this.#run([], Buffer.concat([Buffer.from(words.buffer), codeBytes, data, Buffer.from(records.buffer)]));
    invariant(output.length === cases.length * 144 + data.length, `the host answered with ${output.length} bytes`);
    return { results: cases.map((_, i) => readResult(output, i * 144)), memory: memory.after(output.subarray(cases.length * 144)) };
  }

  #variant(name: string, registers: readonly number[]): Stencil {
    return defined(this.table.family(name), `family ${name}`).variant(registers);
  }

  #run(args: readonly string[], input: Uint8Array): Buffer {
    const [program, ...rest] = this.#command;
    const run = spawnSync(defined(program, 'program'), [...rest, ...args], { input, maxBuffer: 1 << 28 });
    invariant(run.status === 0, `the host failed: ${run.error?.message ?? run.signal ?? `status ${run.status}`}`);
    return run.stdout;
  }
}

function readResult(output: Buffer, at: number): TestResult {
  const word = (i: number): bigint => output.readBigUInt64LE(at + 8 * i);
  const way = defined((['none', 'CONTINUE', 'TARGET', 'return'] as const)[Number(word(0))], 'way');
  invariant(way !== 'none', 'no way');
  const eight = (first: number): bigint[] => Array.from({ length: 8 }, (_, i) => word(first + i));
  return { way, activation: word(1), output: { r: eight(2), f: eight(10) } };
}

/** Of a stencil in a CodeBlob: its code and what follows it, three words for the link register, two jumps, literals, and what is lost to alignment. */
const mostBytes = ({ code, holes }: Stencil, followedBy: Stencil | undefined): number =>
  code.length + (followedBy?.code.length ?? 0) + 22 + 8 * holes.length + 15 + 7;
/** str x30, [sp, #-16]! and ldr x30, [sp], #16 */
const PUSH_LINK = 0xf81f0ffe, POP_LINK = 0xf84107fe;

/** Stencils one after the other, each with its literals and jumps to the host behind it. */
class CodeBlob {
  readonly #bytes: Buffer;
  readonly #machine: Machine;
  readonly #functions: ReadonlyMap<string, number>;
  readonly #memory: Memory;
  #at = 0;

  constructor(machine: Machine, functions: ReadonlyMap<string, number>, memory: Memory, size: number) {
    this.#bytes = Buffer.alloc(size + 16);
    this.#machine = machine;
    this.#functions = functions;
    this.#memory = memory;
  }

  /** Address of the entry. `savesLink`: the unit around a stencil saves the link register, which is done here for those that call. */
  add(stencil: Stencil, followedBy: Stencil | undefined, holes: TestCase['holes'], savesLink: boolean): number {
    const entry = (this.#at + 15) & ~15;
    const calls = savesLink && stencil.holes.some(({ symbol }) => /^(CALL|FN_)/.test(symbol));
    const start = calls ? this.#word(entry, PUSH_LINK) : entry;
    this.#bytes.set(stencil.code, start);
    let next = start + stencil.code.length;
    this.#bytes.set(followedBy?.code ?? [], next);
    next += followedBy?.code.length ?? 0;
    next = this.#jump(calls ? this.#word(next, POP_LINK) : next, 'CONTINUE');
    const target = next;
    next = (this.#jump(calls ? this.#word(next, POP_LINK) : next, 'TARGET') + 7) & ~7;
    for (const hole of stencil.holes) {
      let value: number;
      if (hole.symbol === 'TARGET') value = target;
      else if (hole.symbol.startsWith('FN_')) value = this.#function(hole.symbol.slice(3)) - CODE_BASE;
      else if (hole.symbol.startsWith('CALL')) value = this.#function(String(defined(holes[hole.symbol], hole.symbol))) - CODE_BASE;
      else if (hole.symbol.startsWith('IMM')) value = Number(defined(holes[hole.symbol], hole.symbol));
      else {
        const literal = holes[hole.symbol] ?? this.#memory.wellKnown(hole.symbol);
        this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(literal)), next);
        value = next;
        next += 8;
      }
      patch(this.#bytes, start + hole.offset, hole, value);
    }
    this.#at = next;
    return CODE_BASE + entry;
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, (this.#at + 15) & ~15);
  }

  #function(name: string): number {
    return defined(this.#functions.get(name), `host function ${name}`);
  }

  /** Where the next instruction goes. */
  #word(at: number, word: number): number {
    this.#bytes.writeUInt32LE(word, at);
    return at + 4;
  }

  #jump(at: number, name: string): number {
    const to = this.#function(name) - CODE_BASE;
    if (this.#machine === 'x86_64') {
      this.#bytes[at] = 0xe9;
      this.#bytes.writeInt32LE(to - at - 5, at + 1);
      return at + 5;
    }
    this.#bytes.writeUInt32LE((0x14000000 | (((to - at) / 4) & 0x3ffffff)) >>> 0, at);
    return at + 4;
  }
}

function setField(code: Buffer, at: number, bits: number, shift: number, content: number): void {
  const mask = ((1 << bits) - 1) << shift;
  code.writeUInt32LE(((code.readUInt32LE(at) & ~mask) | (content << shift)) >>> 0, at);
}

/** Positions and values are offsets from the start of the code, except immediates. */
function patch(code: Buffer, at: number, hole: Hole, value: number): void {
  const field = (bits: number, shift: number, content: number): void => {
    const mask = ((1 << bits) - 1) >>> 0;
    const word = code.readUInt32LE(at);
    invariant(((word >>> shift) & mask) === 0, 'the field of a hole is not empty');
    code.writeUInt32LE((word | ((content & mask) << shift)) >>> 0, at);
  };
  const total = value + hole.addend;
  switch (hole.kind) {
    case 'x86_64.rel32': code.writeInt32LE(total - at, at); return;
    case 'x86_64.rel8': code.writeInt8(total - at, at); return;
    case 'x86_64.abs32': code.writeInt32LE(total | 0, at); return;
    case 'x86_64.abs8': code.writeUInt8(total, at); return;
    case 'aarch64.branch26': return field(26, 0, (total - at) / 4);
    case 'aarch64.branch19': case 'aarch64.literal19': return field(19, 5, (total - at) / 4);
    case 'aarch64.branch14': return field(14, 5, (total - at) / 4);
    case 'aarch64.movw_g0': return field(16, 5, total);
    case 'aarch64.movw_g1': return field(16, 5, total >> 16);
    case 'aarch64.movw_g2': case 'aarch64.movw_g3': return field(16, 5, total < 0 ? -1 : 0);
    case 'aarch64.imm12': return field(12, 10, total);
    case 'aarch64.imm12_scaled8': return field(12, 10, total / 8);
    case 'aarch64.pair7': return field(7, 15, total);
    case 'aarch64.pair7_scaled8': return field(7, 15, total / 8);
    case 'aarch64.move_wide': return field(18, 5, total);
    // The others cannot be empty in a template: the assembler has no such instruction.
    case 'aarch64.logical': return setField(code, at, 13, 10, total);
    case 'aarch64.fmov8': return setField(code, at, 8, 13, total);
    case 'aarch64.adr21':
      field(2, 29, (total - at) & 3);
      return field(19, 5, (total - at) >> 2);
  }
}
