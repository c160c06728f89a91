/** Which registers each case uses: every choice of a family once, in random order, before any a second time. */
import type { StencilFamily, StencilTable } from '#stencils/table.ts';
import { defined } from '#support/invariant.ts';
import { tuplesOf } from './host.ts';
import type { Random } from './values.ts';

/**
 * Which of the first operands share a register, each written as the first of its own register: `012` for three different ones,
 * `002` when the second is the first, `011` when the third is the second. `any`: as it comes. Results may share one in any case.
 */
export type Sharing = string;

interface Cycle {
  readonly family: string;
  readonly tuples: readonly number[][];
  left: number[][];
  isComplete: boolean;
}

export class RegisterChoices {
  readonly #table: StencilTable;
  readonly #random: Random;
  readonly #cycles = new Map<string, Cycle>();

  constructor(table: StencilTable, random: Random) {
    this.#table = table;
    this.#random = random;
  }

  next(name: string, sharing: Sharing): readonly number[] {
    const cycle = this.#cycle(name, sharing);
    if (cycle.left.length === 0) cycle.left = [...cycle.tuples];
    const [chosen] = cycle.left.splice(this.#random.below(cycle.left.length), 1);
    if (cycle.left.length === 0) cycle.isComplete = true;
    return defined(chosen, `registers of ${name}`);
  }

  isComplete(name: string, sharing: Sharing): boolean {
    return this.#cycle(name, sharing).isComplete;
  }

  /** Of the families that were asked for, those that this is true of. */
  areComplete(isWanted: (family: string) => boolean): boolean {
    return [...this.#cycles.values()].every(({ family, isComplete }) => isComplete || !isWanted(family));
  }

  #cycle(name: string, sharing: Sharing): Cycle {
    const key = `${name} ${sharing}`, known = this.#cycles.get(key);
    if (known !== undefined) return known;
    const family = defined(this.#table.family(name), `family ${name}`);
    const tuples = tuplesOf(family).filter((tuple) => family.isFixed || sharing === 'any' || sharingOf(family, tuple.slice(0, sharing.length)) === sharing);
    const cycle: Cycle = { family: name, tuples, left: [...tuples], isComplete: false };
    this.#cycles.set(key, cycle);
    return cycle;
  }
}

/** Registers with the same number in different banks are different. */
function sharingOf({ operands }: StencilFamily, tuple: readonly number[]): Sharing {
  return tuple.map((register, i) => tuple.findIndex((r, j) => r === register && operands[j] === operands[i])).join('');
}
