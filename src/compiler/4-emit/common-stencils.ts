/** The stencils that the emitter puts between those of instructions: found once for a table, not each time they are used. */
import type { StencilFamily, StencilTable } from '#stencils/table.ts';
import { defined } from '#support/invariant.ts';
import { isFloatRegister } from './machine.ts';

/** One for each bank of registers. */
class Banks {
  readonly #ofIntegers: StencilFamily;
  readonly #ofFloats: StencilFamily;

  constructor(table: StencilTable, name: string) {
    this.#ofIntegers = familyOf(table, `${name}.r`);
    this.#ofFloats = familyOf(table, `${name}.f`);
  }

  of(register: number): StencilFamily {
    return isFloatRegister(register) ? this.#ofFloats : this.#ofIntegers;
  }
}

export class CommonStencils {
  readonly move: Banks;
  readonly swap: Banks;
  readonly reload: Banks;
  readonly spill: Banks;
  readonly jump: StencilFamily;
  readonly exitStub: StencilFamily;

  constructor(table: StencilTable) {
    this.move = new Banks(table, 'move');
    this.swap = new Banks(table, 'swap');
    this.reload = new Banks(table, 'reload');
    this.spill = new Banks(table, 'spill');
    this.jump = familyOf(table, 'jump');
    this.exitStub = familyOf(table, 'exit.stub');
  }
}

const familyOf = (table: StencilTable, name: string): StencilFamily => defined(table.family(name), 'stencil', name);
