/** Removes instructions whose result nobody uses; values that an exit needs are used. */
import type { OpName } from '#ir/ops.ts';
import type { Fn, Instruction, ValueId } from '#ir/types.ts';
import { edgesOf, forEachTerminatorUse, forEachUse, terminatorArgs } from '#ir/visit.ts';
import type { Pass } from '../pass.ts';
import { definitions, filterInstructions, isRemovable } from './facts.ts';

export const eliminateDeadCode: Pass = {
  name: 'eliminate-dead-code',
  summary: 'removes instructions without effect whose result is unused',
  run: (fn) => {
    const mayGo = removability(fn);
    const live = findLive(fn, mayGo);
    let changed = false;
    for (const block of fn.blocks.values()) {
      changed = filterInstructions(block, (i) => mayGo(i) && live[i.result!] !== true) || changed;
    }
    return changed;
  },
};

/**
 * Unboxing fails when the object has another type, which is nothing Python can see: it may go too, unless another
 * instruction works on the object and so may count on its type.
 */
const UNBOXING: ReadonlySet<OpName> = new Set<OpName>(['unbox.int', 'unbox.integer', 'unbox.float', 'unbox.real', 'unbox.bool']);

function removability(fn: Fn): (i: Instruction) => boolean {
  const uses: number[] = new Array<number>(fn.nextValue).fill(0);
  const count = (v: ValueId): void => void uses[v]!++;
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) i.args.forEach(count);
    terminatorArgs(block.terminator).forEach(count);
    for (const edge of edgesOf(block.terminator)) edge.args.forEach(count);
  }
  return (i) => isRemovable(i) || (UNBOXING.has(i.op) && uses[i.args[0]!] === 1);
}

/** Marks from the roots, so that dead cycles through block parameters cannot keep instructions alive in other blocks. */
function findLive(fn: Fn, mayGo: (i: Instruction) => boolean): (boolean | undefined)[] {
  const live: (boolean | undefined)[] = new Array(fn.nextValue);
  const defs = definitions(fn);
  const work: Instruction[] = [];
  const mark = (v: ValueId): void => {
    if (live[v]) return;
    live[v] = true;
    const def = defs[v];
    if (def && mayGo(def)) work.push(def);
  };
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) if (!mayGo(i)) forEachUse(i, mark);
    forEachTerminatorUse(block.terminator, mark);
  }
  for (let i = work.pop(); i; i = work.pop()) forEachUse(i, mark);
  return live;
}
