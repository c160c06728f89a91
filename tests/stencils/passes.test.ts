import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StencilInstruction } from '#stencils/instructions.ts';
import { invertOverJump } from '#stencils/passes/invert-over-jump.ts';
import type { StencilPass } from '#stencils/passes/pass.ts';
import { removeJumpToNext } from '#stencils/passes/remove-jump-to-next.ts';
import { removeUnreachable } from '#stencils/passes/remove-unreachable.ts';
import { resolveContinue } from '#stencils/passes/resolve-continue.ts';
import { threadJumps } from '#stencils/passes/thread-jumps.ts';
import { aarch64 } from '#stencils/aarch64.ts';
import { saveLinkOnce } from '#stencils/passes/save-link-once.ts';
import { stencilFromFunction } from '#stencils/stencil-from-function.ts';
import { x86_64 } from '#stencils/x86-64.ts';
import { instructionLength } from '#stencils/x86-64-length.ts';

type Target = number | 'CONTINUE' | 'TARGET';
const plain = (byte: number, ends = false): StencilInstruction => ({ kind: 'plain', bytes: Uint8Array.of(byte), holes: [], ends });
const jump = (target: Target): StencilInstruction => ({ kind: 'jump', target });
const branch = (condition: number, target: Target): StencilInstruction => ({ kind: 'branch', condition, target });

function fires(pass: StencilPass, before: StencilInstruction[], after: StencilInstruction[]): void {
  assert.deepEqual(pass(before, x86_64), after);
}
function leavesAlone(pass: StencilPass, code: StencilInstruction[]): void {
  assert.equal(pass(code, x86_64), code);
}

describe('resolve-continue', () => {
  test('jumps to the end', () => fires(resolveContinue, [branch(4, 'CONTINUE'), jump('TARGET'), jump('CONTINUE')], [branch(4, 3), jump('TARGET'), jump(3)]));
  test('nothing to do', () => leavesAlone(resolveContinue, [branch(4, 'TARGET'), plain(1)]));
});

describe('thread-jumps', () => {
  test('through a chain', () => fires(threadJumps, [branch(4, 2), plain(1), jump(3), jump('TARGET')], [branch(4, 'TARGET'), plain(1), jump('TARGET'), jump('TARGET')]));
  test('not through other instructions', () => leavesAlone(threadJumps, [branch(4, 1), plain(1), jump('TARGET')]));
  test('not round a ring', () => {
    const ring = [jump(1), jump(0)];
    assert.equal(threadJumps(ring, x86_64).length, 2);
  });
});

describe('invert-over-jump', () => {
  test('fires', () => fires(invertOverJump, [branch(4, 2), jump('TARGET'), plain(1)], [branch(5, 'TARGET'), plain(1)]));
  test('moves other targets', () => fires(invertOverJump, [branch(4, 2), jump('TARGET'), branch(8, 3)], [branch(5, 'TARGET'), branch(8, 2)]));
  test('not when the jump is a target', () => leavesAlone(invertOverJump, [branch(4, 2), jump('TARGET'), branch(8, 1)]));
  test('not when the branch goes elsewhere', () => leavesAlone(invertOverJump, [branch(4, 3), jump('TARGET'), plain(1), plain(2)]));
});

describe('remove-unreachable', () => {
  test('after a jump', () => fires(removeUnreachable, [jump(2), plain(1), plain(2)], [jump(1), plain(2)]));
  test('after a return', () => fires(removeUnreachable, [plain(1, true), plain(2)], [plain(1, true)]));
  test('keeps targets', () => leavesAlone(removeUnreachable, [branch(4, 2), jump('TARGET'), plain(1)]));
});

describe('remove-jump-to-next', () => {
  test('the final jump', () => fires(removeJumpToNext, [plain(1), jump(2)], [plain(1)]));
  test('others stay', () => leavesAlone(removeJumpToNext, [jump('TARGET'), plain(1)]));
});

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (code: Uint8Array): string => Buffer.from(code).toString('hex');

