/** What the passes know about ops beyond the op table. */
import { immediateAt, immediateBigInt } from '#ir/immediates.ts';
import { opInfo, type OpName } from '#ir/ops.ts';
import type { Block, Fn, Immediate, Instruction, ValueId } from '#ir/types.ts';
import type { PassContext } from '../pass.ts';

const set = (...names: OpName[]): ReadonlySet<OpName> => new Set(names);

/**
 * Guards that fail only because a Python int would not fit a machine word. When nobody uses the result the check can go:
 * Python itself would have done nothing one can see.
 */
const OVERFLOW_ONLY = set(
  'int.add', 'int.sub', 'int.mul', 'int.neg', 'int.abs', 'int.add_imm', 'int.mul_imm', 'int.shl_imm',
  'int.to_float_exact',
);

/** Reads whose failure Python could see, or that take something over. */
const KEPT_READS = set('py.take_stack', 'py.load_global', 'py.load_cell', 'py.unpack_item');

/** True when an instruction may go once its result is unused. */
export function isRemovable(instruction: Instruction): boolean {
  const info = opInfo(instruction.op);
  if (info.result === 'none') return false;
  // Making a number writes memory, but nobody sees a number that is not used.
  if (instruction.op === 'box.int' || instruction.op === 'box.float') return true;
  if (info.effect === 'write' || info.effect === 'opaque') return false;
  if (KEPT_READS.has(instruction.op)) return false;
  if (!info.guard || OVERFLOW_ONLY.has(instruction.op)) return true;
  return instruction.op === 'py.local' || (instruction.op.startsWith('py.') && info.effect === 'pure');
}

/** Outside events, the outcome of the call just made, objects with an identity: never the same twice. */
const VOLATILE = set('obj.ends_quietly', 'dict.item_ends_quietly', 'instance.at_exit', 'safepoint', 'check.tracing', 'check.written', 'check.error', 'check.error_int', 'py.safepoint');

/**
 * What an instruction's outcome depends on besides its operands.
 * - `nothing`: the same operands always give the same outcome.
 * - `types`: the types of objects, versions, keys of dicts: only opaque ops change them.
 * - `lengths`: lengths of lists, dicts and bytearrays: opaque ops and `list.append` change them.
 * - `memory`: any write or opaque op may change it, or end the life of a borrowed result.
 * - `volatile`: not to be shared or moved at all.
 */
export type Dependence = 'nothing' | 'types' | 'lengths' | 'memory' | 'volatile';

const IMMUTABLE = set('bytes.length', 'bytes.item', 'str.length', 'str.code', 'tuple.length');
const TYPES = set('guard.type', 'obj.has_type', 'guard.type_version', 'guard.class_version', 'guard.class_keys_version', 'guard.function', 'guard.code', 'guard.global', 'guard.dict_keys', 'values.check');
const LENGTHS = set('list.length', 'dict.length', 'bytearray.length');

/**
 * True when instances of a type never change their type. CPython's own types, named by symbol, are such types, except that
 * the `__class__` of a module can be assigned.
 */
export function isStaticType(type: Immediate, context: PassContext): boolean {
  if (typeof type === 'string') return type.startsWith('@') && type !== '@PyModule_Type';
  return context.staticTypes?.has(Number(type)) === true;
}

export function dependence(instruction: Instruction, context: PassContext): Dependence {
  const { op } = instruction;
  const info = opInfo(op);
  if (VOLATILE.has(op) || info.effect === 'write' || info.effect === 'opaque' || info.ownership === 'owned') return 'volatile';
  // Ops without result that are not guards act by being executed (arg.store).
  if (info.result === 'none' && !info.guard) return 'volatile';
  if (op.startsWith('py.')) return op === 'py.const' || op === 'py.int' || op === 'py.is' ? 'nothing' : 'volatile';
  if ((op === 'guard.type' || op === 'obj.has_type') && isStaticType(immediateAt(instruction, 0), context)) return 'nothing';
  if (TYPES.has(op)) return 'types';
  if (info.effect === 'pure' || IMMUTABLE.has(op)) return 'nothing';
  return LENGTHS.has(op) ? 'lengths' : 'memory';
}

/** Kinds of dependence that executing this instruction may invalidate. */
export function invalidates(instruction: Instruction): readonly Dependence[] {
  switch (opInfo(instruction.op).effect) {
    case 'pure':
    case 'read': return [];
    case 'write': return instruction.op === 'list.append' ? ['lengths', 'memory'] : ['memory'];
    case 'opaque': return ['types', 'lengths', 'memory'];
  }
}

/** Defining instruction of each value, by id; parameters have none. */
export function definitions(fn: Fn): (Instruction | undefined)[] {
  const defs: (Instruction | undefined)[] = new Array(fn.nextValue);
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) if (i.result !== undefined) defs[i.result] = i;
  }
  return defs;
}

/** The i64 a value is known to be. */
export function constantInt(defs: readonly (Instruction | undefined)[], v: ValueId): bigint | undefined {
  const def = defs[v];
  return def?.op === 'const.int' ? immediateBigInt(def) : undefined;
}

/** Drops what only guards need, after an instruction became an op that cannot leave. */
export function forgetExit(instruction: Instruction): void {
  instruction.frameState = undefined;
  instruction.ownedAtExit = undefined;
}

/** Turns an instruction into another op with the same result, in place. Exit information goes if the new op needs none. */
export function become(instruction: Instruction, op: OpName, args: readonly ValueId[], immediates: Instruction['immediates'] = []): Instruction {
  // `op` is readonly so that nobody changes it by accident; here it is on purpose.
  (instruction as { op: OpName }).op = op;
  instruction.args = [...args];
  instruction.immediates = immediates;
  if (!opInfo(op).guard) forgetExit(instruction);
  return instruction;
}

/** Removes instructions for which `drop` is true; returns whether there were any. */
export function filterInstructions(block: Block, drop: (i: Instruction) => boolean): boolean {
  const before = block.instructions.length;
  block.instructions = block.instructions.filter((i) => !drop(i));
  return block.instructions.length !== before;
}
