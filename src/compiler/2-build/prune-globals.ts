/** Leaves in each frame state only the promoted names that may differ from what their dict holds. */
import { frameStateWith } from '#ir/frame-states.ts';
import { Graph } from '#ir/graph.ts';
import type { Block, BlockId, Fn, FrameState, Instruction, Terminator } from '#ir/types.ts';

type Dirty = ReadonlySet<string>;

const nameKey = (dict: unknown, name: unknown): string => `${String(dict)}:${String(name)}`;

export function pruneGlobals(fn: Fn, opaque: ReadonlySet<Instruction | Terminator>): void {
  const graph = new Graph(fn);
  const out = new Map<BlockId, Dirty>();
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of graph.order) {
      const after = walk(block, atStart(graph, block, out), opaque);
      if (out.get(block.id)?.size !== after.size) changed = true;
      out.set(block.id, after);
    }
  }
  for (const block of graph.order) walk(block, atStart(graph, block, out), opaque, prune);
}

function atStart(graph: Graph, block: Block, out: ReadonlyMap<BlockId, Dirty>): Dirty {
  return new Set(graph.predecessors(block.id).flatMap((p) => [...(out.get(p.block.id) ?? [])]));
}

/** Names stored since they were last known to be in their dict, after the block. */
function walk(
  block: Block, start: Dirty, opaque: ReadonlySet<Instruction | Terminator>, visit?: (holder: { frameState: FrameState | undefined }, dirty: Dirty) => void,
): Dirty {
  let dirty = start;
  for (const i of block.instructions) {
    visit?.(i, dirty);
    if (opaque.has(i)) dirty = new Set();
    if (i.op === 'py.store_global' && i.immediates[1] !== -1 && !opaque.has(i)) dirty = new Set(dirty).add(nameKey(i.immediates[0], i.immediates[2]));
  }
  const { terminator } = block;
  if ('frameState' in terminator) visit?.(terminator, dirty);
  return opaque.has(terminator) ? new Set() : dirty;
}

function prune(holder: { frameState: FrameState | undefined }, dirty: Dirty): void {
  const { frameState } = holder;
  if (!frameState) return;
  const globals = frameState.globals.filter((g) => dirty.has(nameKey(g.dict, g.name)));
  if (globals.length < frameState.globals.length) holder.frameState = frameStateWith(frameState, { globals });
}
