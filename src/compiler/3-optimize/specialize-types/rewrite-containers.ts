/** Subscripts, membership, building and unpacking of containers. */
import { immediateNumber } from '#ir/immediates.ts';
import type { OpName } from '#ir/ops.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import { PLAIN_TYPES } from './builtins.ts';
import { containerTypes } from './container-types.ts';
import { isGuardable } from './guardable-types.ts';
import { guardOtherDict, guardQuietEnd } from './rewrite-globals.ts';
import type { OpaqueCall, Rewriter } from './rewriter.ts';
import { Uncompilable } from './uncompilable.ts';

/** Outgoing arguments of a call beside the callable. */
export const MAX_ARGUMENTS = 14;

/** By type name. */
export const LENGTHS: Readonly<Record<string, OpName>> = {
  list: 'list.length', tuple: 'tuple.length', str: 'str.length', bytes: 'bytes.length', bytearray: 'bytearray.length', dict: 'dict.length',
};

/** Length when the type is known, or was observed at entry. */
export function lengthOf(r: Rewriter, value: ValueId): ValueId | undefined {
  const type = r.provedType(value) ?? (r.typeFailed() ? undefined : r.inference.hint(value));
  const op = type === undefined ? undefined : LENGTHS[type];
  return op === undefined || type === undefined ? undefined : r.value(op, [r.guardType(value, type)]);
}

const SEQUENCE_ITEM: Readonly<Record<string, OpName>> = {
  list: 'list.item', tuple: 'tuple.item', bytes: 'bytes.item', bytearray: 'bytearray.item', str: 'str.item',
};

export function rewriteSubscript(r: Rewriter, i: Instruction): void {
  const [container, key] = i.args as [ValueId, ValueId];
  const types = typesOf(r, i);
  if (types.length > 0 && types.every((type) => SEQUENCE_ITEM[type] !== undefined) && isIndex(r, key)) sequenceItem(r, i, types);
  else if (types.length === 1 && types[0] === 'dict' && plainKey(r, key)) {
    const object = r.guardType(container, 'dict');
    guardOtherDict(r, object);
    r.define(i.result, r.value('dict.item', [object, guardKey(r, key)]), { repeatable: true });
  } else {
    const type = types.length === 1 ? types[0]! : '';
    const isPlain = SLICED.has(type) && (r.representation(key) === 'int' || r.inference.typeOf(key) === 'slice');
    const object = isPlain ? r.guardType(container, type) : r.obj(container);
    const call: OpaqueCall = { op: 'call.oo_o', args: [object, r.obj(key)], immediates: ['PyObject_GetItem'] };
    r.define(i.result, isPlain ? r.plainCall(call) : r.opaque(call));
  }
}

/** What this block has proved, or was inferred from. The int in bytes that were not expected cannot become a float. */
function typesOf(r: Rewriter, i: Instruction): readonly string[] {
  const proved = r.provedType(i.args[0]!);
  const isUnexpected = BYTES.has(proved ?? '') && i.result !== undefined && r.representation(i.result) === 'float';
  return proved === undefined || isUnexpected ? containerTypes(r.inference, i) : [proved];
}

/** The item of a sequence of one of these types. Where bytes are among others, their items become objects too. */
function sequenceItem(r: Rewriter, i: Instruction, types: readonly string[]): void {
  const [container, key] = i.args as [ValueId, ValueId];
  const index = indexOf(r, key);
  const item = (type: string, object: ValueId): ValueId => r.value(SEQUENCE_ITEM[type]!, [object, index]);
  const [only, ...others] = types as [string, ...string[]];
  if (others.length === 0) {
    r.define(i.result, item(only, r.guardType(container, only)), { repeatable: true });
    return;
  }
  const areInts = types.every((type) => BYTES.has(type));
  const made = r.byType(container, types.map((type) => ({
    type,
    run: (object) => (BYTES.has(type) && !areInts ? r.value('box.int', [item(type, object)]) : item(type, object)),
  })), areInts ? 'int' : 'obj');
  r.define(i.result, made!, { repeatable: true });
}

const BYTES = new Set(['bytes', 'bytearray']);

/** Subscripts of these by ints and slices of ints run no Python code. */
const SLICED = new Set(['list', 'tuple', 'str', 'bytes', 'bytearray']);

function isIndex(r: Rewriter, key: ValueId): boolean {
  const kind = r.inference.kind(key);
  if (kind === 'int' || kind === 'bool') return true;
  const failed = r.failures().some((f) => /^unbox\.int/.test(f.reason) && f.observed !== 'int' && f.observed !== 'bool');
  return kind === 'any' && !failed && [undefined, 'int', 'bool'].includes(r.inference.hint(key));
}

