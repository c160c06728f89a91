import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeInfo, Layout } from '#protocol/request.ts';
import { Bailout } from '#support/bailout.ts';
import { decodeCode, type BytecodeInstruction } from './decode.ts';
import { parseExceptionTable } from './exception-table.ts';
import { opcodeTable } from './opcodes.ts';

function decode(layout: Layout, ...units: [string, number][]): readonly BytecodeInstruction[] {
  const numbers = new Map(opcodeTable(layout).flatMap((o, n) => (o ? [[o.form, n] as const] : [])));
  const code = Uint8Array.from(units.flatMap(([name, arg]) => [numbers.get(name) ?? 255, arg]));
  return decodeCode({ code } as CodeInfo, layout).instructions;
}

const refusedAs = (code: string) => (e: unknown): boolean => e instanceof Bailout && e.code === code;

test('arguments of EXTENDED_ARG are folded and the instruction starts at the prefix', () => {
  const [i] = decode(311, ['EXTENDED_ARG_QUICK', 1], ['EXTENDED_ARG', 2], ['LOAD_CONST', 3], ['NOP', 0]);
  assert.deepEqual([i!.offset, i!.opcodeOffset, i!.end, i!.arg], [0, 2, 3, 0x010203]);
});

test('specialised forms keep their name, base and cache words', () => {
  const [i, next] = decode(314, ['BINARY_OP_ADD_INT', 0], ['CACHE', 1], ['CACHE', 2], ['CACHE', 0], ['CACHE', 0], ['CACHE', 0], ['NOP', 0]);
  assert.equal(i!.name, 'BINARY_OP');
  assert.equal(i!.form, 'BINARY_OP_ADD_INT');
  assert.deepEqual(i!.cache.slice(0, 2), [0x0100, 0x0200]);
  assert.equal(next!.offset, 6);
});

test('a quickened pair of 3.11 is its first instruction; the second stands as it was', () => {
  const [a, b] = decode(311, ['LOAD_FAST__LOAD_CONST', 1], ['LOAD_CONST', 2]);
  assert.deepEqual([a!.name, a!.arg, b!.name, b!.arg], ['LOAD_FAST', 1, 'LOAD_CONST', 2]);
});

test('jump targets', () => {
  const old = decode(311, ['NOP', 0], ['FOR_ITER', 1], ['JUMP_BACKWARD_QUICK', 2], ['RETURN_VALUE', 0]);
  assert.deepEqual(old.map((i) => i.target), [undefined, 3, 1, undefined]);
  // 3.14: one cache unit each, and FOR_ITER skips the END_FOR at its target.
  const recent = decode(314, ['FOR_ITER_RANGE', 2], ['CACHE', 0], ['JUMP_BACKWARD_NO_JIT', 4], ['CACHE', 0], ['END_FOR', 0], ['POP_ITER', 0]);
  assert.deepEqual(recent.map((i) => i.target), [5, 0, undefined, undefined]);
});

test('code that is traced, taken by another compiler or damaged is refused', () => {
  assert.throws(() => decode(314, ['INSTRUMENTED_CALL', 0], ['CACHE', 0], ['CACHE', 0], ['CACHE', 0]), refusedAs('instrumented'));
  assert.throws(() => decode(314, ['ENTER_EXECUTOR', 0]), refusedAs('executor'));
  assert.throws(() => decode(311, ['no such opcode', 0]), refusedAs('unknown-opcode'));
  assert.throws(() => decode(314, ['BINARY_OP', 0], ['CACHE', 0]), refusedAs('malformed-code'));
  assert.throws(() => decode(311, ['JUMP_FORWARD', 9]), refusedAs('malformed-code'));
  assert.throws(() => decode(311, ['EXTENDED_ARG', 9]), refusedAs('malformed-code'));
});

test('exception table', () => {
  // Start 4, length 70 (two bytes), handler 9, depth 2 with lasti.
  assert.deepEqual(parseExceptionTable(Uint8Array.of(0x84, 0x41, 0x06, 0x09, 0x05)), [{ start: 4, end: 74, handler: 9, depth: 2, pushesLasti: true }]);
  assert.throws(() => parseExceptionTable(Uint8Array.of(0x84, 0x41)), refusedAs('malformed-code'));
});
