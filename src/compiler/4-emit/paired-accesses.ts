/** Which loads of spill slots that follow each other become pairs, and which stores: those of neighbouring slots. */
import type { StencilFamily, StencilTable } from '#stencils/table.ts';
import { isFloatRegister, REGISTERS_PER_BANK } from './machine.ts';

export interface SlotAccess {
  /** 0–7 are r0–r7, 8–15 f0–f7. */
  readonly register: number;
  readonly slot: number;
}

export interface PairedStencil {
  readonly family: StencilFamily;
  readonly variant: number;
  readonly immediate: number;
}

/** Highest place, in units of 8 bytes from the base, of the first of a pair. */
const LAST_PLACE = 63;

type PairedName = 'spill.r' | 'spill.f' | 'reload.r' | 'reload.f';

export class PairedAccesses {
  /** Its stencils write an argument of a call. */
  readonly argument: StencilFamily;
  readonly #table: StencilTable;
  readonly #twoArguments: StencilFamily;
  readonly #firstSlotByte: number;

  private constructor(table: StencilTable, argument: StencilFamily, twoArguments: StencilFamily, firstSlotByte: number) {
    this.#table = table;
    this.argument = argument;
    this.#twoArguments = twoArguments;
    this.#firstSlotByte = firstSlotByte;
  }

  /** Undefined: the processor has no pairs. */
  static of(table: StencilTable, firstSlotByte: number): PairedAccesses | undefined {
    const argument = table.family('arg.store'), twoArguments = table.family('arg.store.pair');
    return argument && twoArguments && new PairedAccesses(table, argument, twoArguments, firstSlotByte);
  }

  /** Of two slots, the lower first. */
  ofSlots(first: SlotAccess, second: SlotAccess, areLoads: boolean): PairedStencil | undefined {
    const isFloat = isFloatRegister(first.register), immediate = this.#firstSlotByte + first.slot * 8;
    if (second.slot !== first.slot + 1 || immediate > LAST_PLACE * 8) return undefined;
    if (isFloat !== isFloatRegister(second.register) || (areLoads && first.register === second.register)) return undefined;
    const name: PairedName = areLoads ? (isFloat ? 'reload.f' : 'reload.r') : isFloat ? 'spill.f' : 'spill.r';
    const family = this.#table.family(`${name}.pair`);
    return family && { family, immediate, variant: (first.register % REGISTERS_PER_BANK) * REGISTERS_PER_BANK + second.register % REGISTERS_PER_BANK };
  }

  /** Of two arguments, by place and register, in either order. All of them are within reach. */
  ofArguments(place: number, register: number, nextPlace: number, nextRegister: number): PairedStencil | undefined {
    if (Math.abs(place - nextPlace) !== 1) return undefined;
    const [immediate, first, second] = place < nextPlace ? [place, register, nextRegister] : [nextPlace, nextRegister, register];
    return { family: this.#twoArguments, immediate, variant: first * REGISTERS_PER_BANK + second };
  }
}

/**
 * `run`: loads only, or stores only, with nothing between them, which may change places unless two are to the same register
 * or slot.
 */
export function sortedAccesses(run: SlotAccess[], areLoads: boolean): SlotAccess[] {
  const written = new Set<number>();
  for (const { register, slot } of run) written.add(areLoads ? register : slot);
  return written.size === run.length ? run.sort((a, b) => a.slot - b.slot) : run;
}
