/** Where jumps to a block end up: blocks without code are left out of the code, and so are the jumps between them. */
import type { Allocation } from './allocate-registers.ts';
import type { SpillSlots } from './assign-spill-slots.ts';
import { stepKind, stepKinds, type BlockSteps } from './block-steps.ts';
import { NO_VALUE, type MachineBlock, type MachineTerminator } from './machine.ts';
import type { EdgeSteps } from './resolve-edges.ts';

interface Placed {
  readonly allocation: Allocation;
  readonly edges: EdgeSteps;
  readonly slots: SpillSlots;
}

/** By block. One that is its own destination has code. */
export function findDestinations(blocks: readonly MachineBlock[], placed: Placed): readonly MachineBlock[] {
  const finder = new Finder(blocks.length, placed);
  return blocks.map((block) => finder.of(block));
}

class Finder {
  readonly #found: (MachineBlock | undefined)[];
  readonly #placed: Placed;

  constructor(count: number, placed: Placed) {
    this.#found = new Array<MachineBlock | undefined>(count).fill(undefined);
    this.#placed = placed;
  }

  of(block: MachineBlock): MachineBlock {
    const known = this.#found[block.index];
    if (known) return known;
    // For what comes back to it.
    this.#found[block.index] = block;
    const way = this.#hasCode(block) ? undefined : this.#onlyWay(block.terminator);
    return this.#found[block.index] = way ?? block;
  }

  /** Undefined: there are two, or none. A branch has one when all that its ways differed in was left out. */
  #onlyWay(t: MachineTerminator): MachineBlock | undefined {
    if (t.kind === 'jump') return this.of(t.edge.to);
    if (t.kind === 'exit') return undefined;
    const then = this.of(t.then.to);
    return then === this.of(t.else.to) ? then : undefined;
  }

  #hasCode(block: MachineBlock): boolean {
    const { edges, allocation } = this.#placed;
    return this.#areCode(edges.before, block) || this.#areCode(allocation.steps, block) || this.#areCode(edges.after, block);
  }

  #areCode({ words, starts, ends }: BlockSteps, { index, instructions }: MachineBlock): boolean {
    let done = 0;
    for (let i = starts[index]!; i < ends[index]!; i += 2) {
      const kind = stepKind(words[i]!), detail = words[i + 1]!;
      // Some numbers become another type by staying in their register.
      const isNothing = kind === stepKinds.stencil ? instructions[done++]!.family.variantAt(detail).code.length === 0
        : kind === stepKinds.spill && this.#placed.slots.slotOf[detail] === NO_VALUE;
      if (!isNothing) return true;
    }
    return false;
  }
}
