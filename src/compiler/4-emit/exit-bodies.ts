/** What exits rebuild: frames, globals, references to give up, objects to make. Exits that agree in all of this share a body. */
import { immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import type { FrameState, Instruction, ValueId, ValueType } from '#ir/types.ts';
import { checkCounts, countWord, exitBodyHeadLength, frameWord, instanceWords, locationKindNumber, locationWord } from '#protocol/exit-words.ts';
import { assertExhaustive, defined, invariant, InvariantError } from '#support/invariant.ts';
import type { SpillSlots } from './assign-spill-slots.ts';
import { isSameState, NO_VALUE, REGISTERS_PER_BANK, type Constant, type ExitPoint } from './machine.ts';
import { NumberSequences } from './number-sequences.ts';
import type { MachineFn } from './select-stencils.ts';
import { bitsOfFloat } from './stencil-operands.ts';

/** For the array of all bodies: a word more or less does not matter, growing it does. */
const EXPECTED_WORDS_PER_BODY = 12;
const EXPECTED_WORDS_PER_VALUE = 3;

/** What a location of a value consists of: one of the four representations that a register or slot may hold, or else. */
const IS_INTEGER = 1, IS_FLOAT = 2, IS_BOOL = 3, IS_OBJECT = 0;
const IS_CONSTANT = 4, IS_INSTANCE = 5;
const NOT_KNOWN_YET = -1;

export class ExitBodies {
  readonly literals: bigint[] = [];
  readonly #fn: MachineFn;
  readonly #slots: SpillSlots;
  /** By place in `MachineFn.exitValues`. */
  readonly #registers: Int8Array;
  readonly #bodies: NumberSequences;
  /** By value: which of the six it is. */
  readonly #forms: Int8Array;
  /** By value: its register at the exit being described. */
  readonly #places: Int8Array;
  /** By value: references to it that the exit has and no location has taken yet. */
  readonly #owned: Int32Array;
  /** Instances of the exit being described, by value: their numbers, in the order of being made. */
  readonly #instances = new Map<ValueId, number>();
  /** By constant: what the second word of its locations says, NO_VALUE when that is not known yet. */
  readonly #ofConstant: Int32Array;
  readonly #literalIndex = new Map<bigint, number>();
  /** Described last, and the number of its body. */
  #last: ExitPoint | undefined;
  #lastBody = 0;

  constructor(fn: MachineFn, slots: SpillSlots, registers: Int8Array) {
    this.#fn = fn;
    this.#slots = slots;
    this.#registers = registers;
    const { memory, valueCount, exitCount, exitValues } = fn;
    this.#bodies = new NumberSequences(exitCount, exitCount * EXPECTED_WORDS_PER_BODY + exitValues.length * EXPECTED_WORDS_PER_VALUE, memory);
    this.#forms = memory.int8(valueCount, NOT_KNOWN_YET);
    this.#places = memory.int8(valueCount, NO_VALUE);
    this.#owned = memory.int32(valueCount);
    this.#ofConstant = memory.int32(valueCount, NO_VALUE);
  }

  /** Number of the exit's body. */
  add(point: ExitPoint): number {
    if (!this.#isAsLast(point)) this.#lastBody = this.#describe(point);
    this.#last = point;
    return this.#lastBody;
  }

  /** All of them, one behind the other, and by number where each starts. */
  finish(): { readonly numbers: Int32Array; readonly starts: readonly number[] } {
    return this.#bodies.finish();
  }

  /** Most exits that have the state of the last one have their values in the same places too. */
  #isAsLast(point: ExitPoint): boolean {
    const last = this.#last;
    if (!last || !isSameState(last, point.frameState, point.owned)) return false;
    const registers = this.#registers;
    for (let i = point.start, k = last.start; i < point.end; i++, k++) if (registers[i] !== registers[k]) return false;
    return true;
  }

  /** References are taken over by frames, then globals, then drops; in the body the frames come last. */
  #describe({ start, end, frameState, owned }: ExitPoint): number {
    const { exitValues } = this.#fn;
    for (let i = start; i < end; i++) this.#places[exitValues[i]!] = this.#registers[i]!;
    for (const value of owned) this.#owned[value]!++;
    const body = this.#bodies;
    body.begin();
    if (this.#instances.size > 0) this.#instances.clear();
    body.pushPair(0, 0);
    const frames = this.#writeFrames(frameState);
    const endOfFrames = body.length;
    const globals = this.#writeGlobals(frameState);
    const drops = this.#writeDrops(owned);
    for (const value of this.#instances.keys()) this.#writeInstance(value);
    body.moveEnd(endOfFrames, exitBodyHeadLength);
    const instances = this.#instances.size;
    checkCounts(frames, globals, drops, instances);
    body.set(0, countWord(frames, globals));
    body.set(1, countWord(drops, instances));
    return body.keep();
  }

  /** The outermost frame first; how many there are. */
  #writeFrames(state: FrameState): number {
    const { caller, locals, stack } = state;
    const outer = caller ? this.#writeFrames(caller) : 0;
    const body = this.#bodies;
    const head = body.length;
    body.pushPair(0, stack.length);
    body.pushPair(state.offset, caller ? defined(state.functionObject, 'function of an inlined frame') : NO_FUNCTION);
    let count = 0;
    for (let slot = 0; slot < locals.length; slot++) {
      const local = locals[slot]!;
      if (local === 'home') {
        invariant(!caller, 'an inlined frame has no memory yet');
        // The unit's own frame keeps what is not listed.
        continue;
      }
      body.push(slot);
      this.#take(local);
      count++;
    }
    body.set(head, frameWord(state.code, count));
    for (const v of stack) this.#take(v);
    return outer + 1;
  }

  /** How many there are; those of outer frames come first. */
  #writeGlobals(state: FrameState): number {
    const outer = state.caller ? this.#writeGlobals(state.caller) : 0;
    for (const { dict, name, value } of state.globals) {
      this.#bodies.pushPair(dict, name);
      this.#take(value);
    }
    return outer + state.globals.length;
  }

  /** References that nothing has taken over. */
  #writeDrops(owned: readonly ValueId[]): number {
    let count = 0;
    for (const value of owned) {
      for (; this.#owned[value]! > 0; this.#owned[value]!--) {
        this.#locate(value, false);
        count++;
      }
    }
    return count;
  }

  /** What it holds comes before it. */
  #noteInstance(value: ValueId): number {
    const known = this.#instances.get(value);
    if (known !== undefined) return known;
    for (const v of this.#instanceOf(value).args) if (this.#fn.instances.has(v)) this.#noteInstance(v);
    const number = this.#instances.size;
    this.#instances.set(value, number);
    return number;
  }

  /** The exit has its references to what the instance holds until all is made. */
  #writeInstance(value: ValueId): void {
    const instance = this.#instanceOf(value);
    for (const word of instanceWords(immediateNumber(instance), instance.args.length, immediateNumber(instance, 2), immediateBigInt(instance, 1))) this.#bodies.push(word);
    for (const v of instance.args) this.#locate(v, this.#fn.types[v] === 'obj');
  }

  #instanceOf(value: ValueId): Instruction {
    return defined(this.#fn.instances.get(value), 'instance at an exit');
  }

  /** Writes the location of a value that a frame gets: with the reference the exit has, or with a new one. */
  #take(value: ValueId | 'null'): void {
    if (value === 'null') {
      this.#bodies.pushPair(locationWord(locationKindNumber.null, false), 0);
      return;
    }
    const left = this.#owned[value]!;
    if (left > 0) this.#owned[value] = left - 1;
    this.#locate(value, left === 0 && this.#fn.types[value] === 'obj');
  }

  #locate(value: ValueId, incref: boolean): void {
    const known = this.#forms[value]!;
    const form = known === NOT_KNOWN_YET ? (this.#forms[value] = this.#formOf(value)) : known;
    if (form > IS_BOOL) return this.#locateElsewhere(value, form, incref);
    const register = this.#places[value]!;
    if (register !== NO_VALUE) return this.#bodies.pushPair(locationWord(FIRST_REGISTER_KIND + form, incref), register % REGISTERS_PER_BANK);
    const slot = this.#slots.slotOf[value]!;
    invariant(slot !== NO_VALUE, 'nowhere at an exit: value', value);
    this.#bodies.pushPair(locationWord(FIRST_SPILL_KIND + form, incref), slot);
  }

  #formOf(value: ValueId): number {
    if (this.#fn.constants[value]) return IS_CONSTANT;
    return this.#fn.instances.has(value) ? IS_INSTANCE : representation(this.#fn.types[value], value);
  }

  #locateElsewhere(value: ValueId, form: number, incref: boolean): void {
    if (form === IS_INSTANCE) return this.#bodies.pushPair(locationWord(locationKindNumber.instance, true), this.#noteInstance(value));
    const { source } = this.#fn.constants[value]!;
    if (this.#ofConstant[value] === NO_VALUE) this.#ofConstant[value] = this.#constantIndex(source);
    this.#bodies.pushPair(locationWord(kindOfConstant(source), incref), this.#ofConstant[value]!);
  }

  #constantIndex(source: Constant['source']): number {
    switch (source.op) {
      case 'const.int':
      case 'const.bool': return this.#literal(BigInt.asUintN(64, immediateBigInt(source)));
      case 'const.float': return this.#literal(bitsOfFloat(immediateNumber(source)));
      default: return immediateNumber(source);
    }
  }

  #literal(bits: bigint): number {
    const known = this.#literalIndex.get(bits);
    if (known !== undefined) return known;
    this.#literalIndex.set(bits, this.literals.length);
    return this.literals.push(bits) - 1;
  }
}

const NO_FUNCTION = -1;
/** Of the kinds for an object, an integer, a float and a bool, which follow each other. */
const FIRST_REGISTER_KIND = locationKindNumber.register_obj;
const FIRST_SPILL_KIND = locationKindNumber.spill_obj;

function kindOfConstant({ op }: Constant['source']): number {
  switch (op) {
    case 'const.int': return locationKindNumber.literal_int;
    case 'const.bool': return locationKindNumber.literal_bool;
    case 'const.float': return locationKindNumber.literal_float;
    default:
      invariant(op === 'const.obj', 'no constant:', op);
      return locationKindNumber.object;
  }
}

function representation(type: ValueType | undefined, value: ValueId): number {
  switch (type) {
    case 'obj': return IS_OBJECT;
    case 'int': return IS_INTEGER;
    case 'float': return IS_FLOAT;
    case 'bool': return IS_BOOL;
    case 'py':
    case undefined: throw new InvariantError(`no representation of value ${value}`);
    default: return assertExhaustive(type, 'type');
  }
}
