import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '#ir/parse.ts';
import { print } from '#ir/print.ts';
import { verify } from '#ir/verify.ts';
import type { ObjectInfo } from '#protocol/request.ts';
import { insertReferenceCounts } from '../insert-reference-counts.ts';
import { verifyReferences } from '../verify-references.ts';
import { specializeTypes } from './specialize-types.ts';
import { testProfile, type TestProfile } from './test-profile.ts';

const base = { type: -1, address: 0n };
const objects: ObjectInfo[] = [
  { ...base, kind: 'none' },
  { ...base, kind: 'builtin', name: 'len', module: 'builtins', self: -1, flags: 0, method: -1 },
  { ...base, kind: 'builtin', name: 'sqrt', module: 'math', self: -1, flags: 0, method: -1 },
  { ...base, kind: 'type', name: 'list', version: 5, flags: 0, basicsize: 40, isPlainClass: false, methods: new Map() },
  { ...base, kind: 'method_descriptor', name: 'append', owner: 3, flags: 0 },
  { ...base, kind: 'int', value: 0x7fffffffn },
  { ...base, kind: 'str', value: 'name' },
  { ...base, kind: 'builtin', name: 'min', module: 'builtins', self: -1, flags: 0, method: -1 },
  { ...base, kind: 'float', value: 0.5 },
  { ...base, kind: 'object', item: -1 },
];

/** Specialises, counts, and checks both; returns the text after each step. */
function compile(body: string, profile: TestProfile): { typed: string; counted: string; unsupported: string[]; pythonCalls: number } {
  const fn = parse(`function "test" {\n${body}\n}`);
  assert.deepEqual(verify(fn), []);
  const result = specializeTypes(fn, testProfile({ objects, ...profile }));
  const typed = print(fn);
  assert.deepEqual(verify(fn, { typed: true }), [], typed);
  insertReferenceCounts(fn);
  const counted = print(fn);
  assert.deepEqual(verify(fn, { typed: true }), [], counted);
  assert.deepEqual(verifyReferences(fn), [], counted);
  return { typed, counted, ...result };
}

const SUM = `
block0():
  v0:py = py.local 0
  v1:py = py.local 1
  v2:py = py.take_stack 0
  jump block1(v0, v1)
block1(v3:py, v4:py) loop:
  for_iter v2, block2(v3, v4), block3() @0:10 locals(v3, v4) stack(v2) #0:10
block2(v5:py, v6:py, v7:py):
  py.set_local v5, 1 @0:12 locals(v6, v7) stack(v2, v5) #0:12
  v8:py = py.binary v6, v5, "iadd" @0:14 locals(v6, v5) stack(v2, v6, v5) #0:14
  py.set_local v8, 0 @0:16 locals(v6, v5) stack(v2, v8) #0:16
  py.safepoint @0:10 locals(v8, v5) stack(v2) #0:18
  jump block1(v8, v5)
block3():
  exit return "return" @0:20 locals(v3, v4) stack(v3) #0:20`;

test('a sum over a range stays in registers', () => {
  const { typed, counted } = compile(SUM, {
    specializations: { 10: 'FOR_ITER_RANGE', 14: 'BINARY_OP_ADD_INT' }, locals: { 0: 'int', 1: 'int' },
  });
  assert.match(typed, /block1\(v\d+:int, v\d+:int\) loop/);
  assert.match(typed, /int\.add/);
  assert.doesNotMatch(typed, / box|home\.store/);
  assert.match(counted, /stack\.take/);
});

test('a sum over a list of floats unboxes each item and releases it', () => {
  const { typed, counted } = compile(SUM, {
    specializations: { 10: 'FOR_ITER_LIST', 14: 'BINARY_OP_ADD_FLOAT' }, locals: { 0: 'float', 1: 'float' },
  });
  assert.match(typed, /unbox\.float v\d+ @0:12/);
  assert.match(counted, /float\.add/);
  assert.match(counted, /decref_number/);
  assert.doesNotMatch(counted, / box\.float/);
});

test('a loop over any iterator publishes the frame first', () => {
  const { counted } = compile(SUM, { specializations: { 14: 'BINARY_OP_ADD_INT' }, locals: { 0: 'int', 1: 'int' } });
  assert.match(counted, /frame\.position 10[^]*home\.store v\d+, 0[^]*call\.o_o v\d+, armature_iter_next/);
  assert.match(counted, /armature_iter_error/);
});

