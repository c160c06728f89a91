/** Removes instructions whose result nobody uses; values that an exit needs are used. */
import type { Fn, Instruction, ValueId } from '#ir/types.ts';
import { forEachTerminatorUse, forEachUse } from '#ir/visit.ts';
import type { Pass } from '../pass.ts';
import { definitions, filterInstructions, isRemovable } from './facts.ts';

export const eliminateDeadCode: Pass = {
  name: 'eliminate-dead-code',
  summary: 'removes instructions without effect whose result is unused',
  run: (fn) => {
    const live = findLive(fn);
    let changed = false;
    for (const block of fn.blocks.values()) {
      changed = filterInstructions(block, (i) => isRemovable(i) && live[i.result!] !== true) || changed;
    }
    return changed;
  },
};

/** Marks from the roots, so that dead cycles through block parameters cannot keep instructions alive in other blocks. */
function findLive(fn: Fn): (boolean | undefined)[] {
  const live: (boolean | undefined)[] = new Array(fn.nextValue);
  const defs = definitions(fn);
  const work: Instruction[] = [];
  const mark = (v: ValueId): void => {
    if (live[v]) return;
    live[v] = true;
    const def = defs[v];
    if (def && isRemovable(def)) work.push(def);
  };
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) if (!isRemovable(i)) forEachUse(i, mark);
    forEachTerminatorUse(block.terminator, mark);
  }
  for (let i = work.pop(); i; i = work.pop()) forEachUse(i, mark);
  return live;
}
