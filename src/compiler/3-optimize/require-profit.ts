/**
 * Refuses a unit that would be slower than the interpreter: one whose loops do little besides calling Python functions.
 *
 *   for _ in range(n): total += Machine(program).run()
 *
 * CPython runs such a callee in the same activation of its evaluator; compiled code has to go through a new one. What the
 * callees do is compiled apart from this.
 */
import { Graph } from '#ir/graph.ts';
import { opInfo } from '#ir/ops.ts';
import type { Block, Fn, Instruction, Origin } from '#ir/types.ts';
import { Bailout } from '#support/bailout.ts';

/** Nanoseconds, on x86-64 of 2024: what the interpreter needs for dispatch and operands of an instruction. */
const GAIN_OF_BYTECODE = 4;
/** What unboxed arithmetic saves beyond that. */
const GAIN_OF_ARITHMETIC = 8;
/** A number made for somebody who wants an object. */
const COST_OF_BOX = 8;
/** A call through a new activation of the evaluator, over one in the same. */
const COST_OF_PYTHON_CALL = 100;
/** A step of a generator, for which that activation is a small one. */
const COST_OF_GENERATOR_STEP = 45;
/** A call that is part of the unit: no frame is made for it. */
const GAIN_OF_INLINED_CALL = 30;
/** How often an inner loop goes round for each turn of the loop around it. */
const TURNS_OF_INNER_LOOP = 8;

const PYTHON_CALL = /^(CALL_(PY|BOUND_METHOD|KW_PY|KW_BOUND_METHOD|ALLOC_AND_ENTER)|PRECALL_BOUND|LOAD_ATTR_PROPERTY|BINARY_(OP_)?SUBSCR_GETITEM)/;
const ARITHMETIC = /^(int|float)\./;

export interface NotInlined {
  /** Why calls of classes and operators are not part of the unit. */
  readonly notInlined: readonly string[];
  /** Functions were left out that are large, and nothing else. */
  readonly hasLargeCallees: boolean;
}

export class CallsDominate extends Bailout {
  readonly hasLargeCallees: boolean;
  constructor({ notInlined, hasLargeCallees }: NotInlined) {
    const because = notInlined.length === 0 ? '' : `; not made part of them: ${[...new Set(notInlined)].join(', ')}`;
    super('calls-dominate', `its loops do little besides calling Python functions${because}`);
    this.hasLargeCallees = hasLargeCallees;
  }
}

/** `specialization`: name of the form in which the interpreter has the bytecode instruction of an origin. */
export function requireProfit(fn: Fn, specialization: (origin: Origin) => string, notInlined: NotInlined = { notInlined: [], hasLargeCallees: false }): void {
  const graph = new Graph(fn);
  const depth = new Map<Block['id'], number>();
  for (const loop of graph.loops()) for (const id of loop.blocks) depth.set(id, Math.max(depth.get(id) ?? 0, loop.depth));
  let gain = 0;
  for (const block of graph.order) {
    const turns = depth.get(block.id);
    if (turns !== undefined) gain += gainOf(block, specialization) * TURNS_OF_INNER_LOOP ** (turns - 1);
  }
  if (depth.size > 0 && gain < 0) throw new CallsDominate(notInlined);
}

function gainOf(block: Block, specialization: (origin: Origin) => string): number {
  const bytecodes = new Set<string>();
  let gain = 0;
  for (const i of block.instructions) {
    if (i.origin) bytecodes.add(`${i.origin.code}:${i.origin.offset}`);
    gain += gainOfOp(i, specialization);
  }
  return gain + bytecodes.size * GAIN_OF_BYTECODE;
}

function gainOfOp(i: Instruction, specialization: (origin: Origin) => string): number {
  if (i.op.startsWith('call.')) return i.origin ? -costOfCall(specialization(i.origin)) : 0;
  if (i.op === 'guard.code' || i.op === 'guard.function') return GAIN_OF_INLINED_CALL;
  if (i.op === 'box.int' || i.op === 'box.float') return -COST_OF_BOX;
  return ARITHMETIC.test(i.op) && opInfo(i.op).result !== 'none' ? GAIN_OF_ARITHMETIC : 0;
}

function costOfCall(form: string): number {
  if (form === 'FOR_ITER_GEN') return COST_OF_GENERATOR_STEP;
  return PYTHON_CALL.test(form) ? COST_OF_PYTHON_CALL : 0;
}
