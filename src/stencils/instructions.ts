/**
 * A stencil as a list of instructions, so that passes can remove and turn jumps without knowing the processor.
 *
 * Only control transfers are understood; everything else is bytes with holes.
 */
import type { ObjectFormat } from './object-file.ts';
import type { Hole, HoleKind, HoleSymbol } from './table.ts';

/** Index of an instruction in the same list, or a hole outside the stencil. */
export type JumpTarget = number | 'CONTINUE' | 'TARGET';

export type StencilInstruction =
  /** Offsets of holes are relative to the instruction. `ends`: control never goes past it (return, trap). */
  | { readonly kind: 'plain'; readonly bytes: Uint8Array; readonly holes: readonly Hole[]; readonly ends: boolean }
  | { readonly kind: 'jump'; readonly target: JumpTarget }
  /** `condition` is the processor's own encoding; see Processor.invert. */
  | { readonly kind: 'branch'; readonly condition: number; readonly target: JumpTarget };

/** What differs between processors. */
export interface Processor {
  /** Splits code into instructions. Jump targets are byte offsets in `code` here. Unknown instructions are errors. */
  decode(code: Uint8Array, holes: readonly Hole[]): DecodedInstruction[];
  invert(condition: number): number;
  encode(instructions: readonly StencilInstruction[]): { readonly code: Uint8Array; readonly holes: readonly Hole[] };
  /** Undefined: unknown relocation. */
  holeKind(format: ObjectFormat, relocationType: number, symbol: string): HoleKind | undefined;
}

export interface DecodedInstruction {
  readonly offset: number;
  readonly size: number;
  readonly instruction: StencilInstruction;
}

export const isExternal = (target: JumpTarget): target is 'CONTINUE' | 'TARGET' => typeof target === 'string';

export const externalTarget = (symbol: HoleSymbol): 'CONTINUE' | 'TARGET' | undefined =>
  symbol === 'CONTINUE' || symbol === 'TARGET' ? symbol : undefined;

/** True when control goes from this instruction to the next one in the list. */
export const fallsThrough = (instruction: StencilInstruction): boolean =>
  instruction.kind === 'branch' || (instruction.kind === 'plain' && !instruction.ends);
