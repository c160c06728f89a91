/** The check of machine code: nothing to say about what the emitter makes, something about every kind of damage. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Emitter } from '#compiler/4-emit/emitter.ts';
import type { CompiledUnit } from '#compiler/4-emit/emit-unit.ts';
import { verifyCode, type MachineName } from '#compiler/4-emit/verify-code.ts';
import { verifyPlacements } from '#compiler/4-emit/verify-placements.ts';
import { verifyUnit } from '#compiler/4-emit/verify-unit.ts';
import { defaultOptions, type CompileOptions } from '#compiler/options.ts';
import { compileUnit } from '#compiler/pipeline.ts';
import { readRequest } from '#protocol/read-request.ts';
import { loadStencilTable } from '#stencils/read-table.ts';
import { Bailout } from '#support/bailout.ts';
import { layoutOf, requestBytes, requestFiles } from '../build/requests.ts';
import { tablesFolder } from '../stencils/host.ts';
import { emit, stencilTable } from './check-function.ts';
import { kernels } from '#compiler/ablation/kernels.ts';
import { randomFunction } from './random-function.ts';

const machines = ['x86_64', 'aarch64'] as const satisfies MachineName[];
const modes: readonly Partial<CompileOptions>[] = [{}, { spillEverything: true }];

for (const machine of machines) {
  for (const file of requestFiles()) {
    test(`${machine}: ${file}`, () => {
      const layout = layoutOf(file);
      const emitter = new Emitter(loadStencilTable(tablesFolder, `${machine}-linux`, layout));
      const request = readRequest(requestBytes(file), { layout, arch: machine });
      for (const mode of modes) {
        try {
          const unit = compileUnit(request, emitter, { ...defaultOptions, evenWithoutProfit: true, dump: () => undefined, ...mode });
          assert.ok(unit.listing.length > 0);
          assert.deepEqual(verifyUnit(unit, machine), []);
        } catch (error) {
          if (!(error instanceof Bailout)) throw error;
        }
      }
    });
  }

  test(`${machine}: kernels and random functions`, () => {
    const table = stencilTable(machine);
    const texts = [...kernels.values(), ...Array.from({ length: 25 }, (_, i) => randomFunction(1000 + i, 60))];
    for (const text of texts) {
      for (const options of [{}, { spillEverything: true }, { failGuard: 1 }]) {
        assert.deepEqual(verifyUnit(emit(text, table, { ...options, listing: true }), machine), []);
      }
    }
  });
}

/** Their tables differ from Linux' in calls, on x86-64 also in what survives one, and in range iterators. */
for (const target of ['x86_64-windows', 'aarch64-windows'] as const) {
  test(`${target}: kernels and random functions`, () => {
    const table = loadStencilTable(tablesFolder, target, 311), machine = target.startsWith('x86_64') ? 'x86_64' : 'aarch64';
    const texts = [...kernels.values(), ...Array.from({ length: 5 }, (_, i) => randomFunction(2000 + i, 60))];
    for (const text of texts) {
      for (const options of [{}, { spillEverything: true }]) assert.deepEqual(verifyUnit(emit(text, table, { ...options, listing: true }), machine), []);
    }
  });
}

/** Has branches, literals, a call and an overflow guard. */
const damaged = `function "damaged" {
block0():
  v0:int = const.int 81985529216486895
  v1:float = const.float 2.6
  v2:int = const.int 5000
  jump block1(v0, v1)
block1(v3:int, v4:float) loop:
  v5:int = int.add v3, v2 @0:1 locals(v3)
  v6:float = float.mod v4, v1 @0:2 locals(v3)
  compare_branch int.lt v5, v0, block1(v5, v6), block2()
block2():
  exit return "return" @0:9 stack(v5)
}`;

const unitOf = (machine: MachineName): CompiledUnit => emit(damaged, stencilTable(machine), { listing: true });

/** The unit with one 32-bit word replaced. */
function withWord(unit: CompiledUnit, at: number, word: number): CompiledUnit {
  const code = unit.code.slice();
  new DataView(code.buffer).setUint32(at, word >>> 0, true);
  return { ...unit, code };
}

const problems = (unit: CompiledUnit, machine: MachineName): string => verifyCode(unit, machine).map((f) => f.problem).join('; ');
const lineOf = (unit: CompiledUnit, family: string): number =>
  unit.listing.find((line) => line.placement?.family.name === family)?.address ?? assert.fail(`no ${family}`);

