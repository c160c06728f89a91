/** Patches at the edges of what they reach, and properties of all of them on random values. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldMask, patchAddress, patchImmediate, readDistance } from '#compiler/4-emit/patch.ts';
import { aarch64Effects } from '#stencils/aarch64-effects.ts';
import type { HoleKind } from '#stencils/table.ts';
import { InvariantError } from '#support/invariant.ts';
import { Random } from './random-function.ts';

interface Reach {
  /** Lowest and highest distance, and the step between distances. */
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** An instruction with such a hole. */
  readonly instruction: number;
}

const MiB = 2 ** 20, KiB = 2 ** 10;

const reaches: Partial<Record<HoleKind, Reach>> = {
  'x86_64.rel32': { first: -(2 ** 31), last: 2 ** 31 - 1, step: 1, instruction: 0 },
  'x86_64.rel8': { first: -128, last: 127, step: 1, instruction: 0xeb00 },
  'aarch64.branch26': { first: -128 * MiB, last: 128 * MiB - 4, step: 4, instruction: 0x94000000 },
  'aarch64.branch19': { first: -MiB, last: MiB - 4, step: 4, instruction: 0x54000001 },
  'aarch64.branch14': { first: -32 * KiB, last: 32 * KiB - 4, step: 4, instruction: 0x37280003 },
  'aarch64.literal19': { first: -MiB, last: MiB - 4, step: 4, instruction: 0x58000016 },
};

interface Span {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly instruction: number;
}

/** Numbers an immediate hole takes when it is the only one of its immediate. */
const spans: Partial<Record<HoleKind, Span>> = {
  'x86_64.abs32': { first: -(2 ** 31), last: 2 ** 32 - 1, step: 1, instruction: 0 },
  'x86_64.abs8': { first: 0, last: 255, step: 1, instruction: 0xb000 },
  'aarch64.movw_g0': { first: 0, last: 0xffff, step: 1, instruction: 0x52800008 },
  'aarch64.imm12': { first: 0, last: 4095, step: 1, instruction: 0xb1000108 },
  'aarch64.imm12_scaled8': { first: 0, last: 32760, step: 8, instruction: 0xf9400296 },
};

const viewOf = (word: number): DataView => {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, word, true);
  return view;
};

function addressPatched(kind: HoleKind, instruction: number, place: number, distance: number): DataView {
  const view = viewOf(instruction);
  patchAddress(view, 0, kind, place + distance, place);
  return view;
}

const outside = (word: number, kind: HoleKind): number => (word & ~fieldMask(kind)) >>> 0;

for (const [kind, { first, last, step, instruction }] of Object.entries(reaches) as [HoleKind, Reach][]) {
  describe(kind, () => {
    for (const place of [0, 64 * MiB, 2 ** 40]) {
      test(`from ${place}: the last it reaches and the first it does not, both ways`, () => {
        for (const distance of [first, first + step, -step, 0, step, last - step, last]) {
          assert.equal(readDistance(addressPatched(kind, instruction, place, distance), 0, kind), distance);
        }
        for (const distance of [first - step, last + step]) assert.throws(() => addressPatched(kind, instruction, place, distance), InvariantError, String(distance));
      });
    }
    test('random distances: what is written is read, nothing else changes, a second patch replaces the first', () => {
      const random = new Random(kind.length);
      for (let round = 0; round < 2000; round++) {
        const distance = first + step * random.below(Math.min(2 ** 31, (last - first) / step + 1));
        const view = addressPatched(kind, instruction, 2 ** 33, distance);
        assert.equal(readDistance(view, 0, kind), distance);
        assert.equal(outside(view.getUint32(0, true), kind), outside(instruction, kind));
        patchAddress(view, 0, kind, 0, 0);
        assert.equal(view.getUint32(0, true), addressPatched(kind, instruction, 0, 0).getUint32(0, true));
      }
    });
    test('distances between instructions are refused', () => {
      if (step === 1) return;
      for (const distance of [1, 2, 3, -1, last - 2]) assert.throws(() => addressPatched(kind, instruction, 0, distance), InvariantError);
    });
  });
}

test('the decoder of instructions sees the same distance', () => {
  const random = new Random(77);
  for (const [kind, { first, step, last, instruction }] of Object.entries(reaches) as [HoleKind, Reach][]) {
    if (!kind.startsWith('aarch64.')) continue;
    for (const distance of [first, last, ...Array.from({ length: 200 }, () => first + step * random.below((last - first) / step + 1))]) {
      const decoded = aarch64Effects(new Uint8Array(addressPatched(kind, instruction, 0, distance).buffer), 0);
      assert.equal(decoded?.literal ?? (decoded !== undefined && 'distance' in decoded.flow ? decoded.flow.distance : undefined), distance);
    }
  }
});

for (const [kind, { first, last, step, instruction }] of Object.entries(spans) as [HoleKind, Span][]) {
  test(`${kind}: first and last number, those beyond, random ones`, () => {
    const random = new Random(kind.length);
    const patched = (value: number): number => {
      const view = viewOf(instruction);
      patchImmediate(view, 0, kind, value, true);
      return view.getUint32(0, true);
    };
    const seen = new Map<number, number>();
    for (const value of [first, last, ...Array.from({ length: 500 }, () => first + step * random.below((last - first) / step + 1))]) {
      const word = patched(value);
      assert.equal(outside(word, kind), outside(instruction, kind));
      // Numbers that differ are written differently; 32 bits hold both signs.
      const content = value < 0 ? value + 2 ** 32 : value;
      assert.equal(seen.get(word) ?? content, content);
      seen.set(word, content);
    }
    for (const value of [first - step, last + step, ...(step > 1 ? [first + 1, last - 1] : [])]) assert.throws(() => patched(value), InvariantError, String(value));
  });
}

test('two halves of an immediate: every 32-bit number, signed or not', () => {
  const random = new Random(5);
  const edges = [0, 1, -1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, -(2 ** 31), -0x10000, -0xffff];
  for (const value of [...edges, ...Array.from({ length: 1000 }, () => random.below(2 ** 31) * (random.below(2) === 0 ? 1 : -1))]) {
    const halves = (['aarch64.movw_g0', 'aarch64.movw_g1'] as const).map((kind) => {
      const view = viewOf(0x52800008);
      patchImmediate(view, 0, kind, value, false);
      return (view.getUint32(0, true) >>> 5) & 0xffff;
    });
    assert.equal((halves[0]! | (halves[1]! << 16)) | 0, value | 0);
  }
});
