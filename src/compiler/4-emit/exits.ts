/** The exits of a unit: which instruction leaves, why, and what is rebuilt. Exits that agree in everything are one. */
import { BODY_OF_HEAD, exitHeadLength, exitKindNumber, kindWord, locationKindNumber, NOT_WATCHED, watchedWord } from '#protocol/exit-words.ts';
import type { EncodedExits, ExitReason } from '#protocol/unit.ts';
import { Bailout } from '#support/bailout.ts';
import { invariant } from '#support/invariant.ts';
import type { SpillSlots } from './assign-spill-slots.ts';
import { ExitBodies } from './exit-bodies.ts';
import { NO_VALUE, type ExitPoint } from './machine.ts';
import type { MachineFn } from './select-stencils.ts';

const MAX_EXITS = 0x10000;
const NONE = -1;

export class ExitTable {
  readonly reasons: ExitReason[] = [];
  readonly #slots: SpillSlots;
  readonly #bodies: ExitBodies;
  /** By exit, one behind the other. Each has a reason of its own: the one with its number. */
  readonly #heads: Int32Array;
  /** By body: the last exit that has it; by exit: the one before it with the same body. */
  readonly #lastOfBody: Int32Array;
  readonly #previous: Int32Array;

  constructor(fn: MachineFn, slots: SpillSlots, registers: Int8Array) {
    this.#slots = slots;
    this.#bodies = new ExitBodies(fn, slots, registers);
    this.#heads = fn.memory.int32(fn.exitCount * exitHeadLength);
    this.#lastOfBody = fn.memory.int32(fn.exitCount, NONE);
    this.#previous = fn.memory.int32(fn.exitCount);
  }

  get literals(): readonly bigint[] {
    return this.#bodies.literals;
  }

  /** Number of the exit. */
  add(point: ExitPoint): number {
    const { reason } = point, { code, offset } = point.origin ?? point.frameState, kind = exitKindNumber[point.kind];
    const body = this.#bodies.add(point), watched = this.#watched(point), last = this.#lastOfBody[body]!;
    for (let known = last; known !== NONE; known = this.#previous[known]!) {
      if (this.#isHead(known, kindWord(kind, code, known), offset, watched) && this.reasons[known]!.reason === reason) return known;
    }
    const id = this.reasons.length;
    if (id === MAX_EXITS) throw new Bailout('unit-too-large', 'too many exits');
    this.reasons.push({ exit: id, reason, code, offset });
    this.#previous[id] = last;
    this.#lastOfBody[body] = id;
    this.#writeHead(id, kindWord(kind, code, id), offset, watched, body);
    return id;
  }

  finish(): EncodedExits {
    const { numbers, starts } = this.#bodies.finish();
    const length = this.reasons.length * exitHeadLength;
    invariant(length <= this.#heads.length, 'more exits than selected');
    const heads = this.#heads.slice(0, length);
    for (let i = BODY_OF_HEAD; i < heads.length; i += exitHeadLength) heads[i] = starts[heads[i]!]!;
    return { heads, bodies: numbers };
  }

  #isHead(id: number, kind: number, offset: number, watched: number): boolean {
    const heads = this.#heads, at = id * exitHeadLength;
    return heads[at] === kind && heads[at + 1] === offset && heads[at + 2] === watched;
  }

  #writeHead(id: number, kind: number, offset: number, watched: number, body: number): void {
    const heads = this.#heads, at = id * exitHeadLength;
    heads[at] = kind;
    heads[at + 1] = offset;
    heads[at + 2] = watched;
    heads[at + BODY_OF_HEAD] = body;
  }

  #watched({ watched, watchedRegister }: ExitPoint): number {
    if (watched === undefined) return NOT_WATCHED;
    if (watchedRegister !== NO_VALUE) return watchedWord(locationKindNumber.register_obj, watchedRegister);
    const slot = this.#slots.slotOf[watched]!;
    return slot === NO_VALUE ? NOT_WATCHED : watchedWord(locationKindNumber.spill_obj, slot);
  }
}
