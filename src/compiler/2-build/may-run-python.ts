/**
 * Which instructions may run Python code that reads or changes module-level names.
 *
 * This is a promise between build and specializeTypes. Where the answer is no, names stay in registers across the
 * instruction, and specializeTypes must not compile it into anything that may run Python code: it guards or leaves. The
 * answer is therefore no wherever the operands are probably numbers, strings or plain containers, and changes once a guard
 * at that place has failed for a value of another type.
 */
import type { OpName } from '#ir/ops.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import type { ObjectInfo } from '#protocol/request.ts';
import { DIES_ALONE, PLAIN_TYPES } from '../3-optimize/specialize-types/builtins.ts';
import { CALLS_OUT_HERE } from '../3-optimize/specialize-types/uncompilable.ts';
import type { Failure } from './profile.ts';

export interface Surroundings {
  /** Specialised form of the bytecode. */
  readonly form: string;
  readonly failures: readonly Failure[];
  readonly typeOf: (value: ValueId) => string | undefined;
  /** Object-table index of a constant. */
  readonly constant: (value: ValueId) => number | undefined;
  /** Constant callee of py.call. */
  readonly callee: ObjectInfo | undefined;
  readonly objects: readonly ObjectInfo[];
  /** Type of the value that a store overwrites. */
  readonly overwritten: string | undefined;
}

const PLAIN = new Set([
  'int', 'float', 'bool', 'str', 'bytes', 'bytearray', 'NoneType', 'complex', 'list', 'tuple', 'dict', 'set', 'frozenset', 'range', 'slice',
]);
const HARMLESS_AT_DEATH = new Set([
  ...PLAIN, 'function', 'module', 'type', 'cell', 'builtin_function_or_method', 'method_descriptor',
  'range_iterator', 'list_iterator', 'tuple_iterator', 'str_iterator', 'bytes_iterator',
]);
/** They refer to nothing else, or, the last three, are held by what imported or defined them. */
export const ENDS_UNNOTICED: ReadonlySet<string> = new Set([...DIES_ALONE, 'module', 'type', 'method_descriptor']);
const HASHED = new Set(['dict', 'set', 'frozenset', 'str', 'bytes', 'range']);
const ITERABLE = new Set(['list', 'tuple', 'range', 'str', 'bytes', 'dict', 'set', 'frozenset']);
const PLAIN_ITERATORS = new Set([
  'range_iterator', 'list_iterator', 'tuple_iterator', 'str_iterator', 'bytes_iterator', 'str_ascii_iterator', 'bytearray_iterator',
  'dict_keyiterator', 'dict_valueiterator', 'dict_itemiterator', 'set_iterator', 'list_reverseiterator', 'enumerate', 'zip',
]);

/** What build took for plain and specializeTypes had to make a call of. */
const ASSUMED_PLAIN: ReadonlySet<OpName> = new Set<OpName>([
  'py.unary', 'py.binary', 'py.compare', 'py.compare_truth', 'py.truth', 'py.subscript', 'py.store_subscript', 'py.contains', 'py.attribute', 'py.store_attribute', 'py.call',
  'py.get_iter', 'py.format', 'py.convert', 'py.build_map', 'py.build_set',
]);

export function mayRunPython(i: Instruction, s: Surroundings): boolean {
  if (ASSUMED_PLAIN.has(i.op) && s.failures.some((f) => CALLS_OUT_HERE.has(f.reason))) return true;
  const foreign = (v: ValueId): boolean => !isPlain(s.typeOf(v));
  switch (i.op) {
    case 'py.unary':
    case 'py.binary':
    case 'py.compare':
    case 'py.compare_truth':
    case 'py.truth':
      return i.args.some(foreign) || failedForForeign(s);
    case 'py.subscript':
      return i.args.slice(0, 2).some(foreign) || s.form.endsWith('_GETITEM') || failedForForeign(s) || metNamespace(s);
    case 'py.store_subscript':
      return i.args.slice(0, 2).some(foreign) || s.form.endsWith('_GETITEM') || failedForForeign(s) || endedNoisily(s) || metNamespace(s);
    case 'py.store_cell': return endedNoisily(s);
    case 'py.contains':
      return !(HASHED.has(s.typeOf(i.args[0]!) ?? '') || /_(SET|DICT)$/.test(s.form) || isAmongConstants(i, s));
    case 'py.get_iter':
      return !ITERABLE.has(s.typeOf(i.args[0]!) ?? '') && !PLAIN_ITERATORS.has(s.typeOf(i.args[0]!) ?? '');
    // Items die, and there is no compiled form of it.
    case 'py.delete_subscript': return true;
    case 'py.attribute':
    case 'py.store_attribute':
      return !/_ATTR_(INSTANCE_VALUE|SLOT|WITH_HINT|MODULE)$/.test(s.form) || s.failures.some(isAboutAccess);
    case 'py.set_local':
    case 'py.clear_local':
    case 'py.store_global':
    case 'py.release':
      return mayRunFinaliser(s.overwritten);
    case 'py.format':
    case 'py.convert': return !PLAIN_TYPES.has(s.typeOf(i.args[0]!) ?? '') || s.failures.length > 0;
    case 'py.build_map': return i.args.some((v, n) => n % 2 === 0 && !PLAIN_TYPES.has(s.typeOf(v) ?? ''));
    case 'py.build_set': return !i.args.every((v) => PLAIN_TYPES.has(s.typeOf(v) ?? ''));
    // What the set holds already may be anything.
    case 'py.set_add':
    case 'py.set_update':
    case 'py.dict_update': return true;
    case 'py.call': return !isHarmlessCall(s, i.args.slice(1));
    case 'py.call_kw':
    case 'py.call_unpacked': return true;
    default: return false;
  }
}

