/** The masks of the instruction scan against LLVM's decoder, on words that nobody wrote. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { instructionMasks } from '#check/binary/instructions/masks.ts';
import type { Extension } from '#check/binary/instructions/scan.ts';
import { createMatcher, extensionOf } from '#check/binary/instructions/scan.ts';
import { decodable } from '../../tools/instruction-masks/decoder.ts';
import { extensions } from '../../tools/instruction-masks/extensions.ts';
import { Random } from '../../tools/instruction-masks/random.ts';

const count = 16_000;
const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

describe('for random words of its part of the encoding space', () => {
  const matcher = createMatcher();
  for (const { name, attributes, without, spaces, given = [] } of extensions) {
    test(`${name} is what LLVM decodes with it and not without it`, () => {
      const random = new Random(name.length * 7919 + 1);
      // Half of them anywhere in the space, half where the masks say that it is.
      const places = instructionMasks[name as Extension].map(([mask, value]) => ({ mask, value }));
      const words = Uint32Array.from({ length: count }, (_, index) => {
        const list = index % 2 === 0 ? spaces : places;
        const { mask, value } = list[random.below(list.length)] ?? assert.fail();
        return (value | (random.word() & ~mask)) >>> 0;
      });
      const [yes, no] = [decodable(words, attributes), decodable(words, without)];
      const wrong = [...words].filter((word, index) => {
        const needs = yes[index] === 1 && no[index] === 0;
        if (!needs && given.some(({ mask, value }) => ((word & mask) >>> 0) === value)) return false;
        return needs !== (extensionOf(matcher, word) === name);
      });
      assert.deepEqual(wrong.map(hex), []);
      });
  }
});

test('nothing that every AArch64 processor has is taken for an extension', () => {
  const random = new Random(99);
  const words = Uint32Array.from({ length: 100_000 }, () => random.word());
  const plain = decodable(words, '-lse');
  const matcher = createMatcher();
  const wrong = [...words].filter((word, index) => plain[index] === 1 && extensionOf(matcher, word) !== undefined);
  assert.deepEqual(wrong.map(hex), []);
});
