/** Branches whose two ways do the same, since nothing between them became code: found by a random program, whose units were refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyUnit } from '#compiler/4-emit/verify-unit.ts';
import { emit, stencilTable } from './check-function.ts';

/** The second comparison only chooses between two ways to block3, and the first one whether to make it. */
const NESTED = `function "nested" {
block0():
  v0:float = const.float 0.5
  v1:float = const.float 1.5
  compare_branch float.lt v0, v1, block1(), block2()
block1():
  compare_branch float.lt v1, v0, block2(), block3()
block2():
  jump block3()
block3():
  exit return "return" @0:20 stack(v0)
}`;

for (const arch of ['x86_64', 'aarch64'] as const) {
  test(`no branch is left of several that lead to one place, ${arch}`, () => {
    const unit = emit(NESTED, stencilTable(arch), { listing: true });
    const families = unit.listing.flatMap(({ placement }) => (placement ? [placement.family.name] : []));
    assert.deepEqual(families.filter((name) => name.startsWith('branch.')), []);
    assert.deepEqual(verifyUnit(unit, arch), []);
  });
}
