/** The emitter uses its memory again for the next unit: nothing of one may show in another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '#compiler/4-emit/emitter.ts';
import { emitUnit, type CompiledUnit } from '#compiler/4-emit/emit-unit.ts';
import { NumberSequences } from '#compiler/4-emit/number-sequences.ts';
import { ScratchMemory } from '#compiler/4-emit/scratch-memory.ts';
import { parse } from '#ir/parse.ts';
import { stencilTable } from './check-function.ts';
import { Random, randomFunction } from './random-function.ts';

const header = { request: 1, kind: 'entry', offset: 0, assumptions: [], keysOf: () => ({ keys: 0n, entries: 0 }) } as const;

for (const arch of ['x86_64', 'aarch64'] as const) {
  test(`${arch}: units of an emitter that made others are those of a new one, and stay as they were`, () => {
    const table = stencilTable(arch), used = new Emitter(table);
    const emit = (text: string, spillEverything: boolean, emitter: Emitter): CompiledUnit =>
      emitUnit(parse(text), emitter, header, { spillEverything, failGuard: 0, listing: false });
    const cases = Array.from({ length: 60 }, (_, i) => ({ text: randomFunction(i + 1, 5 + (i * 37) % 300), spillEverything: i % 3 === 0 }));
    const made = cases.map(({ text, spillEverything }) => emit(text, spillEverything, used));
    cases.forEach(({ text, spillEverything }, i) => assert.deepEqual(made[i], emit(text, spillEverything, new Emitter(table))));
  });
}

test('tables of the memory do not overlap, have what was asked for, and are those of the unit before', () => {
  const memory = new ScratchMemory(), random = new Random(7);
  for (let unit = 0; unit < 20; unit++) {
    memory.reset();
    const pieces = Array.from({ length: 200 }, (_, i) => {
      const length = random.below(unit % 2 === 0 ? 50 : 20_000), content = i % 100;
      const kind = (['int32', 'int8', 'uint8'] as const)[i % 3]!;
      return { piece: memory[kind](length, content), length, content };
    });
    for (const { piece, length, content } of pieces) assert.ok(piece.length >= length && piece.subarray(0, length).every((n) => n === content));
    assert.ok(memory.uint16(100).subarray(0, 100).every((n) => n === 0));
  }
  memory.reset();
  const [first, second] = [memory.int32(10), memory.int32(10)];
  assert.notEqual(first, second);
  memory.reset();
  assert.deepEqual([memory.int32(10), memory.int32(9)].map((table) => [first, second].indexOf(table)), [0, 1]);
});

test('what a large unit took is given back', () => {
  const memory = new ScratchMemory();
  memory.reset();
  const large = memory.int32(1 << 21);
  memory.reset();
  assert.notEqual(memory.int32(1 << 21), large);
});

test('a table that has grown begins as it was, has room, and is what the next unit gets', () => {
  const memory = new ScratchMemory();
  const numbers = memory.int32(3, 7), other = memory.int32(0);
  const grown = memory.grown(numbers);
  assert.deepEqual([...grown.subarray(0, 3)], [7, 7, 7]);
  assert.ok(grown.length > numbers.length && memory.grown(other).length > other.length);
  memory.reset();
  assert.equal(memory.int32(3), grown);
});

test('equal sequences are one, however many share a hash, and the end of one can be moved', () => {
  const random = new Random(11), known = new Map<string, number>();
  // Room for one sequence of one number: everything grows, and all have the same hash.
  const sequences = new NumberSequences(1, 1, new ScratchMemory());
  const kept: number[][] = [];
  for (let round = 0; round < 500; round++) {
    const numbers = Array.from({ length: 1 + random.below(4) }, () => random.below(3) - 1), from = random.below(numbers.length + 1), to = random.below(from + 1);
    sequences.begin();
    for (const n of numbers) sequences.push(n);
    sequences.moveEnd(from, to);
    const moved = [...numbers.slice(0, to), ...numbers.slice(from), ...numbers.slice(to, from)];
    const key = String(moved), id = sequences.keep();
    if (!known.has(key)) {
      known.set(key, kept.length);
      kept.push(moved);
    }
    assert.equal(id, known.get(key));
  }
  const { numbers, starts } = sequences.finish();
  assert.deepEqual(starts.map((start, i) => [...numbers.slice(start, starts[i + 1])]), kept);
});
