import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patchAddress, patchImmediate } from '#compiler/4-emit/patch.ts';
import { InvariantError } from '#support/invariant.ts';
import type { HoleKind } from '#stencils/table.ts';

const viewOf = (instruction: number): DataView => {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, instruction, true);
  return view;
};
function address(kind: HoleKind, instruction: number, value: number, place: number): number {
  const view = viewOf(instruction);
  patchAddress(view, 0, kind, value, place);
  return view.getUint32(0, true);
}
function immediate(kind: HoleKind, instruction: number, value: number, isWhole = true): number {
  const view = viewOf(instruction);
  patchImmediate(view, 0, kind, value, isWhole);
  return view.getUint32(0, true);
}

test('addresses', () => {
  assert.equal(address('x86_64.rel32', 0, 0x100 - 4, 0x10), 0xec);
  assert.equal(address('x86_64.rel32', 0, 0 - 4, 0x10), 0xffffffec);
  assert.equal(address('x86_64.rel8', 0x1234_00, 0x10 - 1, 0x20), 0x1234_ef);
  assert.equal(address('aarch64.branch26', 0x14000000, 0x40, 0), 0x14000010); // b .+64
  assert.equal(address('aarch64.branch26', 0x14000000, 0, 4), 0x17ffffff); // b .-4
  assert.equal(address('aarch64.branch19', 0x54000000, 8, 0), 0x54000040); // b.eq .+8
  assert.equal(address('aarch64.branch14', 0x36000000, 8, 0), 0x36000040); // tbz w0, #0, .+8
  assert.equal(address('aarch64.literal19', 0x58000000, 16, 0), 0x58000080); // ldr x0, .+16
});

test('immediates', () => {
  assert.equal(immediate('x86_64.abs32', 0, -5), 0xfffffffb);
  assert.equal(immediate('x86_64.abs32', 0, 0xfffffffb), 0xfffffffb);
  assert.equal(immediate('x86_64.abs8', 0x1234_00, 0xfe), 0x1234_fe);
  assert.equal(immediate('aarch64.movw_g0', 0x52800000, 0x1234), 0x52824680); // mov w0, #0x1234
  assert.equal(immediate('aarch64.movw_g1', 0x52a00000, -2), 0x52bfffe0); // movz w0, #0xffff, lsl #16
  assert.equal(immediate('aarch64.movw_g0', 0x72800000, -2, false), 0x729fffc0); // movk w0, #0xfffe
  assert.equal(immediate('aarch64.imm12', 0x91000000, 5), 0x91001400); // add x0, x0, #5
  assert.equal(immediate('aarch64.imm12_scaled8', 0xf9400000, 320), 0xf940a000); // ldr x0, [x0, #320]
});

test('an earlier value is overwritten', () => {
  assert.equal(immediate('aarch64.imm12', 0x913ffc00, 5), 0x91001400);
});

const refused: [string, () => void][] = [
  ['a branch beyond 1 MiB', () => address('aarch64.branch19', 0x54000000, 1 << 20, 0)],
  ['a branch beyond 32 KiB', () => address('aarch64.branch14', 0x36000000, 1 << 15, 0)],
  ['a call beyond 128 MiB', () => address('aarch64.branch26', 0x14000000, 1 << 27, 0)],
  ['an odd distance', () => address('aarch64.branch26', 0x14000000, 2, 0)],
  ['a distance beyond 2 GiB', () => address('x86_64.rel32', 0, 2 ** 31, 0)],
  ['a short jump beyond 127 bytes', () => address('x86_64.rel8', 0, 128, 0)],
  ['an immediate beyond 32 bits', () => immediate('x86_64.abs32', 0, 2 ** 32)],
  ['a large immediate in one movz', () => immediate('aarch64.movw_g0', 0x52800000, 0x10000)],
  ['a negative immediate in one movz', () => immediate('aarch64.movw_g0', 0x52800000, -1)],
  ['a large immediate of an addition', () => immediate('aarch64.imm12', 0x91000000, 4096)],
  ['an unaligned spill slot', () => immediate('aarch64.imm12_scaled8', 0xf9400000, 12)],
  ['a number where an address belongs', () => immediate('aarch64.branch26', 0x14000000, 4)],
  ['an address where a number belongs', () => address('x86_64.abs32', 0, 4, 0)],
];
for (const [name, run] of refused) test(`refused: ${name}`, () => assert.throws(run, InvariantError));
