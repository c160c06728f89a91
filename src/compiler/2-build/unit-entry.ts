/** What the unit takes over from the interpreter's frame. */
import { frameStateWith } from '#ir/frame-states.ts';
import type { ValueId } from '#ir/types.ts';
import type { Frame } from './frame.ts';
import { reachableFrom } from './promoted-names.ts';
import type { LocalSlot, State, StackSlot } from './state.ts';
import type { Unit } from './unit.ts';

const CO_VARARGS = 0x4, CO_VARKEYWORDS = 0x8;
const CO_FAST_CELL = 0x40, CO_FAST_FREE = 0x80;

export function stateAtEntry(unit: Unit): State {
  const { request } = unit;
  const hidden = hiddenByComprehensions(unit);
  const locals: LocalSlot[] = request.codes[0]!.localsplusnames.map((_, slot) => {
    if (!isBound(unit, slot)) {
      if (!hidden.has(slot)) return 'home';
      // A comprehension saves this local, bound or not: the unit is for frames where it is not.
      take(unit, 'local', slot);
      return 'null';
    }
    return take(unit, 'local', slot);
  });
  // The agent enters the unit only with a NULL wherever there was one: a call in progress, a local saved by a comprehension.
  const stack: StackSlot[] = request.stack.map((object, n) => (object < 0 ? 'null' : take(unit, 'stack', n)));
  return { locals, stack, globals: [], stale: false, instances: [] };
}

/** Loads the names that the unit stores. */
export function promotedAtEntry(unit: Unit, frame: Frame): ValueId[] {
  const frameState = frameStateWith(frame.stateAt(unit.request.offset), { globals: [] });
  const origin = { code: 0, offset: unit.request.offset };
  return unit.promoted.list.map((p) => {
    const value = unit.builder.value('py.load_global', [], { immediates: [p.dict, p.entry, p.name], frameState, origin });
    unit.hints.set(value, { type: unit.profile.typeName(p.value), object: p.value });
    return value;
  });
}

function take(unit: Unit, kind: 'local' | 'stack', index: number): ValueId {
  const { builder, profile, request } = unit;
  const origin = { code: 0, offset: request.offset };
  const value = builder.value(kind === 'local' ? 'py.local' : 'py.take_stack', [], { immediates: [index], origin });
  const object = profile.initialObject(kind, index);
  unit.hints.set(value, { type: profile.initialType(kind, index), object: object === undefined || object < 0 ? undefined : object });
  return value;
}

/** At a loop header: bound when the unit was asked for. At a function's entry: arguments, cells and free variables. */
function isBound(unit: Unit, slot: number): boolean {
  const { request } = unit;
  if (request.kind === 'osr') return request.locals[slot] !== -1;
  const { flags, argcount, kwonly, localspluskinds } = request.codes[0]!;
  const args = argcount + kwonly + ((flags & CO_VARARGS) !== 0 ? 1 : 0) + ((flags & CO_VARKEYWORDS) !== 0 ? 1 : 0);
  return slot < args || (localspluskinds[slot]! & (CO_FAST_CELL | CO_FAST_FREE)) !== 0;
}

function hiddenByComprehensions(unit: Unit): ReadonlySet<number> {
  if (unit.request.layout === 311) return new Set();
  const reachable = reachableFrom(unit.decoded(0), unit.request.offset);
  return new Set(reachable.filter((i) => i.name === 'LOAD_FAST_AND_CLEAR').map((i) => i.arg));
}