describe('x86-64', () => {
  test('a guard with the continuation in the middle falls through', () => {
    const stencil = stencilFromFunction({
      name: 'guard', code: bytes('4839c3 7505 e900000000 e900000000'),
      relocations: [{ offset: 6, type: 4, symbol: '_HOLE_CONTINUE', addend: -4 }, { offset: 11, type: 4, symbol: '_HOLE_TARGET', addend: -4 }],
    }, x86_64);
    assert.equal(hex(stencil.code), '4839c30f8500000000');
    assert.deepEqual(stencil.holes, [{ offset: 5, kind: 'x86_64.rel32', symbol: 'TARGET', addend: -4 }]);
  });
  test('internal branches are right after removals', () => {
    const stencil = stencilFromFunction({
      name: 'loop', code: bytes('ffc8 75fc e900000000'), relocations: [{ offset: 5, type: 2, symbol: '_HOLE_CONTINUE', addend: -4 }],
    }, x86_64);
    assert.equal(hex(stencil.code), 'ffc875fc');
  });
  test('a distance that does not fit a short jump', () => {
    const body = Array.from({ length: 200 }, () => plain(0x90));
    const { code } = x86_64.encode([branch(4, 201), ...body]);
    assert.equal(hex(code.subarray(0, 6)), '0f84c8000000');
  });
  test('unknown relocations and symbols are errors', () => {
    const fn = (type: number, symbol: string) => ({ name: 'f', code: bytes('e900000000'), relocations: [{ offset: 1, type, symbol, addend: -4 }] });
    assert.throws(() => stencilFromFunction(fn(9, '_HOLE_CONTINUE'), x86_64), /unknown relocation/);
    assert.throws(() => stencilFromFunction(fn(4, 'memcpy'), x86_64), /no hole/);
    assert.throws(() => stencilFromFunction({ name: 'f', code: bytes('488d0500000000'), relocations: [] }, x86_64), /depends on its place/);
  });
  test('lengths', () => {
    const known = [
      '90', 'c3', '4889f8', '488b4708', '4c8b2d00000000', '49c7c600000000', '41bd00000000', '48b80000000000000080', '488b04c7', '488b04c500000000',
      '4a8b44c710', '4b891cd1', '80780301', '66c7000100', '0fb64005', 'f20f5811', 'f2490f2af5', '66480f6ec0', '0f85fbffffff', '48f7fe', '48f7c1ff000000',
      'f6c101', '48c1e81e', '490fafc6', '410f94c0', '660f2ec1', 'e800000000', 'ff2500000000', '4883f93e', '4881c1fffeffff', '69c088776655', '0f1f440000',
    ];
    for (const k of known) assert.equal(instructionLength(bytes(k + '9090909090909090'), 0).size, k.length / 2, k);
    assert.throws(() => instructionLength(bytes('0f0500000000'), 0), /unknown x86-64 opcode/);
  });
});

describe('AArch64', () => {
  const word = (...words: number[]): Uint8Array => new Uint8Array(Uint32Array.from(words).buffer);
  const toSymbol = (offset: number, symbol: string) => ({ offset, type: 282, symbol, addend: 0 });
  test('b.cond over a jump is turned', () => {
    const { code, holes } = stencilFromFunction({
      name: 'f', code: word(0x54000046, 0x14000000, 0x14000000), relocations: [toSymbol(4, '_HOLE_CONTINUE'), toSymbol(8, '_HOLE_TARGET')],
    }, aarch64);
    assert.deepEqual([hex(code), holes], [hex(word(0x54000006)), [{ offset: 0, kind: 'aarch64.branch19', symbol: 'TARGET', addend: 0 }]]);
  });
  const push = 0xf81f0ffe, pop = 0xf84107fe, call = 0x94000000;
  const withPass = (...words: number[]): string => hex(stencilFromFunction({
    name: 'f', code: word(...words), relocations: [{ offset: words.indexOf(call) * 4, type: 283, symbol: '_HOLE_CALL0', addend: 0 }],
  }, aarch64, 'elf', [saveLinkOnce]).code);
  test('a call does not save the link register when the unit does', () => {
    assert.equal(withPass(push, call, pop), hex(word(call)));
    // A branch to the load of one way goes to what follows it.
    assert.equal(withPass(push, call, 0xb4000060, pop, 0x14000002, pop, 0xd503201f), hex(word(call, 0xd503201f)));
  });
  test('what else is on the stack stays there, with all that goes with it', () => {
    for (const other of [0xa9bf4ff4, 0xd10043ff, 0xf90003e8]) { // stp x20, x19, [sp, #-16]!; sub sp, sp, #16; str x8, [sp]
      assert.equal(withPass(push, other, call, pop), hex(word(push, other, call, pop)));
    }
  });
  test('cbz is turned into cbnz', () => {
    const { code } = stencilFromFunction({
      name: 'f', code: word(0xb4000056, 0x14000000, 0x14000000), relocations: [toSymbol(4, '_HOLE_TARGET'), toSymbol(8, '_HOLE_CONTINUE')],
    }, aarch64);
    assert.equal(hex(code), hex(word(0xb5000016)));
  });
  test('tbz does not reach far: an inverted one goes over a jump', () => {
    const { code, holes } = stencilFromFunction({
      name: 'f', code: word(0x36080056, 0x14000000, 0x14000000), relocations: [toSymbol(4, '_HOLE_CONTINUE'), toSymbol(8, '_HOLE_TARGET')],
    }, aarch64);
    assert.deepEqual([hex(code), holes], [hex(word(0x37080056, 0x14000000)), [{ offset: 4, kind: 'aarch64.branch26', symbol: 'TARGET', addend: 0 }]]);
  });
  test('instructions that depend on their place are errors', () => {
    for (const w of [0x10000000, 0x90000000, 0x58000040, 0x94000002]) {
      assert.throws(() => stencilFromFunction({ name: 'f', code: word(w), relocations: [] }, aarch64), /depends on its place/);
    }
  });
});