/** The index as a number. Where bools were met among ints it may be either. */
const indexOf = (r: Rewriter, key: ValueId): ValueId =>
  r.wanted(key, r.profile.boolsAmongInts || r.inference.hint(key) === 'bool' ? 'integer' : 'int');

export function plainKey(r: Rewriter, key: ValueId): boolean {
  const proved = r.provedType(key), hint = r.inference.hint(key);
  if (proved !== undefined) return PLAIN_TYPES.has(proved);
  return hint !== undefined && PLAIN_TYPES.has(hint) && isGuardable(hint) && !r.typeFailed();
}

export function guardKey(r: Rewriter, key: ValueId): ValueId {
  if (PLAIN_TYPES.has(r.provedType(key) ?? '')) return r.obj(key);
  return r.guardType(key, r.inference.hint(key) ?? '');
}

const STORABLE = new Set(['list', 'bytearray']);

export function rewriteStoreSubscript(r: Rewriter, i: Instruction): void {
  const [container, key, value] = i.args as [ValueId, ValueId, ValueId];
  const types = typesOf(r, i);
  const isByte = ['int', 'bool'].includes(r.representation(value));
  if (types.length > 0 && types.every((type) => STORABLE.has(type) && (type === 'list' || isByte)) && isIndex(r, key)) {
    storeItem(r, i, types);
  } else if (types.length === 1 && types[0] === 'dict' && plainKey(r, key)) {
    const object = r.guardType(container, 'dict');
    const guarded = guardKey(r, key);
    guardOtherDict(r, object);
    if (r.keepsNames) r.emit('guard.true', [r.value('dict.item_ends_quietly', [object, guarded])]);
    r.emit('dict.store', [object, guarded, r.obj(value)]);
  } else {
    r.opaque({ op: 'call.ooo_i', args: [r.obj(container), r.obj(key), r.obj(value)], immediates: ['PyObject_SetItem'] });
  }
}

/** Into a list or bytearray, or into what turns out to be either. */
function storeItem(r: Rewriter, i: Instruction, types: readonly string[]): void {
  const [container, key, value] = i.args as [ValueId, ValueId, ValueId];
  const index = indexOf(r, key);
  const store = (type: string, object: ValueId): undefined => {
    if (type === 'bytearray') {
      r.emit('bytearray.store', [object, index, r.int(value)]);
      return;
    }
    const op = inPlaceStore(r, 'list.store', value);
    if (op === 'list.store' && r.keepsNames) guardQuietEnd(r, undefined, r.value('list.item', [object, index]), 1);
    r.emit(op, [object, index, op === 'list.store' ? r.obj(value) : value]);
  };
  const [only, ...others] = types as [string, ...string[]];
  if (others.length === 0) store(only, r.guardType(container, only));
  else r.byType(container, types.map((type) => ({ type, run: (object) => store(type, object) })));
}

/** The variant of a store that reuses the old number, unless that was seen to be something else, or the new one goes elsewhere too. */
export function inPlaceStore(r: Rewriter, op: 'list.store' | 'field.store' | 'values.store', value: ValueId): OpName {
  const type = r.representation(value);
  if ((type !== 'int' && type !== 'float') || r.escapes(value) > 1) return op;
  const name = `${op}_${type}` as const;
  return r.failures().some((f) => f.reason === name) ? op : name;
}

export function rewriteDeleteSubscript(r: Rewriter, i: Instruction): void {
  const [container, key] = i.args as [ValueId, ValueId];
  r.opaque({ op: 'call.oo_i', args: [r.obj(container), r.obj(key)], immediates: ['PyObject_DelItem'] });
}

const BUILDERS: Readonly<Record<string, string>> = {
  'py.build_list': 'armature_build_list', 'py.build_tuple': 'armature_build_tuple', 'py.build_map': 'armature_build_map',
  'py.build_slice': 'armature_build_slice', 'py.build_set': 'armature_build_set', 'py.build_string': 'armature_build_string',
};

/** New containers: items go through the outgoing arguments. A map hashes its keys: only plain ones run no Python code. */
function rewriteBuild(r: Rewriter, i: Instruction): void {
  const isForeign = (v: ValueId): boolean => !PLAIN_TYPES.has(r.inference.typeOf(v) ?? '');
  const runsCode = (i.op === 'py.build_map' && i.args.some((v, n) => n % 2 === 0 && isForeign(v))) || (i.op === 'py.build_set' && i.args.some(isForeign));
  if (i.args.length > MAX_ARGUMENTS) throw new Uncompilable('too-many-items');
  const args = i.args.map((v) => r.obj(v));
  if (runsCode) r.flush();
  args.forEach((v, n) => r.emit('arg.store', [v], [n]));
  const made = r.withoutCollector(() => r.value('call.arguments_o', [], [args.length, BUILDERS[i.op]!]));
  r.checkError(made);
  if (runsCode) r.deferTracing();
  r.define(i.result, made);
}

