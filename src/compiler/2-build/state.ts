/** What the interpreter's frame would hold at a point of the bytecode, as SSA values. */
import type { ValueId } from '#ir/types.ts';

/** `null`: known to be unbound. `home`: not touched since the unit began, and unbound when it was asked for. */
export type LocalSlot = ValueId | 'null' | 'home';
export type StackSlot = ValueId | 'null';

/** An instance that a call of a class is about to make: it exists only once its `__init__` is through. */
export interface FreshInstance {
  /** Stands for it while `__init__` runs; no instruction has it as an operand. */
  readonly self: ValueId;
  /** Object-table index of the class. */
  readonly class: number;
  /** In the order of their first stores. */
  readonly attributes: readonly FreshAttribute[];
}

export interface FreshAttribute {
  readonly name: string;
  /** As in agent/instances.c. */
  readonly place: number;
  readonly value: ValueId;
}

export interface State {
  /** Innermost last. */
  instances: readonly FreshInstance[];
  readonly locals: LocalSlot[];
  readonly stack: StackSlot[];
  /** Current value of each promoted name of the unit; empty while `stale`. */
  globals: ValueId[];
  /** Python code may have run since the promoted names were last known: they are loaded again before the next use. */
  stale: boolean;
}

export const copyState = (s: State): State => ({
  instances: s.instances, locals: [...s.locals], stack: [...s.stack], globals: [...s.globals], stale: s.stale,
});

/** Why the end of a value goes unnoticed (lifetimes.ts). */
export type LifetimeOf = (value: ValueId) => 'quiet' | 'borrowed' | undefined;

/** Object-table index of a value known to be a constant. */
export type ConstantOf = (value: ValueId) => number | undefined;

/**
 * States with equal shapes may meet in one block. Which locals are bound, and which constants wait on the stack to be
 * called, is part of the shape, so that no value of unknown boundness and no unknown callee ever arises from a join.
 */
export function shapeOf(s: State, constant: ConstantOf, lifetimeOf: LifetimeOf): string {
  const isFresh = freshness(s);
  const locals = s.locals.map((v) => (typeof v !== 'number' ? v[0] : isFresh(v) ? `f${v}` : lifetimeOf(v)?.[0] ?? 'v')).join('');
  const stack = s.stack.map((v) => {
    if (v === 'null') return 'n';
    const object = constant(v);
    return isFresh(v) ? `f${v}` : object === undefined ? lifetimeOf(v)?.[0] ?? 'v' : `c${object}`;
  });
  const instances = s.instances.map(({ self, attributes }) => `${self}:${attributes.map((a) => a.place).join()}`);
  return `${locals}|${stack.join(',')}|${s.stale ? 'stale' : ''}|${instances.join(';')}`;
}

/** The values a block of this shape takes as parameters, in a fixed order. */
export function valuesOf(s: State, constant: ConstantOf): ValueId[] {
  const isFresh = freshness(s);
  const isValue = (v: LocalSlot): v is ValueId => typeof v === 'number' && !isFresh(v);
  return [
    ...s.locals.filter(isValue), ...s.stack.filter(isValue).filter((v) => constant(v) === undefined), ...s.globals,
    ...s.instances.flatMap(({ attributes }) => attributes.map((a) => a.value).filter((v) => !isFresh(v))),
  ];
}

/** The same shape with other values: `value` gives the parameters in the order of `valuesOf`, `remake` new constants. */
export function withValues(s: State, constant: ConstantOf, value: (old: ValueId) => ValueId, remake: (object: number) => ValueId): State {
  const isFresh = freshness(s);
  const locals = s.locals.map((v) => (typeof v === 'number' && !isFresh(v) ? value(v) : v));
  const stack = s.stack.map((v) => {
    if (v === 'null' || isFresh(v)) return v;
    const object = constant(v);
    return object === undefined ? value(v) : remake(object);
  });
  const globals = s.globals.map(value);
  const instances = s.instances.map((i) => ({ ...i, attributes: i.attributes.map((a) => (isFresh(a.value) ? a : { ...a, value: value(a.value) })) }));
  return { locals, stack, globals, stale: s.stale, instances };
}

function freshness(s: State): (value: ValueId) => boolean {
  if (s.instances.length === 0) return () => false;
  const selves = new Set(s.instances.map((i) => i.self));
  return (value) => selves.has(value);
}
