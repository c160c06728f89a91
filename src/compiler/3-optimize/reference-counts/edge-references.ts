/** Reference counts on edges: parameters take references over, values that live on one side only die on the other. */
import { addBlock, edge } from '#ir/builder.ts';
import type { Block, BlockId, Edge, Instruction, ValueId } from '#ir/types.ts';
import { edgesOf } from '#ir/visit.ts';
import { defined } from '#support/invariant.ts';
import type { BlockResult } from './block-references.ts';
import type { References } from './references.ts';
import { nullTest } from './uses.ts';

export interface EdgeChange {
  readonly from: Block;
  readonly edge: Edge;
  readonly counts: Instruction[];
}

const NOTHING_BORROWED: ReadonlySet<ValueId> = new Set();

export class EdgeReferences {
  readonly #references: References;
  readonly #results: ReadonlyMap<BlockId, BlockResult>;
  readonly #startOwned = new Map<BlockId, ReadonlySet<ValueId>>();

  constructor(references: References, results: ReadonlyMap<BlockId, BlockResult>) {
    this.#references = references;
    this.#results = results;
    for (const block of references.graph.order) {
      const live = defined(references.liveness.points(block)[0], 'start');
      this.#startOwned.set(block.id, references.owned(live, defined(references.homes.get(block.id), 'homes'), NOTHING_BORROWED));
    }
  }

  changes(from: Block, e: Edge): EdgeChange {
    const r = this.#references;
    const { owned, plain } = defined(this.#results.get(from.id), 'block result');
    const target = defined(r.fn.blocks.get(e.block), 'target');
    const wantedAtStart = defined(this.#startOwned.get(e.block), 'owned at start');
    const isNull = from.terminator.kind === 'branch' && from.terminator.then === e ? nullTest(from) : undefined;
    const wanted = new Map<ValueId, number>();
    const add = (v: ValueId): void => void wanted.set(v, (wanted.get(v) ?? 0) + 1);
    target.params.forEach((p, n) => {
      if (wantedAtStart.has(p)) add(e.args[n]!);
    });
    for (const v of wantedAtStart) if (!target.params.includes(v)) add(v);
    const increfs: Instruction[] = [], decrefs: Instruction[] = [];
    for (const v of new Set([...owned, ...wanted.keys()])) {
      if (v === isNull) continue;
      const change = (wanted.get(v) ?? 0) - (owned.has(v) ? 1 : 0);
      for (let n = 0; n < change; n++) increfs.push(r.incref(v));
      if (change < 0) decrefs.push(r.decref(v, plain));
    }
    return { from, edge: e, counts: [...increfs, ...decrefs] };
  }

  place({ from, edge: e, counts }: EdgeChange): void {
    const { fn, graph } = this.#references;
    if (counts.length === 0) return;
    const target = defined(fn.blocks.get(e.block), 'target');
    if (edgesOf(from.terminator).length === 1) from.instructions.push(...counts);
    else if (graph.predecessors(e.block).length === 1) target.instructions.unshift(...counts);
    else {
      const split = addBlock(fn);
      split.instructions = counts;
      split.terminator = { kind: 'jump', target: edge(e.block, e.args) };
      e.block = split.id;
      e.args = [];
    }
  }
}
