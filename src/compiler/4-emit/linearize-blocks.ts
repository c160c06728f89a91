/**
 * Order of the blocks in memory, which is also the order of register allocation: every block after its forward
 * predecessors, loops contiguous, cold blocks last. Critical edges get a block of their own for the moves on them.
 */
import { blockOf, Graph, type Loop } from '#ir/graph.ts';
import type { Block, BlockId, Edge, Fn, ExitKind } from '#ir/types.ts';
import type { MachineLoop } from './machine.ts';

export interface CriticalEdge {
  readonly kind: 'edge';
  readonly source: Block;
  /** Which of the source's edges it is. */
  readonly position: number;
  readonly edge: Edge;
}

export interface LinearBlock {
  /** The block, or the critical edge whose moves live here. */
  readonly from: { readonly kind: 'block'; readonly block: Block } | CriticalEdge;
  readonly loop: MachineLoop | undefined;
  readonly isHeader: boolean;
  readonly isCold: boolean;
}

export function linearizeBlocks(fn: Fn): LinearBlock[] {
  const graph = new Graph(fn);
  const cold = findColdBlocks(graph);
  const loops = loopOfBlocks(graph);
  const blocks = placeBlocks(graph, loops, cold);
  return splitCriticalEdges(blocks, graph, loops, cold);
}

const coldExits: ReadonlySet<ExitKind> = new Set(['deopt', 'exception', 'unsupported']);

/** Blocks from which every path leaves compiled code at a place where it should not. */
function findColdBlocks(graph: Graph): Set<BlockId> {
  const cold = new Set<BlockId>();
  for (let changed = true; changed; ) {
    changed = false;
    // Successors first: nearly always one walk finds all of them.
    for (let i = graph.order.length - 1; i > 0; i--) {
      const block = graph.order[i]!;
      if (cold.has(block.id)) continue;
      const t = block.terminator;
      const isCold = t.kind === 'exit' ? coldExits.has(t.exitKind) : graph.edges(block.id).every((e) => cold.has(e.block));
      if (!isCold) continue;
      cold.add(block.id);
      changed = true;
    }
  }
  return cold;
}

function loopOfBlocks(graph: Graph): Map<BlockId, MachineLoop> {
  const made = new Map<Loop, MachineLoop>();
  const innermost = new Map<BlockId, MachineLoop>();
  for (const loop of graph.loops()) {
    const machine = { header: loop.header.id, depth: loop.depth, parent: loop.parent && made.get(loop.parent) };
    made.set(loop, machine);
    for (const id of loop.blocks) innermost.set(id, machine);
  }
  return innermost;
}

function isInside(loop: MachineLoop | undefined, outer: MachineLoop | undefined): boolean {
  if (!outer) return true;
  for (let l = loop; l; l = l.parent) if (l === outer) return true;
  return false;
}

/** Topological order of the forward edges; the next block is taken from the innermost loop that is still open. */
function placeBlocks(graph: Graph, loops: Map<BlockId, MachineLoop>, cold: Set<BlockId>): Block[] {
  /** By block: forward predecessors that are not placed. */
  const waiting = new Array<number>(graph.fn.nextBlock).fill(0);
  for (const { id } of graph.order) {
    for (const p of graph.predecessors(id)) if (!graph.dominates(id, p.block.id)) waiting[id]!++;
  }
  const ready: Block[] = [];
  const placed: Block[] = [];
  let next: Block | undefined = graph.order[0];
  while (next) {
    const block: Block = next;
    placed.push(block);
    for (const edge of graph.edges(block.id)) {
      waiting[edge.block]!--;
      if (waiting[edge.block] === 0) ready.push(blockOf(graph.fn, edge.block));
    }
    next = takeBest(ready, block, graph, loops, cold);
  }
  return placed;
}

function takeBest(ready: Block[], last: Block, graph: Graph, loops: Map<BlockId, MachineLoop>, cold: Set<BlockId>): Block | undefined {
  if (ready.length < 2) return ready.pop();
  const successors = graph.edges(last.id);
  const score = (block: Block): number => {
    if (cold.has(block.id)) return -1;
    let open = loops.get(last.id);
    while (open && !isInside(loops.get(block.id), open)) open = open.parent;
    const place = successors.findIndex((edge) => edge.block === block.id);
    return (open?.depth ?? 0) * 8 + (place < 0 ? 0 : 2 - Math.min(place, 1));
  };
  let best = ready.length - 1;
  for (let i = best - 1, highest = score(ready[best]!); i >= 0; i--) {
    const here = score(ready[i]!);
    if (here <= highest) continue;
    highest = here;
    best = i;
  }
  return ready.splice(best, 1)[0];
}

/** A split edge comes right after its source, or, when it goes forward out of a loop, right before its target. */
function splitCriticalEdges(blocks: Block[], graph: Graph, loops: Map<BlockId, MachineLoop>, cold: Set<BlockId>): LinearBlock[] {
  const hot: LinearBlock[] = [];
  const late: LinearBlock[] = [];
  const before = new Map<BlockId, LinearBlock[]>();
  const placed = new Set<BlockId>();
  for (const block of blocks) {
    placed.add(block.id);
    const isCold = cold.has(block.id);
    const loop = loops.get(block.id);
    const list = isCold ? late : hot;
    const early = before.get(block.id);
    if (early) list.push(...early);
    list.push({ from: { kind: 'block', block }, loop, isHeader: loop?.header === block.id, isCold });
    const edges = graph.edges(block.id);
    if (edges.length < 2) continue;
    for (let position = 0; position < edges.length; position++) {
      const edge = edges[position]!;
      if (graph.predecessors(edge.block).length < 2) continue;
      const target = loops.get(edge.block);
      const leaves = !isInside(target, loop);
      const split: LinearBlock = {
        from: { kind: 'edge', source: block, position, edge },
        loop: leaves ? target : loop, isHeader: false, isCold: isCold || cold.has(edge.block),
      };
      if (leaves && !placed.has(edge.block)) before.set(edge.block, [...(before.get(edge.block) ?? []), split]);
      else (split.isCold ? late : hot).push(split);
    }
  }
  return [...hot, ...late];
}
