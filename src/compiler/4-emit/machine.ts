/** What the steps of the emitter hand to each other. Registers are numbered in one space: 0–7 are r0–r7, 8–15 f0–f7. */
import type { BlockId, ExitKind, FrameState, Instruction, Origin, ValueId } from '#ir/types.ts';
import type { StencilFamily } from '#stencils/table.ts';

export const REGISTERS_PER_BANK = 8;
export const REGISTER_COUNT = 16;
export const FIRST_FLOAT = 8;

export const isFloatRegister = (register: number): boolean => register >= FIRST_FLOAT;

/** Bits of a register set. */
export const INTEGER_REGISTERS = 0x00ff;
export const FLOAT_REGISTERS = 0xff00;

export const NO_VALUE = -1;

/** A 64-bit literal-pool entry. */
export type Literal =
  | { readonly kind: 'bits'; readonly bits: bigint }
  | { readonly kind: 'object'; readonly index: number }
  | { readonly kind: 'symbol'; readonly name: string };

/** What goes into the holes of one stencil besides CONTINUE and TARGET. */
export interface Operands {
  readonly immediates: readonly number[];
  readonly literals: readonly Literal[];
  /** C symbols of CALL0, CALL1. */
  readonly calls: readonly string[];
}

/** A place where an instruction leaves compiled code, and where each value is at that moment. */
export interface ExitPoint {
  readonly kind: ExitKind;
  readonly reason: string;
  readonly frameState: FrameState;
  readonly owned: readonly ValueId[];
  readonly origin: Origin | undefined;
  /** The guarded object, for feedback about its type. */
  readonly watched: ValueId | undefined;
  /**
   * Where in `MachineFn.exitValues` the values of the state are, without repetition; constants excepted, they need no place.
   */
  readonly start: number;
  readonly end: number;
  /** The next exit of the block has the same state: what is alive here is alive there, so the uses of this one say nothing new. */
  isRepeated: boolean;
  /** Register of `watched`, NO_VALUE when it is in its spill slot. Set by the register allocator. */
  watchedRegister: number;
}

/** Whether the exit rebuilds the same frames, and gives up the same references. */
export const isSameState = (exit: ExitPoint, frameState: FrameState, owned: readonly ValueId[]): boolean =>
  exit.frameState === frameState && exit.owned.length === owned.length && exit.owned.every((value, i) => value === owned[i]);

/** An instruction whose stencil family is chosen. */
export interface Selected {
  readonly family: StencilFamily;
  readonly args: readonly ValueId[];
  readonly result: ValueId | undefined;
  readonly operands: Operands;
  readonly exit: ExitPoint | undefined;
  readonly source: Instruction | undefined;
}

/** A constant: materialised where it is used, never spilled. */
export interface Constant {
  readonly family: StencilFamily;
  readonly operands: Operands;
  readonly source: Instruction;
}

export interface MachineEdge {
  readonly to: MachineBlock;
  readonly args: readonly ValueId[];
}

export type MachineTerminator =
  | { readonly kind: 'jump'; readonly edge: MachineEdge }
  | {
      readonly kind: 'branch';
      /** Goes to `then` when it jumps, to `else` when it falls through. */
      readonly family: StencilFamily;
      /** Jumps to `else` and falls through to `then`. */
      readonly inverted: StencilFamily;
      readonly operands: Operands;
      readonly args: readonly ValueId[];
      readonly then: MachineEdge;
      readonly else: MachineEdge;
    }
  | { readonly kind: 'exit'; readonly exit: ExitPoint };

export interface MachineBlock {
  /** Position in the linear order. */
  index: number;
  /** Block of the function; undefined for a block made to split a critical edge. */
  readonly id: BlockId | undefined;
  readonly params: readonly ValueId[];
  readonly instructions: Selected[];
  terminator: MachineTerminator;
  readonly predecessors: { readonly block: MachineBlock; readonly edge: MachineEdge }[];
  readonly loop: MachineLoop | undefined;
  readonly isHeader: boolean;
  readonly isCold: boolean;
}

export interface MachineLoop {
  readonly header: BlockId;
  readonly depth: number;
  readonly parent: MachineLoop | undefined;
}

export const successors = (t: MachineTerminator): readonly MachineEdge[] =>
  t.kind === 'jump' ? [t.edge] : t.kind === 'branch' ? [t.then, t.else] : [];
