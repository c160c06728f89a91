/**
 * Which values end unnoticed when an instruction is through with them. Whatever else dies may run a finaliser, so the code must be
 * ready for any Python code to run there.
 */
import type { OpName } from '#ir/ops.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import type { ObjectInfo } from '#protocol/request.ts';
import { PLAIN_TYPES } from '../3-optimize/specialize-types/builtins.ts';
import type { Frame } from './frame.ts';
import { ENDS_UNNOTICED, mayEndNoisily, mayRunFinaliser } from './may-run-python.ts';
import type { Unit } from './unit.ts';

/** What they make is a number or text, or they run Python code. */
const MAKES_NUMBERS: ReadonlySet<OpName> = new Set<OpName>(['py.int', 'py.has_flag', 'py.length', 'py.unary', 'py.binary', 'py.compare', 'py.compare_truth', 'py.call']);

/** What they read is still held by what they read it from. */
const READS: ReadonlySet<OpName> = new Set<OpName>(['py.attribute', 'py.subscript', 'py.load_cell', 'py.load_global']);

/** They put nothing into another place and let nothing go. */
const KEEPS: ReadonlySet<OpName> = new Set<OpName>([
  ...READS, 'py.const', 'py.int', 'py.unary', 'py.binary', 'py.compare', 'py.compare_truth', 'py.is', 'py.contains', 'py.truth', 'py.has_flag', 'py.length',
  'py.guard_global', 'py.guard_quiet', 'py.guard_type', 'py.guard_type_version', 'py.guard_keys_version', 'py.guard_is', 'py.guard_is_not', 'py.guard_number', 'py.guard_code', 'py.guard_function',
  'guard.dict_keys', 'py.make_instance', 'py.build_list', 'py.build_tuple', 'py.build_string', 'py.unpack_check', 'py.after_call', 'py.safepoint',
]);

/** After an instruction that ran no Python code: what it made, and what it may have written. `overwritten`: type of what it let go. */
export function noteLifetime(f: Frame, { op, args, result }: Instruction, overwritten: string | undefined): void {
  const { unit } = f;
  if (!KEEPS.has(op) && !PLAIN_TYPES.has(overwritten ?? '')) unit.borrowed.clear();
  if (op === 'py.store_attribute') unit.quiet.delete(args[0]!);
  if (result === undefined) return;
  const type = unit.typeOf(result);
  if (MAKES_NUMBERS.has(op) && (type === undefined ? !mayMakeOther(f, op, args) : PLAIN_TYPES.has(type))) unit.quiet.add(result);
  else if (READS.has(op) && args.every((v) => isHeld(f, v))) unit.borrowed.add(result);
}

/** `rows.pop()`, `[x] * 2`. */
function mayMakeOther({ unit }: Frame, op: OpName, args: readonly ValueId[]): boolean {
  if (op !== 'py.call') return args.some((v) => !ENDS_UNNOTICED.has(unit.typeOf(v) ?? 'int'));
  const callee = unit.constant(args[0]!);
  const info = callee === undefined ? undefined : unit.object(callee);
  const owner = info?.kind === 'method_descriptor' ? unit.object(info.owner) : undefined;
  return owner?.kind === 'type' && owner.name === 'list';
}

export const lifetimeOf = (unit: Unit, value: ValueId): 'quiet' | 'borrowed' | undefined => (unit.quiet.has(value) ? 'quiet' : unit.borrowed.has(value) ? 'borrowed' : undefined);

/** Any Python code may have run. */
export function forgetLifetimes(unit: Unit): void {
  unit.quiet.clear();
  unit.borrowed.clear();
}

/** A new object with these attributes, of a class that has no finaliser. */
export function noteInstance({ unit }: Frame, made: ValueId, attributes: readonly ValueId[]): void {
  if (attributes.every((v) => unit.quiet.has(v) || isPlainConstant(unit, v))) unit.quiet.add(made);
}

const PLAIN_CONSTANTS: ReadonlySet<ObjectInfo['kind']> = new Set<ObjectInfo['kind']>(['none', 'bool', 'int', 'float', 'str', 'bytes']);

function isPlainConstant(unit: Unit, value: ValueId): boolean {
  const object = unit.constant(value);
  return object !== undefined && PLAIN_CONSTANTS.has(unit.object(object).kind);
}

function isHeldByCallers(f: Frame, value: ValueId): boolean {
  for (let s = f.before.caller; s; s = s.caller) if (s.locals.includes(value) || s.stack.includes(value)) return true;
  return false;
}

/** Somebody else holds the value: a local, the operand stack, an object. */
function isHeld(f: Frame, value: ValueId): boolean {
  const { unit, state } = f;
  if (unit.constant(value) !== undefined || unit.borrowed.has(value)) return true;
  if (state.locals.includes(value) || state.stack.includes(value)) return true;
  return isHeldByCallers(f, value);
}

/** As isHeld, for an operand: it is on the stack once at least. With an iterator nothing else dies when what it goes through is held. */
export function isHeldElsewhere(f: Frame, value: ValueId): boolean {
  const { state, unit } = f;
  const iterable = unit.iterables.get(value);
  if (iterable !== undefined && isHeld(f, iterable)) return true;
  if (unit.constant(value) !== undefined || unit.placeholders.has(value) || state.locals.includes(value) || state.globals.includes(value)) return true;
  if (state.stack.filter((v) => v === value).length > 1) return true;
  return isHeldByCallers(f, value);
}

/** A type whose end everybody notices. */
export const NOISY = 'object';

/** The end of a value that no other instruction sees to. `type`: for mayRunPython. */
export function release(f: Frame, value: ValueId, type: string | undefined): void {
  f.emit('py.release', [value], [mayEndNoisily(type) ? 1 : 0], type);
}

/** Operands that nobody else holds die with the instruction, which has come to its end. */
export function releaseOperands(f: Frame, operands: readonly ValueId[]): void {
  const { unit } = f;
  const dying = [...new Set(operands)].filter((v) => {
    const type = unit.typeOf(v);
    return !isHeld(f, v) && !unit.quiet.has(v) && (unit.keepsNames ? !PLAIN_TYPES.has(type ?? '') : type === undefined || mayRunFinaliser(type));
  });
  for (const v of dying) release(f, v, unit.keepsNames ? NOISY : unit.typeOf(v) ?? NOISY);
}
