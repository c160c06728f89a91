/**
 * THE op table. Printer, parser, verifier, IR interpreter, stencil coverage, docs/ops.md and the emitter read it.
 *
 * A new op touches this table, one stencil (or one helper), one interpreter case and one filetest.
 */
import type { ValueType } from './types.ts';

/**
 * What an op may do besides computing its result.
 * - `pure`: depends on its operands only.
 * - `read`: reads Python memory.
 * - `write`: writes Python memory, but cannot run Python code (at most frees numbers).
 * - `opaque`: may run any Python code.
 */
export type Effect = 'pure' | 'read' | 'write' | 'opaque';

/** `owned`: the result carries a reference to release; `borrowed`: valid only until the next write or opaque op. */
export type Ownership = 'none' | 'owned' | 'borrowed';

/** How the op becomes machine code: a stencil of its name, or a C call of `symbol` (see src/protocol/symbols.ts). */
export type Lowering =
  | { readonly kind: 'stencil' }
  | { readonly kind: 'call'; readonly symbol: string }
  | { readonly kind: 'none' };

/** How many immediates, and what they mean. */
export type ImmediateKind =
  | 'int' | 'float' | 'object' | 'local' | 'stack' | 'name' | 'offset' | 'version' | 'symbol' | 'count' | 'operator';

export interface OpInfo {
  /** `any`: Python values, as many as there are; `attributes`: the same of values whose representation is chosen. */
  readonly args: readonly ValueType[] | 'any' | 'attributes';
  readonly result: ValueType | 'none';
  readonly immediates: readonly ImmediateKind[];
  readonly effect: Effect;
  /** True when it can leave compiled code before having had any effect (needs a frame state). */
  readonly guard: boolean;
  readonly ownership: Ownership;
  /** Indices of arguments whose reference the op takes over. */
  readonly consumes: readonly number[];
  readonly lowering: Lowering;
  /** True when args[0] and args[1] may be exchanged. */
  readonly commutative: boolean;
  readonly doc: string;
}

interface Options {
  imm?: readonly ImmediateKind[];
  effect?: Effect;
  guard?: boolean;
  own?: Ownership;
  consumes?: readonly number[];
  call?: string;
  none?: boolean;
  commutative?: boolean;
}

function op(args: OpInfo['args'], result: ValueType | 'none', doc: string, o: Options = {}): OpInfo {
  const lowering: Lowering = o.none
    ? { kind: 'none' }
    : o.call !== undefined
      ? { kind: 'call', symbol: o.call }
      : { kind: 'stencil' };
  return {
    args, result, doc, lowering,
    immediates: o.imm ?? [],
    effect: o.effect ?? 'pure',
    guard: o.guard ?? false,
    ownership: o.own ?? 'none',
    consumes: o.consumes ?? [],
    commutative: o.commutative ?? false,
  };
}

/** An op on Python values; exists only before specializeTypes. All may leave compiled code; most may run Python code. */
const py = (args: number | 'any', result: boolean, doc: string, imm: readonly ImmediateKind[] = [], effect: Effect = 'opaque'): OpInfo =>
  op(args === 'any' ? 'any' : Array<ValueType>(args).fill('py'), result ? 'py' : 'none', doc, { imm, effect, guard: true, none: true });

const I = 'int', F = 'float', B = 'bool', O = 'obj';

