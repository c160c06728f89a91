/** Uses of each value in the block being allocated, in order; tells what is still live and which value can wait longest. */
import type { ValueId } from '#ir/types.ts';
import { BEYOND_CALL, FAR } from './compute-live-ranges.ts';
import type { LiveSets } from './live-sets.ts';
import type { ExitPoint, MachineBlock } from './machine.ts';
import type { MachineFn } from './select-stencils.ts';

const NONE = -1;

/** A use is four numbers, one behind the other. */
const VALUE = 0;
const POSITION = 1;
/** The position of a use that wants a register; FAR for an exit, which is the last use then. */
const WANTED = 2;
/** The use of the same value that comes next, or NONE. */
const NEXT = 3;
const NUMBERS_PER_USE = 4;

const EXPECTED_USES = 256;

export class UseChains {
  readonly #fn: MachineFn;
  /** Next use of each value: where it is in `uses`, which is filled anew for each block. */
  readonly #head: Int32Array;
  #uses: Int32Array;
  #end = 0;
  /** Calls before each position of the block. */
  #calls: Int32Array;
  #lastPosition = 0;

  constructor(fn: MachineFn) {
    const { memory, valueCount } = fn;
    this.#fn = fn;
    this.#head = memory.int32(valueCount, NONE);
    this.#uses = memory.int32(EXPECTED_USES * NUMBERS_PER_USE);
    this.#calls = memory.int32(EXPECTED_USES);
  }

  begin(block: MachineBlock, { values, distances, starts, ends }: LiveSets): void {
    for (let at = 0; at < this.#end; at += NUMBERS_PER_USE) this.#head[this.#uses[at + VALUE]!] = NONE;
    this.#end = 0;
    const { index, instructions, terminator } = block;
    const n = instructions.length;
    for (let i = starts[index]!; i < ends[index]!; i++) {
      const distance = distances[i]!;
      this.#add(values[i]! as ValueId, n + 1 + distance, distance < FAR);
    }
    if (terminator.kind === 'branch') for (const v of terminator.args) this.#add(v, n, true);
    if (terminator.kind === 'exit') this.#addExit(terminator.exit, n);
    for (let i = n - 1; i >= 0; i--) {
      const { exit, args } = instructions[i]!;
      if (exit && !exit.isRepeated) this.#addExit(exit, i);
      for (const v of args) this.#add(v, i, true);
    }
    this.#countCalls(block);
  }

  #countCalls({ instructions }: MachineBlock): void {
    const n = instructions.length;
    while (this.#calls.length < n + 2) this.#calls = this.#fn.memory.grown(this.#calls);
    let calls = 0;
    for (let i = 0; i < n; i++) {
      this.#calls[i] = calls;
      if (instructions[i]!.family.clobbers) calls++;
    }
    this.#calls[n] = this.#calls[n + 1] = calls;
    this.#lastPosition = n + 1;
  }

  /** Before a later use, an exit makes no difference: the value stays alive, and waits for that use. */
  #addExit({ start, end }: ExitPoint, position: number): void {
    const { exitValues } = this.#fn;
    for (let i = start; i < end; i++) if (this.#head[exitValues[i]!] === NONE) this.#add(exitValues[i]!, position, false);
  }

  #add(value: ValueId, position: number, isOperand: boolean): void {
    const at = this.#end;
    this.#end += NUMBERS_PER_USE;
    if (this.#end > this.#uses.length) this.#uses = this.#fn.memory.grown(this.#uses);
    this.#uses[at + VALUE] = value;
    this.#uses[at + POSITION] = position;
    this.#uses[at + WANTED] = isOperand ? position : FAR;
    this.#uses[at + NEXT] = this.#head[value]!;
    this.#head[value] = at;
  }

  /** Forgets the uses up to and including this position. */
  advance(value: ValueId, position: number): void {
    this.#head[value] = this.#after(value, position);
  }

  isLive(value: ValueId): boolean {
    return this.#head[value] !== NONE;
  }

  isLiveAfter(value: ValueId, position: number): boolean {
    return this.#after(value, position) !== NONE;
  }

  /** How long the value can do without a register after this position. */
  distance(value: ValueId, position: number): number {
    const use = this.#after(value, position);
    if (use === NONE) return FAR;
    const wanted = this.#uses[use + WANTED]!;
    if (wanted >= FAR) return FAR;
    const last = this.#lastPosition;
    const calls = this.#calls[Math.min(wanted, last)]! - this.#calls[Math.min(position + 1, last)]!;
    if (calls === 0) return wanted - position;
    return this.#fn.isFloat[value] ? FAR : wanted - position + BEYOND_CALL;
  }

  #after(value: ValueId, position: number): number {
    let use = this.#head[value]!;
    while (use !== NONE && this.#uses[use + POSITION]! <= position) use = this.#uses[use + NEXT]!;
    return use;
  }
}
