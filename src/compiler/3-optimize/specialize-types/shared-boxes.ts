/**
 * The object of each Python number, made once: where a block that was passed on the way has boxed a value, its box is taken.
 *
 *   number = i * 0.5
 *   items = [number]         box.float
 *   for o in items: ...      (other blocks)
 *   f(number, items)         the same object
 *
 * It is keyed by the value of the Python program: two equal results stay two objects, though they may be computed once.
 */
import type { Graph } from '#ir/graph.ts';
import type { Block, BlockId, ValueId } from '#ir/types.ts';

export class SharedBoxes {
  readonly #graph: Graph;
  readonly #boxes = new Map<ValueId, { readonly block: BlockId; readonly box: ValueId }[]>();
  /** The block of the function as built that is being rewritten; undefined where what is emitted does not always run. */
  #block: BlockId | undefined;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  enter(block: Block | undefined): void {
    this.#block = block !== undefined && this.#graph.isReachable(block.id) ? block.id : undefined;
  }

  /** Emits something that does not always run. */
  aside<T>(run: () => T): T {
    const block = this.#block;
    this.#block = undefined;
    const result = run();
    this.#block = block;
    return result;
  }

  find(value: ValueId): ValueId | undefined {
    const block = this.#block;
    return block === undefined ? undefined : this.#boxes.get(value)?.find((known) => this.#graph.dominates(known.block, block))?.box;
  }

  add(value: ValueId, box: ValueId): ValueId {
    if (this.#block !== undefined) this.#boxes.set(value, [...(this.#boxes.get(value) ?? []), { block: this.#block, box }]);
    return box;
  }
}
