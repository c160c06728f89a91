/**
 * Demanded bits: finds int results of which only low bits are ever looked at (`(a * b + c) & mask`), so that they may be
 * computed modulo 2^64 without overflow checks. No frame state that a guard can use may hold such a value.
 */
import { immediateAt } from '#ir/immediates.ts';
import type { Fn, Instruction, ValueId } from '#ir/types.ts';
import { forEachFrameStateValue, forEachTerminatorUse } from '#ir/visit.ts';
import type { TypeInference } from './infer-types.ts';
import { plainOperator } from './plan-arithmetic.ts';

const WRAPPING = new Set(['add', 'sub', 'mul', 'and', 'or', 'xor', 'lshift']);
/** Of those, the ones that could leave when they do not wrap. */
const CHECKED = new Set(['add', 'sub', 'mul', 'lshift']);

export function findWrappingValues(fn: Fn, inference: TypeInference): Set<ValueId> {
  const uses = new Map<ValueId, Instruction[]>();
  const states = new Map<ValueId, Instruction[]>();
  const excluded = new Set<ValueId>();
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) {
      for (const v of i.args) append(uses, v, i);
      if (i.frameState) forEachFrameStateValue(i.frameState, (v) => append(states, v, i));
    }
    forEachTerminatorUse(block.terminator, (v) => excluded.add(v));
  }
  const wraps = new Set<ValueId>();
  // Uses come after definitions: from the end, a user is decided before its operands.
  const instructions = [...fn.blocks.values()].flatMap((b) => b.instructions).reverse();
  for (let changed = true; changed; ) {
    changed = false;
    for (const i of instructions) {
      const value = i.result;
      if (value === undefined || wraps.has(value) || excluded.has(value) || !isWrapping(i, inference)) continue;
      const users = uses.get(value) ?? [];
      const fine = (user: Instruction): boolean => isSilent(user, value, inference, wraps);
      if (users.length === 0 || !users.every(fine) || !(states.get(value) ?? []).every(fine)) continue;
      wraps.add(value);
      changed = true;
    }
  }
  return wraps;
}

function append(map: Map<ValueId, Instruction[]>, key: ValueId, item: Instruction): void {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}

const operatorOf = (i: Instruction): string => plainOperator(String(immediateAt(i, 0)));

function isWrapping(i: Instruction, inference: TypeInference): boolean {
  if (i.op !== 'py.binary' || !WRAPPING.has(operatorOf(i))) return false;
  const plan = inference.plan(i);
  const isInt = (plan.family === 'int' || plan.family === 'big') && plan.result !== 'bool';
  // Every operand unboxed already: no guard of its own may be needed.
  if (!isInt || !i.args.every((v) => inference.representation(v) === 'int')) return false;
  if (operatorOf(i) !== 'lshift') return true;
  const count = inference.constantInt(i.args[1]!);
  return count !== undefined && count >= 0n && count < 64n;
}

/** True when this user needs low bits of the value only, and cannot leave compiled code. */
function isSilent(user: Instruction, value: ValueId, inference: TypeInference, wraps: ReadonlySet<ValueId>): boolean {
  if (!isWrapping(user, inference)) return user.op === 'py.int' || user.op === 'py.const';
  const operator = operatorOf(user);
  if (operator === 'lshift' && user.args[1] === value) return false;
  if (operator === 'and' && user.args.some((v) => v !== value && isMask(inference.constantInt(v)))) return true;
  return user.result !== undefined && wraps.has(user.result) && (CHECKED.has(operator) || WRAPPING.has(operator));
}

const isMask = (n: bigint | undefined): boolean => n !== undefined && n >= 0n && n < 1n << 63n;