describe('what decoding finds, AArch64', () => {
  const unit = unitOf('aarch64');
  const first = lineOf(unit, 'int.add');
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ['an unknown instruction', 0x00000000, /do not contain/],
    ['a hole without content', 0x14000000, /jump to itself/],
    ['a branch into the literals', 0x14000000 | ((unit.codeLength + 8 - first) / 4), /where no instruction starts/],
    ['a branch out of the unit', 0x14000000 | 0x1ffffff, /where no instruction starts/],
    ['a call that nobody fills in', 0x94000001, /call without a relocation/],
    ['the platform register', 0xd2800012, /writes x18, which is reserved/], // mov x18, #0
    ['the activation record', 0xaa0003f4, /writes x20, which is reserved/], // mov x20, x0
    ['the frame pointer', 0x910003fd, /writes x29, which is reserved/], // mov x29, sp
    ['the link register', 0xd280001e, /writes x30 without saving it/], // mov x30, #0
    ['an address outside the code', 0x10800008, /takes an address outside/], // adr x8, . - 1 MiB
    ['an address that is not filled in', 0x10000008, /takes an address outside/], // adr x8, .
    ['an address from memory', 0xd61f0100, /not known/], // br x8
    ['a literal outside the pool', 0x58000008, /outside the pool/], // ldr x8, .
    ['half a stack', 0xf81f0ffe, /bytes on the stack|differs/], // str x30, [sp, #-16]!
    ['too much taken', 0xf84107fe, /more than was put there|without saving/], // ldr x30, [sp], #16
    ['another stack', 0x9100011f, /cannot be followed/], // mov sp, x8
  ];
  test('the unit is good', () => assert.deepEqual(verifyUnit(unit, 'aarch64'), []));
  for (const [name, word, expected] of cases) test(name, () => assert.match(problems(withWord(unit, first, word), 'aarch64'), expected));

  test('a literal that is not aligned', () => {
    const poolStart = (unit.codeLength + 7) & ~7;
    const bad = withWord(unit, first, 0x58000008 | ((((poolStart + 4 - first) / 4) & 0x7ffff) << 5));
    assert.match(problems(bad, 'aarch64'), /not aligned/);
  });
  test('a call whose relocation is missing, one that is nowhere, one that is twice', () => {
    const call = unit.relocations.find((r) => r.kind === 'aarch64_call') ?? assert.fail('no call');
    assert.match(problems({ ...unit, relocations: unit.relocations.filter((r) => r !== call) }, 'aarch64'), /without a relocation/);
    assert.match(problems({ ...unit, relocations: [...unit.relocations, { kind: 'aarch64_call', at: 0, symbol: 'f' }] }, 'aarch64'), /where no call is/);
    assert.match(problems({ ...unit, relocations: [...unit.relocations, call] }, 'aarch64'), /two relocations/);
    assert.match(problems({ ...unit, relocations: [...unit.relocations, { kind: 'object', at: 0, object: 1 }] }, 'aarch64'), /outside the pool/);
  });
  test('where the link register is saved nobody else writes', () => {
    const save = new DataView(unit.code.buffer).getUint32(0, true), slot = (save >>> 10) & 0xfff;
    assert.match(problems(withWord(unit, first, save), 'aarch64'), /where the link register is saved/);
    for (const lower of [slot - 1, slot]) assert.match(problems(withWord(unit, first, 0xa9000280 | (lower << 15)), 'aarch64'), /where the link register is saved/);
    assert.deepEqual(verifyCode(withWord(unit, first, 0xa9000280 | ((slot + 1) << 15)), 'aarch64'), []);
  });
  test('a return without the link register', () => {
    const restore = lineOf(unit, 'link.restore');
    assert.match(problems(withWord(unit, restore, 0xd503201f), 'aarch64'), /without the link register/);
    assert.match(problems(withWord(unit, 0, 0xd503201f), 'aarch64'), /writes x30 without saving it/);
  });
  test('a call within the unit that is no exit', () => {
    const call = unit.relocations.find((r) => r.kind === 'aarch64_call') ?? assert.fail('no call');
    const bad = withWord({ ...unit, relocations: unit.relocations.filter((r) => r !== call) }, call.at, 0x94000000 | ((-call.at / 4) & 0x3ffffff));
    assert.match(problems(bad, 'aarch64'), /call without a relocation/);
  });
  test('literals in the middle', () => {
    const island = { start: first, end: first + 8 };
    assert.match(problems({ ...unit, islands: [island] }, 'aarch64'), /runs into literals/);
  });
  test('code that has no end', () => {
    const last = unit.codeLength - 4;
    assert.match(problems(withWord(unit, last, 0xd503201f), 'aarch64'), /runs off the end/);
  });
});

describe('what decoding finds, x86-64', () => {
  const unit = unitOf('x86_64');
  const first = lineOf(unit, 'int.add');
  const withBytes = (hex: string): CompiledUnit => {
    const code = unit.code.slice();
    code.set(Buffer.from(hex, 'hex'), first);
    return { ...unit, code };
  };
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['an unknown instruction', '0f05', /do not contain/],
    ['the activation record', '4989c4', /writes r12, which is reserved/], // mov r12, rax
    ['the frame pointer', '4889c5', /writes rbp without saving it/], // mov rbp, rax
    ['a call that nobody fills in', 'e800000000', /call without a relocation/],
    ['an address from memory', 'ffe0', /not known/], // jmp rax
    ['a jump to itself', 'ebfe', /jump to itself/],
    ['half a stack', '50', /bytes on the stack|differs/], // push rax
    ['another stack', '4889c4', /cannot be followed/], // mov rsp, rax
  ];
  test('the unit is good', () => assert.deepEqual(verifyUnit(unit, 'x86_64'), []));
  for (const [name, hex, expected] of cases) test(name, () => assert.match(problems(withBytes(hex), 'x86_64'), expected));
});

/** Each hole of each stencil in turn gets back the content it has in the table. */
for (const machine of machines) {
  test(`every hole that is not filled in is found, ${machine}`, () => {
    const unit = unitOf(machine);
    let holes = 0;
    for (const { address, placement } of unit.listing) {
      if (placement === undefined) continue;
      const stencil = placement.family.variant(placement.registers);
      for (const hole of stencil.holes) {
        const at = address + hole.offset;
        const empty = new DataView(stencil.code.buffer, stencil.code.byteOffset).getUint32(hole.offset, true);
        if (new DataView(unit.code.buffer).getUint32(at, true) === empty) continue; // the content is 0, or the agent fills it in
        holes++;
        assert.notDeepEqual(verifyPlacements(withWord(unit, at, empty)), [], `${placement.family.name}: ${hole.symbol}`);
      }
    }
    assert.ok(holes > 10, `${holes} holes`);
  });
}
