/** Uses of each value in the block being allocated, in order; tells what is still live and which value can wait longest. */
import type { ValueId } from '#ir/types.ts';
import { BEYOND_CALL, FAR } from './compute-live-ranges.ts';
import type { LiveSets } from './live-sets.ts';
import type { ExitPoint, MachineBlock } from './machine.ts';
import type { MachineFn } from './select-stencils.ts';

const NONE = -1;

export class UseChains {
  readonly #fn: MachineFn;
  /** Next use of each value: index into the four arrays below, which are filled anew for each block. */
  readonly #head: Int32Array;
  readonly #value: ValueId[] = [];
  readonly #position: number[] = [];
  /** The same for a use that wants a register; FAR for an exit, which is the last use then. */
  readonly #wanted: number[] = [];
  readonly #next: number[] = [];
  #count = 0;
  /** Calls before each position of the block. */
  readonly #calls: number[] = [];
  #lastPosition = 0;

  constructor(fn: MachineFn) {
    this.#fn = fn;
    this.#head = fn.memory.int32(fn.valueCount, NONE);
  }

  begin(block: MachineBlock, liveOut: LiveSets): void {
    for (let i = 0; i < this.#count; i++) this.#head[this.#value[i]!] = NONE;
    this.#count = 0;
    const { index, instructions, terminator } = block;
    const n = instructions.length;
    for (let i = liveOut.starts[index]!; i < liveOut.ends[index]!; i++) {
      const distance = liveOut.distances[i]!;
      this.#add(liveOut.values[i]! as ValueId, n + 1 + distance, distance < FAR);
    }
    if (terminator.kind === 'branch') for (const v of terminator.args) this.#add(v, n, true);
    if (terminator.kind === 'exit') this.#addExit(terminator.exit, n);
    for (let i = n - 1; i >= 0; i--) {
      const { exit, args } = instructions[i]!;
      if (exit) this.#addExit(exit, i);
      for (const v of args) this.#add(v, i, true);
    }
    this.#countCalls(block);
  }

  #countCalls({ instructions }: MachineBlock): void {
    const n = instructions.length;
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
    const at = this.#count++;
    this.#wanted[at] = isOperand ? position : FAR;
    this.#value[at] = value;
    this.#position[at] = position;
    this.#next[at] = this.#head[value]!;
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
    const record = this.#after(value, position);
    if (record === NONE) return FAR;
    const wanted = this.#wanted[record]!;
    if (wanted >= FAR) return FAR;
    const last = this.#lastPosition;
    const calls = this.#calls[Math.min(wanted, last)]! - this.#calls[Math.min(position + 1, last)]!;
    if (calls === 0) return wanted - position;
    return this.#fn.isFloat[value] ? FAR : wanted - position + BEYOND_CALL;
  }

  #after(value: ValueId, position: number): number {
    let record = this.#head[value]!;
    while (record !== NONE && this.#position[record]! <= position) record = this.#next[record]!;
    return record;
  }
}