/** `x in (1, 2, 3)`: compares numbers, texts and None. */
function isAmongConstants(i: Instruction, s: Surroundings): boolean {
  const [container, key] = i.args as [ValueId, ValueId];
  const object = s.constant(container), type = s.typeOf(key);
  const info = object === undefined ? undefined : s.objects[object];
  if ((type !== undefined && !PLAIN_TYPES.has(type)) || s.failures.length > 0) return false;
  return info !== undefined && isPlainTuple(info, s.objects);
}

/** A tuple of numbers, texts and None. */
export const isPlainTuple = (info: ObjectInfo, objects: readonly ObjectInfo[]): boolean =>
  info.kind === 'tuple' && info.items.every((item) => PLAIN_ITEMS.has(objects[item]?.kind ?? 'object'));

const PLAIN_ITEMS: ReadonlySet<ObjectInfo['kind']> = new Set<ObjectInfo['kind']>(['int', 'float', 'bool', 'str', 'none']);

/** Whether the end of life of an object of this type may run Python code. */
export const mayRunFinaliser = (type: string | undefined): boolean => type !== undefined && !HARMLESS_AT_DEATH.has(type);

/** Whether it may be so with what dies along with it. */
export const mayEndNoisily = (type: string | undefined): boolean => type === undefined || !ENDS_UNNOTICED.has(type);

/** Iterators that are not plain run their own code at every step. */
export const mayIterationRunPython = (iterator: string | undefined): boolean => iterator === undefined || !PLAIN_ITERATORS.has(iterator);

/** Python code ran here when something died (quiet-ends.ts). */
export const endedNoisily = ({ failures }: Pick<Surroundings, 'failures'>): boolean => failures.some((f) => f.reason === 'guard.true');

/** The dict was that of names in registers. */
const metNamespace = ({ failures }: Surroundings): boolean => failures.some((f) => f.reason === 'guard.is_not');

const isPlain = (type: string | undefined): boolean => type === undefined || PLAIN.has(type);

const failedForForeign = (s: Surroundings): boolean => s.failures.some((f) => f.observed !== '' && !PLAIN.has(f.observed));

/** Not about the number that was found in the attribute, which may as well be of another type. */
const isAboutAccess = ({ reason }: Failure): boolean => !reason.startsWith('unbox.');

const NUMBER_TYPES = new Set(['int', 'float', 'bool', 'range']);
const NUMBER_FUNCTIONS = new Set(['len', 'abs', 'min', 'max', 'ord', 'chr', 'round', 'divmod', 'pow', 'isinstance', 'id']);
const LIST_METHODS = new Set(['append', 'pop', 'insert', 'reverse', 'copy']);

function isHarmlessCall(s: Surroundings, args: readonly ValueId[]): boolean {
  const { callee } = s;
  if (callee === undefined || failedForForeign(s) || args.some((v) => !isPlain(s.typeOf(v)))) return false;
  switch (callee.kind) {
    case 'type': return NUMBER_TYPES.has(callee.name);
    case 'builtin': return callee.module === 'math' || (callee.module === 'builtins' && NUMBER_FUNCTIONS.has(callee.name));
    case 'method_descriptor': {
      const owner = s.objects[callee.owner];
      if (owner?.kind !== 'type') return false;
      return owner.name === 'str' || owner.name === 'int' || owner.name === 'float' || (owner.name === 'list' && LIST_METHODS.has(callee.name));
    }
    default: return false;
  }
}
