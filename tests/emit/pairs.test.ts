/** Two loads or stores as one: the instruction at its edges, which accesses become pairs, and that they do the same. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PairedAccesses, sortedAccesses } from '#compiler/4-emit/paired-accesses.ts';
import { patchImmediate } from '#compiler/4-emit/patch.ts';
import { kernels } from '#compiler/ablation/kernels.ts';
import { aarch64Effects } from '#stencils/aarch64-effects.ts';
import { pairWord } from '#stencils/pair-family.ts';
import { InvariantError } from '#support/invariant.ts';
import { emit, stencilTable } from './check-function.ts';

const table = stencilTable('aarch64');

describe('the instruction', () => {
  // As an assembler writes them.
  const cases: readonly (readonly [string, number, number, number])[] = [
    ['stp x22, x23, [x20]', 0xf9000296, 0xf9000297, 0xa9005e96], ['ldp x22, x23, [x20]', 0xf9400296, 0xf9400297, 0xa9405e96],
    ['stp d0, d7, [x20]', 0xfd000280, 0xfd000287, 0x6d001e80], ['ldp d7, d0, [x20]', 0xfd400287, 0xfd400280, 0x6d400287],
  ];
  for (const [text, first, second, expected] of cases) test(text, () => assert.equal(pairWord(first, second).toString(16), expected.toString(16)));
  test('none of different accesses, bases or sizes', () => {
    for (const [first, second] of [[0xf9000296, 0xf9400297], [0xf9000296, 0xf9000277], [0xf9000296, 0xfd000287], [0xb9000296, 0xb9000297]]) {
      assert.throws(() => pairWord(first!, second!), InvariantError);
    }
  });
  test('its offset: 0 to 504, a multiple of 8', () => {
    const patched = (value: number): number => {
      const view = new DataView(new ArrayBuffer(4));
      view.setUint32(0, 0xa9005e96, true);
      patchImmediate(view, 0, 'aarch64.pair7_scaled8', value, true);
      return view.getUint32(0, true);
    };
    assert.equal(patched(0), 0xa9005e96);
    assert.equal(patched(504), 0xa91fde96);
    for (const value of [-8, 4, 505, 512]) assert.throws(() => patched(value), InvariantError);
  });
  test('decoded: both registers are read, or written', () => {
    const effects = (word: number): ReturnType<typeof aarch64Effects> => aarch64Effects(new Uint8Array(Uint32Array.of(word).buffer), 0);
    assert.equal(effects(0xa9005e96)?.reads.integer, (1 << 20) | (1 << 22) | (1 << 23));
    assert.equal(effects(0x6d400287)?.writes.float, (1 << 0) | (1 << 7));
  });
});

describe('which accesses', () => {
  const pairs = PairedAccesses.of(table, 320) ?? assert.fail('no pairs');
  const access = (register: number, slot: number): { register: number; slot: number } => ({ register, slot });
  test('the last slot that has a pair', () => {
    assert.equal(pairs.ofSlots(access(1, 23), access(2, 24), true)?.immediate, 504);
    assert.equal(pairs.ofSlots(access(1, 24), access(2, 25), true), undefined);
  });
  test('not of two banks, not of slots apart, not two loads of one register; but one register may be stored twice', () => {
    assert.equal(pairs.ofSlots(access(7, 0), access(8, 1), false), undefined);
    assert.equal(pairs.ofSlots(access(1, 0), access(2, 2), false), undefined);
    assert.equal(pairs.ofSlots(access(1, 1), access(2, 0), false), undefined);
    assert.equal(pairs.ofSlots(access(3, 0), access(3, 1), true), undefined);
    assert.equal(pairs.ofSlots(access(3, 0), access(3, 1), false)?.variant, 3 * 8 + 3);
  });
  test('floats are a family of their own, numbered from 0', () => {
    const pair = pairs.ofSlots(access(8, 0), access(15, 1), true);
    assert.deepEqual([pair?.family.name, pair?.variant], ['reload.f.pair', 7]);
  });
  test('arguments, in either order', () => {
    assert.deepEqual(pairs.ofArguments(3, 1, 4, 2), { family: table.family('arg.store.pair'), immediate: 3, variant: 8 + 2 });
    assert.deepEqual(pairs.ofArguments(4, 1, 3, 2), { family: table.family('arg.store.pair'), immediate: 3, variant: 2 * 8 + 1 });
    assert.equal(pairs.ofArguments(4, 1, 6, 2), undefined);
    assert.equal(pairs.ofArguments(4, 1, 4, 2), undefined);
  });
  test('what writes the same place twice keeps its order', () => {
    const twice = [access(1, 5), access(2, 4), access(3, 5)];
    assert.deepEqual(sortedAccesses([...twice], false), twice);
    assert.deepEqual(sortedAccesses([access(1, 5), access(1, 4)], true), [access(1, 5), access(1, 4)]);
    assert.deepEqual(sortedAccesses([access(1, 5), access(2, 4)], true), [access(2, 4), access(1, 5)]);
  });
  test('x86-64 has none', () => assert.equal(PairedAccesses.of(stencilTable('x86_64'), 320), undefined));
});

test('the kernels have pairs', () => {
  const families = new Set([...kernels.values()].flatMap((text) =>
    [false, true].flatMap((spillEverything) => emit(text, table, { listing: true, spillEverything }).listing.map((line) => line.placement?.family.name))));
  for (const name of ['spill.r', 'reload.r', 'reload.f']) assert.ok(families.has(`${name}.pair`), name);
});
