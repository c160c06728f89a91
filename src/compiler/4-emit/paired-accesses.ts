/** Which loads of spill slots that follow each other become pairs, and which stores: those of neighbouring slots. */
import type { StencilFamily, StencilTable } from '#stencils/table.ts';
import { isFloatRegister } from './compute-live-ranges.ts';
import { REGISTERS_PER_BANK } from './machine.ts';
import { pairFamily, type PairFamily, type PairName } from './pair-families.ts';

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

export class PairedAccesses {
  /** The family whose stencils write an argument of a call. */
  readonly argument: StencilFamily;
  readonly #families: Readonly<Record<PairName, PairFamily>>;
  readonly #firstSlotByte: number;

  private constructor(argument: StencilFamily, families: Readonly<Record<PairName, PairFamily>>, firstSlotByte: number) {
    this.argument = argument;
    this.#families = families;
    this.#firstSlotByte = firstSlotByte;
  }

  /** Undefined: the processor has no pairs. */
  static of(table: StencilTable, firstSlotByte: number): PairedAccesses | undefined {
    const argument = table.family('arg.store');
    const names: readonly PairName[] = ['spill.r', 'spill.f', 'reload.r', 'reload.f', 'arg.store'];
    const families = names.flatMap((name) => {
      const family = pairFamily(table, name);
      return family === undefined ? [] : [[name, family] as const];
    });
    if (argument === undefined || families.length !== names.length) return undefined;
    return new PairedAccesses(argument, Object.fromEntries(families) as Record<PairName, PairFamily>, firstSlotByte);
  }

  /** Of two slots, the lower first. */
  ofSlots(first: SlotAccess, second: SlotAccess, areLoads: boolean): PairedStencil | undefined {
    const isFloat = isFloatRegister(first.register);
    if (second.slot !== first.slot + 1 || isFloat !== isFloatRegister(second.register) || (areLoads && first.register === second.register)) return undefined;
    const { family, last } = this.#families[areLoads ? (isFloat ? 'reload.f' : 'reload.r') : isFloat ? 'spill.f' : 'spill.r'];
    const immediate = this.#firstSlotByte + first.slot * 8;
    return immediate > last ? undefined : { family, immediate, variant: (first.register % REGISTERS_PER_BANK) * REGISTERS_PER_BANK + second.register % REGISTERS_PER_BANK };
  }

  /** Of two arguments, by place and register, in either order. */
  ofArguments(place: number, register: number, nextPlace: number, nextRegister: number): PairedStencil | undefined {
    const { family, last } = this.#families['arg.store'];
    const lower = Math.min(place, nextPlace);
    if (Math.abs(place - nextPlace) !== 1 || lower > last) return undefined;
    const [first, second] = lower === place ? [register, nextRegister] : [nextRegister, register];
    return { family, immediate: lower, variant: first * REGISTERS_PER_BANK + second };
  }
}

/**
 * `run`: loads only, or stores only, with nothing between them, which may change places unless two are to the same register
 * or slot.
 */
export function sortedAccesses(run: SlotAccess[], areLoads: boolean): SlotAccess[] {
  const written = new Set(run.map(({ register, slot }) => (areLoads ? register : slot)));
  return written.size === run.length ? run.sort((a, b) => a.slot - b.slot) : run;
}
