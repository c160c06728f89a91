/**
 * Machine code templates of one target and CPython layout, as the emitter sees them.
 *
 * A family is one micro-op; its variants differ only in the registers they use. Registers are numbered 0–7 in each bank
 * (r0–r7, f0–f7) and are given in the order: arguments, then result.
 */
import type { Patch } from './patch-list.ts';

export interface Hole {
  /** Byte offset in the stencil's code. */
  readonly offset: number;
  readonly kind: HoleKind;
  readonly symbol: HoleSymbol;
  readonly addend: number;
}

/**
 * - `x86_64.rel32`: 32-bit signed, relative to the hole itself (value = S + A - P; addend is usually -4)
 * - `x86_64.rel8`: the same in 8 bits, of a short jump (addend -1)
 * - `x86_64.abs32`: 32-bit immediate; `x86_64.abs8`: 8 bits of one, 0..255
 * - `aarch64.branch26` (b, bl), `aarch64.branch19` (b.cond, cbz), `aarch64.literal19` (ldr literal): scaled PC-relative fields
 * - `aarch64.movw_g0|g1|g2|g3`: 16 bits of an immediate in movz/movk; `aarch64.imm12`: add/sub/ldr immediate (bits 21..10), unscaled value
 * - `aarch64.imm12_scaled8`: the same field holding value / 8 (byte offset of a 64-bit load or store)
 * - `aarch64.pair7`, `aarch64.pair7_scaled8`: the same two in the 7 bits of a pair of loads or stores, 0..63
 * - `aarch64.logical`: N, immr and imms of a logical immediate; `aarch64.move_wide`: hw and imm16 of movz, movn or movk;
 *   `aarch64.fmov8`: the 8 bits of a floating-point immediate. The value is the field (4-emit/aarch64-constants.ts).
 * - `aarch64.adr21`: distance of an adr, in bytes
 *
 * A movw_g0 hole without a movw_g1 hole of the same symbol, and every imm12 hole, holds a non-negative value that must fit.
 */
export type HoleKind =
  | 'x86_64.rel32' | 'x86_64.rel8' | 'x86_64.abs32' | 'x86_64.abs8'
  | 'aarch64.branch26' | 'aarch64.branch19' | 'aarch64.branch14' | 'aarch64.literal19'
  | 'aarch64.movw_g0' | 'aarch64.movw_g1' | 'aarch64.movw_g2' | 'aarch64.movw_g3' | 'aarch64.imm12' | 'aarch64.imm12_scaled8'
  | 'aarch64.pair7' | 'aarch64.pair7_scaled8' | 'aarch64.logical' | 'aarch64.move_wide' | 'aarch64.fmov8' | 'aarch64.adr21';

/**
 * CONTINUE: the next stencil. TARGET: the exit of a guard, or the taken side of a branch. IMM0…: 32-bit immediates.
 * LIT0…: address of a 64-bit literal-pool slot. CALL0…: address of a C function.
 * OBJ_…, TYPE_…: address of a literal-pool slot that holds the address of a well-known object, or table of them (below).
 * FN_name: address of the C function `name`, always in a direct call.
 */
export type HoleSymbol =
  | 'CONTINUE' | 'TARGET' | `IMM${0 | 1 | 2}` | `LIT${0 | 1 | 2}` | `CALL${0 | 1}` | WellKnownSymbol | `FN_${string}`;

export type WellKnownSymbol = keyof typeof wellKnownSymbols;

/** The C symbol whose address the literal-pool slot holds. */
export const wellKnownSymbols = {
  TYPE_LONG: 'PyLong_Type',
  TYPE_FLOAT: 'PyFloat_Type',
  TYPE_FUNCTION: 'PyFunction_Type',
  OBJ_TRUE: '_Py_TrueStruct',
  OBJ_FALSE: '_Py_FalseStruct',
  OBJ_NONE: '_Py_NoneStruct',
  OBJ_SMALL_INTEGERS: 'armature_small_integers',
} as const;

export interface Stencil {
  readonly code: Uint8Array;
  readonly holes: readonly Hole[];
}

/** With its holes in the form that the emitter wants. */
export interface PreparedStencil extends Stencil {
  readonly patches: readonly Patch[];
}

/** Register banks of the operands of a family: arguments then result. */
export type Bank = 'r' | 'f';

export interface StencilFamily {
  readonly name: string;
  readonly operands: readonly Bank[];
  /** Fixed registers (C calls): the only legal value of each operand, or undefined when any register will do. */
  readonly fixed: readonly (number | undefined)[];
  /** Whether some operand has a fixed register. */
  readonly isFixed: boolean;
  /** True when nothing but r0–r2 (x86-64; AArch64: r0–r7) and the result survives. */
  readonly clobbers: boolean;
  /** Code for these registers. The final jump to CONTINUE is not part of it: execution falls through. */
  variant(registers: readonly number[]): Stencil;
  /** The same for registers written as the digits of one number to the base 8, the first operand in front. */
  variantAt(index: number): PreparedStencil;
}

export interface StencilTable {
  readonly target: 'x86_64-linux' | 'aarch64-linux' | 'x86_64-macos' | 'aarch64-macos' | 'x86_64-windows' | 'aarch64-windows';
  readonly layout: 311 | 314;
  readonly digest: string;
  /** Undefined when there is no such family. */
  family(name: string): StencilFamily | undefined;
  /** Integer registers that survive a C call. */
  readonly calleeSaved: number;
  /** AArch64: calls destroy the link register, which the unit saves where it begins. Else every call saves it. */
  readonly savesLinkOnce: boolean;
}
