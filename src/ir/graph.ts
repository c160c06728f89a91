/** Shape of the control-flow graph: predecessors, reverse postorder, dominators, loops. */
import { defined } from '#support/invariant.ts';
import type { Block, BlockId, Edge, Fn } from './types.ts';
import { edgesOf } from './visit.ts';

export const blockOf = (fn: Fn, id: BlockId): Block => defined(fn.blocks.get(id), 'block', id);

/** Blocks in reverse postorder from the entry; unreachable blocks are left out. */
export function reversePostorder(fn: Fn): Block[] {
  return walkFrom(fn, new Array<Edge[] | undefined>(fn.nextBlock).fill(undefined));
}

/** Fills in the edges of the blocks that can be reached. */
function walkFrom(fn: Fn, edgesById: (Edge[] | undefined)[]): Block[] {
  const order: Block[] = [];
  const stack: { block: Block; edges: Edge[]; left: number }[] = [];
  const open = (id: BlockId): void => {
    const block = blockOf(fn, id);
    const edges = edgesById[id] = edgesOf(block.terminator);
    stack.push({ block, edges, left: edges.length });
  };
  open(fn.entry);
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    if (top.left === 0) {
      order.push(top.block);
      stack.pop();
      continue;
    }
    // Last edge first, so that the first successor follows its block in the final order.
    const edge = top.edges[--top.left]!;
    if (edgesById[edge.block] === undefined) open(edge.block);
  }
  return order.reverse();
}

const NO_EDGES: readonly Edge[] = [];

export interface Predecessor {
  readonly block: Block;
  readonly edge: Edge;
}

export interface Loop {
  readonly header: Block;
  /** Sources of the back edges. */
  readonly latches: Block[];
  readonly blocks: Set<BlockId>;
  parent: Loop | undefined;
  /** 1 for outermost loops. */
  depth: number;
}

/** Valid until an edge of the function changes. */
export class Graph {
  readonly fn: Fn;
  readonly order: readonly Block[];
  // By block id; without holes, which would make every read of an array look further.
  readonly #edges: (Edge[] | undefined)[];
  readonly #predecessors: (Predecessor[] | undefined)[];
  readonly #position: (number | undefined)[];
  readonly #idom: (Block | undefined)[];
  readonly #children: (Block[] | undefined)[];
  /** Interval of each block in a preorder walk of the dominator tree. */
  readonly #enter: (number | undefined)[];
  readonly #leave: (number | undefined)[];
  #loops: Loop[] | undefined;

  constructor(fn: Fn) {
    this.fn = fn;
    const byId = <T>(content: T): T[] => new Array<T>(fn.nextBlock).fill(content);
    this.#edges = byId(undefined);
    this.order = walkFrom(fn, this.#edges);
    this.#predecessors = byId(undefined);
    this.#position = byId(undefined);
    this.#idom = byId(undefined);
    this.#children = byId(undefined);
    this.#enter = byId(undefined);
    this.#leave = byId(undefined);
    this.order.forEach((block, i) => {
      this.#position[block.id] = i;
      this.#predecessors[block.id] = [];
      this.#children[block.id] = [];
    });
    for (const block of this.order) {
      for (const edge of this.edges(block.id)) this.#predecessors[edge.block]!.push({ block, edge });
    }
    this.#findDominators();
    this.#numberTree();
  }

  isReachable(id: BlockId): boolean {
    return this.#position[id] !== undefined;
  }

  /** To its successors; none from a block that cannot be reached. */
  edges(id: BlockId): readonly Edge[] {
    return this.#edges[id] ?? NO_EDGES;
  }

  predecessors(id: BlockId): readonly Predecessor[] {
    return this.#predecessors[id] ?? [];
  }

  /** Position in reverse postorder. */
  position(id: BlockId): number {
    return defined(this.#position[id], 'position of block', id);
  }

  immediateDominator(id: BlockId): Block | undefined {
    return this.#idom[id];
  }

  /** Blocks whose immediate dominator this is. */
  dominatorChildren(id: BlockId): readonly Block[] {
    return this.#children[id] ?? [];
  }

  /** True when every path to `b` goes through `a`; a block dominates itself. */
  dominates(a: BlockId, b: BlockId): boolean {
    return this.#enter[a]! <= this.#enter[b]! && this.#leave[b]! <= this.#leave[a]!;
  }

  /** Natural loops, inner loops after the loops around them. */
  loops(): readonly Loop[] {
    this.#loops ??= this.#findLoops();
    return this.#loops;
  }

  // Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm".
  #findDominators(): void {
    const idom: number[] = [0];
    const intersect = (a: number, b: number): number => {
      let x = a, y = b;
      while (x !== y) {
        while (x > y) x = idom[x]!;
        while (y > x) y = idom[y]!;
      }
      return x;
    };
    for (let changed = true; changed; ) {
      changed = false;
      for (let i = 1; i < this.order.length; i++) {
        let best = -1;
        for (const p of this.#predecessors[this.order[i]!.id]!) {
          const at = this.#position[p.block.id]!;
          if (idom[at] === undefined) continue;
          best = best < 0 ? at : intersect(best, at);
        }
        if (idom[i] !== best) {
          idom[i] = best;
          changed = true;
        }
      }
    }
    for (let i = 1; i < this.order.length; i++) {
      const dominator = this.order[idom[i]!]!;
      this.#idom[this.order[i]!.id] = dominator;
      this.#children[dominator.id]!.push(this.order[i]!);
    }
  }

  #numberTree(): void {
    let clock = 0;
    const stack: { id: BlockId; next: number }[] = [{ id: this.fn.entry, next: 0 }];
    this.#enter[this.fn.entry] = clock++;
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const child = this.#children[top.id]![top.next++];
      if (child) {
        this.#enter[child.id] = clock++;
        stack.push({ id: child.id, next: 0 });
      } else {
        this.#leave[top.id] = clock++;
        stack.pop();
      }
    }
  }

  #findLoops(): Loop[] {
    const loops: Loop[] = [];
    for (const header of this.order) {
      const latches = this.#latchesOf(header);
      if (latches.length === 0) continue;
      loops.push({ header, latches, blocks: this.#loopBody(header, latches), parent: undefined, depth: 1 });
    }
    // Headers come in reverse postorder, so the last earlier loop that holds a header is the innermost one around it.
    loops.forEach((loop, i) => {
      for (let j = i - 1; j >= 0; j--) {
        const outer = loops[j]!;
        if (outer.blocks.has(loop.header.id)) {
          loop.parent = outer;
          loop.depth = outer.depth + 1;
          break;
        }
      }
    });
    return loops;
  }

  #latchesOf(header: Block): Block[] {
    const latches: Block[] = [];
    const start = this.#position[header.id]!;
    for (const { block } of this.#predecessors[header.id]!) {
      if (this.#position[block.id]! >= start && this.dominates(header.id, block.id)) latches.push(block);
    }
    return latches;
  }

  #loopBody(header: Block, latches: readonly Block[]): Set<BlockId> {
    const body = new Set<BlockId>([header.id]);
    const work = latches.map((b) => b.id);
    for (let id = work.pop(); id !== undefined; id = work.pop()) {
      if (body.has(id)) continue;
      body.add(id);
      for (const p of this.predecessors(id)) work.push(p.block.id);
    }
    return body;
  }
}
