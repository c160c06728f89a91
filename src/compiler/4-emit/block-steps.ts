/**
 * What the code of a function consists of after register allocation: steps of two words each, by block. The first word
 * holds the kind and up to two registers, the second one a value, a slot, or the variant of a stencil.
 */
import type { ValueId } from '#ir/types.ts';
import type { ScratchMemory } from './scratch-memory.ts';

export const stepKinds = {
  /** The next instruction of the block. */
  stencil: 0,
  move: 1,
  swap: 2,
  /** From the value's spill slot, or by making the constant again. */
  reload: 3,
  /** After the definition; left out when the value turns out to need no slot. */
  spill: 4,
  loadSlot: 5,
  storeSlot: 6,
} as const;

const EXPECTED_WORDS_PER_BLOCK = 32;

export class BlockSteps {
  /** Replaced when it has no room for another step. */
  words: Int32Array;
  /** By block: its steps are the words from `starts` to `ends`. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #memory: ScratchMemory;
  #length = 0;
  #block = 0;

  constructor(blockCount: number, memory: ScratchMemory) {
    this.#memory = memory;
    this.words = memory.int32(blockCount * EXPECTED_WORDS_PER_BLOCK);
    this.starts = memory.int32(blockCount);
    this.ends = memory.int32(blockCount);
  }

  /** What is added from now on goes to this block, each of which is begun once at most. */
  begin(block: number): void {
    this.#block = block;
    this.starts[block] = this.ends[block] = this.#length;
  }

  stencil(variant: number): void {
    this.#add(stepKinds.stencil, 0, 0, variant);
  }

  move(to: number, from: number): void {
    this.#add(stepKinds.move, to, from, 0);
  }

  swap(a: number, b: number): void {
    this.#add(stepKinds.swap, a, b, 0);
  }

  reload(to: number, value: ValueId): void {
    this.#add(stepKinds.reload, to, 0, value);
  }

  spill(value: ValueId, from: number): void {
    this.#add(stepKinds.spill, from, 0, value);
  }

  loadSlot(to: number, slot: number): void {
    this.#add(stepKinds.loadSlot, to, 0, slot);
  }

  storeSlot(slot: number, from: number): void {
    this.#add(stepKinds.storeSlot, from, 0, slot);
  }

  #add(kind: number, first: number, second: number, detail: number): void {
    const at = this.#length;
    if (at + 2 > this.words.length) this.words = this.#memory.grown(this.words);
    this.words[at] = kind | first << FIRST_SHIFT | second << SECOND_SHIFT;
    this.words[at + 1] = detail;
    this.ends[this.#block] = this.#length = at + 2;
  }
}

const FIRST_SHIFT = 4;
const SECOND_SHIFT = 8;
const FIELD = 15;

export const stepKind = (word: number): number => word & FIELD;
export const firstRegister = (word: number): number => (word >> FIRST_SHIFT) & FIELD;
export const secondRegister = (word: number): number => (word >> SECOND_SHIFT) & FIELD;
