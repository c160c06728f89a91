/** py.unary, py.binary, py.compare, py.truth, py.is. */
import { immediateAt } from '#ir/immediates.ts';
import type { OpName } from '#ir/ops.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import { defined } from '#support/invariant.ts';
import { isNumeric, type Numeric } from './kinds.ts';
import { plainOperator, wantedType, type ArithmeticPlan } from './plan-arithmetic.ts';
import type { OpaqueCall, Rewriter } from './rewriter.ts';
import { Uncompilable } from './uncompilable.ts';
import { lengthOf } from './rewrite-containers.ts';

const INT_OPS: Readonly<Record<string, OpName>> = {
  add: 'int.add', sub: 'int.sub', mul: 'int.mul', floordiv: 'int.floordiv', mod: 'int.mod',
  lshift: 'int.shl', rshift: 'int.shr', and: 'int.and', or: 'int.or', xor: 'int.xor', pow: 'int.mul',
};
const WRAP_OPS: Readonly<Record<string, OpName>> = {
  add: 'int.add_wrap', sub: 'int.sub_wrap', mul: 'int.mul_wrap', lshift: 'int.shl_wrap',
};
const FLOAT_OPS: Readonly<Record<string, OpName>> = {
  add: 'float.add', sub: 'float.sub', mul: 'float.mul', truediv: 'float.div', floordiv: 'float.floordiv', mod: 'float.mod', pow: 'float.pow',
};
/** Suffix of the C API function PyNumber_* and PyNumber_InPlace*. */
const NUMBER_PROTOCOL: Readonly<Record<string, string>> = {
  add: 'Add', sub: 'Subtract', mul: 'Multiply', truediv: 'TrueDivide', floordiv: 'FloorDivide', mod: 'Remainder',
  lshift: 'Lshift', rshift: 'Rshift', and: 'And', or: 'Or', xor: 'Xor', matmul: 'MatrixMultiply',
};

export function rewriteBinary(r: Rewriter, i: Instruction, wraps: ReadonlySet<ValueId>): void {
  const operator = String(immediateAt(i, 0));
  const plain = plainOperator(operator);
  const plan = r.inference.plan(i);
  switch (plan.family) {
    case 'float': {
      const [a, b] = operandsAs(r, i, plan, 'float');
      r.define(i.result, r.value(defined(FLOAT_OPS[plain], plain), [a, b]));
      return;
    }
    case 'true_division': {
      const [a, b] = operandsAs(r, i, plan, 'int').map((v) => r.value('int.to_float_exact', [v])) as [ValueId, ValueId];
      r.define(i.result, r.value('float.div', [a, b]));
      return;
    }
    case 'int': return rewriteInt(r, i, plan, plain, wraps);
    case 'big': {
      const [a, b] = i.args.map((v) => r.guardType(v, 'int')) as [ValueId, ValueId];
      const made = r.plainCall({ op: 'call.oo_o', args: [a, b], immediates: [numberFunction(plain, false)] });
      r.define(i.result, made, { repeatable: true });
      return;
    }
    case 'numbers': {
      const made = r.plainCall({ op: 'call.oo_o', args: numbers(r, i), immediates: [numberFunction(plain, false)] });
      r.define(i.result, made, { float: plain === 'truediv', repeatable: true });
      return;
    }
    case 'generic': return rewriteGeneric(r, i, operator, plain);
  }
}

/** The operands as objects, each of which is an int or a float. */
function numbers(r: Rewriter, i: Instruction): ValueId[] {
  return i.args.map((v) => {
    const object = r.obj(v);
    if (r.representation(v) === 'obj') r.value('unbox.real', [object]);
    return object;
  });
}

