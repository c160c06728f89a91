/**
 * Removes unreachable blocks, skips blocks that only jump on, and joins a block with its only successor when that has no
 * other predecessor.
 */
import { Graph, reversePostorder } from '#ir/graph.ts';
import { Replacements } from '#ir/replacements.ts';
import type { Block, Edge, Fn, ValueId } from '#ir/types.ts';
import { edgesOf, forEachBlockUse } from '#ir/visit.ts';
import type { Pass } from '../pass.ts';

export const mergeBlocks: Pass = {
  name: 'merge-blocks',
  summary: 'removes empty and unreachable blocks and joins straight lines',
  run: (fn) => {
    let changed = removeUnreachable(fn);
    changed = threadJumps(fn) || changed;
    changed = joinStraightLines(fn) || changed;
    return markLoopHeaders(fn) || changed;
  },
};

export function removeUnreachable(fn: Fn): boolean {
  const reachable = new Set(reversePostorder(fn).map((b) => b.id));
  let changed = false;
  for (const id of [...fn.blocks.keys()]) {
    if (reachable.has(id)) continue;
    fn.blocks.delete(id);
    changed = true;
  }
  return changed;
}

export function markLoopHeaders(fn: Fn): boolean {
  const headers = new Set(new Graph(fn).loops().map((l) => l.header));
  let changed = false;
  for (const block of fn.blocks.values()) {
    changed = changed || block.isLoopHeader !== headers.has(block);
    block.isLoopHeader = headers.has(block);
  }
  return changed;
}

/** Redirects edges around blocks without instructions whose parameters nobody else uses. */
function threadJumps(fn: Fn): boolean {
  const escaping = paramsUsedElsewhere(fn);
  const skippable = (block: Block): boolean =>
    block.id !== fn.entry && block.instructions.length === 0 && block.terminator.kind === 'jump'
    && block.terminator.target.block !== block.id && !block.isLoopHeader && !block.params.some((v) => escaping[v]);
  let changed = false;
  for (const block of fn.blocks.values()) {
    // The item of a for_iter is an argument of that edge only.
    if (block.terminator.kind === 'for_iter') continue;
    for (const edge of edgesOf(block.terminator)) changed = threadEdge(fn, edge, skippable) || changed;
  }
  if (changed) removeUnreachable(fn);
  return changed;
}

function threadEdge(fn: Fn, edge: Edge, skippable: (block: Block) => boolean): boolean {
  let changed = false;
  for (let hops = fn.blocks.size; hops > 0; hops--) {
    const middle = fn.blocks.get(edge.block)!;
    if (!skippable(middle) || middle.terminator.kind !== 'jump') break;
    const given = new Map(middle.params.map((param, n) => [param, edge.args[n]!]));
    const { target } = middle.terminator;
    edge.args = target.args.map((v) => given.get(v) ?? v);
    edge.block = target.block;
    changed = true;
  }
  return changed;
}

/** Parameters used outside the jump of an otherwise empty block: by other blocks it dominates. */
function paramsUsedElsewhere(fn: Fn): (boolean | undefined)[] {
  const owner: (Block | undefined)[] = new Array(fn.nextValue);
  const used: (boolean | undefined)[] = new Array(fn.nextValue);
  for (const block of fn.blocks.values()) for (const v of block.params) owner[v] = block;
  for (const block of fn.blocks.values()) {
    forEachBlockUse(block, (v) => {
      if (owner[v] && owner[v] !== block) used[v] = true;
    });
  }
  return used;
}

function joinStraightLines(fn: Fn): boolean {
  const graph = new Graph(fn);
  const replaced = new Replacements();
  let changed = false;
  for (const block of graph.order) {
    if (!fn.blocks.has(block.id)) continue;
    for (;;) {
      const t = block.terminator;
      if (t.kind !== 'jump' || t.target.block === block.id || graph.predecessors(t.target.block).length !== 1) break;
      const next = fn.blocks.get(t.target.block)!;
      next.params.forEach((param, n) => replaced.set(param, t.target.args[n] as ValueId));
      block.instructions.push(...next.instructions);
      block.terminator = next.terminator;
      fn.blocks.delete(next.id);
      changed = true;
    }
  }
  replaced.apply(fn);
  return changed;
}
