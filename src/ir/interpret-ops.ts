/** What each op does, for the IR interpreter. Integers are bigints wrapped to 64 bits. */
import { InvariantError, invariant } from '#support/invariant.ts';
import { boxBool, boxFloat, boxInt, none, type FakeObject } from './fake-objects.ts';
import { immediateAt, immediateBigInt, immediateNumber } from './immediates.ts';
import type { OpName } from './ops.ts';
import type { Instruction } from './types.ts';

/** `int`: bigint; `float`: number; `bool`: boolean; `obj`: FakeObject, or null for NULL. */
export type Value = bigint | number | boolean | FakeObject | null;

/** Result of an op that leaves compiled code. */
export const LEAVE = Symbol('leave');
export type OpResult = Value | undefined | typeof LEAVE;

export interface Machine {
  readonly homes: (FakeObject | null)[];
  readonly stack: (FakeObject | null)[];
  readonly objects: readonly FakeObject[];
}

type Evaluate = (args: readonly Value[], instruction: Instruction, machine: Machine) => OpResult;

export function evaluate(op: OpName, args: readonly Value[], instruction: Instruction, machine: Machine): OpResult {
  const comparison = /^(?:int|float)\.(lt|le|eq|ne|gt|ge)$/.exec(op);
  if (comparison) return compare(comparison[1]!, args[0]!, args[1]!);
  const run = evaluators[op];
  if (!run) throw new InvariantError(`the IR interpreter does not know ${op}`);
  return run(args, instruction, machine);
}

export function compare(operator: string, a: Value, b: Value): boolean {
  switch (operator) {
    case 'lt': return a! < b!;
    case 'le': return a! <= b!;
    case 'eq': return a === b;
    case 'ne': return a !== b;
    case 'gt': return a! > b!;
    case 'ge': return a! >= b!;
    default: throw new InvariantError(`comparison ${operator}`);
  }
}

const wrap = (n: bigint): bigint => BigInt.asIntN(64, n);
const checked = (n: bigint): OpResult => (wrap(n) === n ? n : LEAVE);
const when = (ok: boolean): OpResult => (ok ? undefined : LEAVE);

const ints = (f: (a: bigint, b: bigint, i: Instruction) => OpResult): Evaluate => (args, i) => f(args[0] as bigint, args[1] as bigint, i);
const floats = (f: (a: number, b: number, i: Instruction) => OpResult): Evaluate => (args, i) => f(args[0] as number, args[1] as number, i);
const object = (f: (a: FakeObject, i: Instruction, m: Machine) => OpResult): Evaluate => (args, i, m) => f(args[0] as FakeObject, i, m);

export function floorDivide(a: bigint, b: bigint): bigint {
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
}

const truncated = (x: number): OpResult => (Number.isFinite(x) ? checked(BigInt(Math.trunc(x))) : LEAVE);

function floatMod(a: number, b: number): number {
  const r = a % b;
  if (r === 0) return b < 0 ? -0 : 0;
  return r < 0 !== b < 0 ? r + b : r;
}

