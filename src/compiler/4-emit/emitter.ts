/** What the emitter knows about a stencil table and need not find out again for each unit. */
import type { OpName } from '#ir/ops.ts';
import type { StencilFamily, StencilTable } from '#stencils/table.ts';
import { Bailout } from '#support/bailout.ts';
import { ScratchMemory } from './scratch-memory.ts';
import type { Recipe } from './select-stencils.ts';

export class Emitter {
  readonly table: StencilTable;
  /** By op that was selected before. */
  readonly recipes = new Map<OpName, Recipe>();

  /** Of the unit in the making. */
  readonly memory = new ScratchMemory();

  constructor(table: StencilTable) {
    this.table = table;
  }

  family(name: string): StencilFamily {
    const family = this.table.family(name);
    if (!family) throw new Bailout('no-stencil', name);
    return family;
  }
}
