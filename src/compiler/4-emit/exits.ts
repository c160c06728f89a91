/** Exit records: how each exit of a unit rebuilds interpreter frames. Exits that agree in everything are one. */
import { immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import type { FrameState, Instruction, ValueId, ValueType } from '#ir/types.ts';
import {
  checkCounts, exitHeadLength, exitKindNumber, frameWord, instanceWords, kindWord, locationKindNumber, locationWord, NOT_WATCHED, originWord, reasonWord, watchedWord, type ExitCounts,
} from '#protocol/exit-words.ts';
import type { EncodedExits, ExitReason } from '#protocol/unit.ts';
import { Bailout } from '#support/bailout.ts';
import { assertExhaustive, defined, invariant, InvariantError } from '#support/invariant.ts';
import type { SpillSlots } from './assign-spill-slots.ts';
import { isSameState, NO_VALUE, REGISTERS_PER_BANK, type Constant, type ExitPoint } from './machine.ts';
import { NumberSequences } from './number-sequences.ts';
import type { MachineFn } from './select-stencils.ts';
import { bitsOfFloat } from './stencil-operands.ts';

/** For the array of all records: a word more or less does not matter, growing it does. */
const EXPECTED_WORDS_PER_EXIT = 12;
const EXPECTED_WORDS_PER_VALUE = 3;

export class ExitTable {
  readonly reasons: ExitReason[] = [];
  readonly literals: bigint[] = [];
  readonly #fn: MachineFn;
  readonly #slots: SpillSlots;
  /** By place in `MachineFn.exitValues`. */
  readonly #registers: Int8Array;
  /** The records, but without the numbers of their reasons: those are their own. */
  readonly #records: NumberSequences;
  /** By value: its register at the exit being described. */
  readonly #places: Int8Array;
  /** By value: references to it that the exit has and no location has taken yet. */
  readonly #owned: Int32Array;
  /** Instances of the exit being described, by value: their numbers, in the order of being made. */
  readonly #instances = new Map<ValueId, number>();
  /** By constant: what the second word of its locations says, NO_VALUE when that is not known yet. */
  readonly #ofConstant: Int32Array;
  readonly #literalIndex = new Map<bigint, number>();
  /** Described last, under which number, and with how many parts. */
  #last: ExitPoint | undefined;
  #lastId = 0;
  #counts: ExitCounts = { frames: 0, globals: 0, drops: 0, instances: 0 };

  constructor(fn: MachineFn, slots: SpillSlots, registers: Int8Array) {
    this.#fn = fn;
    this.#slots = slots;
    this.#registers = registers;
    const { memory, valueCount, exitCount, exitValues } = fn;
    this.#records = new NumberSequences(exitCount, exitCount * EXPECTED_WORDS_PER_EXIT + exitValues.length * EXPECTED_WORDS_PER_VALUE, memory);
    this.#places = memory.int8(valueCount, NO_VALUE);
    this.#owned = memory.int32(valueCount);
    this.#ofConstant = memory.int32(valueCount, NO_VALUE);
  }

  /** Number of the exit. */
  add(point: ExitPoint): number {
    const { reason } = point;
    const { code, offset } = point.origin ?? point.frameState;
    if (!this.#repeatLast(point)) this.#describe(point);
    this.#writeHead(point, originWord(code, offset));
    const id = this.#lastId = this.#records.keepUnless((known) => this.reasons[known]!.reason === reason);
    if (id < this.reasons.length) return id;
    if (id > 0xffff) throw new Bailout('unit-too-large', 'too many exits');
    this.reasons.push({ exit: id, reason, code, offset });
    return id;
  }

  finish(): EncodedExits {
    const { numbers, starts } = this.#records.finish();
    starts.forEach((start, id) => (numbers[start + 1]! |= reasonWord(0, id)));
    return { words: numbers, starts };
  }

  /** Most exits that have the state of the last one have their values in the same places too: they differ in the head. */
  #repeatLast(point: ExitPoint): boolean {
    const last = this.#last;
    this.#last = point;
    if (!last || !isSameState(last, point.frameState, point.owned)) return false;
    for (let i = point.start, k = last.start; i < point.end; i++, k++) if (this.#registers[i] !== this.#registers[k]) return false;
    this.#records.begin();
    this.#records.pushAll(this.#lastId);
    return true;
  }

  /** References are taken over by frames, then globals, then drops; in the record the frames come last. */
  #describe(point: ExitPoint): void {
    const { start, end, frameState, owned } = point;
    for (let i = start; i < end; i++) this.#places[this.#fn.exitValues[i]!] = this.#registers[i]!;
    for (const value of owned) this.#owned[value]!++;
    const record = this.#records;
    record.begin();
    this.#instances.clear();
    for (let i = 0; i < exitHeadLength; i++) record.push(0);
    const frames = this.#writeFrames(frameState);
    const endOfFrames = record.length;
    const globals = this.#writeGlobals(frameState);
    const drops = this.#writeDrops(owned);
    for (const value of this.#instances.keys()) this.#writeInstance(value);
    record.moveEnd(endOfFrames, exitHeadLength);
    this.#counts = { frames, globals, drops, instances: this.#instances.size };
    checkCounts(this.#counts);
  }

  #writeHead(point: ExitPoint, origin: number): void {
    const record = this.#records;
    record.set(0, kindWord(exitKindNumber[point.kind], this.#counts));
    record.set(1, reasonWord(this.#counts.drops, 0));
    record.set(2, origin);
    record.set(3, this.#watched(point));
    record.set(4, this.#counts.instances);
  }

  /** The outermost frame first; how many there are. */
  #writeFrames(state: FrameState): number {
    const { caller, locals, stack } = state;
    const outer = caller ? this.#writeFrames(caller) : 0;
    const record = this.#records;
    const head = record.length;
    record.push(0);
    record.push(stack.length);
    record.push(state.offset);
    record.push(caller ? defined(state.functionObject, 'function of an inlined frame') : NO_FUNCTION);
    let count = 0;
    for (let slot = 0; slot < locals.length; slot++) {
      const local = locals[slot]!;
      if (local === 'home') {
        invariant(!caller, 'an inlined frame has no memory yet');
        // The unit's own frame keeps what is not listed.
        continue;
      }
      record.push(slot);
      this.#take(local);
      count++;
    }
    record.set(head, frameWord(state.code, count));
    for (const v of stack) this.#take(v);
    return outer + 1;
  }

  /** How many there are; those of outer frames come first. */
  #writeGlobals(state: FrameState): number {
    const outer = state.caller ? this.#writeGlobals(state.caller) : 0;
    for (const { dict, name, value } of state.globals) {
      this.#records.push(dict);
      this.#records.push(name);
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
    for (const word of instanceWords(immediateNumber(instance), instance.args.length, immediateNumber(instance, 2), immediateBigInt(instance, 1))) this.#records.push(word);
    for (const v of instance.args) this.#locate(v, this.#fn.types[v] === 'obj');
  }

  #instanceOf(value: ValueId): Instruction {
    return defined(this.#fn.instances.get(value), 'instance at an exit');
  }

  #watched({ watched, watchedRegister }: ExitPoint): number {
    if (watched === undefined) return NOT_WATCHED;
    if (watchedRegister !== NO_VALUE) return watchedWord(locationKindNumber.register_obj, watchedRegister);
    const slot = this.#slots.slotOf[watched]!;
    return slot === NO_VALUE ? NOT_WATCHED : watchedWord(locationKindNumber.spill_obj, slot);
  }

  /** Writes the location of a value that a frame gets: with the reference the exit has, or with a new one. */
  #take(value: ValueId | 'null'): void {
    if (value === 'null') {
      this.#location(locationKindNumber.null, 0, false);
      return;
    }
    const left = this.#owned[value]!;
    if (left > 0) this.#owned[value] = left - 1;
    this.#locate(value, left === 0 && this.#fn.types[value] === 'obj');
  }

  #locate(value: ValueId, incref: boolean): void {
    const constant = this.#fn.constants[value];
    if (constant) {
      this.#locateConstant(value, constant, incref);
      return;
    }
    if (this.#fn.instances.has(value)) {
      this.#location(locationKindNumber.instance, this.#noteInstance(value), true);
      return;
    }
    const type = representation(this.#fn.types[value], value);
    const register = this.#places[value]!;
    if (register !== NO_VALUE) {
      this.#location(FIRST_REGISTER_KIND + type, register % REGISTERS_PER_BANK, incref);
      return;
    }
    const slot = this.#slots.slotOf[value]!;
    invariant(slot !== NO_VALUE, 'nowhere at an exit: value', value);
    this.#location(FIRST_SPILL_KIND + type, slot, incref);
  }

  #locateConstant(value: ValueId, { source }: Constant, incref: boolean): void {
    if (this.#ofConstant[value] === NO_VALUE) this.#ofConstant[value] = this.#constantIndex(source);
    this.#location(kindOfConstant(source), this.#ofConstant[value]!, incref);
  }

  #constantIndex(source: Constant['source']): number {
    switch (source.op) {
      case 'const.int':
      case 'const.bool': return this.#literal(BigInt.asUintN(64, immediateBigInt(source)));
      case 'const.float': return this.#literal(bitsOfFloat(immediateNumber(source)));
      default: return immediateNumber(source);
    }
  }

  #location(kind: number, index: number, incref: boolean): void {
    this.#records.push(locationWord(kind, incref));
    this.#records.push(index);
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
