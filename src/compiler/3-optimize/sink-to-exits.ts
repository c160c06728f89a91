/** Boxes that only exits need are not made: the exit boxes the unboxed value itself. */
import { Replacements } from '#ir/replacements.ts';
import type { Fn, Instruction, ValueId } from '#ir/types.ts';
import { edgesOf, terminatorArgs } from '#ir/visit.ts';
import type { Pass } from '../pass.ts';
import { filterInstructions } from './facts.ts';

export const sinkToExits: Pass = {
  name: 'sink-to-exits',
  summary: 'lets exits box values that nothing else needs boxed',
  run: (fn) => {
    const needed = valuesNeededAsObjects(fn);
    const replaced = new Replacements();
    const sinks = (i: Instruction): boolean =>
      (i.op === 'box.int' || i.op === 'box.float' || i.op === 'box.bool') && !needed[i.result!];
    for (const block of fn.blocks.values()) {
      for (const i of block.instructions) if (sinks(i)) replaced.set(i.result!, i.args[0]!);
    }
    if (replaced.size === 0) return false;
    for (const block of fn.blocks.values()) filterInstructions(block, sinks);
    replaced.apply(fn);
    return true;
  },
};

/** Operands, edge arguments and references owned at exits; what is left are slots of frame states, and of what exits make. */
function valuesNeededAsObjects(fn: Fn): (boolean | undefined)[] {
  const needed: (boolean | undefined)[] = new Array(fn.nextValue);
  const mark = (v: ValueId): void => {
    needed[v] = true;
  };
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) {
      if (i.op !== 'instance.at_exit') i.args.forEach(mark);
      i.ownedAtExit?.forEach(mark);
    }
    const t = block.terminator;
    terminatorArgs(t).forEach(mark);
    for (const edge of edgesOf(t)) edge.args.forEach(mark);
    if (t.kind === 'exit') t.ownedAtExit?.forEach(mark);
  }
  return needed;
}