export const ops = {
  // ---- Python level (before specializeTypes) ----------------------------------------------------------------
  'py.local': py(0, true, 'value of a local at entry of the unit', ['local'], 'read'),
  'py.take_stack': py(0, true, 'takes an operand-stack item over at entry (bottom is 0)', ['stack'], 'read'),
  'py.const': py(0, true, 'a constant of the object table', ['object'], 'pure'),
  'py.int': py(0, true, 'an int constant made by the compiler', ['int'], 'pure'),
  'py.set_local': py(1, false, 'STORE_FAST in the outer frame', ['local']),
  'py.clear_local': py(0, false, 'DELETE_FAST in the outer frame', ['local']),
  'py.release': py(1, false, 'end of life of an operand, or of a local of an inlined frame (overwritten, or the frame returned); 1: others may notice', ['int']),
  'py.load_global': py(0, true, 'value of a name in a namespace dict: dict, entry index, name', ['object', 'int', 'object'], 'read'),
  'py.store_global': py(1, false, 'stores a name in a namespace dict: dict, entry index, name', ['object', 'int', 'object']),
  'py.guard_global': py(0, false, 'the entry of a namespace dict still holds this object: dict, entry index, object', ['object', 'int', 'object'], 'read'),
  'py.guard_quiet': py(1, false, 'no Python code runs when this many references to the object are dropped, not counting those that only compiled code has', ['int'], 'read'),
  'py.load_cell': py(1, true, 'contents of a cell', [], 'read'),
  'py.store_cell': py(2, false, 'stores into a cell: cell, value'),
  'py.unary': py(1, true, 'neg, pos, not, invert', ['operator']),
  'py.binary': py(2, true, 'add sub mul truediv floordiv mod pow lshift rshift and or xor matmul; an "i" prefix for the in-place form', ['operator']),
  'py.compare': py(2, true, 'lt le eq ne gt ge', ['operator']),
  'py.compare_truth': py(2, true, 'the truth of a comparison, in one instruction: lt le eq ne gt ge; the result is a bool', ['operator']),
  'py.is': py(2, true, 'identity', [], 'pure'),
  'py.contains': py(2, true, 'args: container, item'),
  'py.truth': py(1, true, 'truth value; the result is a bool'),
  'py.subscript': py(2, true, 'args: container, key'),
  'py.store_subscript': py(3, false, 'args: container, key, value'),
  'py.delete_subscript': py(2, false, 'args: container, key'),
  'py.attribute': py(1, true, 'attribute by name', ['name']),
  'py.store_attribute': py(2, false, 'args: object, value', ['name']),
  'py.guard_type_version': py(1, false, 'type(arg) has this version tag', ['version'], 'read'),
  'py.guard_keys_version': py(1, false, 'arg keeps its attributes in values whose shared keys (of its heap type) have this version', ['version'], 'read'),
  'py.guard_type': py(1, false, 'type(arg) is this type, by its C symbol', ['symbol'], 'read'),
  'py.guard_is': py(1, false, 'arg is this object', ['object'], 'pure'),
  'py.guard_code': py(1, false, 'arg is a function with this code object', ['object'], 'read'),
  'py.guard_function': py(1, false, 'arg is a function whose func_version is this', ['version'], 'read'),
  'py.guard_is_not': py(1, false, 'arg is not this object', ['object'], 'pure'),
  'py.guard_number': py(1, false, 'arg is a number; of this type, unless it is known to be one of another', ['operator'], 'read'),
  'py.call': py('any', true, 'args: callable, positional arguments'),
  'py.call_kw': py('any', true, 'args: callable, arguments; the tuple of keyword names', ['object']),
  'py.call_unpacked': py('any', true, 'args: callable, tuple of the arguments, perhaps a dict of those passed by name'),
  'py.tuple_from': py(1, true, 'tuple of the items of a tuple or list', [], 'write'),
  'py.list_extend': py(2, false, 'args: list that nobody else has, tuple or list', [], 'write'),
  'py.dict_merge': py(2, false, 'args: dict that nobody else has, dict of other keys, which are texts', [], 'write'),
  'py.call_method': py(1, true, 'calls a builtin, expected to be this method bound to an object: callable; the method descriptor', ['object']),
  'py.make_instance': py('any', true, 'new instance of a plain class with these attributes: class, its version, their places (agent/instances.c)', ['object', 'version', 'int'], 'write'),
  'py.make_function': py(1, true, 'new function of a code object; the namespace dict', ['object']),
  'py.set_function': py(2, false, 'sets a part of a function just made: function, value; defaults, kwdefaults, annotations, closure or annotate', ['operator']),
  'py.get_iter': py(1, true, 'iter()'),
  'py.build_list': py('any', true, 'new list'),
  'py.build_tuple': py('any', true, 'new tuple'),
  'py.build_map': py('any', true, 'new dict: key, value, key, value…'),
  'py.build_slice': py('any', true, 'slice of 2 or 3'),
  'py.build_set': py('any', true, 'new set'),
  'py.build_string': py('any', true, 'args: texts, joined', [], 'write'),
  'py.format': py('any', true, 'args: value, perhaps the specification; none, or str, repr or ascii is applied first', ['operator']),
  'py.convert': py(1, true, 'str, repr or ascii', ['operator']),
  'py.append_text': py(2, true, 'args: text in the local of the outer frame, text; the local is empty afterwards', ['local'], 'write'),
  'py.set_add': py(2, false, 'args: set, value; the set is a set'),
  'py.set_update': py(2, false, 'args: set, iterable; the set is a set'),
  'py.dict_update': py(2, false, 'args: dict, dict; the first gets the items of the second'),
  'py.list_append': py(2, false, 'args: list, value; the list is a list'),
  'py.unpack_check': py(1, false, 'arg is a tuple or list of exactly this many items', ['count'], 'read'),
  'py.unpack_rest': py(1, true, 'list of the items of a tuple but for so many at its beginning and so many at its end; leaves when it has less', ['count', 'count'], 'write'),
  'py.special_method': py(1, true, 'method of the type: 0 is __enter__, 1 __exit__; leaves unless it takes the object as its first argument', ['count'], 'read'),
  'py.super_method': py(3, true, 'args: class, object, name; method that super() finds; leaves unless it takes the object as its first argument', [], 'read'),
  'py.bind': py(2, true, 'args: what py.special_method gave, its object; both in one object', [], 'write'),
  'py.has_flag': py(1, true, 'type(arg) has this flag; the result is a bool', ['int'], 'read'),
  'py.length': py(1, true, 'len of a tuple or list (sequence), or of a dict (mapping)', ['operator'], 'read'),
  'py.match_keys': py(2, true, 'args: dict, tuple of different keys, which are numbers, texts or None; tuple of the values, or None when one is missing', [], 'write'),
  'py.match_class': py(3, true, 'args: object, class, tuple of attributes by name; how many there are by position. Tuple of the attributes, or None; leaves where Python code would run', ['count'], 'write'),
  'py.unpack_item': py(1, true, 'item of a sequence checked by py.unpack_check', ['count'], 'read'),
  'py.after_call': py(0, false, 'a way out, before the block ends, for what an instruction before it may have called', [], 'read'),
  'py.safepoint': py(0, false, 'back edge: leaves when the eval breaker is set', [], 'read'),

  // ---- constants ---------------------------------------------------------------------------------------------
  'const.int': op([], I, 'i64', { imm: ['int'] }),
  'const.float': op([], F, 'double; the immediate is the number, NaN and -0 included', { imm: ['float'] }),
  'const.bool': op([], B, '0 or 1', { imm: ['int'] }),
  'const.obj': op([], O, 'object of the table, borrowed for ever', { imm: ['object'] }),

  // ---- integers ----------------------------------------------------------------------------------------------
  'int.add': op([I, I], I, 'leaves on overflow', { guard: true, commutative: true }),
  'int.sub': op([I, I], I, 'leaves on overflow', { guard: true }),
  'int.mul': op([I, I], I, 'leaves on overflow', { guard: true, commutative: true }),
  'int.add_wrap': op([I, I], I, 'modulo 2^64', { commutative: true }),
  'int.sub_wrap': op([I, I], I, 'modulo 2^64'),
  'int.mul_wrap': op([I, I], I, 'modulo 2^64', { commutative: true }),
  'int.neg': op([I], I, 'leaves on overflow', { guard: true }),
  'int.abs': op([I], I, 'leaves on overflow', { guard: true }),
  'int.invert': op([I], I, '~a'),
  'int.and': op([I, I], I, 'a & b', { commutative: true }),
  'int.or': op([I, I], I, 'a | b', { commutative: true }),
  'int.xor': op([I, I], I, 'a ^ b', { commutative: true }),
  'int.shl': op([I, I], I, 'leaves when the count is not in 0..62 or bits are lost', { guard: true }),
  'int.shl_wrap': op([I, I], I, 'modulo 2^64; leaves when the count is negative; 0 for counts of 64 and more', { guard: true }),
  'int.shr': op([I, I], I, 'arithmetic; leaves when the count is negative; counts above 63 act as 63', { guard: true }),
  'int.ushr_wrap': op([I, I], I, 'logical shift of the 64-bit pattern, count 0..63'),
  'int.floordiv': op([I, I], I, 'floor division; leaves when b is 0 or the result overflows', { guard: true }),
  'int.mod': op([I, I], I, 'sign of b; leaves when b is 0', { guard: true }),
  'int.umod': op([I, I], I, 'a mod b of non-negative a and positive b (proved)'),
  'int.udiv': op([I, I], I, 'a div b of non-negative a and positive b (proved)'),
  'int.min': op([I, I], I, 'smaller', { commutative: true }),
  'int.max': op([I, I], I, 'greater', { commutative: true }),
  'int.add_imm': op([I], I, 'a + imm (32 bits); leaves on overflow', { imm: ['int'], guard: true }),
  'int.add_imm_wrap': op([I], I, 'a + imm (32 bits) modulo 2^64', { imm: ['int'] }),
  'int.mul_imm': op([I], I, 'a * imm (32 bits); leaves on overflow', { imm: ['int'], guard: true }),
  'int.and_imm': op([I], I, 'a & imm (non-negative, 31 bits)', { imm: ['int'] }),
  'int.shl_imm': op([I], I, 'a << imm (0..62); leaves when bits are lost', { imm: ['int'], guard: true }),
  'int.shr_imm': op([I], I, 'a >> imm (0..63), arithmetic', { imm: ['int'] }),
  'int.to_float': op([I], F, 'nearest double'),
  'int.to_float_exact': op([I], F, 'leaves when |a| > 2^53', { guard: true }),
  'int.to_bool': op([I], B, 'a != 0'),
  'int.from_bool': op([B], I, '0 or 1'),
  ...comparisons('int', I),

  // ---- floats ------------------------------------------------------------------------------------------------
  'float.add': op([F, F], F, 'a + b', { commutative: true }),
  'float.sub': op([F, F], F, 'a - b'),
  'float.mul': op([F, F], F, 'a * b', { commutative: true }),
  'float.div': op([F, F], F, 'leaves when b is 0', { guard: true }),
  'float.floordiv': op([F, F], F, 'leaves when b is 0', { guard: true, call: 'armature_float_floordiv' }),
  'float.mod': op([F, F], F, 'leaves when b is 0', { guard: true, call: 'armature_float_mod' }),
  'float.pow': op([F, F], F, 'leaves where CPython raises or returns a complex number', { guard: true, call: 'armature_float_pow' }),
  'float.neg': op([F], F, '-a'),
  'float.abs': op([F], F, '|a|'),
  'float.sqrt': op([F], F, 'leaves when a < 0', { guard: true }),
  'float.to_int': op([F], I, 'truncates; leaves when not finite or outside i64', { guard: true }),
  'float.floor': op([F], I, 'leaves when not finite or outside i64', { guard: true }),
  'float.ceil': op([F], I, 'leaves when not finite or outside i64', { guard: true }),
  'float.to_bool': op([F], B, 'a != 0 (true for NaN)'),
  'float.libm': op([F], F, 'function of one argument, by symbol; leaves when the result is not finite', { imm: ['symbol'], guard: true }),
  'float.libm2': op([F, F], F, 'function of two arguments, by symbol; leaves when the result is not finite', { imm: ['symbol'], guard: true }),
  ...comparisons('float', F),

  // ---- bool --------------------------------------------------------------------------------------------------
  'bool.not': op([B], B, 'not a'),
  'guard.true': op([B], 'none', 'leaves when false', { guard: true }),
  'guard.false': op([B], 'none', 'leaves when true', { guard: true }),

  // ---- guards on objects and unboxing --------------------------------------------------------------------------
  'guard.type': op([O], 'none', 'type(a) is this type', { imm: ['object'], guard: true }),
  'guard.type_version': op([O], 'none', 'type(a) has this version tag', { imm: ['version'], guard: true, effect: 'read' }),
  'guard.keys_version': op([O], 'none', "version of the shared keys of type(a), a heap type", { imm: ['version'], guard: true, effect: 'read' }),
  'guard.class_version': op([O], 'none', 'a, a class, has this version tag', { imm: ['version'], guard: true, effect: 'read' }),
  'guard.class_keys_version': op([O], 'none', 'version of the shared keys of a, a heap type', { imm: ['version'], guard: true, effect: 'read' }),
  'guard.is': op([O], 'none', 'a is this object', { imm: ['object'], guard: true }),
  'guard.is_not': op([O], 'none', 'a is not this object', { imm: ['object'], guard: true }),
  'guard.bound': op([O], 'none', 'a is not NULL', { guard: true }),
  'guard.code': op([O], 'none', 'a is a function with this code object', { imm: ['object'], guard: true, effect: 'read' }),
  'guard.function': op([O], 'none', 'a is a function with this func_version', { imm: ['version'], guard: true, effect: 'read' }),
  'guard.global': op([], 'none', 'entry of a dict holds this object: dict, entry index, object', { imm: ['object', 'int', 'object'], guard: true, effect: 'read' }),
  'unbox.int': op([O], I, 'leaves unless an int (exact type) that fits i64', { guard: true }),
  'unbox.integer': op([O], I, 'the number of an int that fits i64, True or False; which of them it was is lost', { guard: true }),
  'unbox.float': op([O], F, 'leaves unless a float (exact type)', { guard: true }),
  'unbox.real': op([O], F, 'a float, or an int as the nearest double (exact types); leaves for anything else and for ints beyond i64', { guard: true }),
  'unbox.bool': op([O], B, 'leaves unless True or False', { guard: true }),
  'unbox.float_known': op([O], F, 'the float inside; the type is proved'),
  'obj.is': op([O, O], B, 'identity', { commutative: true }),
  'obj.has_type': op([O], B, 'type(a) is this type', { imm: ['object'] }),
  'obj.is_const': op([O], B, 'a is this object', { imm: ['object'] }),
  'obj.keep': op([O], 'none', 'end of life of a local of an inlined frame that nobody notices: its reference is released here; insertReferenceCounts removes it', { effect: 'read', none: true }),
  'obj.end': op([O], 'none', 'the same where Python code may run', { effect: 'opaque', none: true }),
  'obj.truth': op([O], B, 'truth of True, False, None, an int or a float; leaves for anything else', { guard: true, effect: 'read' }),
  'type.special_method': op([O, I], O, 'method of the type: 0 is __enter__, 1 __exit__; leaves unless it takes the object as its first argument', { guard: true, effect: 'read', own: 'owned', call: 'armature_special_method' }),
  'type.super_method': op([O, O, O], O, 'args: class, object, name; method that super() finds; leaves unless it takes the object as its first argument', { guard: true, effect: 'read', own: 'owned', call: 'armature_super_method' }),
  'obj.is_sequence': op([O], B, 'is a tuple or a list (exact type)', { call: 'armature_is_sequence' }),
  'obj.has_flag': op([O, I], B, 'the type has this flag', { effect: 'read', call: 'armature_has_flag' }),
  'obj.match_class': op([O, O, O, I], O, 'args: object, class, tuple of attributes by name, how many there are by position; tuple of the attributes, or None when it does not match; leaves where Python code would run or something is to be raised', { guard: true, effect: 'write', own: 'owned', call: 'armature_match_class' }),
  'obj.is_null': op([O], B, 'a is NULL'),
  'obj.ends_quietly': op([O, I], B, 'no Python code runs when so many references are dropped; insertReferenceCounts adds those that compiled code has to the immediate number', { imm: ['int'], effect: 'read', call: 'armature_ends_quietly' }),
  'box.int': op([I], O, 'new int', { own: 'owned', effect: 'write' }),
  'box.float': op([F], O, 'new float', { own: 'owned', effect: 'write', call: 'armature_box_float' }),
  'box.bool': op([B], O, 'True or False', { own: 'borrowed' }),
  incref: op([O], 'none', 'one more reference', { effect: 'write' }),
  decref: op([O], 'none', 'one reference less; may run a finaliser', { effect: 'opaque', consumes: [0] }),
  decref_number: op([O], 'none', 'one reference less of an int, float, bool, None or str: no Python code can run', { effect: 'write', consumes: [0] }),

  // ---- frame memory --------------------------------------------------------------------------------------------
  'home.load': op([], O, 'object in the home of a local (may be NULL)', { imm: ['local'], effect: 'read', own: 'borrowed' }),
  'home.store': op([O], 'none', 'takes the value over; releases the old one', { imm: ['local'], effect: 'opaque', consumes: [0] }),
  'home.append': op([O, I], O, 'takes the text out of the home of a local, by its number, and appends to it: in place where nobody else has it; NULL on error', { imm: ['local'], effect: 'write', own: 'owned', call: 'armature_append_text' }),
  'home.clear': op([], 'none', 'releases the object and sets NULL', { imm: ['local'], effect: 'opaque' }),
  'stack.take': op([], O, 'takes an operand-stack item over at entry', { imm: ['stack'], effect: 'write', own: 'owned' }),
  'frame.position': op([], 'none', 'publishes the instruction about to call out: code unit offset', { imm: ['offset'], effect: 'write' }),

  // ---- containers: types are proved -----------------------------------------------------------------------------
  'list.length': op([O], I, 'len of a list', { effect: 'read' }),
  'list.item': op([O, I], O, 'item, negative index from the end; leaves when out of range', { guard: true, effect: 'read', own: 'borrowed' }),
  'list.store': op([O, I, O], 'none', 'takes the value over, releases the old item; leaves when out of range', { guard: true, effect: 'opaque', consumes: [2] }),
  'list.store_float': op([O, I, F], 'none', 'into a float nobody else holds, else a new float; leaves when out of range or when the old item is neither float nor int', { guard: true, effect: 'write' }),
  'list.store_int': op([O, I, I], 'none', 'leaves when out of range or when the old item is neither int nor float', { guard: true, effect: 'write' }),
  'list.append': op([O, O], 'none', 'takes the value over', { effect: 'write', consumes: [1], call: 'armature_list_append' }),
  'tuple.from': op([O], O, 'the tuple itself, or one of the items of a list; leaves for any other type', { guard: true, effect: 'write', own: 'owned', call: 'armature_tuple_from' }),
  'tuple.rest': op([O, I, I], O, 'list of the items but for so many at the beginning and so many at the end; leaves when the tuple has less', { guard: true, effect: 'write', own: 'owned', call: 'armature_tuple_rest' }),
  'tuple.length': op([O], I, 'len of a tuple', { effect: 'read' }),
  'tuple.item': op([O, I], O, 'negative index from the end; leaves when out of range', { guard: true, effect: 'read', own: 'borrowed' }),
  'bytes.length': op([O], I, 'len of bytes', { effect: 'read' }),
  'bytes.item': op([O, I], I, 'leaves when out of range', { guard: true, effect: 'read' }),
  'bytearray.length': op([O], I, 'len of a bytearray', { effect: 'read' }),
  'bytearray.item': op([O, I], I, 'leaves when out of range', { guard: true, effect: 'read' }),
  'bytearray.store': op([O, I, I], 'none', 'leaves when out of range or the value is not in 0..255', { guard: true, effect: 'write' }),
  'str.length': op([O], I, 'len of a str', { effect: 'read' }),
  'str.item': op([O, I], O, 'str of one character; leaves when out of range', { guard: true, effect: 'read', own: 'owned', call: 'armature_str_item' }),
  'str.equal': op([O, O], B, 'equality of two str', { commutative: true, call: 'armature_str_equal' }),
  'str.code': op([O], I, 'code point of a str of one character; leaves for any other length', { guard: true, effect: 'read' }),
  'dict.length': op([O], I, 'len of a dict', { effect: 'read' }),
  'dict.item': op([O, O], O, 'value of a key of type str, int, float, bool or None; leaves when missing', { guard: true, effect: 'read', own: 'owned', call: 'armature_dict_item' }),
  'dict.store': op([O, O, O], 'none', 'key of type str, int, float, bool or None; arguments keep their references', { effect: 'opaque', call: 'armature_dict_store' }),
  'dict.can_merge': op([O, O], B, 'the second is a dict, whose keys are str and not in the first', { effect: 'read', call: 'armature_dict_can_merge' }),
  'dict.item_ends_quietly': op([O, O], B, 'no Python code runs when the item of a key as of dict.store is overwritten', { effect: 'read', call: 'armature_dict_item_ends_quietly' }),
  'dict.match_keys': op([O, O], O, 'tuple of the values of a tuple of keys, or None when one is missing; leaves when it is no dict', { guard: true, effect: 'write', own: 'owned', call: 'armature_match_keys' }),
  'dict.contains': op([O, O], B, 'key of type str, int, float, bool or None', { effect: 'read', call: 'armature_dict_contains' }),

  // ---- attributes ------------------------------------------------------------------------------------------------
  'field.load': op([O], O, 'PyObject * at this byte offset of an object; leaves when NULL', { imm: ['offset'], guard: true, effect: 'read', own: 'borrowed' }),
  'field.store': op([O, O], 'none', 'takes the value over, releases the old one; leaves when the old one is NULL', { imm: ['offset'], guard: true, effect: 'opaque', consumes: [1] }),
  'field.store_float': op([O, F], 'none', 'as list.store_float', { imm: ['offset'], guard: true, effect: 'write' }),
  'field.store_int': op([O, I], 'none', 'as list.store_int', { imm: ['offset'], guard: true, effect: 'write' }),
  'values.check': op([O], 'none', '3.13+: the inline values of the object are valid; 3.11: it has a values pointer', { guard: true, effect: 'read' }),
  'values.load': op([O], O, 'attribute in the values array, by index; leaves when NULL', { imm: ['int'], guard: true, effect: 'read', own: 'borrowed' }),
  'values.store': op([O, O], 'none', 'takes the value over; leaves when the old one is NULL', { imm: ['int'], guard: true, effect: 'opaque', consumes: [1] }),
  'values.store_float': op([O, F], 'none', 'as list.store_float', { imm: ['int'], guard: true, effect: 'write' }),
  'values.store_int': op([O, I], 'none', 'as list.store_int', { imm: ['int'], guard: true, effect: 'write' }),
  'dict.entry': op([], O, 'value of entry N of a namespace dict whose keys are checked: dict, entry index; leaves when NULL', { imm: ['object', 'int'], guard: true, effect: 'read', own: 'borrowed' }),
  'dict.entry_store': op([O], 'none', 'stores name in a namespace dict: dict, name; keeps its own reference', { imm: ['object', 'object'], effect: 'opaque', call: 'armature_global_store' }),
  'guard.dict_keys': op([], 'none', 'the dict still has the keys it had: dict', { imm: ['object'], guard: true, effect: 'read' }),
  'cell.load': op([O], O, 'contents of a cell; leaves when empty', { guard: true, effect: 'read', own: 'borrowed' }),
  'cell.store': op([O, O], 'none', 'takes the value over, releases the old one', { effect: 'opaque', consumes: [1] }),

  // ---- iterators: types are proved, state stays in the iterator object -----------------------------------------------
  'range_iter.more': op([O], B, 'items are left', { effect: 'read' }),
  'range_iter.next': op([O], I, 'advances; only after more', { effect: 'write' }),
  'list_iter.more': op([O], B, 'items are left; at the end drops the list as CPython does', { effect: 'write' }),
  'list_iter.next': op([O], O, 'advances; only after more', { effect: 'write', own: 'owned' }),
  'tuple_iter.more': op([O], B, 'items are left; at the end drops the tuple', { effect: 'write' }),
  'tuple_iter.next': op([O], O, 'advances; only after more', { effect: 'write', own: 'owned' }),
  'bytes_iter.more': op([O], B, 'items are left; at the end drops the bytes', { effect: 'write' }),
  'bytes_iter.next': op([O], I, 'advances; only after more', { effect: 'write' }),
  'iter.is_plain': op([O], B, 'iterating runs no Python code: an iterator of a builtin container, or enumerate or zip of such', { call: 'armature_iterator_is_plain' }),

  // ---- calls ------------------------------------------------------------------------------------------------------
  'arg.store': op([O], 'none', 'outgoing vectorcall argument, by position (0 is the callable); borrowed', { imm: ['int'], effect: 'pure' }),
  'call.vector': op([], O, 'calls with the stored arguments: argument count, names tuple object or -1 (-2: stored are a tuple and perhaps a dict of the arguments), set of the positions handed over; NULL on error', { imm: ['count', 'int', 'int'], effect: 'opaque', own: 'owned' }),
  'call.method': op([O], O, 'calls a builtin without arguments that runs no Python code; leaves unless it is this method, bound to an object', { imm: ['object'], guard: true, effect: 'write', own: 'owned', call: 'armature_call_method' }),
  'collector.hold': op([], 'none', '3.11: no garbage is collected until `collector.release`', { effect: 'write', call: 'armature_hold_collector' }),
  'collector.release': op([], 'none', 'garbage is collected at the next safepoint, if it is time for that', { effect: 'write', call: 'armature_release_collector' }),
  'instance.make': op([O, I, I], O, 'new instance of a plain class whose attributes are the stored arguments: class, their places, version of the class; leaves when that has changed', { guard: true, effect: 'write', own: 'owned', call: 'armature_make_instance' }),
  'instance.at_exit': op('attributes', O, 'an instance that only exits make, with these attributes: class, their places, local in whose home it is, unless that is NULL (-1: in none)', { imm: ['object', 'int', 'int'], none: true }),
  'call.arguments_o': op([], O, 'C function of (address of the stored arguments from position 0, count) by symbol; NULL on error', { imm: ['count', 'symbol'], effect: 'opaque', own: 'owned' }),
  'call.o_o': op([O], O, 'C function by symbol; NULL on error', { imm: ['symbol'], effect: 'opaque', own: 'owned' }),
  'call.oo_o': op([O, O], O, 'C function by symbol; NULL on error', { imm: ['symbol'], effect: 'opaque', own: 'owned' }),
  'call.ooo_o': op([O, O, O], O, 'C function by symbol; NULL on error', { imm: ['symbol'], effect: 'opaque', own: 'owned' }),
  'call.o_i': op([O], I, 'C function by symbol; -1 on error', { imm: ['symbol'], effect: 'opaque' }),
  'call.oo_i': op([O, O], I, 'C function by symbol; -1 on error', { imm: ['symbol'], effect: 'opaque' }),
  'call.ooo_i': op([O, O, O], I, 'C function by symbol; -1 on error', { imm: ['symbol'], effect: 'opaque' }),
  'check.error': op([O], 'none', 'leaves with the exception set when NULL', { guard: true }),
  'check.error_int': op([I], 'none', 'leaves with the exception set when -1', { guard: true }),
  'check.tracing': op([], 'none', 'after a call: leaves when tracing, profiling or monitoring began', { guard: true, effect: 'read' }),
  'check.written': op([], 'none', 'after an object may have died: leaves when locals of this frame were written from outside', { guard: true, effect: 'read' }),
  safepoint: op([], 'none', 'leaves when the eval breaker is set', { guard: true, effect: 'read' }),
} as const satisfies Record<string, OpInfo>;

export type OpName = keyof typeof ops;

/** An object with this many properties is slower to read. */
const infos: ReadonlyMap<OpName, OpInfo> = new Map(Object.entries(ops) as [OpName, OpInfo][]);

export const opInfo = (name: OpName): OpInfo => infos.get(name)!;

type Comparison<P extends string> = `${P}.${'lt' | 'le' | 'eq' | 'ne' | 'gt' | 'ge'}`;

function comparisons<P extends string>(prefix: P, type: ValueType): Record<Comparison<P>, OpInfo> {
  const entries = (['lt', 'le', 'eq', 'ne', 'gt', 'ge'] as const).map((c) => [
    `${prefix}.${c}`,
    op([type, type], 'bool', `a ${c} b`, { commutative: c === 'eq' || c === 'ne' }),
  ]);
  return Object.fromEntries(entries) as Record<Comparison<P>, OpInfo>;
}
