/** Calls of known builtins that become machine operations, and the kind of their result. */
import type { ObjectInfo } from '#protocol/request.ts';
import { constantIndex, isNumeric, isOpen, type Kind } from './kinds.ts';

/** `builtins.len`, `math.sqrt`, `builtins.float` (a type) or `list.append` (a method descriptor). */
export function qualifiedBuiltin(callee: Kind, objects: readonly ObjectInfo[]): string | undefined {
  const index = constantIndex(callee);
  const object = index === undefined ? undefined : objects[index];
  if (object?.kind === 'builtin') return object.module === '' ? undefined : `${object.module}.${object.name}`;
  if (object?.kind === 'type') return `type.${object.name}`;
  if (object?.kind !== 'method_descriptor') return undefined;
  const owner = objects[object.owner];
  return owner?.kind === 'type' ? `${owner.name}.${object.name}` : undefined;
}

/** Functions of libm that Python's math module calls as they are, and that raise ValueError or OverflowError, if at all, where the result is not finite. */
export const LIBM_1: ReadonlyMap<string, string> = new Map(
  ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'exp', 'expm1', 'log', 'log2', 'log10'].map((f) => [`math.${f}`, f]),
);

export const LIBM_2: ReadonlyMap<string, string> = new Map(['atan2', 'pow', 'fmod', 'copysign'].map((f) => [`math.${f}`, f]));

/** Callables that run no Python code when all arguments are numbers, strings or None. */
const HARMLESS = new Set([
  'type.int', 'type.float', 'type.bool', 'type.range', 'type.str', 'builtins.ord', 'builtins.chr', 'builtins.round', 'builtins.divmod',
  'builtins.pow', 'builtins.abs', 'builtins.min', 'builtins.max', 'builtins.len',
]);

/** Not those that take other objects' text, call an error handler, or look into what they are given. */
const HARMLESS_TEXT_METHODS = new Set([
  'capitalize', 'casefold', 'center', 'count', 'endswith', 'expandtabs', 'find', 'index', 'isalnum', 'isalpha', 'isascii', 'isdecimal',
  'isdigit', 'isidentifier', 'islower', 'isnumeric', 'isprintable', 'isspace', 'istitle', 'isupper', 'ljust', 'lower', 'lstrip',
  'partition', 'removeprefix', 'removesuffix', 'replace', 'rfind', 'rindex', 'rjust', 'rpartition', 'rsplit', 'rstrip', 'split',
  'splitlines', 'startswith', 'strip', 'swapcase', 'title', 'upper', 'zfill',
].map((name) => `str.${name}`));

/** Methods of lists that compare nothing and let nothing die; the second argument of insert may be anything. */
const HARMLESS_LIST_METHODS = new Set(['list.pop', 'list.insert', 'list.reverse', 'list.copy']);

/**
 * What each argument has to be for a callable to run no Python code, `any` included; undefined when it may run some whatever
 * they are.
 */
export function harmlessArguments(name: string, count: number): readonly ('plain' | 'list' | 'any')[] | undefined {
  if (HARMLESS_LIST_METHODS.has(name)) return (['list', 'plain', 'any'] as const).slice(0, count);
  if (HARMLESS.has(name) || name.startsWith('math.') || HARMLESS_TEXT_METHODS.has(name)) return new Array<'plain'>(count).fill('plain');
  return undefined;
}

/** Methods without arguments that run no Python code, and the kind of what they return. */
const METHODS: ReadonlyMap<string, 'float'> = new Map([['_random.Random.random', 'float']]);

/** For a method descriptor that compiled code calls itself. */
export function methodResult(descriptor: number, objects: readonly ObjectInfo[]): 'float' | undefined {
  const method = objects[descriptor];
  const owner = method?.kind === 'method_descriptor' ? objects[method.owner] : undefined;
  return method?.kind === 'method_descriptor' && owner?.kind === 'type' ? METHODS.get(`${owner.name}.${method.name}`) : undefined;
}

/** Types without Python code in their methods. */
export const PLAIN_TYPES = new Set(['int', 'float', 'bool', 'str', 'NoneType']);

/** Objects of these types refer to no others: nothing else dies with them. */
export const DIES_ALONE: ReadonlySet<string> = new Set([
  ...PLAIN_TYPES, 'complex', 'bytes', 'bytearray', 'ellipsis', 'range', 'range_iterator', 'bytes_iterator', 'str_iterator',
]);

/** Calling these types never makes an object of a subclass. */
const MAKES_EXACTLY: ReadonlySet<string> = new Set(['list', 'tuple', 'dict', 'bytearray', 'enumerate', 'zip', 'map', 'filter']);

/** Kind of the result of a call that will be compiled inline; `any` for all others. The first kind is the callee's. */
export function builtinResult(kinds: readonly Kind[], objects: readonly ObjectInfo[]): Kind {
  if (kinds.includes('unknown')) return 'unknown';
  const name = qualifiedBuiltin(kinds[0] ?? 'any', objects);
  if (name === undefined) return 'any';
  const [, a, b] = kinds;
  if (name === 'type.range') return 'exact:range';
  if (name.startsWith('type.') && MAKES_EXACTLY.has(name.slice('type.'.length))) return `exact:${name.slice('type.'.length)}`;
  if (kinds.length === 2 && a !== undefined) return unaryBuiltin(name, a);
  if (isExtreme(name) && kinds.length > 3) return isSameNumber(kinds.slice(1)) ? a! : 'any';
  if (kinds.length === 3 && a !== undefined && b !== undefined) return binaryBuiltin(name, a, b);
  return name === 'list.append' ? 'none' : 'any';
}

/** Of what str() and formatting make of a value: the methods of other types may return a subclass of str. */
export function formattedKind(kind: Kind): Kind {
  if (kind === 'unknown') return 'unknown';
  return isNumeric(kind) || kind === 'none' || kind === 'exact:int' || kind === 'exact:str' ? 'exact:str' : 'any';
}

const asNumber = (kind: Kind): boolean => isNumeric(kind) || isOpen(kind);

function unaryBuiltin(name: string, a: Kind): Kind {
  if (name === 'math.sqrt' || name === 'math.fabs' || LIBM_1.has(name)) return asNumber(a) ? 'float' : 'any';
  if (name === 'math.floor' || name === 'math.ceil') return a === 'float' ? 'int' : 'any';
  if (!isNumeric(a)) return 'any';
  switch (name) {
    case 'builtins.abs': return a === 'bool' ? 'int' : a;
    case 'type.int': return 'int';
    case 'type.float': return 'float';
    case 'type.bool': return 'bool';
    default: return 'any';
  }
}

function binaryBuiltin(name: string, a: Kind, b: Kind): Kind {
  if (name === 'list.append') return 'none';
  if (LIBM_2.has(name)) return isNumeric(a) && isNumeric(b) ? 'float' : 'any';
  return isExtreme(name) && isSameNumber([a, b]) ? a : 'any';
}

/** Of all its arguments, when these are numbers of one type. */
export const isExtreme = (name: string): boolean => name === 'builtins.min' || name === 'builtins.max';

const isSameNumber = ([first, ...others]: readonly Kind[]): boolean => (first === 'int' || first === 'float') && others.every((kind) => kind === first);
