import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '#ir/parse.ts';
import { print } from '#ir/print.ts';
import { verify } from '#ir/verify.ts';
import { insertReferenceCounts } from './insert-reference-counts.ts';
import { verifyReferences } from './verify-references.ts';

function counted(body: string): string {
  const fn = parse(`function "test" {\n${body}\n}`);
  assert.deepEqual(verify(fn, { typed: true }), []);
  insertReferenceCounts(fn);
  const text = print(fn);
  assert.deepEqual(verify(fn, { typed: true }), [], text);
  assert.deepEqual(verifyReferences(fn), [], text);
  return text;
}

const lines = (text: string, pattern: RegExp): number => text.split('\n').filter((l) => pattern.test(l)).length;

test('a stored result moves into its home', () => {
  const text = counted(`
block0():
  v0:obj = home.load 0
  v1:obj = call.o_o v0, f
  check.error v1 @0:1 locals(v0, home)
  home.store v1, 1
  exit return "return" @0:2 locals(v0, v1) stack(v1)`);
  assert.equal(lines(text, /incref|decref/), 0);
  assert.match(text, /exit return "return" @0:2 locals\(home\*2\) stack\(v1\)$/m);
});

test('the result that is the number of a local stays the object that the local is', () => {
  const text = counted(`
block0():
  v0:obj = home.load 0
  v1:obj = home.load 1
  guard.bound v0 @0:0
  guard.bound v1 @0:0
  v2:int = unbox.int v0 @0:0
  v3:int = unbox.int v1 @0:0
  exit return "return" @0:2 locals(v2, v3) stack(v2)`);
  // An exit finds the object of v2 in the home of the local listed with it; of v3 nothing else is made.
  assert.match(text, /exit return "return" @0:2 locals\(v2, home\) stack\(v2\)$/m);
});

test('a value read from a home that is overwritten is kept alive', () => {
  const text = counted(`
block0():
  v0:obj = home.load 0
  v1:obj = home.load 1
  guard.bound v0 @0:0
  guard.bound v1 @0:0
  home.store v1, 0
  v2:obj = call.o_o v0, f
  check.error v2 @0:1 locals(v1, v1)
  exit return "return" @0:2 locals(v1, v1) stack(v2)`);
  assert.match(text, /incref v0\n  incref v1\n  home\.store v1, 0|incref v1\n  incref v0\n  home\.store v1, 0/);
  assert.equal(lines(text, /decref v0/), 1);
});

test('a constant gets a reference where one is taken over', () => {
  const text = counted(`
block0():
  v0:obj = const.obj 3
  v1:obj = home.load 0
  v2:int = const.int 0
  list.store v1, v2, v0 @0:1 locals(v1)
  exit return "return" @0:2 locals(v1) stack(v0)`);
  assert.match(text, /incref v0\n  list\.store v1, v2, v0 @0:1 locals\(home\) owned\(v0\)/);
  assert.equal(lines(text, /incref/), 1);
});

test('a borrowed item used after a call is owned, and released', () => {
  const text = counted(`
block0():
  v0:obj = home.load 0
  v1:int = const.int 0
  v2:obj = list.item v0, v1 @0:1 locals(v0)
  v3:obj = call.o_o v0, f
  check.error v3 @0:1 locals(v0)
  v4:bool = obj.is v2, v3
  guard.true v4 @0:2 locals(v0)
  exit deopt "end" @0:3 locals(v0)`);
  assert.match(text, /list\.item[^\n]*\n  incref v2/);
  assert.equal(lines(text, /decref v2/), 1);
  assert.equal(lines(text, /decref v3/), 1);
});

test('an item borrowed from an object that dies at once is owned first', () => {
  const text = counted(`
block0():
  v0:obj = home.load 0
  v1:int = const.int 0
  v2:obj = call.o_o v0, f
  check.error v2 @0:1 locals(v0)
  v3:obj = list.item v2, v1 @0:2 locals(v0)
  v4:obj = field.load v3, 16 @0:3 locals(v0)
  guard.is v4, 2 @0:4 locals(v0)
  exit deopt "end" @0:5 locals(v0)`);
  assert.match(text, /v3:obj = list\.item[^\n]*\n  incref v3\n  decref v2/);
});