test('an unbound loop variable is boxed into its home on the back edge', () => {
  const { counted } = compile(SUM, {
    specializations: { 10: 'FOR_ITER_RANGE', 14: 'BINARY_OP_ADD_INT' }, locals: { 0: 'int', 1: 'NULL' },
  });
  assert.match(counted, /obj\.is_null/);
  assert.match(counted, /box\.int[^]*home\.store v\d+, 1/);
});

test('an addition of unknown objects calls out and keeps the result in its home', () => {
  const { counted, unsupported } = compile(SUM, {
    specializations: { 10: 'FOR_ITER_LIST' }, locals: { 0: 'list', 1: 'list' },
  });
  assert.deepEqual(unsupported, []);
  assert.match(counted, /PyNumber_InPlaceAdd/);
  assert.match(counted, /home\.store v\d+, 0/);
});

const MASKED = `
block0():
  v0:py = py.local 0
  v1:py = py.local 1
  jump block1(v0)
block1(v2:py) loop:
  v3:py = py.binary v2, v1, "mul" @0:10 locals(v2, v1) stack(v2, v1) #0:10
  v4:py = py.const 5
  v5:py = py.binary v3, v4, "and" @0:14 locals(v2, v1) stack(v3, v4) #0:14
  py.set_local v5, 0 @0:16 locals(v2, v1) stack(v5) #0:16
  py.safepoint @0:10 locals(v5, v1) #0:18
  jump block1(v5)`;

test('a product of which only low bits are used wraps', () => {
  const { typed } = compile(MASKED, { specializations: { 10: 'BINARY_OP_MULTIPLY_INT' }, locals: { 0: 'int', 1: 'int' } });
  assert.match(typed, /int\.mul_wrap/);
});

test('a product that overflowed and may not wrap becomes an object', () => {
  const { typed } = compile(MASKED.replace('v5:py = py.binary v3, v4, "and"', 'v5:py = py.binary v3, v4, "floordiv"'), {
    specializations: { 10: 'BINARY_OP_MULTIPLY_INT' }, locals: { 0: 'int', 1: 'int' },
    failures: { 10: [{ reason: 'int.mul', observed: '' }] },
  });
  assert.match(typed, /PyNumber_Multiply/);
  assert.match(typed, /PyNumber_FloorDivide/);
  assert.doesNotMatch(typed, /frame\.position/);
});

const LISTS = `
block0():
  v0:py = py.local 0
  v1:py = py.local 1
  v2:py = py.local 2
  jump block1(v1)
block1(v3:py) loop:
  v4:py = py.subscript v0, v3 @0:10 locals(v0, v3, v2) stack(v0, v3) #0:10
  v5:py = py.subscript v4, v3 @0:12 locals(v0, v3, v2) stack(v4, v3) #0:12
  v6:py = py.binary v5, v2, "mul" @0:14 locals(v0, v3, v2) stack(v5, v2) #0:14
  py.store_subscript v4, v3, v6 @0:16 locals(v0, v3, v2) stack(v6, v4, v3) #0:16
  v7:py = py.int 1
  v8:py = py.binary v3, v7, "iadd" @0:18 locals(v0, v3, v2) stack(v3, v7) #0:18
  py.set_local v8, 1 @0:20 locals(v0, v3, v2) stack(v8) #0:20
  py.safepoint @0:10 locals(v0, v8, v2) #0:22
  jump block1(v8)`;
const LIST_SPECIALIZATIONS = {
  10: 'BINARY_SUBSCR_LIST_INT', 12: 'BINARY_SUBSCR_LIST_INT', 14: 'BINARY_OP_MULTIPLY_FLOAT', 16: 'STORE_SUBSCR_LIST_INT', 18: 'BINARY_OP_ADD_INT',
};

test('items of lists are borrowed, numbers are stored in place', () => {
  const { counted } = compile(LISTS, { specializations: LIST_SPECIALIZATIONS, locals: { 0: 'list', 1: 'int', 2: 'float' } });
  assert.match(counted, /list\.store_float/);
  assert.doesNotMatch(counted, /incref| box/);
});

test('a list whose old items are no floats gets new floats; its row is kept alive', () => {
  const { counted } = compile(LISTS, {
    specializations: LIST_SPECIALIZATIONS, locals: { 0: 'list', 1: 'int', 2: 'float' },
    failures: { 16: [{ reason: 'list.store_float', observed: 'NoneType' }] },
  });
  assert.match(counted, /incref[^]*list\.store v[^]*decref /);
});

