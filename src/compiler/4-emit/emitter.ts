/** What the emitter knows about a stencil table and need not find out again for each unit. */
import type { OpName } from '#ir/ops.ts';
import type { StencilFamily, StencilTable } from '#stencils/table.ts';
import { Bailout } from '#support/bailout.ts';
import { CommonStencils } from './common-stencils.ts';
import { ScratchMemory } from './scratch-memory.ts';
import type { ComparisonRecipe, Recipe } from './select-stencils.ts';

export class Emitter {
  readonly table: StencilTable;
  readonly common: CommonStencils;
  /** By op that was selected before. */
  readonly recipes = new Map<OpName, Recipe>();

  /** By comparison that was selected before. */
  readonly comparisons = new Map<string, ComparisonRecipe>();

  /** Of the unit in the making. */
  readonly memory = new ScratchMemory();

  constructor(table: StencilTable) {
    this.table = table;
    this.common = new CommonStencils(table);
  }

  family(name: string): StencilFamily {
    const family = this.table.family(name);
    if (!family) throw new Bailout('no-stencil', name);
    return family;
  }
}
