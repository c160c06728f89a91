import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderMoves, type Move } from '#compiler/4-emit/parallel-moves.ts';
import { Random } from './random-function.ts';

function run(moves: readonly Move[], places: number): { content: number[]; swaps: number } {
  const content = Array.from({ length: places }, (_, i) => i);
  let swaps = 0;
  orderMoves(moves, {
    move: (to, from) => (content[to] = content[from]!),
    swap: (a, b) => {
      swaps++;
      [content[a], content[b]] = [content[b]!, content[a]!];
    },
  });
  return { content, swaps };
}

test('a cycle is broken by swaps, one fewer than its length', () => {
  const { content, swaps } = run([{ to: 0, from: 1 }, { to: 1, from: 2 }, { to: 2, from: 0 }], 3);
  assert.deepEqual(content, [1, 2, 0]);
  assert.equal(swaps, 2);
});

test('a chain needs no swap', () => {
  const { content, swaps } = run([{ to: 1, from: 0 }, { to: 2, from: 1 }, { to: 3, from: 2 }], 4);
  assert.deepEqual(content, [0, 0, 1, 2]);
  assert.equal(swaps, 0);
});

test('nothing happens for a move onto itself', () => {
  orderMoves([{ to: 4, from: 4 }], { move: () => assert.fail('moved'), swap: () => assert.fail('swapped') });
});

test('random sets of moves behave as if they happened at once', () => {
  const random = new Random(7);
  for (let round = 0; round < 2000; round++) {
    const places = 1 + random.below(9);
    const moves: Move[] = [];
    for (let to = 0; to < places; to++) if (random.below(3) > 0) moves.push({ to, from: random.below(places) });
    const want = Array.from({ length: places }, (_, i) => moves.find((m) => m.to === i)?.from ?? i);
    assert.deepEqual(run(moves, places).content, want, JSON.stringify(moves));
  }
});