const UPDATES = { 'py.set_add': 'PySet_Add', 'py.set_update': '_PySet_Update', 'py.dict_update': 'PyDict_Update' } as const;

export function rewriteUpdate(r: Rewriter, i: Instruction, op: keyof typeof UPDATES): void {
  r.opaque({ op: 'call.oo_i', args: i.args.map((v) => r.obj(v)), immediates: [UPDATES[op]] });
}

function rewriteTupleFrom(r: Rewriter, i: Instruction): void {
  r.define(i.result, r.value('tuple.from', [r.obj(i.args[0]!)]));
}

/** Begun anew by the interpreter, it would be done twice: whatever can leave comes first. */
function rewriteListExtend(r: Rewriter, i: Instruction): void {
  const [list, sequence] = i.args.map((v) => r.obj(v)) as [ValueId, ValueId];
  if (!SEQUENCES.has(r.provedType(i.args[1]!) ?? '')) r.emit('guard.true', [r.value('obj.is_sequence', [sequence])]);
  r.plainCall({ op: 'call.oo_i', args: [list, sequence], immediates: ['armature_list_extend'] });
}

/** The same. */
function rewriteDictMerge(r: Rewriter, i: Instruction): void {
  const args = i.args.map((v) => r.obj(v));
  r.emit('guard.true', [r.value('dict.can_merge', args)]);
  r.plainCall({ op: 'call.oo_i', args, immediates: ['PyDict_Update'] });
}

function rewriteListAppend(r: Rewriter, i: Instruction): void {
  const [list, value] = i.args as [ValueId, ValueId];
  r.emit('list.append', [r.obj(list), r.obj(value)]);
}

const SEQUENCES = new Set(['tuple', 'list']);

function sequenceType(r: Rewriter, i: Instruction): 'tuple' | 'list' {
  const value = i.args[0]!;
  const hint = r.inference.site(i).specialization.endsWith('_LIST') ? 'list' : r.inference.hint(value);
  const type = r.provedType(value) ?? (hint !== undefined && SEQUENCES.has(hint) ? hint : 'tuple');
  if (!SEQUENCES.has(type)) throw new Uncompilable('unpacking');
  return type as 'tuple' | 'list';
}

function rewriteUnpackCheck(r: Rewriter, i: Instruction): void {
  const sequence = i.args[0]!;
  if (r.typeFailed() && r.provedType(sequence) === undefined) throw new Uncompilable('unpacking');
  const type = sequenceType(r, i);
  const object = r.guardType(sequence, type);
  const length = r.value(`${type}.length`, [object]);
  const wanted = r.value('const.int', [], [immediateNumber(i)]);
  r.emit('guard.true', [r.value('int.eq', [length, wanted])]);
}

function rewriteUnpackRest(r: Rewriter, i: Instruction): void {
  const [before, after] = [0, 1].map((n) => r.value('const.int', [], [immediateNumber(i, n)])) as [ValueId, ValueId];
  r.define(i.result, r.value('tuple.rest', [r.obj(i.args[0]!), before, after]));
}

function rewriteUnpackItem(r: Rewriter, i: Instruction): void {
  const sequence = i.args[0]!;
  const type = sequenceType(r, i);
  const object = r.guardType(sequence, type);
  const index = r.value('const.int', [], [immediateNumber(i)]);
  r.define(i.result, r.value(`${type}.item`, [object, index]), { repeatable: true });
}

/** Building containers and taking them apart, by the `py` op. */
export const containers: Readonly<Partial<Record<OpName, (r: Rewriter, i: Instruction) => void>>> = {
  'py.build_list': rewriteBuild, 'py.build_tuple': rewriteBuild, 'py.build_map': rewriteBuild, 'py.build_set': rewriteBuild,
  'py.build_string': rewriteBuild, 'py.build_slice': rewriteBuild, 'py.tuple_from': rewriteTupleFrom, 'py.list_extend': rewriteListExtend,
  'py.dict_merge': rewriteDictMerge, 'py.list_append': rewriteListAppend, 'py.unpack_check': rewriteUnpackCheck,
  'py.unpack_rest': rewriteUnpackRest, 'py.unpack_item': rewriteUnpackItem,
};
