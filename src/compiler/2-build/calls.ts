/** Calls: inlined when the callee is known and small, otherwise py.call. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import type { ValueId } from '#ir/types.ts';
import { Bailout } from '#support/bailout.ts';
import { methodResult } from '../3-optimize/specialize-types/builtins.ts';
import { below, tupleFrom } from './containers.ts';
import type { Frame, Handler } from './frame.ts';
import { tryInline } from './inline.ts';
import { tryInstantiate } from './instances.ts';
import { constantAt } from './names.ts';
import { releaseArguments } from './quiet-ends.ts';

export interface Call {
  /** Operand stack below the callable. */
  readonly callee: ValueId;
  readonly args: readonly ValueId[];
  /** Object-table index of the tuple of keyword names. */
  readonly keywordNames: number | undefined;
  readonly instruction: BytecodeInstruction;
}

export function calls(dispatch: Handler): Readonly<Record<string, Handler>> {
  return {
    KW_NAMES: (f, i) => {
      f.beginCall();
      f.keywordNames = constantAt(f, i.arg);
    },
    PRECALL: (f) => {
      f.beginCall();
    },
    CALL: (f, i) => {
      const names = f.keywordNames;
      f.keywordNames = undefined;
      call(f, i, names, dispatch);
      f.endCall();
    },
    CALL_KW: (f, i) => {
      const names = f.unit.constant(f.pop());
      if (names === undefined) return f.leave('unsupported-opcode:CALL_KW');
      call(f, i, names, dispatch);
    },
    CALL_FUNCTION_EX: callUnpacked,
  };
}

/**
 * `f(*args, **more)`. A list becomes a tuple before the call; other iterables would run Python code within this instruction.
 *
 * 3.11: NULL, callable, arguments and, where the instruction says so, a dict. 3.14: callable, NULL, arguments, dict or NULL.
 */
function callUnpacked(f: Frame, i: BytecodeInstruction): void {
  const is311 = f.code.layout === 311, hasDictSlot = !is311 || (i.arg & 1) === 1;
  const place = hasDictSlot ? 2 : 1;
  const args = tupleFrom(f, i, below(f, place));
  if (args === undefined) return;
  f.replaceOperand(place, args);
  const more = hasDictSlot ? f.popSlot() : 'null';
  f.pop();
  const upper = f.popSlot(), lower = f.popSlot();
  const callable = is311 ? upper : lower;
  if (callable === 'null') throw new Bailout('malformed-code', 'NULL called');
  // It was made for this call.
  if (more !== 'null') f.emit('py.guard_type', [more], ['@PyDict_Type']);
  f.push(f.value('py.call_unpacked', [callable, args, ...(more === 'null' ? [] : [more])]));
  f.endCall();
}

function call(f: Frame, i: BytecodeInstruction, keywordNames: number | undefined, dispatch: Handler): void {
  const args = f.popMany(i.arg);
  const upper = f.popSlot(), lower = f.popSlot();
  // 3.11: NULL, callable or method, self. 3.14: callable, NULL or method, self.
  const [callable, self] = f.code.layout === 311 && lower === 'null' ? [upper, 'null' as const] : [lower, upper];
  if (callable === 'null') throw new Bailout('malformed-code', 'NULL called');
  if (self !== 'null') args.unshift(self);
  const known = knownCallee(f, callable);
  if (known !== undefined) {
    const target = { callee: known, args, keywordNames, instruction: i };
    if (tryInline(f, target, dispatch) || tryInstantiate(f, target, dispatch)) return;
  }
  const method = args.length > 0 ? undefined : knownMethod(f, callable);
  if (method !== undefined) return f.push(f.value('py.call_method', [callable], [method]));
  const operands = [known ?? callable, ...args];
  const { opaqueCount } = f.unit;
  f.push(keywordNames === undefined ? f.value('py.call', operands) : f.value('py.call_kw', operands, [keywordNames]));
  // What runs Python code lets its arguments die within that.
  if (known !== undefined && f.unit.opaqueCount === opaqueCount) releaseArguments(f, known, args);
}

const CALLABLE = new Set(['function', 'builtin', 'type', 'method_descriptor']);

/** The callee as a constant: it is one, or it was this object when the unit was asked for (then guarded). */
function knownCallee(f: Frame, callable: ValueId): ValueId | undefined {
  if (f.unit.constant(callable) !== undefined) return callable;
  const object = f.unit.hints.get(callable)?.object;
  if (object === undefined || object < 0 || !CALLABLE.has(f.unit.object(object).kind) || !f.unit.isNameable(object, false)) return undefined;
  if (f.unit.profile.failed(f.origin).some((x) => x.reason === 'guard.is')) return undefined;
  f.emit('py.guard_is', [callable], [object]);
  return f.constant(object);
}

/** The method without arguments that a builtin was, bound to an object that nobody shall hold on to: `random.random`. */
function knownMethod(f: Frame, callable: ValueId): number | undefined {
  const object = f.unit.hints.get(callable)?.object;
  const info = object === undefined || object < 0 ? undefined : f.unit.object(object);
  if (info?.kind !== 'builtin' || f.unit.profile.failed(f.origin).length > 0) return undefined;
  return methodResult(info.method, f.unit.request.objects) === undefined ? undefined : info.method;
}
