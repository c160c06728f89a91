/**
 * Checks finished machine code by decoding it: every instruction is known, jumps end at instructions of the unit, calls have
 * relocations, loads of literals hit aligned slots of the pool, no reserved register is written, the stack is balanced on
 * every path. Knows nothing of how the emitter works; `verify-placements.ts` compares the code with the stencils.
 */
import type { Relocation } from '#protocol/unit.ts';
import { aarch64Effects } from '#stencils/aarch64-effects.ts';
import { registerNumbers, type Effects, type EffectsDecoder } from '#stencils/effects.ts';
import { x86_64Effects } from '#stencils/x86-64-effects.ts';
import type { ByteRange } from './emit-code.ts';
import { StackState } from './stack-state.ts';
import { savesLink, verifyLink } from './verify-link.ts';

export interface CodeToVerify {
  readonly code: Uint8Array;
  /** Bytes before the literal pool. */
  readonly codeLength: number;
  /** Literals within the code, with what aligns them. */
  readonly islands: readonly ByteRange[];
  readonly relocations: readonly Relocation[];
}

export interface Finding {
  /** Offset in the code. */
  readonly at: number;
  readonly problem: string;
}

export type MachineName = 'x86_64' | 'aarch64';

export interface MachineRules {
  readonly decode: EffectsDecoder;
  readonly names: readonly string[];
  /** Never written: the activation record, the platform register, the frame pointer. */
  readonly reserved: readonly number[];
  /** Written only between a push and a pop of the same register. */
  readonly savedFirst: readonly number[];
  readonly stackPointer: number;
  readonly callRelocation: Relocation['kind'];
  /** From the start of a call to the place of its relocation. */
  readonly callField: number;
  /** Whether the stencil `exit.number` starts here, the only thing of a unit that is called. */
  readonly numberedExit?: (code: Uint8Array, at: number) => boolean;
}

/** adr x8, … */
const isAdrOfX8 = (code: Uint8Array, at: number): boolean => ((new DataView(code.buffer, code.byteOffset).getUint32(at, true) & 0x9f00001f) >>> 0) === 0x10000008;

export const machineRules: Readonly<Record<MachineName, MachineRules>> = {
  aarch64: {
    decode: aarch64Effects, names: [...Array.from({ length: 31 }, (_, i) => `x${i}`), 'sp'],
    // X18 belongs to the platform on Windows and macOS; X19 is kept by preserve_none; X20 is the activation record.
    reserved: [18, 19, 20, 29], savedFirst: [30], stackPointer: 31, callRelocation: 'aarch64_call', callField: 0, numberedExit: isAdrOfX8,
  },
  x86_64: {
    decode: x86_64Effects,
    names: ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
    reserved: [12], savedFirst: [5], stackPointer: 4, callRelocation: 'x86_64_call', callField: 1,
  },
};

export function verifyCode(unit: CodeToVerify, machine: MachineName): Finding[] {
  const check = new CodeCheck(unit, machineRules[machine]);
  check.run();
  return check.findings;
}

class CodeCheck {
  readonly findings: Finding[] = [];
  readonly #unit: CodeToVerify;
  readonly #rules: MachineRules;
  readonly #poolStart: number;
  readonly #savesLink: boolean;
  readonly #instructions = new Map<number, Effects>();

  constructor(unit: CodeToVerify, rules: MachineRules) {
    this.#unit = unit;
    this.#rules = rules;
    this.#poolStart = (unit.codeLength + 7) & ~7;
    this.#savesLink = rules.numberedExit !== undefined && savesLink(unit.code);
  }

