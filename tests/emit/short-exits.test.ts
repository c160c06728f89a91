/** Ways out on x86-64, where up to 62 of them share their second half: each must tell its own number, wherever its group begins and ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompiledUnit } from '#compiler/4-emit/emit-unit.ts';
import { verifyUnit } from '#compiler/4-emit/verify-unit.ts';
import { readUnit } from '#protocol/read-unit.ts';
import { writeUnit } from '#protocol/write-unit.ts';
import { x86_64Effects } from '#stencils/x86-64-effects.ts';
import { defined } from '#support/invariant.ts';
import { emit, stencilTable } from './check-function.ts';

const table = stencilTable('x86_64');

/** So many guards, each with an exit of its own. */
function guards(count: number): CompiledUnit {
  const lines = Array.from({ length: count }, (_, i) => `  guard.bound v0 @0:${i + 1} stack(v0)`);
  return emit(`function "f" {\nblock0():\n  v0:obj = home.load 0\n${lines.join('\n')}\n  exit return "x" @0:${count + 1}\n}`, table, { listing: true });
}

/** What is in EAX when the activation record gets it, following the code from `start`. */
function exitNumber({ code }: CompiledUnit, start: number): number {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  let number = 0x5a5a5a5a;
  for (let at = start; ; ) {
    const { size, flow } = defined(x86_64Effects(code, at), 'instruction');
    if (code[at] === 0xb0) number = (number & ~0xff) | code[at + 1]!; // mov $…, %al
    else if (code[at] === 0xb4) number = (number & ~0xff00) | (code[at + 1]! << 8); // mov $…, %ah
    else if (code[at] === 0xb8) number = view.getInt32(at + 1, true); // mov $…, %eax
    else if (view.getUint32(at, true) << 8 >>> 8 === 0xc0b70f) return number & 0xffff; // movzwl %ax, %eax
    else assert.equal(flow.kind, 'jump', `instruction at ${at}`);
    at += flow.kind === 'jump' ? flow.distance : size;
  }
}

for (const count of [1, 2, 31, 32, 33, 62, 63, 94, 95, 255, 256, 257, 300, 318, 319, 1000]) {
  test(`${count} exits`, () => {
    const unit = guards(count);
    assert.deepEqual(verifyUnit(unit, 'x86_64'), []);
    const { exits } = readUnit(writeUnit(unit));
    const leaving = unit.listing.filter(({ placement }) => placement?.family.name === 'guard.bound').map(({ address, size }) => {
      const flow = defined(x86_64Effects(unit.code, address + size - 6), 'branch').flow;
      assert.ok(flow.kind === 'branch');
      return exits[exitNumber(unit, address + size - 6 + flow.distance)]!.offset;
    });
    assert.deepEqual(leaving, Array.from({ length: count }, (_, i) => i + 1));
  });
}

test('an exit takes 4 bytes, and 62 of them share 7 more', () => {
  const size = (count: number): number => guards(count).codeLength;
  const perExit = (size(62 * 5) - size(62)) / (62 * 4);
  // 6 to 9 bytes of the guard itself
  assert.ok(perExit <= 9 + 4 + 10 / 62, String(perExit));
});
