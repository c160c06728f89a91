/** Constants in AArch64 instructions: every logical immediate there is, every floating-point one, and integers at the edges of each form. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeFloat8, decodeLogical, encodeFloat8, encodeLogical, integerForm } from '#compiler/4-emit/aarch64-constants.ts';
import { logicalImmediate, shortestForm } from '#compiler/4-emit/shortest-form.ts';
import { bitsOfFloat, constantUse } from '#compiler/4-emit/stencil-operands.ts';
import { aarch64Effects } from '#stencils/aarch64-effects.ts';
import { logicalValue } from '../stencils/scalar-reference.ts';
import { checkFunctions, emit, stencilTable } from './check-function.ts';
import { Random } from './random-function.ts';
import { NativeRunner } from './run-units.ts';

const table = stencilTable('aarch64');
const runner = NativeRunner.create('aarch64');
const MASK = 2n ** 64n - 1n;

/** By brute force: a run of ones, shorter than the element, in each rotation, repeated. */
function allLogicalImmediates(): Set<bigint> {
  const found = new Set<bigint>();
  for (let size = 2; size <= 64; size *= 2) {
    for (let run = 1; run < size; run++) {
      for (let rotation = 0; rotation < size; rotation++) {
        const bits = ('0'.repeat(size - run) + '1'.repeat(run)).repeat(2).slice(rotation, rotation + size);
        found.add(BigInt(`0b${bits.repeat(64 / size)}`));
      }
    }
  }
  return found;
}

describe('logical immediates', () => {
  const all = allLogicalImmediates();
  test('there are 5334, and each is encoded so that it is decoded again', () => {
    assert.equal(all.size, 5334);
    for (const value of all) {
      const field = encodeLogical(value) ?? assert.fail(`${value.toString(16)} has no field`);
      assert.ok(field >= 0 && field < 2 ** 13);
      assert.equal(decodeLogical(field), value);
      assert.equal(logicalValue(BigInt(field)), value);
      assert.equal(encodeLogical(BigInt.asIntN(64, value)), field, 'signed or not');
    }
  });
  test('of the 8192 fields those that are not reserved give these values and no others', () => {
    const decoded = new Set<bigint>();
    for (let field = 0; field < 2 ** 13; field++) {
      const value = decodeLogical(field);
      if (value !== undefined) decoded.add(value);
    }
    assert.deepEqual(decoded, all);
  });
  test('other values have no field: neighbours of those that have one, and random ones', () => {
    const random = new Random(11), word = (): bigint => (BigInt(random.below(2 ** 31)) << 33n) ^ (BigInt(random.below(2 ** 31)) << 13n) ^ BigInt(random.below(2 ** 31));
    const others = [0n, MASK, ...[...all].flatMap((x) => [x ^ 1n, x ^ (1n << 63n), x + 1n, x ^ (1n << 31n)]), ...Array.from({ length: 20_000 }, word)];
    for (const value of others) {
      const bits = value & MASK;
      assert.equal(encodeLogical(bits) !== undefined, all.has(bits), bits.toString(16));
    }
  });
});

describe('floating-point immediates', () => {
  test('256 doubles, each of which is encoded so that it is decoded again', () => {
    const all = new Map<bigint, number>();
    for (let n = 16; n < 32; n++) for (let r = -3; r <= 4; r++) for (const sign of [1, -1]) all.set(bitsOfFloat(sign * n / 16 * 2 ** r), 0);
    assert.equal(all.size, 256);
    const fields = new Set([...all.keys()].map((bits) => {
      const field = encodeFloat8(bits) ?? assert.fail(bits.toString(16));
      assert.equal(decodeFloat8(field), bits);
      return field;
    }));
    assert.equal(fields.size, 256);
  });
  test('others have no field', () => {
    const near = [0, -0, 0.1, 32, -32, 31.5, 0.0625, 0.12109375, 1.03125, NaN, Infinity, -Infinity, 5e-324, 1.7e308].map(bitsOfFloat);
    for (const bits of [...near, bitsOfFloat(1) + 1n, bitsOfFloat(2) ^ (1n << 47n), bitsOfFloat(2) ^ (1n << 61n)]) assert.equal(encodeFloat8(bits), undefined, bits.toString(16));
  });
});

/** What the instructions compute, from their fields. */
function valueOf(family: string, [first = 0, second = 0]: readonly number[]): bigint {
  const shift = (field: number): bigint => 16n * BigInt(field >> 16), half = (field: number): bigint => BigInt(field & 0xffff);
  if (family === 'const.logical') return decodeLogical(first)!;
  const placed = half(first) << shift(first), base = family.includes('inverted') ? placed ^ MASK : placed;
  return family.includes('2') ? (base & ~(0xffffn << shift(second))) | (half(second) << shift(second)) : base;
}

