/** py.call, py.call_kw, py.get_iter: known builtins inline, everything else through vectorcall. */
import { immediateAt, immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import { harmlessArguments, isExtreme, LIBM_1, LIBM_2, PLAIN_TYPES, qualifiedBuiltin } from './builtins.ts';
import { isNumeric, type Numeric } from './kinds.ts';
import { lengthTypes } from './lengths.ts';
import { LENGTHS, MAX_ARGUMENTS } from './rewrite-containers.ts';
import { truth } from './rewrite-arithmetic.ts';
import { isGuardable } from './guardable-types.ts';
import type { Rewriter } from './rewriter.ts';
import { Uncompilable } from './uncompilable.ts';

export function rewriteCall(r: Rewriter, i: Instruction): void {
  const [callee, ...args] = i.args as [ValueId, ...ValueId[]];
  const name = qualifiedBuiltin(r.inference.kind(callee), r.profile.objects);
  if (name !== undefined && inlineBuiltin(r, i, name, args)) return;
  if (name === undefined) r.pythonCalls++;
  const wanted = name === undefined ? undefined : harmlessArguments(name, args.length);
  const silent = name !== undefined && wanted !== undefined && makeHarmless(r, name, args, wanted);
  r.define(i.result, vectorcall(r, callee, args, -1, silent));
}

export function rewriteCallMethod(r: Rewriter, i: Instruction): void {
  r.define(i.result, r.value('call.method', [r.obj(i.args[0]!)], [...i.immediates]), { float: true });
}

export function rewriteMakeInstance(r: Rewriter, i: Instruction): void {
  const [type, version, places] = [immediateNumber(i, 0), immediateNumber(i, 1), immediateBigInt(i, 2)];
  i.args.map((v) => r.obj(v)).forEach((v, n) => r.emit('arg.store', [v], [n]));
  const operands = [r.constantObject(type), r.value('const.int', [], [places]), r.value('const.int', [], [version])];
  r.define(i.result, r.value('instance.make', operands));
}

export function rewriteSpecialMethod(r: Rewriter, i: Instruction): void {
  r.define(i.result, r.value('type.special_method', [r.obj(i.args[0]!), r.value('const.int', [], [immediateNumber(i)])]));
}

export function rewriteSuperMethod(r: Rewriter, i: Instruction): void {
  r.define(i.result, r.value('type.super_method', i.args.map((v) => r.obj(v))));
}

/** Runs no Python code. */
export function rewriteBind(r: Rewriter, i: Instruction): void {
  r.define(i.result, r.plainCall({ op: 'call.oo_o', args: i.args.map((v) => r.obj(v)), immediates: ['armature_bind'] }));
}

/** The same. */
export function rewriteMakeFunction(r: Rewriter, i: Instruction): void {
  const args = [r.obj(i.args[0]!), r.constantObject(immediateNumber(i))];
  r.define(i.result, r.plainCall({ op: 'call.oo_o', args, immediates: ['armature_make_function'] }));
}

export function rewriteSetFunction(r: Rewriter, i: Instruction): void {
  r.emit('call.oo_i', i.args.map((v) => r.obj(v)), [`armature_set_${String(immediateAt(i, 0))}`]);
}

/** Guards that the arguments are what they seem to be where that is what is wanted; false when they may be anything. */
function makeHarmless(r: Rewriter, name: string, args: readonly ValueId[], wanted: readonly ('plain' | 'list' | 'any')[]): boolean {
  // What has a method of list or str is one, and rarely of a subclass.
  const usual = (n: number): string | undefined => (name === 'type.range' ? 'int' : n === 0 && /^(list|str)\./.test(name) ? name.split('.')[0] : undefined);
  const types = args.map((v, n) => r.provedType(v) ?? (r.typeFailed() ? undefined : r.inference.hint(v) ?? usual(n)));
  const isWanted = (t: string | undefined, n: number): boolean => {
    if (wanted[n] === 'any') return true;
    if (t === undefined || !(wanted[n] === 'list' ? t === 'list' : PLAIN_TYPES.has(t))) return false;
    return isGuardable(t) || r.provedType(args[n]!) === t;
  };
  if (wanted.length !== args.length || !types.every(isWanted)) return false;
  args.forEach((v, n) => {
    if (wanted[n] !== 'any') r.guardType(v, types[n]!);
  });
  return true;
}

/** The same for one value that has to be a number, text or None. */
export const makePlain = (r: Rewriter, value: ValueId): boolean => makeHarmless(r, '', [value], ['plain']);

export function rewriteCallKw(r: Rewriter, i: Instruction): void {
  const [callee, ...args] = i.args as [ValueId, ...ValueId[]];
  r.pythonCalls++;
  r.define(i.result, vectorcall(r, callee, args, immediateNumber(i)));
}

export function rewriteCallUnpacked(r: Rewriter, i: Instruction): void {
  const [callee, ...args] = i.args as [ValueId, ...ValueId[]];
  r.pythonCalls++;
  r.define(i.result, vectorcall(r, callee, args, UNPACKED));
}

/** Instead of names: `arg.store` has written a tuple, and perhaps a dict, of the arguments. */
const UNPACKED = -2;

/** Arguments are counted with those passed by name: the callee subtracts the names. */
function vectorcall(r: Rewriter, callee: ValueId, args: readonly ValueId[], names: number, silent = false): ValueId {
  if (args.length > MAX_ARGUMENTS) throw new Uncompilable('too-many-arguments');
  const objects = [callee, ...args].map((v) => r.obj(v));
  if (!silent) r.flush();
  objects.forEach((v, n) => r.emit('arg.store', [v], [n]));
  const made = r.withoutCollector(() => r.value('call.vector', [], [args.length, names, 0]));
  r.checkError(made);
  if (!silent) r.deferTracing();
  return made;
}

/** True when the call became machine operations. Must agree with `builtinResult`. */
function inlineBuiltin(r: Rewriter, i: Instruction, name: string, args: readonly ValueId[]): boolean {
  const [a, b] = args;
  const guess = r.inference.guessedNumber(i);
  if (guess !== undefined) return inlineGuessed(r, i, name, args.map((v) => r.as(v, guess)), guess);
  if (a !== undefined && b === undefined) return inlineUnary(r, i, name, a);
  if (isExtreme(name) && args.length >= 2) return inlineExtreme(r, i, name, args);
  if (a !== undefined && b !== undefined && args.length === 2) return inlineBinary(r, i, name, a, b);
  return false;
}

function inlineUnary(r: Rewriter, i: Instruction, name: string, a: ValueId): boolean {
  const type = r.representation(a);
  if (name === 'builtins.len') return inlineLength(r, i, a);
  if (LIBM_1.has(name) || name === 'math.sqrt' || name === 'math.fabs') return inlineMath(r, i, name, a);
  if (r.inference.isCodePoint(i)) {
    r.define(i.result, r.value('str.code', [r.guardType(a, 'str')]));
    return true;
  }
  if (type === 'obj') return false;
  switch (name) {
    case 'builtins.abs':
      r.define(i.result, type === 'float' ? r.value('float.abs', [a]) : r.value('int.abs', [r.int(a)]));
      return true;
    case 'type.int':
      r.define(i.result, type === 'float' ? r.value('float.to_int', [a]) : r.int(a));
      return true;
    case 'type.float':
      r.define(i.result, r.convert(a, type, 'float'));
      return true;
    case 'type.bool':
      r.define(i.result, truth(r, a));
      return true;
    case 'math.floor':
    case 'math.ceil':
      if (type !== 'float') return false;
      r.define(i.result, r.value(name === 'math.floor' ? 'float.floor' : 'float.ceil', [a]));
      return true;
    default:
      return false;
  }
}

function inlineLength(r: Rewriter, i: Instruction, value: ValueId): boolean {
  const proved = r.provedType(value);
  const types = lengthTypes(r.inference, i);
  if (types.length === 0) return false;
  const [only, ...others] = proved !== undefined && LENGTHS[proved] !== undefined ? [proved] : types as [string, ...string[]];
  const length = (type: string, object: ValueId): ValueId => r.value(LENGTHS[type]!, [object]);
  if (others.length === 0) r.define(i.result, length(only, r.guardType(value, only)));
  else r.define(i.result, r.byType(value, types.map((type) => ({ type, run: (object) => length(type, object) })), 'int')!);
  return true;
}

/** Functions whose result is always a float. */
function inlineMath(r: Rewriter, i: Instruction, name: string, a: ValueId): boolean {
  if (r.representation(a) === 'obj' && (r.inference.kind(a) !== 'any' || r.unboxFailed())) {
    if (r.inference.kind(a) !== 'any') return false;
    r.define(i.result, vectorcall(r, i.args[0]!, [a], -1), { float: true });
    return true;
  }
  const x = asFloat(r, a);
  if (name === 'math.sqrt') r.define(i.result, r.value('float.sqrt', [x]));
  else if (name === 'math.fabs') r.define(i.result, r.value('float.abs', [x]));
  else r.define(i.result, r.value('float.libm', [x], [LIBM_1.get(name)!]));
  return true;
}

function asFloat(r: Rewriter, value: ValueId): ValueId {
  const type = r.representation(value);
  return isNumeric(type) ? r.convert(value, type, 'float') : r.as(value, 'float');
}

function inlineBinary(r: Rewriter, i: Instruction, name: string, a: ValueId, b: ValueId): boolean {
  if (name === 'list.append') {
    const list = r.guardType(a, 'list');
    r.emit('list.append', [list, r.obj(b)]);
    r.define(i.result, r.value('const.obj', [], ['@_Py_NoneStruct']));
    return true;
  }
  const libm = LIBM_2.get(name);
  const types = [r.representation(a), r.representation(b)] as const;
  if (libm !== undefined && isNumeric(types[0]) && isNumeric(types[1])) {
    r.define(i.result, r.value('float.libm2', [asFloat(r, a), asFloat(r, b)], [libm]));
    return true;
  }
  return false;
}

function inlineExtreme(r: Rewriter, i: Instruction, name: string, args: readonly ValueId[]): boolean {
  const [type, ...others] = args.map((v) => r.representation(v));
  if ((type !== 'int' && type !== 'float') || others.some((other) => other !== type)) return false;
  r.define(i.result, extreme(r, name, args, type));
  return true;
}

/** The first of the smallest or greatest, as CPython finds it. */
function extreme(r: Rewriter, name: string, args: readonly ValueId[], type: 'int' | 'float'): ValueId {
  return args.reduce((a, b) => (type === 'float' ? floatExtreme(r, name, a, b) : r.value(name === 'builtins.min' ? 'int.min' : 'int.max', [a, b])));
}

/** abs, min or max of numbers of one type. */
function inlineGuessed(r: Rewriter, i: Instruction, name: string, args: readonly ValueId[], type: 'int' | 'float'): true {
  r.define(i.result, isExtreme(name) ? extreme(r, name, args, type) : r.value(`${type}.abs`, [args[0]!]));
  return true;
}

/** `b < a ? b : a`, as builtins.min; NaN and signed zeros come out as there. */
function floatExtreme(r: Rewriter, name: string, a: ValueId, b: ValueId): ValueId {
  const second = name === 'builtins.min' ? r.value('float.lt', [b, a]) : r.value('float.gt', [b, a]);
  return r.select(second, b, a, 'float' satisfies Numeric);
}

export function rewriteGetIter(r: Rewriter, i: Instruction): void {
  const value = i.args[0]!;
  const iterated = r.inference.iteratedType(i);
  const type = r.provedType(value) ?? (r.typeFailed() ? undefined : iterated ?? r.inference.hint(value));
  const isPlain = type !== undefined && PLAIN_ITERABLES.has(type) && (isGuardable(type) || r.provedType(value) === type);
  const object = isPlain ? r.guardType(value, type) : r.obj(value);
  const call = { op: 'call.o_o' as const, args: [object], immediates: ['PyObject_GetIter'] };
  r.define(i.result, isPlain ? r.plainCall(call) : r.opaque(call));
}

/** The last four are iterators: they are asked for themselves. */
const PLAIN_ITERABLES = new Set(['list', 'tuple', 'range', 'str', 'bytes', 'bytearray', 'dict', 'enumerate', 'zip', 'map', 'filter']);
