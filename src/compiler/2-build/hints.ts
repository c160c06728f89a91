/** What is probably known about values: never relied upon, only used to choose what to guard for. */
import type { Instruction, ValueId } from '#ir/types.ts';
import type { ObjectInfo } from '#protocol/request.ts';

export interface Hint {
  /** Type name. */
  readonly type?: string | undefined;
  /** Object-table index of the object it was when the unit was asked for. */
  readonly object?: number | undefined;
}

type TypeOf = (value: ValueId) => string | undefined;

/** Type name of what an instruction makes, given the specialised form of its bytecode. */
export function resultType(i: Instruction, form: string, typeOf: TypeOf, callee: ObjectInfo | undefined): string | undefined {
  const [a, b] = i.args.map(typeOf);
  switch (i.op) {
    case 'py.length':
    case 'py.int': return 'int';
    case 'py.compare':
    case 'py.compare_truth':
    case 'py.is':
    case 'py.contains':
    case 'py.has_flag':
    case 'py.truth': return 'bool';
    case 'py.unary': return i.immediates[0] === 'not' ? 'bool' : a;
    case 'py.binary': return binaryType(String(i.immediates[0]), form, a, b);
    case 'py.subscript': return a === 'str' ? 'str' : a === 'bytes' || a === 'bytearray' ? 'int' : undefined;
    case 'py.unpack_rest':
    case 'py.build_list': return 'list';
    case 'py.tuple_from':
    case 'py.build_tuple': return 'tuple';
    case 'py.build_map': return 'dict';
    case 'py.build_slice': return 'slice';
    case 'py.build_set': return 'set';
    case 'py.build_string':
    case 'py.append_text':
    case 'py.format':
    case 'py.convert': return 'str';
    case 'py.get_iter': return a === undefined ? undefined : ITERATORS[a] ?? a;
    // What dies with it may be anything.
    case 'py.make_function': return 'closure';
    case 'py.call_method': return 'float';
    case 'py.call': return callee === undefined ? undefined : callType(callee, b);
    default: return undefined;
  }
}

const ITERATORS: Readonly<Record<string, string>> = {
  range: 'range_iterator', list: 'list_iterator', tuple: 'tuple_iterator', str: 'str_iterator', bytes: 'bytes_iterator', dict: 'dict_keyiterator',
};

const isInt = (t: string | undefined): boolean => t === 'int' || t === 'bool';
const isNumber = (t: string | undefined): boolean => isInt(t) || t === 'float';

function binaryType(operator: string, form: string, a: string | undefined, b: string | undefined): string | undefined {
  if (/_(INT)$/.test(form) && form.startsWith('BINARY_OP_') && !form.includes('SUBSCR')) return 'int';
  if (form.startsWith('BINARY_OP_') && form.endsWith('_FLOAT')) return 'float';
  if (form.endsWith('_UNICODE')) return 'str';
  const plain = operator.replace(/^i(?!nt)/, '');
  if (isNumber(a) && isNumber(b)) {
    if (a === 'float' || b === 'float' || plain === 'truediv') return 'float';
    return plain === 'pow' ? undefined : 'int';
  }
  if (a === 'float' || b === 'float') return 'float';
  if (plain === 'add' && a === b) return a;
  return plain === 'mod' && a === 'str' ? 'str' : undefined;
}

const RESULT_IS_ITS_TYPE = new Set(['int', 'float', 'bool', 'str', 'list', 'tuple', 'dict', 'set', 'range', 'bytes', 'bytearray', 'enumerate', 'zip']);
const INT_FUNCTIONS = new Set(['len', 'ord', 'hash', 'id', 'floor', 'ceil', 'trunc', 'gcd', 'isqrt', 'comb', 'perm', 'factorial']);

function callType(callee: ObjectInfo, argument: string | undefined): string | undefined {
  switch (callee.kind) {
    case 'type': return RESULT_IS_ITS_TYPE.has(callee.name) ? callee.name : undefined;
    case 'builtin':
      if (INT_FUNCTIONS.has(callee.name)) return 'int';
      if (callee.name === 'isinstance' || callee.name === 'callable') return 'bool';
      if (callee.name === 'chr') return 'str';
      if (callee.name === 'sorted') return 'list';
      if (callee.module === 'math') return 'float';
      return callee.name === 'abs' || callee.name === 'min' || callee.name === 'max' ? argument : undefined;
    case 'method_descriptor': return callee.name === 'append' ? 'NoneType' : undefined;
    default: return undefined;
  }
}