function rewriteInt(r: Rewriter, i: Instruction, plan: ArithmeticPlan, operator: string, wraps: ReadonlySet<ValueId>): void {
  const [a, b] = operandsAs(r, i, plan, 'int');
  const wrap = i.result !== undefined && wraps.has(i.result) ? WRAP_OPS[operator] : undefined;
  // x ** 2: the only power whose plan is an int.
  const made = r.value(wrap ?? defined(INT_OPS[operator], operator), operator === 'pow' ? [a, a] : [a, b]);
  r.define(i.result, plan.result === 'bool' ? r.value('int.to_bool', [made]) : made);
}

function operandsAs(r: Rewriter, i: Instruction, plan: ArithmeticPlan, type: Numeric): [ValueId, ValueId] {
  // All guards first: their frame state still has the operands as they came.
  const taken = i.args.map((v, n) => {
    const isObject = r.representation(v) === 'obj';
    if (n === plan.floatByType && isObject) return r.value('unbox.float_known', [r.guardType(v, 'float')]);
    return n === plan.mayBeEither && isObject ? r.value('unbox.real', [r.obj(v)]) : r.wanted(v, defined(plan.operands[n], 'operand type'));
  });
  return taken.map((v) => r.convert(v, r.typeNow(v) as Numeric, type)) as [ValueId, ValueId];
}

export const numberFunction = (operator: string, inPlace: boolean): string =>
  operator === 'pow' ? (inPlace ? 'armature_power_in_place' : 'armature_power')
    : `PyNumber_${inPlace ? 'InPlace' : ''}${defined(NUMBER_PROTOCOL[operator], operator)}`;

function rewriteGeneric(r: Rewriter, i: Instruction, operator: string, plain: string): void {
  const { specialization, failures } = r.inference.site(i);
  // CPython appends in place when the local holds the only reference; a copy each time would be quadratic.
  if (specialization === 'BINARY_OP_INPLACE_ADD_UNICODE') throw new Uncompilable('string-append-in-place');
  if (specialization === 'BINARY_OP_ADD_UNICODE' && failures.length === 0) {
    const args = i.args.map((v) => r.guardType(v, 'str'));
    r.define(i.result, r.plainCall({ op: 'call.oo_o', args, immediates: ['PyUnicode_Concat'] }));
    return;
  }
  const args = i.args.map((v) => r.obj(v));
  const call: OpaqueCall = { op: 'call.oo_o', args, immediates: [numberFunction(plain, operator !== plain)] };
  r.define(i.result, r.inference.sequenceResult(i) ? r.plainCall(call) : r.opaque(call));
}

export function rewriteUnary(r: Rewriter, i: Instruction): void {
  const operator = String(immediateAt(i, 0));
  const operand = i.args[0]!;
  if (operator === 'not') {
    r.define(i.result, r.value('bool.not', [truth(r, operand)]));
    return;
  }
  const plan = r.inference.plan(i);
  if (plan.family === 'generic' || plan.family === 'numbers') {
    const name = { neg: 'PyNumber_Negative', pos: 'PyNumber_Positive', invert: 'PyNumber_Invert' }[operator];
    const isNumber = plan.family === 'numbers';
    const call: OpaqueCall = { op: 'call.o_o', args: isNumber ? numbers(r, i) : [r.obj(operand)], immediates: [defined(name, operator)] };
    r.define(i.result, isNumber ? r.plainCall(call) : r.opaque(call));
    return;
  }
  const wanted = defined(plan.operands[0], 'operand type');
  const taken = r.wanted(operand, wanted);
  const a = plan.family === 'int' ? r.convert(taken, wantedType(wanted), 'int') : taken;
  if (operator === 'pos') r.define(i.result, a);
  else if (operator === 'neg') r.define(i.result, r.value(plan.family === 'int' ? 'int.neg' : 'float.neg', [a]));
  else r.define(i.result, r.value('int.invert', [a]));
}

