/** The steps that can be left out: code without them still computes the same, and the page with their figures is up to date. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { allFurtherSteps, allSteps, noSteps, tableWithFurtherSteps, tableWithSteps, type CodeSteps, type FurtherSteps } from '#compiler/4-emit/code-steps.ts';
import { Emitter } from '#compiler/4-emit/emitter.ts';
import { emitUnit } from '#compiler/4-emit/emit-unit.ts';
import { linkUnits, trampoline, type LinkedArena } from '#compiler/4-emit/link-units.ts';
import { findQemu } from '#compiler/ablation/count-instructions.ts';
import { ablationText } from '#compiler/ablation/report.ts';
import type { AblationRow } from '#compiler/ablation/measure.ts';
import { kernels } from '#compiler/ablation/kernels.ts';
import { parse } from '#ir/parse.ts';
import { aarch64Effects } from '#stencils/aarch64-effects.ts';
import { stencilsPages } from '../../tools/stencils-page.ts';
import { checkFunctions, emit, stencilTable } from './check-function.ts';
import { NativeRunner } from './run-units.ts';

const root = join(import.meta.dirname, '../..');
const table = stencilTable('aarch64');
const runner = NativeRunner.create('aarch64');
const without = (step: keyof CodeSteps): CodeSteps => ({ ...allSteps, [step]: false });

for (const [name, steps] of [['no step', noSteps], ['no trampolines', without('trampolines')], ['trailing jumps', without('noTrailingJump')]] as const) {
  test(`the kernels with ${name}`, { skip: runner ? false : 'no compiler or emulator for aarch64' }, () => {
    checkFunctions(kernels, tableWithSteps(table, steps), runner!, false);
  });
}

const furtherSteps = Object.keys(allFurtherSteps) as (keyof FurtherSteps)[];
for (const step of furtherSteps) {
  test(`the kernels without ${step}`, { skip: runner ? false : 'no compiler or emulator for aarch64' }, () => {
    const steps = { ...allFurtherSteps, [step]: false };
    const some = new Map([...kernels].filter(([name]) => name !== 'pressure of 20'));
    checkFunctions(some, tableWithFurtherSteps(table, steps), runner!, true, { steps });
  });
}

test('with all further steps the table is as it was', () => assert.equal(tableWithFurtherSteps(table, allFurtherSteps), table));

test('with all steps the table is as it was', () => {
  assert.equal(tableWithSteps(table, allSteps), table);
  assert.equal(tableWithSteps(table, without('farOnly')), table);
});

test('a trailing jump is one more instruction, but not where control does not go on', () => {
  const longer = tableWithSteps(table, without('noTrailingJump'));
  const size = (t: typeof table, name: string, registers: number[]): number => t.family(name)?.variant(registers).code.length ?? NaN;
  assert.equal(size(longer, 'move.r', [0, 1]), size(table, 'move.r', [0, 1]) + 4);
  for (const name of ['jump', 'exit.common']) assert.equal(size(longer, name, []), size(table, name, []));
});

const call = { code: new Uint8Array(Uint32Array.of(0x94000000, 0xd503201f).buffer), relocations: [{ kind: 'aarch64_call', at: 0, symbol: 'f' }] } as const;
const BASE = 2 ** 32;

function link(distance: number, steps: CodeSteps, calls = 1): LinkedArena {
  return linkUnits(Array.from({ length: calls }, () => call), BASE, () => BASE + distance, BASE, steps);
}

/** Where the call at the start of the arena goes, from there. */
function destination({ bytes }: LinkedArena): number {
  const flow = aarch64Effects(bytes, 0)?.flow;
  return flow?.kind === 'call' ? flow.distance : NaN;
}

describe('linking', () => {
  const reach = 2 ** 27;
  for (const [distance, reached] of [[reach - 4, true], [reach, false], [-reach, true], [-reach - 4, false], [2 ** 40, false]] as const) {
    test(`a call ${distance} bytes away is ${reached ? 'direct' : 'by a trampoline'}`, () => {
      const linked = link(distance, allSteps);
      assert.equal(linked.trampolineBytes, reached ? 0 : 16);
      assert.equal(destination(linked), reached ? distance : 16);
    });
  }
  test('without GH-131041 every call has a trampoline', () => assert.equal(destination(link(64, without('farOnly'))), 16));
  test('one trampoline serves all calls of a target, or each has its own', () => {
    assert.equal(link(2 ** 40, allSteps, 3).trampolineBytes, 16);
    assert.equal(link(2 ** 40, without('sharedTrampolines'), 3).trampolineBytes, 48);
  });
  test('a trampoline holds any address', () => {
    const hex = (isLiteral: boolean): string => Buffer.from(trampoline(0x123456789abcdef0n, isLiteral).bytes).toString('hex');
    assert.equal(hex(true), '5000005800021fd6f0debc9a78563412'); // ldr x16, .+8; br x16; the address
    assert.equal(hex(false), '10de9bd2' + '9057b3f2' + '10cfcaf2' + '9046e2f2' + '00021fd6'); // movz, movk, movk, movk, br
  });
});

test('docs/stencils.md and README.md have what the command prints (npm run stencils-page)', { skip: findQemu(root) === undefined ? 'no emulator for aarch64' : false }, () => {
  for (const { path, text } of stencilsPages(root)) assert.equal(readFileSync(path, 'utf8'), text, path);
});

test('a machine without an emulator is told so', () => {
  const row: AblationRow = {
    without: 'nothing', arena: 'near', tableBytes: 1, patchKinds: 2, patches: 3, calls: 4, indirectCalls: 5, trampolineBytes: 6, codeBytes: 7,
    literalBytes: 8, padding: 9, instructions: undefined,
  };
  const further = { without: 'nothing', codeBytes: 10, literalBytes: 11, instructions: undefined } as const;
  const text = ablationText({ rows: [row, { ...row, arena: 'far' }], further: { rows: [further], addresses: { slots: 3, usedOnce: 2, uses: 9 } } });
  assert.match(text, /\| all steps .* not counted \|/);
  assert.match(text, /\| all of them .* not counted \|/);
});

test('a function can be emitted twice', () => {
  const header = { request: 1, kind: 'entry', offset: 0, assumptions: [], keysOf: () => ({ keys: 0n, entries: 0 }) } as const;
  for (const text of kernels.values()) {
    const fn = parse(text);
    const once = (): Uint8Array => emitUnit(fn, new Emitter(table), header, { spillEverything: false, failGuard: 0, listing: false }).code;
    assert.deepEqual(once(), once());
    assert.deepEqual(once(), emit(text, table).code);
  }
});