test('a value that lives on one side of a branch dies on the other', () => {
  const text = counted(`
block0():
  v0:obj = stack.take 0
  v1:obj = home.load 0
  v2:bool = obj.is v0, v1
  branch v2, block1(), block2()
block1():
  exit return "return" @0:1 locals(v1) stack(v0)
block2():
  exit deopt "other" @0:2 locals(v1)`);
  assert.match(text, /block2\(\):\n  decref v0/);
});

test('the result of a call that may be NULL is released only where it is not', () => {
  const text = counted(`
block0():
  v0:obj = home.load 0
  v1:obj = call.o_o v0, armature_iter_next
  v2:bool = obj.is_null v1
  branch v2, block1(), block2()
block1():
  exit deopt "end" @0:1 locals(v0)
block2():
  exit deopt "other" @0:2 locals(v0)`);
  assert.match(text, /block1\(\):\n  exit/);
  assert.match(text, /block2\(\):\n  decref v1/);
});

test('parameters on the operand stack own a reference; constants and homes give one on the edge', () => {
  const text = counted(`
block0():
  v0:obj = home.load 0
  guard.bound v0 @0:0
  v1:bool = obj.is_const v0, 1
  branch v1, block1(), block2()
block1():
  v2:obj = const.obj 4
  jump block3(v2)
block2():
  jump block3(v0)
block3(v3:obj):
  exit return "return" @0:2 locals(v0) stack(v3)`);
  assert.equal(lines(text, /incref/), 2);
  assert.match(text, /owned\(v3\)/);
});

test('an exchange of locals in a loop keeps both alive', () => {
  counted(`
block0():
  v0:obj = home.load 0
  v1:obj = home.load 1
  jump block1(v0, v1)
block1(v2:obj, v3:obj) loop:
  home.store v3, 0
  home.store v2, 1
  safepoint @0:1 locals(v3, v2)
  jump block1(v3, v2)`);
});

test('nothing happens to numbers', () => {
  const body = `
block0():
  v0:int = const.int 1
  jump block1(v0)
block1(v1:int) loop:
  v2:int = int.add v1, v0 @0:1 locals(v1)
  jump block1(v2)`;
  assert.doesNotMatch(counted(body), /ref/);
});

const wrong = (body: string): string[] => verifyReferences(parse(`function "test" {\n${body}\n}`));

test('the verifier finds a leak, a double release, a use after release and a forgotten exit', () => {
  const begin = '\nblock0():\n  v0:obj = stack.take 0\n';
  const end = '  exit deopt "end" @0:1\n';
  assert.match(wrong(`${begin}${end}`).join(), /v0 has 1 references, 0 listed/);
  assert.match(wrong(`${begin}  decref v0\n  decref v0\n${end}`).join(), /no reference to give/);
  assert.match(wrong(`${begin}  decref v0\n  v1:bool = obj.is v0, v0\n${end}`).join(), /may be gone/);
  assert.match(wrong(`${begin}  safepoint @0:1\n  decref v0\n${end}`).join(), /exit: v0 has 1 references/);
});

test('what was borrowed becomes owned on an edge of its own', () => {
  const text = counted(`
block0():
  v0:obj = home.load 0
  v1:int = const.int 7
  v2:obj = dict.entry 3, 4 @0:1 locals(v0)
  v3:int = const.int 0
  compare_branch int.eq v1, v3, block1(), block2(v2)
block1():
  v4:obj = call.o_o v0, f
  check.error v4 @0:2 locals(v0)
  jump block2(v4)
block2(v5:obj):
  exit return "return" @0:2 locals(v0) stack(v5)`);
  assert.equal(lines(text, /incref v2/), 1);
});
