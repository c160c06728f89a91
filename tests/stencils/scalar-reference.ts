/** What scalar stencils compute, written down a second time. `undefined`: goes to TARGET. */
import type { StencilTable } from '#stencils/table.ts';
import { MAX, MIN } from './values.ts';

type Value = bigint | number;
export type Reference = (args: readonly Value[], immediate: bigint) => Value | undefined;

const fits = (x: bigint): bigint | undefined => (x >= MIN && x <= MAX ? x : undefined);
const wrap = (x: bigint): bigint => BigInt.asIntN(64, x);
const bool = (x: boolean): bigint => (x ? 1n : 0n);

function ints(f: (x: bigint, y: bigint, immediate: bigint) => Value | undefined): Reference {
  return (args, immediate) => f(args[0] as bigint, args[1] as bigint, immediate);
}
function floats(f: (x: number, y: number) => Value | undefined): Reference {
  return (args) => f(args[0] as number, args[1] as number);
}

export function floorDivide(x: bigint, y: bigint): bigint {
  const quotient = x / y;
  return x % y !== 0n && x % y < 0n !== y < 0n ? quotient - 1n : quotient;
}

const limit = (x: number): bigint | undefined => (Number.isFinite(x) ? fits(BigInt(x)) : undefined);

export const comparisons: Readonly<Record<string, (x: Value, y: Value) => boolean>> = {
  lt: (x, y) => x < y, le: (x, y) => x <= y, eq: (x, y) => x === y, ne: (x, y) => x !== y, gt: (x, y) => x > y, ge: (x, y) => x >= y,
};

/** The fields N, immr, imms as text, element by element: written without the decoder of the compiler. */
export function logicalValue(field: bigint): bigint {
  const n = Number(field >> 12n), immr = Number((field >> 6n) & 63n), imms = Number(field & 63n);
  const size = n === 1 ? 64 : 2 ** (5 - (imms ^ 63).toString(2).padStart(6, '0').indexOf('1'));
  const run = '1'.repeat((imms % size) + 1).padStart(size, '0'), by = immr % size;
  return BigInt(`0b${(run.slice(size - by) + run.slice(0, size - by)).repeat(64 / size)}`);
}

const arithmetic: Record<string, Reference> = {
  'int.add': ints((x, y) => fits(x + y)),
  'int.sub': ints((x, y) => fits(x - y)),
  'int.mul': ints((x, y) => fits(x * y)),
  'int.add_wrap': ints((x, y) => wrap(x + y)),
  'int.sub_wrap': ints((x, y) => wrap(x - y)),
  'int.mul_wrap': ints((x, y) => wrap(x * y)),
  'int.neg': ints((x) => fits(-x)),
  'int.abs': ints((x) => fits(x < 0n ? -x : x)),
  'int.invert': ints((x) => ~x),
  'int.and': ints((x, y) => x & y),
  'int.or': ints((x, y) => x | y),
  'int.xor': ints((x, y) => x ^ y),
  'int.shl': ints((x, y) => (y < 0n || y > 62n ? undefined : fits(x << y))),
  'int.shl_wrap': ints((x, y) => (y < 0n ? undefined : y > 63n ? 0n : wrap(x << y))),
  'int.shr': ints((x, y) => (y < 0n ? undefined : x >> (y > 63n ? 63n : y))),
  'int.ushr_wrap': ints((x, y) => wrap(BigInt.asUintN(64, x) >> (y & 63n))),
  'int.floordiv': ints((x, y) => (y === 0n ? undefined : fits(floorDivide(x, y)))),
  'int.mod': ints((x, y) => (y === 0n ? undefined : x - y * floorDivide(x, y))),
  'int.umod': ints((x, y) => x % y),
  'int.udiv': ints((x, y) => x / y),
  'int.min': ints((x, y) => (y < x ? y : x)),
  'int.max': ints((x, y) => (y > x ? y : x)),
  'int.add_imm': ints((x, _, i) => fits(x + i)),
  'int.add_imm_wrap': ints((x, _, i) => wrap(x + i)),
  'int.mul_imm': ints((x, _, i) => fits(x * i)),
  'int.and_imm': ints((x, _, i) => x & i),
  'int.shl_imm': ints((x, _, i) => fits(x << i)),
  'int.shr_imm': ints((x, _, i) => x >> i),
  'int.to_float': ints((x) => Number(x)),
  'int.to_float_exact': ints((x) => (x > 2n ** 53n || x < -(2n ** 53n) ? undefined : Number(x))),
  'int.to_bool': ints((x) => bool(x !== 0n)),
  'int.from_bool': ints((x) => x),
  'bool.not': ints((x) => 1n - x),
  'float.add': floats((x, y) => x + y),
  'float.sub': floats((x, y) => x - y),
  'float.mul': floats((x, y) => x * y),
  'float.div': floats((x, y) => (y === 0 ? undefined : x / y)),
  'float.neg': floats((x) => -x),
  'float.abs': floats((x) => Math.abs(x)),
  'float.sqrt': floats((x) => (x < 0 ? undefined : Math.sqrt(x))),
  'float.to_int': floats((x) => limit(Math.trunc(x))),
  'float.floor': floats((x) => limit(Math.floor(x))),
  'float.ceil': floats((x) => limit(Math.ceil(x))),
  'float.to_bool': floats((x) => bool(x !== 0)),
  'move.r': (args) => args[0],
  'move.f': (args) => args[0],
};

