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
  const wraps = new Set<ValueId>();
  const candidates = findCandidates(fn, inference);
  if (candidates.size === 0) return wraps;
  const uses = usesOf(fn, candidates);
  // Uses come after definitions: from the end, a user is decided before its operands.
  const instructions = [...candidates.values()].reverse();
  const isCandidate = (i: Instruction): boolean => i.result !== undefined && candidates.get(i.result) === i;
  for (let changed = true; changed; ) {
    changed = false;
    for (const i of instructions) {
      const value = i.result!;
      if (wraps.has(value) || uses.excluded.has(value)) continue;
      const users = uses.operands.get(value) ?? [];
      const fine = (user: Instruction): boolean => (isCandidate(user) ? isSilent(user, value, inference, wraps) : user.op === 'py.int' || user.op === 'py.const');
      if (users.length === 0 || !users.every(fine) || !(uses.states.get(value) ?? []).every(fine)) continue;
      wraps.add(value);
      changed = true;
    }
  }
  return wraps;
}

/** Instructions that can be computed modulo 2^64, by result. */
function findCandidates(fn: Fn, inference: TypeInference): Map<ValueId, Instruction> {
  const candidates = new Map<ValueId, Instruction>();
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) if (i.result !== undefined && isWrapping(i, inference)) candidates.set(i.result, i);
  }
  return candidates;
}

interface Uses {
  readonly operands: ReadonlyMap<ValueId, Instruction[]>;
  readonly states: ReadonlyMap<ValueId, Instruction[]>;
  readonly excluded: ReadonlySet<ValueId>;
}

function usesOf(fn: Fn, candidates: ReadonlyMap<ValueId, Instruction>): Uses {
  const operands = new Map<ValueId, Instruction[]>();
  const states = new Map<ValueId, Instruction[]>();
  const excluded = new Set<ValueId>();
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) {
      for (const v of i.args) if (candidates.has(v)) append(operands, v, i);
      if (!i.frameState) continue;
      forEachFrameStateValue(i.frameState, (v) => {
        if (candidates.has(v)) append(states, v, i);
      });
    }
    forEachTerminatorUse(block.terminator, (v) => excluded.add(v));
  }
  return { operands, states, excluded };
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

/** True when this user, a candidate itself, needs low bits of the value only, and cannot leave compiled code. */
function isSilent(user: Instruction, value: ValueId, inference: TypeInference, wraps: ReadonlySet<ValueId>): boolean {
  const operator = operatorOf(user);
  if (operator === 'lshift' && user.args[1] === value) return false;
  if (operator === 'and' && user.args.some((v) => v !== value && isMask(inference.constantInt(v)))) return true;
  return user.result !== undefined && wraps.has(user.result) && (CHECKED.has(operator) || WRAPPING.has(operator));
}

const isMask = (n: bigint | undefined): boolean => n !== undefined && n >= 0n && n < 1n << 63n;
