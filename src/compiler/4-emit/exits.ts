/** Exit records: how each exit of a unit rebuilds interpreter frames. Exits that agree in everything are one. */
import { immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import type { FrameState, ValueId, ValueType } from '#ir/types.ts';
import type { ExitFrame, ExitReason, ExitRecord, Location, LocationKind } from '#protocol/unit.ts';
import { Bailout } from '#support/bailout.ts';
import { defined, invariant } from '#support/invariant.ts';
import type { SpillSlots } from './assign-spill-slots.ts';
import { NO_VALUE, REGISTERS_PER_BANK, type Constant, type ExitPoint } from './machine.ts';
import type { MachineFn } from './select-stencils.ts';
import { bitsOfFloat } from './stencil-operands.ts';

type Representation = Exclude<ValueType, 'py'>;

const registerKind: Record<Representation, LocationKind> =
  { obj: 'register_obj', int: 'register_int', float: 'register_float', bool: 'register_bool' };
const spillKind: Record<Representation, LocationKind> =
  { obj: 'spill_obj', int: 'spill_int', float: 'spill_float', bool: 'spill_bool' };

export class ExitTable {
  readonly records: ExitRecord[] = [];
  readonly reasons: ExitReason[] = [];
  readonly literals: bigint[] = [];
  readonly #fn: MachineFn;
  readonly #slots: SpillSlots;
  readonly #known = new Map<string, number>();
  readonly #locations = new LocationTable();
  /** By value: its register at the exit being described. */
  readonly #places: Int8Array;
  readonly #literalIndex = new Map<bigint, number>();

  constructor(fn: MachineFn, slots: SpillSlots) {
    this.#fn = fn;
    this.#slots = slots;
    this.#places = new Int8Array(fn.valueCount).fill(NO_VALUE);
  }

  /** Number of the exit. */
  add(point: ExitPoint): number {
    const id = this.records.length;
    const at = point.origin ?? point.frameState;
    const record = this.#record(point, id, at.offset);
    const key = `${point.reason} ${at.code} ${this.#contentKey(record)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (id > 0xffff) throw new Bailout('unit-too-large', 'too many exits');
    this.#known.set(key, id);
    this.records.push(record);
    this.reasons.push({ exit: id, reason: point.reason, code: at.code, offset: at.offset });
    return id;
  }

  #record(point: ExitPoint, reason: number, offset: number): ExitRecord {
    for (let i = 0; i < point.values.length; i++) this.#places[point.values[i]!] = point.registers[i]!;
    const owned = new Map<ValueId, number>();
    for (const value of point.owned) owned.set(value, (owned.get(value) ?? 0) + 1);
    const take = (value: ValueId): Location => {
      const left = owned.size === 0 ? 0 : owned.get(value) ?? 0;
      if (left > 0) owned.set(value, left - 1);
      return this.#locate(value, left === 0 && this.#isObject(value));
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
    for (const [value, count] of owned) for (let i = 0; i < count; i++) drops.push(this.#locate(value, false));
    return { kind: point.kind, reason, offset, watched: this.#watchedLocation(point), globals, drops, frames };
  }

  #frame(state: FrameState, take: (value: ValueId) => Location): ExitFrame {
    const isOuter = state.caller === undefined;
    const locals: { slot: number; location: Location }[] = [];
    state.locals.forEach((local, slot) => {
      invariant(isOuter || local !== 'home', 'an inlined frame has no memory yet');
      // The unit's own frame keeps what is not listed.
      if (isOuter && local === 'home') return;
      locals.push({ slot, location: local === 'home' ? this.#locations.home : local === 'null' ? this.#locations.null : take(local) });
    });
    return {
      code: state.code, offset: state.offset, functionObject: isOuter ? -1 : defined(state.functionObject, 'function of an inlined frame'),
      locals, stack: state.stack.map((v) => (v === 'null' ? this.#locations.null : take(v))),
    };
  }

  #watchedLocation({ watched, watchedRegister }: ExitPoint): Location | undefined {
    if (watched === undefined) return undefined;
    if (watchedRegister !== NO_VALUE) return this.#locations.get('register_obj', watchedRegister, false);
    const slot = this.#slots.slotOf[watched]!;
    return slot === NO_VALUE ? undefined : this.#locations.get('spill_obj', slot, false);
  }

  #locate(value: ValueId, incref: boolean): Location {
    const constant = this.#fn.constants[value];
    if (constant) return this.#constant(constant, incref);
    const type = this.#representation(value);
    const register = this.#places[value]!;
    if (register !== NO_VALUE) return this.#locations.get(registerKind[type], register % REGISTERS_PER_BANK, incref);
    const slot = this.#slots.slotOf[value]!;
    invariant(slot !== NO_VALUE, 'nowhere at an exit: value', value);
    return this.#locations.get(spillKind[type], slot, incref);
  }

  #constant({ source }: Constant, incref: boolean): Location {
    switch (source.op) {
      case 'const.int': return this.#locations.get('literal_int', this.#literal(BigInt.asUintN(64, immediateBigInt(source))), incref);
      case 'const.bool': return this.#locations.get('literal_bool', this.#literal(immediateBigInt(source)), incref);
      case 'const.float': return this.#locations.get('literal_float', this.#literal(bitsOfFloat(immediateNumber(source))), incref);
      default:
        invariant(source.op === 'const.obj', 'no constant:', source.op);
        return this.#locations.get('object', immediateNumber(source), incref);
    }
  }

  /** Equal for records that differ in their reason only. */
  #contentKey({ kind, offset, watched, globals, drops, frames }: ExitRecord): string {
    const table = this.#locations;
    let key = `${kind} ${offset} ${watched === undefined ? '' : table.numberOf(watched)}`;
    for (const { dict, name, location } of globals) key += `,${dict}.${name}.${table.numberOf(location)}`;
    key += ';';
    for (const location of drops) key += `${table.numberOf(location)} `;
    for (const { code, offset: at, functionObject, locals, stack } of frames) {
      key += `;${code}.${at}.${functionObject}:`;
      for (const { slot, location } of locals) key += `${slot}.${table.numberOf(location)} `;
      key += '/';
      for (const location of stack) key += `${table.numberOf(location)} `;
    }
    return key;
  }

  #literal(bits: bigint): number {
    const known = this.#literalIndex.get(bits);
    if (known !== undefined) return known;
    this.#literalIndex.set(bits, this.literals.length);
    return this.literals.push(bits) - 1;
  }

  #representation(value: ValueId): Representation {
    const type = this.#fn.types(value);
    invariant(type !== 'py', 'no representation of value', value);
    return type;
  }

  #isObject(value: ValueId): boolean {
    return this.#fn.types(value) === 'obj';
  }
}

/** One object for all equal locations, with a number by which it is quickly told from others. */
class LocationTable {
  readonly #byKind = new Map<LocationKind, Location[][]>();
  readonly #numbers = new Map<Location, number>();
  readonly null = this.get('null', 0, false);
  readonly home = this.get('home', 0, false);

  get(kind: LocationKind, index: number, incref: boolean): Location {
    let both = this.#byKind.get(kind);
    if (both === undefined) this.#byKind.set(kind, both = [[], []]);
    const list = both[incref ? 1 : 0]!;
    let location = list[index];
    if (location === undefined) {
      list[index] = location = { kind, index, incref };
      this.#numbers.set(location, this.#numbers.size);
    }
    return location;
  }

  numberOf(location: Location): number {
    return this.#numbers.get(location)!;
  }
}

function outermostFirst(state: FrameState): FrameState[] {
  const frames: FrameState[] = [];
  for (let s: FrameState | undefined = state; s; s = s.caller) frames.push(s);
  return frames.reverse();
}