/** The result, for families that compute one. */
export function scalarReferences(table: StencilTable): Map<string, Reference> {
  const references = new Map(Object.entries(arithmetic));
  const short: Record<string, Reference> = {
    'int.add_imm.small': ints((x, _, i) => fits(x + i)),
    'int.sub_imm.small': ints((x, _, i) => fits(x - i)),
    'int.add_imm_wrap.small': ints((x, _, i) => wrap(x + i)),
    'int.sub_imm_wrap.small': ints((x, _, i) => wrap(x - i)),
    'int.and.logical': ints((x, _, i) => wrap(x & logicalValue(i))),
    'int.or.logical': ints((x, _, i) => wrap(x | logicalValue(i))),
    'int.xor.logical': ints((x, _, i) => wrap(x ^ logicalValue(i))),
  };
  for (const [name, reference] of Object.entries(short)) if (table.family(name)) references.set(name, reference);
  for (const [name, holds] of Object.entries(comparisons)) {
    for (const bank of ['int', 'float']) references.set(`${bank}.${name}`, (args) => bool(holds(args[0]!, args[1]!)));
  }
  return references;
}

/** True: to TARGET. */
export function branchReferences(table: StencilTable): Map<string, (args: readonly Value[], immediate: bigint) => boolean> {
  const branches = new Map<string, (args: readonly Value[], immediate: bigint) => boolean>([
    ['branch.true', ([x]) => x !== 0n], ['branch.false', ([x]) => x === 0n],
    ['guard.true', ([x]) => x === 0n], ['guard.false', ([x]) => x !== 0n],
    ['jump', () => true],
    ['check.error', ([x]) => x === 0n], ['check.error_int', ([x]) => x === -1n], ['guard.bound', ([x]) => x === 0n],
  ]);
  for (const [name, holds] of Object.entries(comparisons)) {
    branches.set(`branch.int.${name}`, ([x, y]) => holds(x!, y!));
    branches.set(`branch.float.${name}`, ([x, y]) => holds(x!, y!));
    branches.set(`branch.float.not_${name}`, ([x, y]) => !holds(x!, y!));
    for (const form of [`branch_imm.int.${name}`, `branch_imm.int.${name}.small`]) {
      if (table.family(form)) branches.set(form, ([x], immediate) => holds(x!, immediate));
    }
  }
  return branches;
}
