/**
 * The intermediate representation: a control-flow graph in SSA form with block arguments.
 *
 * Values of type `py` are Python values whose representation is not chosen yet; they exist between build and
 * `specializeTypes`. After that pass every value is `obj`, `int`, `float` or `bool`.
 */
import type { OpName } from './ops.ts';
import type { ValueTypes } from './value-types.ts';

declare const brand: unique symbol;
type Id<Tag extends string> = number & { readonly [brand]: Tag };

export type ValueId = Id<'value'>;
export type BlockId = Id<'block'>;

export const valueId = (n: number): ValueId => n as ValueId;
export const blockId = (n: number): BlockId => n as BlockId;

/** Representation of a value. `py`: not chosen yet; `obj`: PyObject *; `int`: i64; `float`: f64; `bool`: 0 or 1. */
export type ValueType = 'py' | 'obj' | 'int' | 'float' | 'bool';

/** An immediate operand; its meaning is given by the op's `immediates` in the op table. */
export type Immediate = number | bigint | string;

/** Every instruction has every field, so that V8 gives all of them one shape, which reading a field is fast with. */
export interface Instruction {
  readonly op: OpName;
  args: ValueId[];
  /** Constants in the order of the op table's `immediates`. */
  immediates: Immediate[];
  /** The value defined, if the op has a result. */
  result: ValueId | undefined;
  /** Where the interpreter goes on if this instruction leaves compiled code. */
  frameState: FrameState | undefined;
  /** Bytecode position: index of the code object and offset in code units. */
  origin: Origin | undefined;
  /**
   * References held where `frameState` applies, set by insertReferenceCounts; one entry is one reference. Occurrences in
   * the frame state take them over, outermost frame first, locals before stack; an occurrence beyond the listed ones is
   * borrowed (the exit adds a reference), a listed one that no occurrence takes is dropped by the exit.
   */
  ownedAtExit: ValueId[] | undefined;
}

export interface Origin {
  readonly code: number;
  readonly offset: number;
}

/** One interpreter frame as an exit would rebuild it. Frames form a chain through `caller` (inlined calls). */
export interface FrameState {
  readonly code: number;
  /** Code unit at which the interpreter continues (for a caller frame: its CALL instruction). */
  readonly offset: number;
  /** By localsplus index. `'home'`: the frame's memory already holds it; `'null'`: unbound. */
  locals: (ValueId | 'home' | 'null')[];
  /** Operand stack, bottom first. */
  stack: (ValueId | 'null')[];
  readonly caller: FrameState | undefined;
  /** Object-table index of the function, for inlined frames. */
  readonly functionObject: number | undefined;
  /** Unboxed module-level names that must be stored before the interpreter goes on. */
  globals: { readonly dict: number; readonly name: number; value: ValueId }[];
}

export interface Jump {
  readonly kind: 'jump';
  target: Edge;
}
/** `condition` is a `bool`. */
export interface Branch {
  readonly kind: 'branch';
  condition: ValueId;
  then: Edge;
  else: Edge;
}
/** Compare and branch in one, made by `fuseCompareBranch`. */
export interface CompareBranch {
  readonly kind: 'compare_branch';
  /** Op of the comparison: `int.lt`, `float.ge`, … */
  compare: OpName;
  args: [ValueId, ValueId];
  then: Edge;
  else: Edge;
}
/** Next item of an iterator: `body`'s first parameter is the item, not listed in `body.args`. Only before specializeTypes. */
export interface ForIter {
  readonly kind: 'for_iter';
  iterator: ValueId;
  body: Edge;
  exhausted: Edge;
  frameState: FrameState;
  origin: Origin | undefined;
}
/** Leaves compiled code for good at this point. `reason` is a code of the reason table. */
export interface Exit {
  readonly kind: 'exit';
  exitKind: ExitKind;
  reason: string;
  frameState: FrameState;
  origin: Origin | undefined;
  /** As in Instruction. */
  ownedAtExit: ValueId[] | undefined;
}
export type Terminator = Jump | Branch | CompareBranch | ForIter | Exit;

export type ExitKind = 'deopt' | 'exception' | 'safepoint' | 'return' | 'unsupported';

export interface Edge {
  block: BlockId;
  args: ValueId[];
}

export interface Block {
  readonly id: BlockId;
  params: ValueId[];
  instructions: Instruction[];
  terminator: Terminator;
  /** True when this is the target of a back edge. */
  isLoopHeader: boolean;
}

export interface Fn {
  readonly name: string;
  entry: BlockId;
  blocks: Map<BlockId, Block>;
  /** Type of each value, by id. */
  types: ValueTypes;
  nextValue: number;
  nextBlock: number;
}