const edges = [0n, 1n, -1n, 0xffffn, 0x10000n, 0x10001n, 0xffff_0000n, 0xffff_ffffn, 0x1_0000_0000n, -0x10000n, -0x10001n, -0x8000_0000n, 0x8000_0000n,
  0x7fff_ffff_ffff_ffffn, -0x8000_0000_0000_0000n, 0x1234_0000_0000_0000n, 0x1234_0000_5678_0000n, ~0x1234_0000_5678_0000n, 0xffff_1234_ffff_ffffn,
  0x1234_5678_9abc_0000n, 0x5555_5555_5555_5555n, 0x00ff_00ff_00ff_00ffn, 1103515245n];

test('integers: what the instructions make is the number, and there are no more of them than needed', () => {
  const random = new Random(3);
  const some = Array.from({ length: 3000 }, () => {
    const half = (): bigint => [0n, 0xffffn, BigInt(random.below(65536))][random.below(3)]!;
    return half() | (half() << 16n) | (half() << 32n) | (half() << 48n);
  });
  for (const value of [...edges, ...some]) {
    const bits = BigInt.asUintN(64, value), form = integerForm(value);
    const halves = [0n, 16n, 32n, 48n].map((shift) => (bits >> shift) & 0xffffn);
    const wide = Math.max(1, Math.min(halves.filter((h) => h !== 0n).length, halves.filter((h) => h !== 0xffffn).length));
    const needed = wide > 1 && encodeLogical(bits) !== undefined ? 1 : wide;
    if (needed > 2) {
      assert.equal(form, undefined);
      continue;
    }
    assert.ok(form, bits.toString(16));
    assert.equal(valueOf(form.family, form.fields), bits, bits.toString(16));
    assert.equal(form.fields.length, needed, bits.toString(16));
  }
});

/** Bytes of code, without literals. */
const sizeOf = (text: string): number => {
  const [, immediate = ''] = text.split(' ');
  const isFloat = text.startsWith('const.float');
  const use = constantUse({ op: isFloat ? 'const.float' : 'const.int', args: [], immediates: [isFloat ? Number(immediate) : BigInt(immediate)], result: undefined } as never);
  const form = shortestForm(table, use);
  return form ? form.family.variantAt(0).code.length : 12; // a literal: 4 of code, 8 of data
};

test('sizes', () => {
  const expected: readonly (readonly [string, number])[] = [
    ['const.int 0', 4], ['const.int 65535', 4], ['const.int 65536', 4], ['const.int 1103515245', 8], ['const.int -65536', 4], ['const.int -65537', 4],
    ['const.int -1103515245', 8], ['const.int 4294967295', 4], ['const.int 81985529216486895', 12], ['const.int 9223372036854775807', 4],
    ['const.float 1.5', 4], ['const.float -0.25', 4], ['const.float 0.1', 12], ['const.float 31', 4], ['const.float 33', 12],
  ];
  for (const [text, size] of expected) assert.equal(sizeOf(text), size, text);
});

test('x86-64 has none of these forms', () => {
  const other = stencilTable('x86_64');
  assert.equal(logicalImmediate(other, 'int.and', 255n), undefined);
  assert.equal(shortestForm(other, { family: 'const.int', operands: { immediates: [], calls: [], literals: [{ kind: 'bits', bits: 2n ** 40n }] } }), undefined);
  assert.equal(shortestForm(other, { family: 'const.float', operands: { immediates: [], calls: [], literals: [{ kind: 'bits', bits: bitsOfFloat(1.5) }] } }), undefined);
});

/** Leaves with x op constant, for constants of each form and each operation that takes one. */
function programOf(constants: readonly bigint[]): string {
  const lines = ['function "constants" {', 'block0():', '  v0:int = const.int 6148914691236517205', '  v1:int = int.add_imm_wrap v0, 77'];
  const results = constants.flatMap((constant, i) => {
    const at = 10 + i * 5, signed = BigInt.asIntN(64, constant);
    lines.push(`  v${at}:int = const.int ${signed}`);
    ['and', 'or', 'xor', 'add_wrap'].forEach((op, n) => lines.push(`  v${at + 1 + n}:int = int.${op} v1, v${at}`));
    return [1, 2, 3, 4].map((n) => `v${at + n}`);
  });
  lines.push(`  exit return "return" @0:20 locals(${results.join(', ')}) stack(v1)`, '}');
  return lines.join('\n');
}

test('they are executed', { skip: runner ? false : 'no compiler or emulator for aarch64' }, () => {
  const logical = [...allLogicalImmediates()].filter((_, i) => i % 37 === 0);
  const groups = [edges, ...Array.from({ length: Math.ceil(logical.length / 20) }, (_, i) => logical.slice(i * 20, i * 20 + 20))];
  checkFunctions(new Map(groups.map((group, i) => [`group ${i}`, programOf(group)])), table, runner!, false);
});

test('an operation with a logical immediate is one instruction', () => {
  const unit = emit(programOf([0xff00ff00ff00ff00n]), table, { listing: true });
  for (const op of ['and', 'or', 'xor']) {
    const line = unit.listing.find(({ placement }) => placement?.family.name === `int.${op}.logical`) ?? assert.fail(op);
    assert.equal(line.size, 4);
    assert.notEqual(aarch64Effects(unit.code, line.address), undefined);
  }
});
