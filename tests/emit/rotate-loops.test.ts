/** Where the test of a loop is in the code. That the code still does the same, native.test.ts shows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernels } from '#compiler/ablation/kernels.ts';
import { emit, stencilTable } from './check-function.ts';

const table = stencilTable('x86_64');

/** Blocks in their order, with the jumps at their ends. */
function layout(text: string): string[] {
  const order: string[] = [];
  for (const { text: line, placement } of emit(text, table, { listing: true }).listing) {
    if (placement === undefined) order.push(line);
    else if (placement.family.name === 'exit.stub' || placement.family.name === 'exit.low') break;
    else if (placement.family.name === 'jump') order.push('jump');
  }
  return order;
}

test('the test of a loop follows its body', () => {
  assert.deepEqual(layout(kernels.get('sum')!), ['block0:', 'jump', 'block2:', 'block1:', 'block3:']);
});

test('an inner loop is turned inside its outer one', () => {
  const loops = `function "loops" {
block0():
  v0:int = const.int 0
  v1:int = const.int 9
  jump block1(v0)
block1(v2:int) loop:
  compare_branch int.lt v2, v1, block2(), block5()
block2():
  jump block3(v0)
block3(v3:int) loop:
  compare_branch int.lt v3, v1, block4(), block6()
block4():
  v4:int = int.add_imm_wrap v3, 1
  jump block3(v4)
block6():
  v5:int = int.add_imm_wrap v2, 1
  jump block1(v5)
block5():
  exit return "return" @0:20 stack(v2)
}`;
  assert.deepEqual(layout(loops), ['block0:', 'jump', 'block2:', 'jump', 'block4:', 'block3:', 'block6:', 'block1:', 'block5:']);
});

test('a loop that is left from its middle only stays as it is', () => {
  assert.deepEqual(layout(kernels.get('overflow')!), ['block0:', 'block1:', 'jump']);
});

test('a loop that ends with its test stays as it is', () => {
  assert.deepEqual(layout(`function "until" {
block0():
  v0:int = const.int 0
  v1:int = const.int 9
  jump block1(v0)
block1(v2:int) loop:
  v3:int = int.add_imm_wrap v2, 1
  compare_branch int.lt v3, v1, block1(v3), block2()
block2():
  exit return "return" @0:20 stack(v3)
}`).filter((line) => line !== 'edge:'), ['block0:', 'block1:', 'block2:']);
});
