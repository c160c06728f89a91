/** What one instruction does to registers, stack and control flow: what `verify-code.ts` and `armature stencils show` ask. */

/** One bit a register, by the processor's own numbers; on AArch64 bit 31 of `integer` is SP. */
export interface RegisterSet {
  readonly integer: number;
  readonly float: number;
}

export type Flow =
  | { readonly kind: 'next' }
  /** Distance in bytes from the start of the instruction. */
  | { readonly kind: 'jump' | 'branch' | 'call'; readonly distance: number }
  | { readonly kind: 'indirect_jump' | 'indirect_call' }
  /** Return or trap. */
  | { readonly kind: 'return' | 'trap' };

export interface Effects {
  readonly size: number;
  readonly reads: RegisterSet;
  readonly writes: RegisterSet;
  readonly flow: Flow;
  /** Distance from the start of the instruction to data addressed relative to it. */
  readonly literal: number | undefined;
  /** Distance to the place whose address is taken. */
  readonly place: number | undefined;
  /** Bytes added to the stack pointer; undefined: it is set in a way that cannot be followed. */
  readonly stack: number | undefined;
  /** The integer register pushed or popped, when this is what the instruction does. */
  readonly pushed: number | undefined;
  readonly popped: number | undefined;
}

/** Undefined: an instruction that stencils do not contain. */
export type EffectsDecoder = (code: Uint8Array, at: number) => Effects | undefined;

export const NO_REGISTERS: RegisterSet = { integer: 0, float: 0 };

const plainEffects: Effects = {
  size: 4, reads: NO_REGISTERS, writes: NO_REGISTERS, flow: { kind: 'next' }, literal: undefined, place: undefined, stack: 0, pushed: undefined, popped: undefined,
};

export const effects = (known: Partial<Effects>): Effects => ({ ...plainEffects, ...known });

export const union = (a: RegisterSet, b: RegisterSet): RegisterSet =>
  ({ integer: a.integer | b.integer, float: a.float | b.float });

/** Numbers of the registers in a set of one bank. */
export function registerNumbers(set: number): number[] {
  return Array.from({ length: 32 }, (_, i) => i).filter((i) => (set >>> i) & 1);
}
