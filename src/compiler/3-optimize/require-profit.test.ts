import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '#ir/parse.ts';
import { Bailout } from '#support/bailout.ts';
import { requireProfit } from './require-profit.ts';

/** A loop whose body calls at offset 5; the interpreter has that call in the given form. */
function check(form: string, body: string): void {
  const fn = parse(`function "test" {
block0():
  v0:obj = home.load 0
  v1:int = const.int 0
  jump block1(v1)
block1(v2:int) loop:
  safepoint @0:1 locals(v0, v2)
  v3:obj = call.vector 0, -1, 0 #0:5
${body}
  v9:int = int.add_imm v2, 1 @0:6 locals(v0, v2) #0:6
  jump block1(v9)
}`);
  requireProfit(fn, (origin) => (origin.offset === 5 ? form : 'NOP'));
}

const isRefused = (error: unknown): boolean => error instanceof Bailout && error.code === 'calls-dominate';
const arithmetic = Array.from({ length: 8 }, (_, n) => `  v${10 + n}:int = int.xor v2, v2 #0:${20 + n}`).join('\n');

test('a loop that only calls a Python function is refused', () => {
  for (const form of ['CALL_PY_EXACT_ARGS', 'CALL_BOUND_METHOD_GENERAL', 'CALL_ALLOC_AND_ENTER_INIT', 'CALL_KW_PY']) assert.throws(() => check(form, ''), isRefused);
});

test('a call of a C function is as fast in compiled code', () => check('CALL_BUILTIN_FAST', ''));

test('enough arithmetic pays for a call', () => check('CALL_PY_EXACT_ARGS', arithmetic));

test('a function without loops is not judged', () => {
  const fn = parse('function "test" {\nblock0():\n  v3:obj = call.vector 0, -1, 0 #0:5\n  exit return "return" @0:2 stack(v3)\n}');
  requireProfit(fn, () => 'CALL_PY_EXACT_ARGS');
});
