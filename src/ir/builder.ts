/** Making functions, blocks and instructions. */
import { invariant } from '#support/invariant.ts';
import { opInfo, type OpName } from './ops.ts';
import {
  blockId, valueId,
  type Block, type BlockId, type Edge, type ExitKind, type Fn, type FrameState, type Immediate, type Instruction,
  type Origin, type Terminator, type ValueId, type ValueType,
} from './types.ts';
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

export function emptyFrameState(): FrameState {
  return { code: 0, offset: 0, locals: [], stack: [], globals: [] };
}

function unterminated(): Terminator {
  return { kind: 'exit', exitKind: 'deopt', reason: UNTERMINATED, frameState: emptyFrameState() };
}

export const isUnterminated = (block: Block): boolean =>
  block.terminator.kind === 'exit' && block.terminator.reason === UNTERMINATED;

export const edge = (block: BlockId, args: readonly ValueId[] = []): Edge => ({ block, args: [...args] });

/** An instruction that is in no block yet; its result, if the op has one, is a new value of `fn`. */
export function makeInstruction(fn: Fn, op: OpName, args: readonly ValueId[], options: EmitOptions = {}): Instruction {
  const info = opInfo(op);
  const instruction: Instruction = { op, args: [...args], immediates: options.immediates ?? [] };
  if (info.result !== 'none') instruction.result = newValue(fn, info.result);
  if (options.frameState) instruction.frameState = options.frameState;
  if (options.ownedAtExit) instruction.ownedAtExit = options.ownedAtExit;
  if (options.origin) instruction.origin = options.origin;
  return instruction;
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

  exit(exitKind: ExitKind, reason: string, frameState: FrameState, options: Pick<EmitOptions, 'origin' | 'ownedAtExit'> = {}): void {
    this.terminate({
      kind: 'exit', exitKind, reason, frameState,
      ...(options.origin ? { origin: options.origin } : {}),
      ...(options.ownedAtExit ? { ownedAtExit: options.ownedAtExit } : {}),
    });
  }
}
