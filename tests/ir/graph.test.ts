import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '#ir/graph.ts';
import { parse } from '#ir/parse.ts';
import { blockId } from '#ir/types.ts';

const nested = parse(`function "f" {
block0():
  v0:bool = const.bool 1
  jump block1()
block1() loop:
  branch v0, block2(), block6()
block2() loop:
  branch v0, block3(), block4()
block3():
  branch v0, block2(), block5()
block4():
  jump block1()
block5():
  jump block1()
block6():
  exit return "return" @0:1
}`);

test('reverse postorder puts blocks after their dominators', () => {
  const graph = new Graph(nested);
  assert.equal(graph.order[0]!.id, 0);
  for (const block of graph.order) {
    const dominator = graph.immediateDominator(block.id);
    if (dominator) assert.ok(graph.position(dominator.id) < graph.position(block.id));
  }
});

test('dominators', () => {
  const graph = new Graph(nested);
  const idom = (n: number) => graph.immediateDominator(blockId(n))?.id;
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map(idom), [undefined, 0, 1, 2, 2, 3, 1]);
  assert.ok(graph.dominates(blockId(1), blockId(5)));
  assert.ok(!graph.dominates(blockId(4), blockId(1)));
});

test('loop forest', () => {
  const loops = new Graph(nested).loops();
  assert.deepEqual(loops.map((l) => [l.header.id, l.depth, l.latches.map((b) => b.id).sort()]), [[1, 1, [4, 5]], [2, 2, [3]]]);
  assert.equal(loops[1]!.parent, loops[0]);
  assert.deepEqual([...loops[0]!.blocks].sort(), [1, 2, 3, 4, 5]);
  assert.deepEqual([...loops[1]!.blocks].sort(), [2, 3]);
});