const BOOLS = LISTS.replace('"mul"', 'OPERATOR').replace('py.store_subscript v4, v3, v6', 'py.set_local v6, 2');
const BOOL_SEEN = { locals: { 0: 'list', 1: 'int', 2: 'int' }, specializations: LIST_SPECIALIZATIONS, failures: { 14: [{ reason: 'unbox.int', observed: 'bool' }] } };

test('an operand that was a bool among ints may be either, and stays the object that it is', () => {
  const { typed } = compile(BOOLS.replace('OPERATOR', '"mul"'), BOOL_SEEN);
  assert.match(typed, /v(\d+):obj = list\.item[^]*unbox\.integer v\1 @0:14[^]*int\.mul/);
  assert.doesNotMatch(typed, /unbox\.int v\d+ @0:14/);
});

test('a logical operation of what may be two bools makes no int of them', () => {
  const twice = BOOLS.replace('OPERATOR', '"and"').replace('v5, v2, "and"', 'v5, v5, "and"').replace('stack(v5, v2)', 'stack(v5, v5)');
  const both = [...BOOL_SEEN.failures[14], { reason: 'unbox.bool', observed: 'int' }];
  assert.match(compile(twice, { ...BOOL_SEEN, failures: { 14: both } }).typed, /PyNumber_And/);
  assert.match(compile(BOOLS.replace('OPERATOR', '"and"'), { ...BOOL_SEEN, failures: { 14: both } }).typed, /unbox\.integer[^]*int\.and/);
});

/** `x = rows[i][i]; y = rows[i]; x * y[0]` with objects on both sides. */
const MIXED_LOOP = BOOLS.replace('py.binary v5, v2, OPERATOR', 'py.binary v5, v5, "mul"').replace('stack(v5, v2)', 'stack(v5, v5)')
  .replace('v6:py =', 'py.set_local v5, 2 @0:13 locals(v0, v3, v2) stack(v5, v5) #0:13\n  v6:py =');
const MIXED = { locals: { 0: 'list', 1: 'int', 2: 'float' }, specializations: { 10: 'BINARY_SUBSCR_LIST_INT', 12: 'BINARY_SUBSCR_LIST_INT', 18: 'BINARY_OP_ADD_INT' } };

test('what is assigned to a local is expected to have its type; the other operand may be an int or a float', () => {
  const { typed } = compile(MIXED_LOOP, MIXED);
  assert.match(typed, /unbox\.float v\d+ @0:12[^]*float\.mul/);
  assert.doesNotMatch(typed, /unbox\.int v\d+ @0:1/);
});

test('when the expected float was an int, the other operand is taken to be the float', () => {
  const pair = MIXED_LOOP.replace('py.binary v5, v5, "mul" @0:14 locals(v0, v3, v2) stack(v5, v5)', 'py.binary v5, v20, "mul" @0:14 locals(v0, v3, v2) stack(v5, v20)')
    .replace('v6:py =', 'v20:py = py.subscript v4, v3 @0:13 locals(v0, v3, v2) stack(v4, v3) #0:13\n  v6:py =');
  const { typed } = compile(pair, { ...MIXED, failures: { 12: [{ reason: 'unbox.float', observed: 'int' }], 14: [{ reason: 'unbox.float', observed: 'int' }] } });
  assert.match(typed, /unbox\.float v\d+ @0:13[^]*unbox\.real v\d+ @0:14[^]*float\.mul/);
});

test('what was an int as well as a float goes through CPython, and runs no Python code', () => {
  const both = [{ reason: 'unbox.float', observed: 'int' }, { reason: 'unbox.int', observed: 'float' }];
  assert.match(compile(MIXED_LOOP, { ...MIXED, failures: { 12: both } }).typed, /unbox\.real (v\d+) @0:14[^]*PyNumber_Multiply/);
  const other = [...both, { reason: 'unbox.real', observed: 'Fraction' }];
  assert.doesNotMatch(compile(MIXED_LOOP, { ...MIXED, failures: { 14: other } }).typed, /unbox\.real/);
});

test('a number that was of another type where it is made has that type from then on', () => {
  const { typed } = compile(MIXED_LOOP, { ...MIXED, failures: { 12: [{ reason: 'unbox.float', observed: 'int' }] } });
  assert.match(typed, /unbox\.int v\d+ @0:12[^]*int\.mul/);
});

