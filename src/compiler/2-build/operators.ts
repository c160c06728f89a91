/**
 * Operators of objects whose class defines them in Python: the method is translated as part of the instruction (restartable.ts).
 *
 * Which method CPython runs depends on both types. It is the left one's when they are equal, or the right one is a number; and the
 * reflected one of the right when the left one is a number.
 */
import type { ValueId } from '#ir/types.ts';
import type { ClassInfo } from '#protocol/request.ts';
import { isNumeric } from '../3-optimize/specialize-types/kinds.ts';
import type { Frame, Handler } from './frame.ts';
import { attempt, runMethod } from './instances.ts';
import { NotRestartable } from './restartable.ts';

/** A method of this name is tried first by `a += b`. */
const inPlaceName = (operator: string): string => `__i${operator}__`;

/** True when the operator was translated; its result is on the stack. */
export function tryBinary(f: Frame, operator: string, isInPlace: boolean, operands: readonly [ValueId, ValueId], dispatch: Handler): boolean {
  const [a, b] = operands, { unit } = f;
  const left = classOf(f, a), right = classOf(f, b);
  if (left === undefined && right === undefined) return false;
  if (left !== undefined) {
    if (isInPlace && left.methods.has(inPlaceName(operator))) return false;
    const method = left.methods.get(`__${operator}__`);
    return method !== undefined && attempt(f, () => {
      guardClass(f, a, left);
      guardRight(f, b, left, operator);
      runMethod(f, method, [a, b], dispatch);
    }, operands);
  }
  const method = right!.methods.get(`__r${operator}__`);
  const type = unit.typeOf(a);
  if (method === undefined || !isNumeric(type)) return false;
  return attempt(f, () => {
    guardNumber(f, a, type);
    guardClass(f, b, right!);
    runMethod(f, method, [b, a], dispatch);
  }, operands);
}

/** `isTruth`: the instruction makes a bool of the result. */
export function tryCompare(f: Frame, operator: string, isTruth: boolean, operands: readonly [ValueId, ValueId], dispatch: Handler): boolean {
  const [a, b] = operands;
  const left = classOf(f, a);
  const method = left?.methods.get(`__${operator}__`);
  if (left === undefined || method === undefined) return false;
  return attempt(f, () => {
    guardClass(f, a, left);
    guardRight(f, b, left, operator);
    runMethod(f, method, [a, b], dispatch);
    if (isTruth) f.push(f.truth(f.pop()));
  }, operands);
}

/** A method that only the one type decides about. */
export function trySpecial(f: Frame, name: string, operands: readonly [ValueId, ...ValueId[]], dispatch: Handler): boolean {
  const cls = classOf(f, operands[0]);
  const method = cls?.methods.get(name);
  if (cls === undefined || method === undefined) return false;
  return attempt(f, () => {
    guardClass(f, operands[0], cls);
    runMethod(f, method, operands, dispatch);
  }, operands);
}

/** The class that a value probably is of; a guard is needed. */
export function classOf(f: Frame, value: ValueId): ClassInfo | undefined {
  const { unit } = f;
  const name = unit.typeOf(value) ?? observed(f);
  return name === undefined ? undefined : unit.classNamed(name);
}

function guardClass(f: Frame, value: ValueId, info: ClassInfo): void {
  const { unit } = f;
  if (info.version === 0 || unit.placeholders.has(value)) throw new NotRestartable('class-without-version');
  if (unit.profile.failed(f.origin).some((x) => x.reason === 'guard.type_version' && !isNumeric(x.observed))) throw new NotRestartable('several-classes');
  f.emit('py.guard_type_version', [value], [info.version]);
  if (unit.typeOf(value) === undefined) unit.hints.set(value, { ...unit.hints.get(value), type: info.name });
}

/**
 * What makes CPython ask the left operand first: the right one's class cannot be derived from the left one's. A wrong guess teaches:
 * the guard that fails reports the type.
 */
function guardRight(f: Frame, value: ValueId, left: ClassInfo, operator: string): void {
  const type = f.unit.typeOf(value) ?? observed(f) ?? (SCALES.has(operator) ? 'float' : left.name);
  if (type === left.name) guardClass(f, value, left);
  else if (isNumeric(type)) guardNumber(f, value, type);
  else throw new NotRestartable('operand-of-another-class');
}

/** Their right operand is more often a number than an object of the same class. */
const SCALES: ReadonlySet<string> = new Set(['mul', 'truediv', 'floordiv', 'mod', 'pow']);

/** The type that was met where another one was expected, if it was always the same. */
function observed(f: Frame): string | undefined {
  const types = new Set(f.unit.profile.failed(f.origin).map((x) => x.observed));
  return types.size === 1 ? [...types][0] : undefined;
}

function guardNumber(f: Frame, value: ValueId, type: string): void {
  if (f.unit.profile.failed(f.origin).some((x) => x.reason === 'guard.type' && x.observed !== type)) throw new NotRestartable('several-types');
  f.emit('py.guard_number', [value], [type]);
}