function floatFloorDivide(a: number, b: number): number {
  const quotient = (a - floatMod(a, b)) / b;
  if (quotient === 0) return Object.is(a / b, -0) || a / b < 0 ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

/** Position in a sequence, negative ones counted from the end. */
function position(items: readonly unknown[], index: bigint): number | undefined {
  const at = index < 0n ? index + BigInt(items.length) : index;
  return at >= 0n && at < BigInt(items.length) ? Number(at) : undefined;
}

function itemsOf(sequence: Value): FakeObject[] {
  const o = sequence as FakeObject;
  invariant(o.type === 'list' || o.type === 'tuple', `not a sequence: ${o.type}`);
  return o.items;
}

function itemAt(args: readonly Value[]): OpResult {
  const items = itemsOf(args[0]!);
  const at = position(items, args[1] as bigint);
  return at === undefined ? LEAVE : items[at]!;
}

function storeNumber(args: readonly Value[], type: 'int' | 'float'): OpResult {
  const items = itemsOf(args[0]!);
  const at = position(items, args[1] as bigint);
  if (at === undefined || !['int', 'float'].includes(items[at]!.type)) return LEAVE;
  items[at] = type === 'int' ? boxInt(args[2] as bigint) : boxFloat(args[2] as number);
  return undefined;
}

function storeItem(args: readonly Value[]): OpResult {
  const items = itemsOf(args[0]!);
  const at = position(items, args[1] as bigint);
  if (at === undefined) return LEAVE;
  items[at]!.references--;
  items[at] = args[2] as FakeObject;
  return undefined;
}

function setHome(machine: Machine, index: number, value: FakeObject | null): undefined {
  const old = machine.homes[index];
  if (old) old.references--;
  machine.homes[index] = value;
}

function advanceRange(o: FakeObject): bigint {
  invariant(o.type === 'range_iterator' && o.length > 0n, 'next of an exhausted iterator');
  const item = o.next;
  o.next += o.step;
  o.length--;
  return item;
}

/** Types of CPython's own that an immediate may name instead of an index of the object table. */
const SYMBOLS: Readonly<Record<string, string>> = {
  '@PyLong_Type': 'int', '@PyFloat_Type': 'float', '@PyBool_Type': 'bool', '@PyUnicode_Type': 'str', '@PyList_Type': 'list',
  '@PyTuple_Type': 'tuple', '@PyRangeIter_Type': 'range_iterator',
};

function textOf(text: Value): string[] {
  const o = text as FakeObject;
  invariant(o.type === 'str', `not a str: ${o.type}`);
  return [...o.value];
}

function textItem(text: FakeObject, index: bigint): OpResult {
  const characters = textOf(text), at = position(characters, index);
  return at === undefined ? LEAVE : { type: 'str', value: characters[at]!, references: 1 };
}

function isType(o: FakeObject | null, i: Instruction, machine: Machine): boolean {
  const name = immediateAt(i, 0);
  if (typeof name === 'string') return o?.type === SYMBOLS[name];
  const type = machine.objects[Number(name)];
  return type?.type === 'type' && o?.type === type.name;
}

const evaluators: Partial<Record<OpName, Evaluate>> = {
  'const.int': (_, i) => immediateBigInt(i),
  'const.float': (_, i) => immediateNumber(i),
  'const.bool': (_, i) => immediateNumber(i) !== 0,
  'const.obj': (_, i, m) => m.objects[immediateNumber(i)] ?? none(),

  'int.add': ints((a, b) => checked(a + b)),
  'int.sub': ints((a, b) => checked(a - b)),
  'int.mul': ints((a, b) => checked(a * b)),
  'int.add_wrap': ints((a, b) => wrap(a + b)),
  'int.sub_wrap': ints((a, b) => wrap(a - b)),
  'int.mul_wrap': ints((a, b) => wrap(a * b)),
  'int.neg': ints((a) => checked(-a)),
  'int.abs': ints((a) => checked(a < 0n ? -a : a)),
  'int.invert': ints((a) => ~a),
  'int.and': ints((a, b) => a & b),
  'int.or': ints((a, b) => a | b),
  'int.xor': ints((a, b) => a ^ b),
  'int.shl': ints((a, b) => (b < 0n || b > 62n ? LEAVE : checked(a << b))),
  'int.shl_wrap': ints((a, b) => (b < 0n ? LEAVE : b > 63n ? 0n : wrap(a << b))),
  'int.shr': ints((a, b) => (b < 0n ? LEAVE : a >> (b > 63n ? 63n : b))),
  'int.ushr_wrap': ints((a, b) => wrap(BigInt.asUintN(64, a) >> b)),
  'int.floordiv': ints((a, b) => (b === 0n ? LEAVE : checked(floorDivide(a, b)))),
  'int.mod': ints((a, b) => (b === 0n ? LEAVE : a - b * floorDivide(a, b))),
  'int.umod': ints((a, b) => a % b),
  'int.udiv': ints((a, b) => a / b),
  'int.min': ints((a, b) => (b < a ? b : a)),
  'int.max': ints((a, b) => (b > a ? b : a)),
  'int.add_imm': ints((a, _, i) => checked(a + immediateBigInt(i))),
  'int.add_imm_wrap': ints((a, _, i) => wrap(a + immediateBigInt(i))),
  'int.mul_imm': ints((a, _, i) => checked(a * immediateBigInt(i))),
  'int.and_imm': ints((a, _, i) => a & immediateBigInt(i)),
  'int.shl_imm': ints((a, _, i) => checked(a << immediateBigInt(i))),
  'int.shr_imm': ints((a, _, i) => a >> immediateBigInt(i)),
  'int.to_float': ints((a) => Number(a)),
  'int.to_float_exact': ints((a) => (a > 2n ** 53n || a < -(2n ** 53n) ? LEAVE : Number(a))),
  'int.to_bool': ints((a) => a !== 0n),
  'int.from_bool': ([a]) => (a === true ? 1n : 0n),

  'float.add': floats((a, b) => a + b),
  'float.sub': floats((a, b) => a - b),
  'float.mul': floats((a, b) => a * b),
  'float.div': floats((a, b) => (b === 0 ? LEAVE : a / b)),
  'float.floordiv': floats((a, b) => (b === 0 ? LEAVE : floatFloorDivide(a, b))),
  'float.mod': floats((a, b) => (b === 0 ? LEAVE : floatMod(a, b))),
  'float.neg': floats((a) => -a),
  'float.abs': floats((a) => Math.abs(a)),
  'float.sqrt': floats((a) => (a < 0 ? LEAVE : Math.sqrt(a))),
  'float.to_int': floats((a) => truncated(a)),
  'float.floor': floats((a) => truncated(Math.floor(a))),
  'float.ceil': floats((a) => truncated(Math.ceil(a))),
  'float.to_bool': floats((a) => a !== 0),

  'bool.not': ([a]) => !(a as boolean),
  'guard.true': ([a]) => when(a as boolean),
  'guard.false': ([a]) => when(!(a as boolean)),
  'guard.bound': ([a]) => when(a !== null),
  'guard.type': object((o, i, m) => when(isType(o, i, m))),
  'guard.type_version': () => undefined,
  'guard.is': object((o, i, m) => when(o === m.objects[immediateNumber(i)])),
  'guard.is_not': object((o, i, m) => when(o !== m.objects[immediateNumber(i)])),
  'unbox.int': object((o) => (o.type === 'int' ? checked(o.value) : LEAVE)),
  'unbox.integer': object((o) => (o.type === 'int' ? checked(o.value) : o.type === 'bool' ? BigInt(o.value) : LEAVE)),
  'unbox.float': object((o) => (o.type === 'float' ? o.value : LEAVE)),
  'unbox.real': object((o) => (o.type === 'float' ? o.value : o.type === 'int' ? Number(o.value) : LEAVE)),
  'unbox.float_known': object((o) => (o.type === 'float' ? o.value : LEAVE)),
  'unbox.bool': object((o) => (o.type === 'bool' ? o.value : LEAVE)),
  'obj.keep': () => undefined,
  'obj.end': () => undefined,
  'obj.truth': object((o) => (o.type === 'bool' ? o.value : o.type === 'int' ? o.value !== 0n : o.type === 'float' ? o.value !== 0 : LEAVE)),
  'obj.is': ([a, b]) => a === b,
  'obj.has_type': ([a], i, m) => isType(a as FakeObject, i, m),
  'obj.is_const': ([a], i, m) => a === m.objects[immediateNumber(i)],
  'obj.is_null': ([a]) => a === null,
  // Objects of the interpreter of the IR have no finalisers.
  'obj.ends_quietly': () => true,
  'dict.item_ends_quietly': () => true,
  'collector.hold': () => undefined,
  'collector.release': () => undefined,
  'box.int': ints((a) => boxInt(a)),
  'box.float': floats((a) => boxFloat(a)),
  'box.bool': ([a]) => boxBool(a as boolean),
  incref: object((o) => void o.references++),
  decref: object((o) => void o.references--),
  decref_number: object((o) => void o.references--),

  'home.load': (_, i, m) => m.homes[immediateNumber(i)] ?? null,
  'home.store': ([a], i, m) => setHome(m, immediateNumber(i), a as FakeObject),
  'home.clear': (_, i, m) => setHome(m, immediateNumber(i), null),
  'stack.take': (_, i, m) => m.stack[immediateNumber(i)] ?? null,
  'frame.position': () => undefined,

  'list.length': ([l]) => BigInt(itemsOf(l!).length),
  'list.item': itemAt,
  'list.store': storeItem,
  'list.store_float': (args) => storeNumber(args, 'float'),
  'list.store_int': (args) => storeNumber(args, 'int'),
  'list.append': ([l, v]) => void itemsOf(l!).push(v as FakeObject),
  'tuple.length': ([t]) => BigInt(itemsOf(t!).length),
  'tuple.item': itemAt,
  'str.item': ([o, i]) => textItem(o as FakeObject, i as bigint),
  'str.equal': ([a, b]) => textOf(a!).join('') === textOf(b!).join(''),
  'str.code': object((o) => (textOf(o).length === 1 ? BigInt(textOf(o)[0]!.codePointAt(0)!) : LEAVE)),
  'str.length': object((o) => (o.type === 'str' ? BigInt([...o.value].length) : LEAVE)),

  'range_iter.more': object((o) => o.type === 'range_iterator' && o.length > 0n),
  'range_iter.next': object((o) => advanceRange(o)),
  'check.error': ([a]) => when(a !== null),
  'check.error_int': ([a]) => when(a !== -1n),
  'check.tracing': () => undefined,
  'check.written': () => undefined,
  safepoint: () => undefined,
};
