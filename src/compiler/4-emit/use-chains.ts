/** Uses of each value in the block being allocated, in order; tells what is still live and which value can wait longest. */
import type { ValueId } from '#ir/types.ts';
import { BEYOND_CALL, FAR, type LiveSet } from './compute-live-ranges.ts';
import type { MachineBlock } from './machine.ts';
import type { MachineFn } from './select-stencils.ts';

const NONE = -1;

export class UseChains {
  readonly #fn: MachineFn;
  /** Next use of each value: index into the three arrays below. */
  readonly #head: Int32Array;
  #touched: ValueId[] = [];
  #position: number[] = [];
  /** Position of the first use at or after this one that wants a register. */
  #wanted: number[] = [];
  #next: number[] = [];
  /** Calls before each position of the block. */
  #calls: number[] = [];

  constructor(fn: MachineFn) {
    this.#fn = fn;
    this.#head = new Int32Array(fn.valueCount).fill(NONE);
  }

  begin(block: MachineBlock, liveOut: LiveSet): void {
    this.#reset();
    const n = block.instructions.length;
    for (const [value, distance] of liveOut) this.#push(value, n + 1 + distance, distance < FAR);
    const t = block.terminator;
    if (t.kind === 'branch') for (const v of t.args) this.#push(v, n, true);
    if (t.kind === 'exit') for (const v of t.exit.values) this.#push(v, n, false);
    for (let i = n - 1; i >= 0; i--) {
      const { exit, args } = block.instructions[i]!;
      if (exit) for (const v of exit.values) this.#push(v, i, false);
      for (const v of args) this.#push(v, i, true);
    }
    let calls = 0;
    for (const instruction of block.instructions) {
      this.#calls.push(calls);
      if (instruction.family.clobbers) calls++;
    }
    this.#calls.push(calls, calls);
  }

  #reset(): void {
    for (const v of this.#touched) this.#head[v] = NONE;
    this.#touched = [];
    this.#position = [];
    this.#wanted = [];
    this.#next = [];
    this.#calls = [];
  }

  #push(value: ValueId, position: number, isOperand: boolean): void {
    const head = this.#head[value]!;
    if (head === NONE) this.#touched.push(value);
    this.#wanted.push(isOperand ? position : head === NONE ? FAR : this.#wanted[head]!);
    this.#position.push(position);
    this.#next.push(head);
    this.#head[value] = this.#position.length - 1;
  }

  /** Forgets the uses up to and including this position. */
  advance(value: ValueId, position: number): void {
    let head = this.#head[value]!;
    while (head !== NONE && this.#position[head]! <= position) head = this.#next[head]!;
    this.#head[value] = head;
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
    const last = this.#calls.length - 1;
    const calls = this.#calls[Math.min(wanted, last)]! - this.#calls[Math.min(position + 1, last)]!;
    if (calls === 0) return wanted - position;
    return this.#fn.types(value) === 'float' ? FAR : wanted - position + BEYOND_CALL;
  }

  #after(value: ValueId, position: number): number {
    let record = this.#head[value]!;
    while (record !== NONE && this.#position[record]! <= position) record = this.#next[record]!;
    return record;
  }
}
