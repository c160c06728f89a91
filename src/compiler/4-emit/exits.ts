/** Exit records: how each exit of a unit rebuilds interpreter frames. Exits that agree in everything are one. */
import { immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import type { FrameState, ValueId, ValueType } from '#ir/types.ts';
import type { ExitFrame, ExitReason, ExitRecord, Location, LocationKind } from '#protocol/unit.ts';
import { Bailout } from '#support/bailout.ts';
import { defined, invariant } from '#support/invariant.ts';
import type { SpillSlots } from './assign-spill-slots.ts';
import { NO_VALUE, REGISTERS_PER_BANK, type ExitPoint } from './machine.ts';
import type { MachineFn } from './select-stencils.ts';
import { bitsOfFloat } from './stencil-operands.ts';

type Representation = Exclude<ValueType, 'py'>;

const registerKind: Record<Representation, LocationKind> =
  { obj: 'register_obj', int: 'register_int', float: 'register_float', bool: 'register_bool' };
const spillKind: Record<Representation, LocationKind> =
  { obj: 'spill_obj', int: 'spill_int', float: 'spill_float', bool: 'spill_bool' };

const NULL: Location = { kind: 'null', index: 0, incref: false };
const HOME: Location = { kind: 'home', index: 0, incref: false };

export class ExitTable {
  readonly records: ExitRecord[] = [];
  readonly reasons: ExitReason[] = [];
  readonly literals: bigint[] = [];
  readonly #fn: MachineFn;
  readonly #slots: SpillSlots;
  readonly #known = new Map<string, number>();
  readonly #literalIndex = new Map<bigint, number>();

  constructor(fn: MachineFn, slots: SpillSlots) {
    this.#fn = fn;
    this.#slots = slots;
  }

  /** Number of the exit. */
  add(point: ExitPoint): number {
    const id = this.records.length;
    const at = point.origin ?? point.frameState;
    const record = this.#record(point, id, at.offset);
    const key = `${point.reason} ${at.code} ${contentKey(record)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (id > 0xffff) throw new Bailout('unit-too-large', 'too many exits');
    this.#known.set(key, id);
    this.records.push(record);
    this.reasons.push({ exit: id, reason: point.reason, code: at.code, offset: at.offset });
    return id;
  }

  #record(point: ExitPoint, reason: number, offset: number): ExitRecord {
    const places = new Map<ValueId, number>();
    point.values.forEach((value, i) => places.set(value, point.registers[i]!));
    const owned = new Map<ValueId, number>();
    for (const value of point.owned) owned.set(value, (owned.get(value) ?? 0) + 1);
    const take = (value: ValueId): Location => {
      const place = this.#locate(value, places);
      const left = owned.get(value) ?? 0;
      if (left > 0) owned.set(value, left - 1);
      return this.#isObject(value) && left === 0 ? { ...place, incref: true } : place;
    };
    const frames: ExitFrame[] = [];
    const globals: ExitRecord['globals'][number][] = [];
    for (const state of outermostFirst(point.frameState)) {
      frames.push(this.#frame(state, take));
    }
    for (const state of outermostFirst(point.frameState)) {
      for (const g of state.globals) globals.push({ dict: g.dict, name: g.name, location: take(g.value) });
    }
    const drops: Location[] = [];
    for (const [value, count] of owned) for (let i = 0; i < count; i++) drops.push(this.#locate(value, places));
    return { kind: point.kind, reason, offset, watched: this.#watchedLocation(point), globals, drops, frames };
  }

  #frame(state: FrameState, take: (value: ValueId) => Location): ExitFrame {
    const isOuter = state.caller === undefined;
    const locals: { slot: number; location: Location }[] = [];
    state.locals.forEach((local, slot) => {
      invariant(isOuter || local !== 'home', 'an inlined frame has no memory yet');
      // The unit's own frame keeps what is not listed.
      if (isOuter && local === 'home') return;
      locals.push({ slot, location: local === 'home' ? HOME : local === 'null' ? NULL : take(local) });
    });
    return {
      code: state.code, offset: state.offset, functionObject: isOuter ? -1 : defined(state.functionObject, 'function of an inlined frame'),
      locals, stack: state.stack.map((v) => (v === 'null' ? NULL : take(v))),
    };
  }

  #watchedLocation({ watched, watchedRegister }: ExitPoint): Location | undefined {
    if (watched === undefined) return undefined;
    if (watchedRegister !== NO_VALUE) return { kind: 'register_obj', index: watchedRegister, incref: false };
    const slot = this.#slots.slotOf[watched]!;
    return slot === NO_VALUE ? undefined : { kind: 'spill_obj', index: slot, incref: false };
  }

  #locate(value: ValueId, places: ReadonlyMap<ValueId, number>): Location {
    const constant = this.#fn.constants[value];
    if (constant) return this.#constant(value);
    const type = this.#representation(value);
    const register = defined(places.get(value), `place of %${value}`);
    if (register !== NO_VALUE) return { kind: registerKind[type], index: register % REGISTERS_PER_BANK, incref: false };
    const slot = this.#slots.slotOf[value]!;
    invariant(slot !== NO_VALUE, `%${value} is nowhere at an exit`);
    return { kind: spillKind[type], index: slot, incref: false };
  }

  #constant(value: ValueId): Location {
    const { source } = defined(this.#fn.constants[value], 'constant');
    switch (source.op) {
      case 'const.int': return { kind: 'literal_int', index: this.#literal(BigInt.asUintN(64, immediateBigInt(source))), incref: false };
      case 'const.bool': return { kind: 'literal_bool', index: this.#literal(immediateBigInt(source)), incref: false };
      case 'const.float': return { kind: 'literal_float', index: this.#literal(bitsOfFloat(immediateNumber(source))), incref: false };
      default:
        invariant(source.op === 'const.obj', `${source.op} is no constant`);
        return { kind: 'object', index: immediateNumber(source), incref: false };
    }
  }

  #literal(bits: bigint): number {
    const known = this.#literalIndex.get(bits);
    if (known !== undefined) return known;
    this.#literalIndex.set(bits, this.literals.length);
    return this.literals.push(bits) - 1;
  }

  #representation(value: ValueId): Representation {
    const type = this.#fn.types(value);
    invariant(type !== 'py', `%${value} has no representation`);
    return type;
  }

  #isObject(value: ValueId): boolean {
    return this.#fn.types(value) === 'obj';
  }
}

/** Equal for records that differ in their reason only. */
function contentKey({ kind, offset, watched, globals, drops, frames }: ExitRecord): string {
  let key = `${kind} ${offset} ${watched === undefined ? '' : locationKey(watched)}`;
  for (const { dict, name, location } of globals) key += `,${dict}.${name}${locationKey(location)}`;
  key += ';';
  for (const location of drops) key += locationKey(location);
  for (const { code, offset: at, functionObject, locals, stack } of frames) {
    key += `;${code}.${at}.${functionObject}:`;
    for (const { slot, location } of locals) key += `${slot}${locationKey(location)}`;
    key += '/';
    for (const location of stack) key += locationKey(location);
  }
  return key;
}

const locationKey = ({ kind, index, incref }: Location): string => `${incref ? '+' : ' '}${kind}${index}`;

function outermostFirst(state: FrameState): FrameState[] {
  const frames: FrameState[] = [];
  for (let s: FrameState | undefined = state; s; s = s.caller) frames.push(s);
  return frames.reverse();
}
