/** Making functions, blocks and instructions. */
import { invariant } from '#support/invariant.ts';
import { opInfo, type OpName } from './ops.ts';
import {
  blockId, valueId,
  type Block, type BlockId, type Edge, type Exit, type ExitKind, type Fn, type FrameState, type Immediate, type Instruction,
  type Origin, type Terminator, type ValueId, type ValueType,
} from './types.ts';
import { emptyFrameState } from './frame-states.ts';
import { blockOf } from './graph.ts';
import { ValueTypes } from './value-types.ts';

/** Reason of the terminator of a block that has not got one yet; the verifier refuses it. */
export const UNTERMINATED = 'unterminated';

export interface EmitOptions {
  readonly immediates?: Immediate[];
  readonly frameState?: FrameState | undefined;
  readonly ownedAtExit?: ValueId[] | undefined;
  readonly origin?: Origin | undefined;
}

type ExitOptions = Pick<EmitOptions, 'origin' | 'ownedAtExit'>;

/** A function with an empty entry block. */
export function createFunction(name: string): Fn {
  const fn: Fn = { name, entry: blockId(0), blocks: new Map(), types: new ValueTypes(), nextValue: 0, nextBlock: 0 };
  fn.entry = addBlock(fn).id;
  return fn;
}

export function newValue(fn: Fn, type: ValueType): ValueId {
  const id = valueId(fn.nextValue++);
  fn.types.set(id, type);
  return id;
}

export function addBlock(fn: Fn, paramTypes: readonly ValueType[] = []): Block {
  const block: Block = {
    id: blockId(fn.nextBlock++),
    params: paramTypes.map((type) => newValue(fn, type)),
    instructions: [],
    terminator: unterminated(),
    isLoopHeader: false,
  };
  fn.blocks.set(block.id, block);
  return block;
}

export const exitAt = (exitKind: ExitKind, reason: string, frameState: FrameState, { origin, ownedAtExit }: ExitOptions = {}): Exit =>
  ({ kind: 'exit', exitKind, reason, frameState, origin, ownedAtExit });

/** The terminator of a block until it gets its own. */
export const unterminated = (): Terminator => exitAt('deopt', UNTERMINATED, emptyFrameState());

export const isUnterminated = (block: Block): boolean =>
  block.terminator.kind === 'exit' && block.terminator.reason === UNTERMINATED;

export const edge = (block: BlockId, args: readonly ValueId[] = []): Edge => ({ block, args: [...args] });

/** An instruction that is in no block yet; its result, if the op has one, is a new value of `fn`. */
export function makeInstruction(fn: Fn, op: OpName, args: readonly ValueId[], options: EmitOptions = {}): Instruction {
  const { result } = opInfo(op);
  return instructionWith(op, [...args], result === 'none' ? undefined : newValue(fn, result), options);
}

export function instructionWith(
  op: OpName, args: ValueId[], result: ValueId | undefined, { immediates, frameState, origin, ownedAtExit }: EmitOptions = {},
): Instruction {
  return { op, args, immediates: immediates ?? [], result, frameState, origin, ownedAtExit };
}

/** Appends to a current block. */
export class Builder {
  readonly fn: Fn;
  #block: Block;

  constructor(fn: Fn) {
    this.fn = fn;
    this.#block = blockOf(fn, fn.entry);
  }

  get block(): Block {
    return this.#block;
  }

  createBlock(paramTypes: readonly ValueType[] = []): Block {
    return addBlock(this.fn, paramTypes);
  }

  switchTo(block: Block): void {
    this.#block = block;
  }

  addParam(block: Block, type: ValueType): ValueId {
    const value = newValue(this.fn, type);
    block.params.push(value);
    return value;
  }

  emit(op: OpName, args: readonly ValueId[] = [], options: EmitOptions = {}): Instruction {
    const instruction = makeInstruction(this.fn, op, args, options);
    this.#block.instructions.push(instruction);
    return instruction;
  }

  /** Emits an op that has a result. */
  value(op: OpName, args: readonly ValueId[] = [], options: EmitOptions = {}): ValueId {
    const { result } = this.emit(op, args, options);
    invariant(result !== undefined, `${op} has no result`);
    return result;
  }

  terminate(terminator: Terminator): void {
    invariant(isUnterminated(this.#block), `block${this.#block.id} already has a terminator`);
    this.#block.terminator = terminator;
  }

  jump(block: BlockId, args: readonly ValueId[] = []): void {
    this.terminate({ kind: 'jump', target: edge(block, args) });
  }

  branch(condition: ValueId, then: Edge, otherwise: Edge): void {
    this.terminate({ kind: 'branch', condition, then, else: otherwise });
  }

  exit(exitKind: ExitKind, reason: string, frameState: FrameState, options: ExitOptions = {}): void {
    this.terminate(exitAt(exitKind, reason, frameState, options));
  }
}
