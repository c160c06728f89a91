/** What the interpreter's frame would hold at a point of the bytecode, as SSA values. */
import type { ValueId } from '#ir/types.ts';

/** `null`: known to be unbound. `home`: not touched since the unit began, and unbound when it was asked for. */
export type LocalSlot = ValueId | 'null' | 'home';
export type StackSlot = ValueId | 'null';

export interface State {
  readonly locals: LocalSlot[];
  readonly stack: StackSlot[];
  /** Current value of each promoted name of the unit; empty while `stale`. */
  globals: ValueId[];
  /** Python code may have run since the promoted names were last known: they are loaded again before the next use. */
  stale: boolean;
}

export const copyState = (s: State): State => ({
  locals: [...s.locals], stack: [...s.stack], globals: [...s.globals], stale: s.stale,
});

/** Object-table index of a value known to be a constant. */
export type ConstantOf = (value: ValueId) => number | undefined;

/**
 * States with equal shapes may meet in one block. Which locals are bound, and which constants wait on the stack to be
 * called, is part of the shape, so that no value of unknown boundness and no unknown callee ever arises from a join.
 */
export function shapeOf(s: State, constant: ConstantOf): string {
  const locals = s.locals.map((v) => (typeof v === 'number' ? 'v' : v[0])).join('');
  const stack = s.stack.map((v) => {
    if (v === 'null') return 'n';
    const object = constant(v);
    return object === undefined ? 'v' : `c${object}`;
  });
  return `${locals}|${stack.join(',')}|${s.stale ? 'stale' : ''}`;
}

/** The values a block of this shape takes as parameters, in a fixed order. */
export function valuesOf(s: State, constant: ConstantOf): ValueId[] {
  const isValue = (v: LocalSlot): v is ValueId => typeof v === 'number';
  return [...s.locals.filter(isValue), ...s.stack.filter(isValue).filter((v) => constant(v) === undefined), ...s.globals];
}

/** The same shape with other values: `value` gives the parameters in the order of `valuesOf`, `remake` new constants. */
export function withValues(s: State, constant: ConstantOf, value: (old: ValueId) => ValueId, remake: (object: number) => ValueId): State {
  const locals = s.locals.map((v) => (typeof v === 'number' ? value(v) : v));
  const stack = s.stack.map((v) => {
    if (v === 'null') return v;
    const object = constant(v);
    return object === undefined ? value(v) : remake(object);
  });
  return { locals, stack, globals: s.globals.map(value), stale: s.stale };
}
