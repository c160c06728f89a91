/**
 * Removes block parameters that always receive the same value, and parameters nobody uses.
 *
 * Building SSA gives every variable a parameter at every join; most of them are not needed.
 */
import { Graph } from '#ir/graph.ts';
import { Replacements } from '#ir/replacements.ts';
import type { Block, Fn, ValueId } from '#ir/types.ts';
import { forEachTerminatorUse, forEachUse, terminatorArgs, forEachFrameStateValue } from '#ir/visit.ts';
import type { Pass } from '../pass.ts';

export const removeRedundantParameters: Pass = {
  name: 'remove-redundant-parameters',
  summary: 'removes block parameters that have one possible value or no use',
  run: (fn) => {
    const graph = new Graph(fn);
    const same = replaceUniform(fn, graph);
    return removeUnused(fn, graph) || same;
  },
};

/** Number of leading parameters that no edge argument feeds: the item of a `for_iter` body. */
function implicitParams(graph: Graph, block: Block): number {
  return graph.predecessors(block.id).some((p) => p.block.terminator.kind === 'for_iter' && p.edge === p.block.terminator.body) ? 1 : 0;
}

function replaceUniform(fn: Fn, graph: Graph): boolean {
  const replaced = new Replacements();
  for (let again = true; again; ) {
    again = false;
    for (const block of graph.order) {
      const implicit = implicitParams(graph, block);
      block.params.forEach((param, n) => {
        if (n < implicit || replaced.resolve(param) !== param) return;
        const only = uniformArgument(graph, block, param, n - implicit, replaced);
        if (only === undefined) return;
        replaced.set(param, only);
        again = true;
      });
    }
  }
  if (!replaced.apply(fn)) return false;
  for (const block of graph.order) {
    dropParams(graph, block, implicitParams(graph, block), (param) => replaced.resolve(param) !== param);
  }
  return true;
}

/** The one value, other than the parameter itself, that every predecessor passes. It dominates the block. */
function uniformArgument(graph: Graph, block: Block, param: ValueId, position: number, replaced: Replacements): ValueId | undefined {
  let only: ValueId | undefined;
  for (const { edge } of graph.predecessors(block.id)) {
    const value = replaced.resolve(edge.args[position]!);
    if (value === param || value === only) continue;
    if (only !== undefined) return undefined;
    only = value;
  }
  return only;
}

function removeUnused(fn: Fn, graph: Graph): boolean {
  const used = findUsed(fn, graph);
  let changed = false;
  for (const block of graph.order) {
    changed = dropParams(graph, block, implicitParams(graph, block), (param) => !used[param]) || changed;
  }
  return changed;
}

/** Used by something other than an edge argument, or passed to a parameter that is used. */
function findUsed(fn: Fn, graph: Graph): (boolean | undefined)[] {
  const used: (boolean | undefined)[] = new Array(fn.nextValue);
  const paramOf: ({ block: Block; position: number } | undefined)[] = new Array(fn.nextValue);
  const work: ValueId[] = [];
  const mark = (v: ValueId): void => {
    if (used[v]) return;
    used[v] = true;
    if (paramOf[v]) work.push(v);
  };
  for (const block of graph.order) block.params.forEach((v, position) => (paramOf[v] = { block, position }));
  for (const block of graph.order) {
    for (const i of block.instructions) forEachUse(i, mark);
    const t = block.terminator;
    terminatorArgs(t).forEach(mark);
    if (t.kind === 'exit') forEachTerminatorUse(t, mark);
    if (t.kind === 'for_iter') forEachFrameStateValue(t.frameState, mark);
  }
  for (let v = work.pop(); v !== undefined; v = work.pop()) {
    const { block, position } = paramOf[v]!;
    const argument = position - implicitParams(graph, block);
    if (argument >= 0) for (const { edge } of graph.predecessors(block.id)) mark(edge.args[argument]!);
  }
  return used;
}

function dropParams(graph: Graph, block: Block, implicit: number, drop: (param: ValueId) => boolean): boolean {
  const dropped = block.params.map((param, n) => n >= implicit && drop(param));
  if (!dropped.includes(true)) return false;
  block.params = block.params.filter((_, n) => !dropped[n]);
  for (const { edge } of graph.predecessors(block.id)) edge.args = edge.args.filter((_, n) => !dropped[n + implicit]);
  return true;
}