  run(): void {
    if (!this.#decodeAll()) return;
    const calls = new Set<number>();
    for (const [at, instruction] of this.#instructions) this.#instruction(at, instruction, calls);
    this.#relocations(calls);
    this.#followPaths();
    if (this.#savesLink) this.findings.push(...verifyLink(this.#unit.code, this.#instructions));
  }

  #report(at: number, problem: string): void {
    this.findings.push({ at, problem });
  }

  #decodeAll(): boolean {
    const { code, codeLength, islands } = this.#unit;
    for (let at = 0; at < codeLength; ) {
      const island = islands.find(({ start }) => start === at);
      if (island !== undefined && island.end > at) {
        at = island.end;
        continue;
      }
      const instruction = this.#decode(at);
      if (instruction === undefined || at + instruction.size > codeLength) {
        this.#report(at, 'an instruction that stencils do not contain');
        return false;
      }
      this.#instructions.set(at, instruction);
      at += instruction.size;
    }
    for (let at = codeLength; at < Math.min(this.#poolStart, code.length); at++) if (code[at] !== 0) this.#report(at, 'padding is not empty');
    if (code.length > this.#poolStart && (code.length - this.#poolStart) % 8 !== 0) this.#report(this.#poolStart, 'the literal pool has a slot that is not whole');
    return true;
  }

  #decode(at: number): Effects | undefined {
    try {
      return this.#rules.decode(this.#unit.code, at);
    } catch {
      return undefined;
    }
  }

  #instruction(at: number, { flow, literal, place, writes }: Effects, calls: Set<number>): void {
    if (literal !== undefined) this.#literal(at, at + literal);
    if (place !== undefined && (place === 0 || at + place < 0 || at + place > this.#unit.codeLength)) this.#report(at, 'takes an address outside the code');
    for (const register of this.#rules.reserved) {
      if (writes.integer & (1 << register)) this.#report(at, `writes ${this.#rules.names[register] ?? register}, which is reserved`);
    }
    switch (flow.kind) {
      case 'jump':
      case 'branch':
        if (flow.distance === 0) this.#report(at, 'a jump to itself: a hole without content');
        else if (!this.#instructions.has(at + flow.distance)) this.#report(at, `jumps to ${at + flow.distance}, where no instruction starts`);
        return;
      case 'call':
        if (!this.#isExitCall(at + flow.distance)) calls.add(at + this.#rules.callField);
        return;
      case 'indirect_jump':
      case 'indirect_call':
        this.#report(at, 'goes to an address that is not known');
        return;
      case 'next':
      case 'return':
      case 'trap':
    }
  }

  /** Whether a call goes to where the number of an exit is made of the address it returns to. */
  #isExitCall(target: number): boolean {
    const { numberedExit } = this.#rules;
    return numberedExit !== undefined && this.#instructions.has(target) && numberedExit(this.#unit.code, target);
  }

  /** Eight bytes of the pool or of an island. */
  #isData(at: number): boolean {
    return (at >= this.#poolStart && at + 8 <= this.#unit.code.length) || this.#unit.islands.some(({ start, end }) => at >= start && at + 8 <= end);
  }

  #literal(at: number, target: number): void {
    if (!this.#isData(target)) this.#report(at, `reads a literal at ${target}, outside the pool`);
    else if (target % 8 !== 0) this.#report(at, `reads a literal at ${target}, which is not aligned`);
  }

  /** Each call has one relocation, and every other relocation fills a slot of the pool. */
  #relocations(calls: ReadonlySet<number>): void {
    const places = new Set<number>();
    for (const { at, kind } of this.#unit.relocations) {
      if (places.has(at)) this.#report(at, 'two relocations of one place');
      places.add(at);
      const isCall = kind === 'x86_64_call' || kind === 'aarch64_call';
      if (isCall && (kind !== this.#rules.callRelocation || !calls.has(at))) this.#report(at, `a relocation ${kind} where no call is`);
      if (!isCall && (at % 8 !== 0 || !this.#isData(at))) this.#report(at, `a relocation ${kind} outside the pool`);
    }
    for (const at of calls) if (!places.has(at)) this.#report(at, 'a call without a relocation');
  }

  /** Every path from the entry, once each instruction: what was pushed must be the same from wherever it is reached. */
  #followPaths(): void {
    const states = new Map<number, StackState>();
    const work: [number, StackState][] = [[0, StackState.empty]];
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      const [at, state] = next;
      const known = states.get(at);
      if (known !== undefined) {
        if (!known.equals(state)) this.#report(at, 'the stack differs between two ways to here');
        continue;
      }
      states.set(at, state);
      const instruction = this.#instructions.get(at);
      if (instruction === undefined) {
        // A bad target was reported as such.
        if (at === this.#unit.codeLength) this.#report(at, 'control runs off the end of the code');
        else if (this.#unit.islands.some(({ start }) => start === at)) this.#report(at, 'control runs into literals');
        continue;
      }
      const after = this.#step(at, instruction, state);
      if (after === undefined) continue;
      const { flow, size } = instruction;
      if (flow.kind === 'jump' || flow.kind === 'branch' || (flow.kind === 'call' && this.#isExitCall(at + flow.distance))) work.push([at + flow.distance, after]);
      if (flow.kind !== 'jump') work.push([at + size, after]);
    }
  }

  /** Undefined: control ends here. */
  #step(at: number, instruction: Effects, state: StackState): StackState | undefined {
    const { flow, writes } = instruction;
    if (flow.kind === 'trap' || flow.kind === 'indirect_jump') return undefined;
    if (flow.kind === 'return') {
      if (state.depth !== 0) this.#report(at, `returns with ${state.depth} bytes on the stack`);
      return undefined;
    }
    const popsWhatWasPushed = instruction.popped !== undefined && state.top === instruction.popped;
    for (const register of registerNumbers(writes.integer)) {
      if (this.#savesLink || !this.#rules.savedFirst.includes(register) || (popsWhatWasPushed && register === instruction.popped)) continue;
      if (!state.has(register)) this.#report(at, `writes ${this.#rules.names[register] ?? register} without saving it`);
    }
    const after = state.after(instruction);
    if (after === undefined) this.#report(at, 'the stack pointer gets a value that cannot be followed');
    else if (after.depth < 0) this.#report(at, 'takes from the stack more than was put there');
    return after;
  }
}
