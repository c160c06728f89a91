/** Exit records: how each exit of a unit rebuilds interpreter frames. Exits that agree in everything are one. */
import { immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import type { FrameState, ValueId, ValueType } from '#ir/types.ts';
import { locationKinds, type ExitFrame, type ExitReason, type ExitRecord, type Location, type LocationKind } from '#protocol/unit.ts';
import { Bailout } from '#support/bailout.ts';
import { assertExhaustive, defined, invariant, InvariantError } from '#support/invariant.ts';
import type { SpillSlots } from './assign-spill-slots.ts';
import { NO_VALUE, REGISTERS_PER_BANK, type Constant, type ExitPoint } from './machine.ts';
import { NumberSequences, type SequenceReader } from './number-sequences.ts';
import type { MachineFn } from './select-stencils.ts';
import { bitsOfFloat } from './stencil-operands.ts';

export class ExitTable {
  readonly records: ExitRecord[] = [];
  readonly reasons: ExitReason[] = [];
  readonly literals: bigint[] = [];
  readonly #fn: MachineFn;
  readonly #slots: SpillSlots;
  /** By place in `MachineFn.exitValues`. */
  readonly #registers: Int8Array;
  /** What each record says besides kind and reason. */
  readonly #contents = new NumberSequences();
  /** By value: its register at the exit being described. */
  readonly #places: Int8Array;
  /** By value: references to it that the exit has and no location has taken yet. */
  readonly #owned: Int32Array;
  /** By constant, twice: its location, without and with a new reference. */
  readonly #ofConstant: number[] = [];
  readonly #literalIndex = new Map<bigint, number>();

  constructor(fn: MachineFn, slots: SpillSlots, registers: Int8Array) {
    this.#fn = fn;
    this.#slots = slots;
    this.#registers = registers;
    this.#places = new Int8Array(fn.valueCount).fill(NO_VALUE);
    this.#owned = new Int32Array(fn.valueCount);
  }

  /** Number of the exit. */
  add(point: ExitPoint): number {
    const { kind, reason } = point;
    const { code, offset } = point.origin ?? point.frameState;
    this.#describe(point, code, offset);
    const id = this.#contents.keepUnless((other) => this.records[other]!.kind === kind && this.reasons[other]!.reason === reason);
    if (id < this.records.length) return id;
    if (id > 0xffff) throw new Bailout('unit-too-large', 'too many exits');
    this.records.push(this.#record(kind, id));
    this.reasons.push({ exit: id, reason, code, offset });
    return id;
  }

  /** Writes the content of the record; `#record` reads it. */
  #describe(point: ExitPoint, code: number, offset: number): void {
    const { start, end, frameState, owned } = point;
    for (let i = start; i < end; i++) this.#places[this.#fn.exitValues[i]!] = this.#registers[i]!;
    for (const value of owned) this.#owned[value]!++;
    const content = this.#contents;
    content.begin();
    content.push(code);
    content.push(offset);
    content.push(this.#watchedLocation(point));
    const frames = content.reserve();
    this.#writeFrames(frameState, frames);
    const globals = content.reserve();
    this.#writeGlobals(frameState, globals);
    const drops = content.reserve();
    for (const value of owned) {
      for (; this.#owned[value]! > 0; this.#owned[value]!--) {
        content.push(this.#locate(value, false));
        content.count(drops);
      }
    }
  }

  /** The outermost frame first. */
  #writeFrames(state: FrameState, frames: number): void {
    const content = this.#contents;
    const { caller } = state;
    if (caller) this.#writeFrames(caller, frames);
    content.count(frames);
    content.push(state.code);
    content.push(state.offset);
    content.push(caller ? defined(state.functionObject, 'function of an inlined frame') : -1);
    const locals = content.reserve();
    for (let slot = 0; slot < state.locals.length; slot++) {
      const local = state.locals[slot]!;
      if (local === 'home') {
        invariant(!caller, 'an inlined frame has no memory yet');
        // The unit's own frame keeps what is not listed.
        continue;
      }
      content.push(slot);
      content.push(local === 'null' ? NULL_LOCATION : this.#take(local));
      content.count(locals);
    }
    content.push(state.stack.length);
    for (const v of state.stack) content.push(v === 'null' ? NULL_LOCATION : this.#take(v));
  }

  #writeGlobals(state: FrameState, globals: number): void {
    if (state.caller) this.#writeGlobals(state.caller, globals);
    for (const { dict, name, value } of state.globals) {
      this.#contents.push(dict);
      this.#contents.push(name);
      this.#contents.push(this.#take(value));
      this.#contents.count(globals);
    }
  }

  #record(kind: ExitPoint['kind'], id: number): ExitRecord {
    const content = this.#contents.read(id);
    content.next(); // The code object is in the reason.
    const offset = content.next(), watched = content.next();
    const location = (): Location => locationOf(content.next());
    const frames = content.list(() => frameFrom(content));
    const globals = content.list(() => ({ dict: content.next(), name: content.next(), location: location() }));
    return {
      kind, reason: id, offset, watched: watched === NO_LOCATION ? undefined : locationOf(watched),
      globals, drops: content.list(location), frames,
    };
  }

  #watchedLocation({ watched, watchedRegister }: ExitPoint): number {
    if (watched === undefined) return NO_LOCATION;
    if (watchedRegister !== NO_VALUE) return packLocation(FIRST_REGISTER_KIND + representation('obj', watched), watchedRegister, false);
    const slot = this.#slots.slotOf[watched]!;
    return slot === NO_VALUE ? NO_LOCATION : packLocation(FIRST_SPILL_KIND + representation('obj', watched), slot, false);
  }

  /** The location of a value that a frame gets: with the reference the exit has, or with a new one. */
  #take(value: ValueId): number {
    const left = this.#owned[value]!;
    if (left > 0) this.#owned[value] = left - 1;
    return this.#locate(value, left === 0 && this.#fn.types[value] === 'obj');
  }

  #locate(value: ValueId, incref: boolean): number {
    const constant = this.#fn.constants[value];
    if (constant) return this.#ofConstant[value * 2 + (incref ? 1 : 0)] ??= this.#constant(constant, incref);
    const type = representation(this.#fn.types[value], value);
    const register = this.#places[value]!;
    if (register !== NO_VALUE) return packLocation(FIRST_REGISTER_KIND + type, register % REGISTERS_PER_BANK, incref);
    const slot = this.#slots.slotOf[value]!;
    invariant(slot !== NO_VALUE, 'nowhere at an exit: value', value);
    return packLocation(FIRST_SPILL_KIND + type, slot, incref);
  }

  #constant({ source }: Constant, incref: boolean): number {
    switch (source.op) {
      case 'const.int': return packLocation(kindNumber.literal_int, this.#literal(BigInt.asUintN(64, immediateBigInt(source))), incref);
      case 'const.bool': return packLocation(kindNumber.literal_bool, this.#literal(immediateBigInt(source)), incref);
      case 'const.float': return packLocation(kindNumber.literal_float, this.#literal(bitsOfFloat(immediateNumber(source))), incref);
      default:
        invariant(source.op === 'const.obj', 'no constant:', source.op);
        return packLocation(kindNumber.object, immediateNumber(source), incref);
    }
  }

  #literal(bits: bigint): number {
    const known = this.#literalIndex.get(bits);
    if (known !== undefined) return known;
    this.#literalIndex.set(bits, this.literals.length);
    return this.literals.push(bits) - 1;
  }
}

/** A location as one number: by these two are quickly told from each other. */
function packLocation(kind: number, index: number, incref: boolean): number {
  return (index * locationKinds.length + kind) * 2 + (incref ? 1 : 0);
}

function locationOf(packed: number): Location {
  const rest = packed >> 1;
  return { kind: locationKinds[rest % locationKinds.length]!, index: Math.floor(rest / locationKinds.length), incref: (packed & 1) !== 0 };
}

const kindNumber = Object.fromEntries(locationKinds.map((kind, number) => [kind, number])) as Readonly<Record<LocationKind, number>>;
const NULL_LOCATION = packLocation(kindNumber.null, 0, false);
const NO_LOCATION = -1;

function frameFrom(content: SequenceReader): ExitFrame {
  const code = content.next(), offset = content.next(), functionObject = content.next();
  const locals = content.list(() => ({ slot: content.next(), location: locationOf(content.next()) }));
  return { code, offset, functionObject, locals, stack: content.list(() => locationOf(content.next())) };
}

/** Of the kinds for an object, an integer, a float and a bool, which follow each other. */
const FIRST_REGISTER_KIND = kindNumber.register_obj;
const FIRST_SPILL_KIND = kindNumber.spill_obj;

/** Which of the four kinds it is. */
function representation(type: ValueType | undefined, value: ValueId): number {
  switch (type) {
    case 'obj': return 0;
    case 'int': return 1;
    case 'float': return 2;
    case 'bool': return 3;
    case 'py':
    case undefined: throw new InvariantError(`no representation of value ${value}`);
    default: return assertExhaustive(type, 'type');
  }
}
