/** Turns a comparison that only decides a branch into one `compare_branch`; `bool.not` is folded by exchanging the edges. */
import type { OpName } from '#ir/ops.ts';
import type { Branch, Fn, Terminator, ValueId } from '#ir/types.ts';
import { forEachBlockUse } from '#ir/visit.ts';
import type { Pass } from '../pass.ts';
import { definitions, filterInstructions } from './facts.ts';

const COMPARISON = /^(int|float)\.(lt|le|eq|ne|gt|ge)$/;

export const fuseCompareBranch: Pass = {
  name: 'fuse-compare-branch',
  summary: 'fuses comparisons with the branch they decide',
  run: (fn) => {
    const defs = definitions(fn);
    const uses = countUses(fn);
    const gone: (boolean | undefined)[] = new Array(fn.nextValue);
    let changed = false;
    const release = (v: ValueId): void => {
      if (--uses[v]! > 0) return;
      gone[v] = true;
      for (const arg of defs[v]!.args) uses[arg]!--;
    };
    for (const block of fn.blocks.values()) {
      const branch = block.terminator;
      if (branch.kind !== 'branch') continue;
      changed = foldNegations(branch, defs, uses, release) || changed;
      const compare = defs[branch.condition];
      // A comparison with other uses stays where it is: fusing would compute it twice.
      if (!compare || !COMPARISON.test(compare.op) || uses[branch.condition] !== 1) continue;
      release(branch.condition);
      block.terminator = fused(branch, compare.op, compare.args as [ValueId, ValueId]);
      changed = true;
    }
    for (const block of fn.blocks.values()) filterInstructions(block, (i) => i.result !== undefined && gone[i.result] === true);
    return changed;
  },
};

function fused(branch: Branch, compare: OpName, args: [ValueId, ValueId]): Terminator {
  return { kind: 'compare_branch', compare, args: [...args], then: branch.then, else: branch.else };
}

function foldNegations(branch: Branch, defs: ReturnType<typeof definitions>, uses: number[], release: (v: ValueId) => void): boolean {
  let changed = false;
  for (let not = defs[branch.condition]; not?.op === 'bool.not'; not = defs[branch.condition]) {
    const negated = branch.condition;
    branch.condition = not.args[0]!;
    uses[branch.condition]!++;
    [branch.then, branch.else] = [branch.else, branch.then];
    release(negated);
    changed = true;
  }
  return changed;
}

function countUses(fn: Fn): number[] {
  const uses = new Array<number>(fn.nextValue).fill(0);
  for (const block of fn.blocks.values()) forEachBlockUse(block, (v) => uses[v]!++);
  return uses;
}