const ATTRIBUTES = `
block0():
  v0:py = py.local 0
  jump block1()
block1() loop:
  v1:py = py.attribute v0, 0 @0:10 locals(v0) stack(v0) #0:10
  v2:py = py.const 8
  v3:py = py.binary v1, v2, "add" @0:12 locals(v0) stack(v1, v2) #0:12
  py.store_attribute v0, v3, 0 @0:14 locals(v0) stack(v3, v0) #0:14
  py.safepoint @0:10 locals(v0) #0:16
  jump block1()`;

test('instance attributes are loaded from and stored to their place', () => {
  const profile: TestProfile = {
    specializations: { 10: 'LOAD_ATTR_INSTANCE_VALUE', 12: 'BINARY_OP_ADD_FLOAT', 14: 'STORE_ATTR_INSTANCE_VALUE' },
    caches: { 10: { typeVersion: 77, index: 24 }, 14: { typeVersion: 77, index: 24 } }, locals: { 0: 'Point' }, names: ['name'],
  };
  assert.match(compile(ATTRIBUTES, profile).counted, /field\.load v\d+, 24[^]*field\.store_float v\d+, v\d+, 24/);
  const older = compile(ATTRIBUTES, { ...profile, layout: 311, caches: { 10: { typeVersion: 77, index: 1 }, 14: { typeVersion: 77, index: 1 } } });
  assert.match(older.counted, /values\.load v\d+, 1[^]*values\.store_float v\d+, v\d+, 1/);
});

test('unspecialised attributes go through the object protocol', () => {
  const { counted } = compile(ATTRIBUTES, {
    locals: { 0: 'Point' }, names: ['name'], failures: { 12: [{ reason: 'unbox.int', observed: 'Fraction' }] },
  });
  assert.match(counted, /PyObject_GetAttr[^]*PyNumber_Add[^]*PyObject_SetAttr/);
  assert.match(counted, /check\.tracing @0:12/);
});

const CALLS = `
block0():
  v0:py = py.local 0
  v1:py = py.local 1
  jump block1(v1)
block1(v2:py) loop:
  v3:py = py.const CALLEE
  v4:py = py.call v3, v0 @0:10 locals(v0, v2) stack(null, v3, v0) #0:10
  py.set_local v4, 1 @0:14 locals(v0, v2) stack(v4) #0:14
  py.safepoint @0:10 locals(v0, v4) #0:16
  jump block1(v4)`;

test('known builtins are inlined', () => {
  assert.match(compile(CALLS.replace('CALLEE', '1'), { locals: { 0: 'list', 1: 'int' } }).counted, /list\.length/);
  assert.match(compile(CALLS.replace('CALLEE', '2'), { locals: { 0: 'float', 1: 'float' } }).counted, /float\.sqrt/);
});

test('len of an unknown object is a call', () => {
  const { counted } = compile(CALLS.replace('CALLEE', '1'), { locals: { 0: 'Thing', 1: 'int' } });
  assert.match(counted, /call\.vector 1, -1/);
});

test('an unknown callable is called with its arguments and counted', () => {
  const { counted, pythonCalls } = compile(CALLS.replace('CALLEE', '9'), { locals: { 0: 'float', 1: 'Thing' } });
  assert.equal(pythonCalls, 1);
  assert.match(counted, /arg\.store[^]*call\.vector 1, -1[^]*check\.error v\d+ @0:10/);
});

test('min of two floats follows the rules of builtins.min', () => {
  const body = CALLS.replace('CALLEE', '7').replace('py.call v3, v0', 'py.call v3, v0, v2').replace('stack(null, v3, v0)', 'stack(null, v3, v0, v2)');
  assert.match(compile(body, { locals: { 0: 'float', 1: 'float' } }).counted, /float\.lt/);
});

test('a call that may run Python code is not possible in an inlined frame', () => {
  const state = '@0:10 stack(null, v3, v0) function 9 caller{@0:4 locals(v0, v2)}';
  const body = CALLS.replace('CALLEE', '9').replace('@0:10 locals(v0, v2) stack(null, v3, v0)', state);
  const { unsupported } = compile(body, { locals: { 0: 'float', 1: 'Thing' } });
  assert.deepEqual(unsupported, ['opaque-call-in-inlined-frame']);
});
