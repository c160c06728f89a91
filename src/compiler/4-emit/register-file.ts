/** Which value each register holds at the current point of register allocation. A value may be in several registers. */
import type { ValueId } from '#ir/types.ts';
import { NO_VALUE, REGISTER_COUNT } from './machine.ts';
import type { ScratchMemory } from './scratch-memory.ts';

export class RegisterFile {
  readonly #holder = new Int32Array(REGISTER_COUNT).fill(NO_VALUE);
  readonly #registers: Uint16Array;
  /** Set of registers that hold something. */
  occupied = 0;

  constructor(valueCount: number, memory: ScratchMemory) {
    this.#registers = memory.uint16(valueCount);
  }

  holder(register: number): ValueId | undefined {
    const value = this.#holder[register]!;
    return value === NO_VALUE ? undefined : (value as ValueId);
  }

  /** Set of the registers that hold the value. */
  registersOf(value: ValueId): number {
    return this.#registers[value]!;
  }

  /** A register that holds the value and is in the set, or NO_VALUE. */
  find(value: ValueId, among = 0xffff): number {
    const set = this.#registers[value]! & among;
    return set === 0 ? NO_VALUE : lowest(set);
  }

  put(register: number, value: ValueId): void {
    this.clear(register);
    this.#holder[register] = value;
    this.#registers[value]! |= 1 << register;
    this.occupied |= 1 << register;
  }

  /** The value that lost its last register by this, if any did. */
  clear(register: number): ValueId | undefined {
    const value = this.holder(register);
    if (value === undefined) return undefined;
    this.#holder[register] = NO_VALUE;
    this.#registers[value]! &= ~(1 << register);
    this.occupied &= ~(1 << register);
    return this.#registers[value] === 0 ? value : undefined;
  }

  clearAll(): void {
    for (let r = 0; r < REGISTER_COUNT; r++) this.clear(r);
  }

  /** What each register holds goes to the table, from this place on. */
  copyTo(table: Int32Array, start: number): void {
    for (let r = 0; r < REGISTER_COUNT; r++) table[start + r] = this.#holder[r]!;
  }
}

export const lowest = (set: number): number => 31 - Math.clz32(set & -set);
export const highest = (set: number): number => 31 - Math.clz32(set);
