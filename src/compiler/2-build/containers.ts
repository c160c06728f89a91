/** Building, subscripting and unpacking containers. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import type { ValueId } from '#ir/types.ts';
import { Bailout } from '#support/bailout.ts';
import { subscript } from './arithmetic.ts';
import type { Frame, Handler } from './frame.ts';

export const containers = (dispatch: Handler): Readonly<Record<string, Handler>> => ({
  BINARY_SUBSCR: (f) => {
    const [container, key] = f.popMany(2) as [ValueId, ValueId];
    subscript(f, container, key, dispatch);
  },
  STORE_SUBSCR: (f) => {
    const [value, container, key] = f.popMany(3) as [ValueId, ValueId, ValueId];
    f.emit('py.store_subscript', [container, key, value]);
  },
  DELETE_SUBSCR: (f) => void f.emit('py.delete_subscript', f.popMany(2)),
  BINARY_SLICE: (f) => {
    const [container, start, stop] = f.popMany(3) as [ValueId, ValueId, ValueId];
    f.push(f.value('py.subscript', [container, f.value('py.build_slice', [start, stop])]));
  },
  STORE_SLICE: (f) => {
    const [value, container, start, stop] = f.popMany(4) as [ValueId, ValueId, ValueId, ValueId];
    f.emit('py.store_subscript', [container, f.value('py.build_slice', [start, stop]), value]);
  },
  BUILD_LIST: (f, i) => f.push(f.value('py.build_list', f.popMany(i.arg))),
  BUILD_TUPLE: (f, i) => f.push(f.value('py.build_tuple', f.popMany(i.arg))),
  BUILD_MAP: (f, i) => f.push(f.value('py.build_map', f.popMany(2 * i.arg))),
  BUILD_SET: (f, i) => f.push(f.value('py.build_set', f.popMany(i.arg))),
  SET_ADD: (f, i) => {
    const value = f.pop();
    f.emit('py.set_add', [below(f, i.arg), value]);
  },
  SET_UPDATE: (f, i) => {
    const iterable = f.pop();
    f.emit('py.set_update', [below(f, i.arg), iterable]);
  },
  BUILD_SLICE: (f, i) => f.push(f.value('py.build_slice', f.popMany(i.arg))),
  BUILD_CONST_KEY_MAP: buildConstKeyMap,
  LIST_APPEND: (f, i) => {
    const value = f.pop();
    f.emit('py.list_append', [below(f, i.arg), value]);
  },
  LIST_EXTEND: listExtend,
  LIST_TO_TUPLE: listToTuple,
  DICT_MERGE: dictMerge,
  DICT_UPDATE: dictUpdate,
  CALL_INTRINSIC_1: (f, i) => {
    if (i.arg === INTRINSIC_UNARY_POSITIVE) f.push(f.value('py.unary', [f.pop()], ['pos']));
    else if (i.arg === INTRINSIC_LIST_TO_TUPLE) listToTuple(f, i);
    else f.leave('unsupported-opcode:CALL_INTRINSIC_1');
  },
  MAP_ADD: (f, i) => {
    const [key, value] = f.popMany(2) as [ValueId, ValueId];
    f.emit('py.store_subscript', [below(f, i.arg), key, value]);
  },
  UNPACK_SEQUENCE: unpackSequence,
  UNPACK_EX: unpackWithRest,
});

/** An operand, counted from the top of the stack: the container that a comprehension fills. */
export function below(f: Frame, depth: number): ValueId {
  const value = f.state.stack.at(-depth);
  if (typeof value !== 'number' || depth < 1) throw new Bailout('malformed-code', 'no container on the stack');
  return value;
}

/** Items of a tuple known at compile time. */
function tupleItems(f: Frame, value: ValueId): readonly number[] | undefined {
  const object = f.unit.constant(value);
  const info = object === undefined ? undefined : f.unit.object(object);
  return info?.kind === 'tuple' && info.items.every((item) => item >= 0) ? info.items : undefined;
}

function buildConstKeyMap(f: Frame, i: BytecodeInstruction): void {
  const keys = tupleItems(f, f.pop());
  if (keys?.length !== i.arg) return f.leave('unsupported-opcode:BUILD_CONST_KEY_MAP');
  const values = f.popMany(i.arg);
  f.push(f.value('py.build_map', values.flatMap((value, n) => [f.constant(keys[n]!), value])));
}

/** `[1, 2, 3]`: an empty list extended by a constant tuple; `[*a, *b]`. */
function listExtend(f: Frame, i: BytecodeInstruction): void {
  const sequence = f.pop();
  if (!hasFailed(f, i, 'guard.true')) f.emit('py.list_extend', [below(f, i.arg), sequence]);
}

/** `f(**a, **b)` */
function dictMerge(f: Frame, i: BytecodeInstruction): void {
  const other = f.pop();
  if (!hasFailed(f, i, 'guard.true')) f.emit('py.dict_merge', [below(f, i.arg), other]);
}

/** `{**a, **b}` */
function dictUpdate(f: Frame, i: BytecodeInstruction): void {
  const other = f.pop();
  if (hasFailed(f, i, 'guard.type')) return;
  f.emit('py.guard_type', [other], ['@PyDict_Type']);
  f.emit('py.dict_update', [below(f, i.arg), other]);
}

/** A tuple of the items of a tuple or list: of anything else, it would run Python code. Undefined: it was something else, and this path has ended. */
export function tupleFrom(f: Frame, i: BytecodeInstruction, sequence: ValueId): ValueId | undefined {
  return hasFailed(f, i, 'tuple.from') ? undefined : f.value('py.tuple_from', [sequence]);
}

function listToTuple(f: Frame, i: BytecodeInstruction): void {
  const tuple = tupleFrom(f, i, f.pop());
  if (tuple !== undefined) f.push(tuple);
}

/** What compiled code wants here was not so before: it ends. */
export function hasFailed(f: Frame, i: BytecodeInstruction, reason: string): boolean {
  const failed = f.unit.profile.failed(f.origin).some((failure) => failure.reason === reason);
  if (failed) f.leave(`unsupported-opcode:${i.name}`);
  return failed;
}

/** Of CALL_INTRINSIC_1 (Include/internal/pycore_intrinsics.h). */
const INTRINSIC_UNARY_POSITIVE = 5, INTRINSIC_LIST_TO_TUPLE = 6;

/** Where tuples and lists come by, it is a tuple that is unpacked. */
function unpackSequence(f: Frame, i: BytecodeInstruction): void {
  const given = f.pop();
  const isEither = f.unit.profile.failed(f.origin).some(({ reason }) => reason === 'guard.type');
  const sequence = isEither ? tupleFrom(f, i, given) : given;
  if (sequence === undefined) return;
  f.emit('py.unpack_check', [sequence], [i.arg]);
  const items: ValueId[] = [];
  for (let n = 0; n < i.arg; n++) items.push(f.value('py.unpack_item', [sequence], [n]));
  for (const item of items.reverse()) f.push(item);
}

/** `a, *rest, b = row` */
function unpackWithRest(f: Frame, i: BytecodeInstruction): void {
  const before = i.arg & 0xff, after = i.arg >> 8;
  const tuple = tupleFrom(f, i, f.pop());
  if (tuple === undefined || hasFailed(f, i, 'tuple.rest')) return;
  const rest = f.value('py.unpack_rest', [tuple], [before, after]);
  for (let n = 1; n <= after; n++) f.push(f.value('py.unpack_item', [tuple], [-n]));
  f.push(rest);
  for (let n = before - 1; n >= 0; n--) f.push(f.value('py.unpack_item', [tuple], [n]));
}
