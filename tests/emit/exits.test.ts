import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BODY_OF_HEAD, exitHeadLength } from '#protocol/exit-words.ts';
import { readUnit } from '#protocol/read-unit.ts';
import type { ExitRecord, Location, Unit } from '#protocol/unit.ts';
import { writeUnit } from '#protocol/write-unit.ts';
import { emit, stencilTable } from './check-function.ts';

const table = stencilTable('x86_64');

const text = (l: Location): string => `${l.kind}${l.kind.startsWith('register') || l.kind.startsWith('spill') ? '' : ` ${l.index}`}${l.incref ? ' +1' : ''}`;
const shape = (exit: ExitRecord): object => ({
  locals: exit.frames.map((f) => f.locals.map((l) => `${l.slot}: ${text(l.location)}`)),
  stack: exit.frames.map((f) => f.stack.map(text)),
  drops: exit.drops.map(text),
});

const unitFrom = (source: string): Unit => readUnit(writeUnit(emit(source, table)));

function onlyExit(body: string): ExitRecord {
  const unit = unitFrom(`function "f" {\nblock0():\n${body}\n}`);
  assert.equal(unit.exits.length, 1);
  return unit.exits[0]!;
}

test('an owned reference is taken over by its first occurrence, the others add one', () => {
  const exit = onlyExit(`  v0:obj = stack.take 0
  exit deopt "x" @0:5 locals(v0, v0) stack(v0) owned(v0)`);
  assert.deepEqual(shape(exit), { locals: [['0: register_obj', '1: register_obj +1']], stack: [['register_obj +1']], drops: [] });
});

test('two owned references serve two occurrences', () => {
  const exit = onlyExit(`  v0:obj = stack.take 0
  exit deopt "x" @0:5 locals(v0) stack(v0) owned(v0, v0)`);
  assert.deepEqual(shape(exit), { locals: [['0: register_obj']], stack: [['register_obj']], drops: [] });
});

test('a borrowed value adds a reference, an owned one in no slot is dropped', () => {
  const exit = onlyExit(`  v0:obj = stack.take 0
  v1:obj = home.load 1
  exit deopt "x" @0:5 locals(v1) owned(v0)`);
  assert.deepEqual(shape(exit), { locals: [['0: register_obj +1']], stack: [[]], drops: ['register_obj'] });
});

test('the outermost frame takes references over before the inlined one', () => {
  const exit = onlyExit(`  v0:obj = stack.take 0
  exit deopt "x" @1:5 locals(v0) function 3 caller{@0:9 locals(home, v0) stack(null)} owned(v0)`);
  assert.deepEqual(shape(exit), {
    locals: [['1: register_obj'], ['0: register_obj +1']], stack: [['null 0'], []], drops: [],
  });
  assert.deepEqual(exit.frames.map((f) => [f.code, f.offset, f.functionObject]), [[0, 9, -1], [1, 5, 3]]);
});

test('constants are literals and objects, equal ones once', () => {
  const unit = unitFrom(`function "f" {
block0():
  v0:int = const.int -1
  v1:float = const.float -0
  v2:bool = const.bool 1
  v3:obj = const.obj 7
  v4:int = const.int -1
  exit return "x" @0:5 locals(home, null) stack(v0, v1, v2, v3, v4)
}`);
  assert.deepEqual(shape(unit.exits[0]!), {
    locals: [['1: null 0']], stack: [['literal_int 0', 'literal_float 1', 'literal_bool 2', 'object 7 +1', 'literal_int 0']], drops: [],
  });
  assert.deepEqual(unit.literals, [0xffffffffffffffffn, 0x8000000000000000n, 1n]);
});

test('exits that agree in everything are one', () => {
  const unit = unitFrom(`function "f" {
block0():
  v0:obj = home.load 0
  guard.type v0, 4 @0:5 stack(v0)
  guard.type v0, 4 @0:5 stack(v0)
  guard.type v0, 4 @0:6 stack(v0)
  exit return "x" @0:7
}`);
  assert.equal(unit.exits.length, 3);
  assert.deepEqual(unit.reasons.map((r) => `${r.exit} ${r.reason} ${r.code}:${r.offset}`), ['0 guard.type 0:5', '1 guard.type 0:6', '2 x 0:7']);
});

test('exits that rebuild the same have one body, wherever they are', () => {
  const { heads, bodies } = emit(`function "f" {
block0():
  v0:obj = home.load 0
  guard.type v0, 4 @0:5 stack(v0)
  guard.type v0, 5 @0:6 stack(null)
  guard.bound v0 @0:7 stack(v0)
  exit return "x" @0:5 stack(v0)
}`, table).exits;
  const bodyOf = (exit: number): number => heads[exit * exitHeadLength + BODY_OF_HEAD]!;
  assert.equal(heads.length, 4 * exitHeadLength);
  assert.ok(bodyOf(0) === bodyOf(3) && bodyOf(1) > bodyOf(0) && bodyOf(1) < bodies.length);
  // The position is one of the frame's: another one is another body.
  assert.ok(bodyOf(2) > bodyOf(1));
});

test('a guard on an object says where the object is', () => {
  const unit = unitFrom(`function "f" {
block0():
  v0:obj = home.load 0
  v1:int = unbox.int v0 @0:5
  exit return "x" @0:7 stack(v1)
}`);
  assert.equal(unit.exits.find((e) => e.kind === 'deopt')?.watched?.kind, 'register_obj');
  assert.equal(unit.exits.find((e) => e.kind === 'return')?.watched, undefined);
});

test('exit kinds', () => {
  const unit = unitFrom(`function "f" {
block0():
  v0:obj = call.vector 1, -1, 0
  check.error v0 @0:5
  safepoint @0:6 stack(v0) owned(v0)
  exit unsupported "opcode" @0:7 stack(v0) owned(v0)
}`);
  assert.deepEqual(new Set(unit.exits.map((e) => e.kind)), new Set(['exception', 'safepoint', 'unsupported']));
});

test('modes that fail guards leave exceptions alone: there is none to propagate', () => {
  const source = `function "f" {
block0():
  v0:obj = call.vector 1, -1, 0
  check.error v0 @0:5
  exit return "x" @0:7 stack(v0) owned(v0)
}`;
  assert.equal(emit(source, table).guardCount, 0);
});