export function rewriteCompare(r: Rewriter, i: Instruction): void {
  const operator = String(immediateAt(i, 0));
  const plan = r.inference.plan(i);
  if (plan.family === 'numbers') {
    const made = r.plainCall({ op: 'call.oo_i', args: numbers(r, i), immediates: [`armature_test_${operator}`] });
    r.define(i.result, r.value('int.to_bool', [made]));
    return;
  }
  if (plan.family === 'generic') {
    const isText = r.inference.isTextComparison(i);
    if (isText && (operator === 'eq' || operator === 'ne')) return rewriteTextEquality(r, i, operator);
    const args = i.args.map((v) => (isText ? r.guardType(v, 'str') : r.obj(v)));
    const isTruth = i.op === 'py.compare_truth';
    const call: OpaqueCall = { op: isTruth ? 'call.oo_i' : 'call.oo_o', args, immediates: [`armature_${isTruth ? 'test' : 'compare'}_${operator}`] };
    const made = isText ? r.plainCall(call) : r.opaque(call);
    r.define(i.result, isTruth ? r.value('int.to_bool', [made]) : made, { repeatable: isText });
    return;
  }
  const taken = i.args.map((v, n) => r.wanted(v, defined(plan.operands[n], 'operand type')));
  const [a, b] = taken.map((v, n) => toCommon(r, v, wantedType(plan.operands[n]!), plan.family === 'float')) as [ValueId, ValueId];
  r.define(i.result, r.value(`${plan.family}.${operator}` as OpName, [a, b]));
}

function rewriteTextEquality(r: Rewriter, i: Instruction, operator: 'eq' | 'ne'): void {
  const equal = r.value('str.equal', i.args.map((v) => r.guardType(v, 'str')));
  r.define(i.result, operator === 'eq' ? equal : r.value('bool.not', [equal]));
}

/** Python compares int with float exactly: the int must be a double without rounding. */
function toCommon(r: Rewriter, value: ValueId, from: Numeric, float: boolean): ValueId {
  if (from === 'float') return value;
  const int = r.convert(value, from, 'int');
  if (!float) return int;
  return r.value(from === 'bool' ? 'int.to_float' : 'int.to_float_exact', [int]);
}

/** Truth of a value as a bool. */
export function truth(r: Rewriter, value: ValueId): ValueId {
  const type = r.representation(value);
  if (type !== 'obj') return r.convert(value, type, 'bool');
  if (r.inference.kind(value) === 'none') return r.value('const.bool', [], [0]);
  const length = lengthOf(r, value);
  if (length !== undefined) return r.value('int.to_bool', [length]);
  // Most objects that are tested and not known are bools, numbers or None.
  if (!r.failures().some((f) => f.reason === 'obj.truth')) return r.value('obj.truth', [r.obj(value)]);
  const made = r.opaque({ op: 'call.o_i', args: [r.obj(value)], immediates: ['PyObject_IsTrue'] });
  return r.value('int.to_bool', [made]);
}

export function rewriteTruth(r: Rewriter, i: Instruction): void {
  r.define(i.result, truth(r, i.args[0]!));
}

export function rewriteIs(r: Rewriter, i: Instruction): void {
  const [a, b] = i.args as [ValueId, ValueId];
  const kinds = [r.inference.kind(a), r.inference.kind(b)] as const;
  if (isNumeric(kinds[0]) || isNumeric(kinds[1])) {
    if (kinds.includes('none')) r.define(i.result, r.value('const.bool', [], [0]));
    else if (kinds[0] === 'bool' && kinds[1] === 'bool') {
      r.define(i.result, r.value('int.eq', [r.convert(a, 'bool', 'int'), r.convert(b, 'bool', 'int')]));
    } else throw new Uncompilable('identity-of-number');
    return;
  }
  const constants = [a, b].map((v) => r.inference.constantObject(v));
  const [other, constant] = constants[1] !== undefined ? [a, constants[1]] : [b, constants[0]];
  r.define(i.result, constant === undefined
    ? r.value('obj.is', [r.obj(a), r.obj(b)])
    : r.value('obj.is_const', [r.obj(other)], [constant]));
}
