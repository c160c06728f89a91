/**
 * Register allocation, one block after the other in linear order. When registers run out, the value whose next use is
 * farthest away loses its register. A value that is ever without register is stored into its spill slot once, right after
 * its definition; so the slot is valid wherever the value is. Constants are made again instead.
 */
import type { ValueId } from '#ir/types.ts';
import type { StencilFamily } from '#stencils/table.ts';
import { invariant } from '#support/invariant.ts';
import { EntryChooser } from './block-entry.ts';
import { BlockSteps } from './block-steps.ts';
import type { Liveness } from './compute-live-ranges.ts';
import {
  FIRST_FLOAT, FLOAT_REGISTERS, INTEGER_REGISTERS, NO_VALUE, REGISTER_COUNT, REGISTERS_PER_BANK, type ExitPoint, type MachineBlock, type Selected,
} from './machine.ts';
import { orderMoves, type Move } from './parallel-moves.ts';
import { lowest, RegisterFile } from './register-file.ts';
import { RegisterHints } from './register-hints.ts';
import type { MachineFn } from './select-stencils.ts';
import { UseChains } from './use-chains.ts';

const ALL_REGISTERS = INTEGER_REGISTERS | FLOAT_REGISTERS;
/** A value leaves its register to another one only if it is wanted this much later. */
const WORTH_A_MOVE = 4;

export interface AllocatorOptions {
  readonly spillEverything: boolean;
  /** Integer registers r0… that survive a call. */
  readonly calleeSaved: number;
}

export interface Allocation {
  /** By block, then by register: the value in it after the moves of the edge, before the first step. */
  readonly entry: Int32Array;
  /** By block, then by register: the value in it after the last step. */
  readonly exit: Int32Array;
  readonly steps: BlockSteps;
  /** By block: variant of the stencil of a branch. */
  readonly branchVariants: Int32Array;
  /** By place in `MachineFn.exitValues`: register of the value at its exit, NO_VALUE when it is in its spill slot. */
  readonly exitRegisters: Int8Array;
  /** By value: 1 when it has a spill slot. */
  readonly needsSlot: Uint8Array;
  /** How many values have one. */
  readonly spilled: number;
}

export function allocateRegisters(fn: MachineFn, liveness: Liveness, options: AllocatorOptions): Allocation {
  const allocator = new Allocator(fn, liveness, options);
  for (const block of fn.blocks) allocator.block(block);
  return allocator;
}

class Allocator implements Allocation {
  readonly entry: Int32Array;
  readonly exit: Int32Array;
  readonly steps: BlockSteps;
  readonly branchVariants: Int32Array;
  readonly exitRegisters: Int8Array;
  readonly needsSlot: Uint8Array;
  spilled = 0;
  readonly #fn: MachineFn;
  readonly #liveness: Liveness;
  readonly #options: AllocatorOptions;
  readonly #file: RegisterFile;
  readonly #uses: UseChains;
  readonly #hints: RegisterHints;
  readonly #entries: EntryChooser;
  /** Registers that a call destroys. */
  readonly #clobbered: number;
  /** By value: depth of the loops around its definition. */
  readonly #depth: Uint8Array;
  #loopDepth = 0;
  /** Where an instruction with operands in fixed registers wants them. */
  readonly #targets: number[] = [];

  constructor(fn: MachineFn, liveness: Liveness, options: AllocatorOptions) {
    this.#fn = fn;
    this.#liveness = liveness;
    this.#options = options;
    this.entry = fn.memory.int32(fn.blocks.length * REGISTER_COUNT);
    this.exit = fn.memory.int32(fn.blocks.length * REGISTER_COUNT);
    this.needsSlot = fn.memory.uint8(fn.valueCount);
    this.steps = new BlockSteps(fn.blocks.length, fn.memory);
    this.branchVariants = fn.memory.int32(fn.blocks.length);
    this.exitRegisters = fn.memory.int8(fn.exitValues.length);
    this.#depth = fn.memory.uint8(fn.valueCount);
    this.#file = new RegisterFile(fn.valueCount, fn.memory);
    this.#uses = new UseChains(fn);
    this.#hints = new RegisterHints(fn, liveness, options.calleeSaved);
    this.#entries = new EntryChooser(fn, liveness, this.#hints, this.exit);
    this.#clobbered = FLOAT_REGISTERS | (INTEGER_REGISTERS & ~((1 << options.calleeSaved) - 1));
  }

  block(block: MachineBlock): void {
    this.steps.begin(block.index);
    this.#loopDepth = block.loop?.depth ?? 0;
    for (const param of block.params) this.#depth[param] = this.#loopDepth;
    this.#uses.begin(block, this.#liveness.liveOut);
    this.#enter(block);
    for (let position = 0; position < block.instructions.length; position++) {
      const instruction = block.instructions[position]!;
      if (this.#options.spillEverything) this.#dropAll();
      if (instruction.family.clobbers || instruction.family.isFixed) this.#fixed(instruction, position);
      else this.#free(instruction, position);
    }
    this.#leave(block);
  }

  #enter(block: MachineBlock): void {
    this.#file.clearAll();
    if (!this.#options.spillEverything) {
      const entry = this.#entries.choose(block);
      for (let register = 0; register < REGISTER_COUNT; register++) {
        if (entry[register] !== NO_VALUE) this.#file.put(register, entry[register]! as ValueId);
      }
    }
    const { values, starts, ends } = this.#liveness.liveIn;
    for (let i = starts[block.index]!; i < ends[block.index]!; i++) {
      const value = values[i]! as ValueId;
      if (this.#file.registersOf(value) === 0) this.#lost(value);
    }
    this.#file.copyTo(this.entry, block.index * REGISTER_COUNT);
    for (const param of block.params) {
      const register = this.#file.find(param);
      if (register !== NO_VALUE) this.steps.spill(param, register);
    }
  }

  #leave(block: MachineBlock): void {
    const t = block.terminator;
    if (t.kind === 'branch') {
      if (this.#options.spillEverything) this.#dropAll();
      this.branchVariants[block.index] = this.#operands(t.args, block.instructions.length);
    } else if (t.kind === 'exit') {
      this.#capture(t.exit, ALL_REGISTERS);
    }
    if (this.#options.spillEverything) this.#dropAll();
    this.#file.copyTo(this.exit, block.index * REGISTER_COUNT);
  }

  /** An instruction whose operands may be in any register. */
  #free(instruction: Selected, position: number): void {
    const variant = this.#operands(instruction.args, position);
    if (instruction.exit) this.#capture(instruction.exit, ALL_REGISTERS);
    this.#release(instruction, position);
    const { result } = instruction;
    if (result === undefined) {
      this.steps.stencil(variant);
      return;
    }
    const register = this.#take(result, position, 0);
    this.steps.stencil(withOperand(variant, register));
    this.#define(result, register);
  }

  /** Puts each operand into some register; these registers as the variant of a stencil. */
  #operands(args: readonly ValueId[], position: number): number {
    let locked = 0, variant = 0;
    for (const value of args) {
      const held = this.#file.find(value);
      if (held !== NO_VALUE) locked |= 1 << held;
    }
    for (const value of args) {
      let register = this.#file.find(value);
      if (register === NO_VALUE) {
        register = this.#take(value, position - 1, locked);
        this.#reload(value, register);
      }
      locked |= 1 << register;
      variant = withOperand(variant, register);
    }
    return variant;
  }

  #reload(value: ValueId, register: number): void {
    invariant(this.#fn.constants[value] || this.needsSlot[value], 'neither in a register nor in a slot: value', value);
    this.steps.reload(register, value);
    this.#file.put(register, value);
  }

  /** An instruction with operands in fixed registers, or one that destroys registers. */
  #fixed(instruction: Selected, position: number): void {
    const { family, args, result } = instruction;
    const targets = this.#targets;
    let variant = 0;
    for (let i = 0; i < args.length; i++) {
      invariant(family.fixed[i] !== undefined, 'an operand is not fixed:', family.name);
      targets[i] = fixedRegister(family, i);
      variant = withOperand(variant, targets[i]!);
    }
    const resultRegister = result === undefined ? NO_VALUE : fixedRegister(family, args.length);
    const destroyed = family.clobbers ? this.#clobbered : 0;
    const overwritten = result === undefined ? destroyed : destroyed | (1 << resultRegister);
    this.#evacuate(args, overwritten, position);
    this.#placeArguments(args);
    if (instruction.exit) this.#capture(instruction.exit, ~overwritten & ALL_REGISTERS);
    this.#release(instruction, position);
    for (let left = overwritten & this.#file.occupied; left !== 0; left &= left - 1) this.#clear(lowest(left));
    this.steps.stencil(result === undefined ? variant : withOperand(variant, resultRegister));
    if (result !== undefined) this.#define(result, resultRegister);
  }

  /** Moves values that are needed later out of the registers that are going to be overwritten, by the arguments too. */
  #evacuate(args: readonly ValueId[], overwritten: number, position: number): void {
    let doomed = overwritten, reserved = overwritten;
    for (let i = 0; i < args.length; i++) {
      const register = this.#targets[i]!;
      reserved |= 1 << register;
      if (this.#file.holder(register) !== args[i]) doomed |= 1 << register;
    }
    const homeless: { value: ValueId; register: number; distance: number }[] = [];
    for (let left = doomed & this.#file.occupied; left !== 0; left &= left - 1) {
      const register = lowest(left), value = this.#file.holder(register)!;
      if (!this.#uses.isLiveAfter(value, position)) continue;
      if (this.#file.find(value, ~doomed & ALL_REGISTERS) !== NO_VALUE) continue;
      homeless.push({ value, register, distance: this.#uses.distance(value, position) });
    }
    if (homeless.length > 1) homeless.sort((x, y) => x.distance - y.distance);
    for (const { value, register } of homeless) {
      const refuge = this.#refuge(value, ~reserved & this.#bankOf(value), args, position);
      if (refuge === NO_VALUE) continue;
      this.#clear(refuge);
      this.steps.move(refuge, register);
      this.#file.put(refuge, value);
    }
  }

  /** A register in the set that is free, or whose value can wait longer than this one. */
  #refuge(value: ValueId, among: number, args: readonly ValueId[], position: number): number {
    const free = among & ~this.#file.occupied;
    if (free !== 0) return this.#hints.choose(value, free);
    let farthest = this.#uses.distance(value, position) + WORTH_A_MOVE;
    let best = NO_VALUE;
    for (let r = 0; r < REGISTER_COUNT; r++) {
      const holder = among & (1 << r) ? this.#file.holder(r) : undefined;
      if (holder === undefined || args.includes(holder)) continue;
      const distance = this.#uses.distance(holder, position);
      if (distance <= farthest) continue;
      farthest = distance;
      best = r;
    }
    return best;
  }

  #placeArguments(args: readonly ValueId[]): void {
    const targets = this.#targets;
    const moves: Move[] = [];
    const reloads: number[] = [];
    for (let i = 0; i < args.length; i++) {
      const to = targets[i]!, value = args[i]!;
      if (this.#file.holder(to) === value) continue;
      const from = this.#file.find(value);
      if (from === NO_VALUE) reloads.push(i);
      else moves.push({ to, from });
    }
    if (moves.length > 0) this.#moveArguments(moves);
    for (const i of reloads) {
      this.#clear(targets[i]!);
      this.#reload(args[i]!, targets[i]!);
    }
  }

  #moveArguments(moves: readonly Move[]): void {
    orderMoves(moves, {
      move: (to, from) => this.steps.move(to, from),
      swap: (a, b) => this.steps.swap(a, b),
    });
    const values = moves.map((m) => this.#file.holder(m.from)!);
    const replaced = moves.map((m) => this.#file.clear(m.to));
    moves.forEach((m, i) => this.#file.put(m.to, values[i]!));
    for (const value of replaced) {
      if (value !== undefined && this.#file.registersOf(value) === 0 && this.#uses.isLive(value)) this.#lost(value);
    }
  }

  /** Notes where the values of an exit are; those in none of the registers `valid` are read from their slots. */
  #capture(exit: ExitPoint, valid: number): void {
    const { start, end, watched } = exit;
    for (let i = start; i < end; i++) {
      const value = this.#fn.exitValues[i]!;
      const register = this.#file.find(value, valid);
      this.exitRegisters[i] = register;
      if (register === NO_VALUE) this.#lost(value);
    }
    exit.watchedRegister = watched === undefined ? NO_VALUE : this.#file.find(watched, valid);
  }

  /** Frees the registers of values that have no use after this instruction. */
  #release({ args, exit }: Selected, position: number): void {
    for (const value of args) this.#releaseValue(value, position);
    if (exit && !exit.isRepeated) for (let i = exit.start; i < exit.end; i++) this.#releaseValue(this.#fn.exitValues[i]!, position);
  }

  #releaseValue(value: ValueId, position: number): void {
    this.#uses.advance(value, position);
    if (!this.#uses.isLive(value)) this.#forget(value);
  }

  #define(value: ValueId, register: number): void {
    this.#file.put(register, value);
    this.#depth[value] = this.#loopDepth;
    this.steps.spill(value, register);
    this.#hints.defined(value, register);
    if (!this.#uses.isLive(value)) this.#forget(value);
  }

  /** A register for the value, emptied if need be; `position`: after which instruction. */
  #take(value: ValueId, position: number, locked: number): number {
    const bank = this.#bankOf(value) & ~locked;
    const free = bank & ~this.#file.occupied;
    if (free !== 0) return this.#hints.choose(value, free);
    let best = NO_VALUE;
    let farthest = -1;
    for (let r = 0; r < REGISTER_COUNT; r++) {
      const holder = bank & (1 << r) ? this.#file.holder(r) : undefined;
      if (holder === undefined) continue;
      const cost = this.#waiting(holder, r, position);
      if (cost <= farthest) continue;
      farthest = cost;
      best = r;
    }
    invariant(best !== NO_VALUE, 'no register can be freed');
    this.#clear(best);
    return best;
  }

  /**
   * How well the value can do without this register. Among values that can wait equally long, those whose slot is filled
   * anyway come first, then those defined in outer loops, where a store costs less.
   */
  #waiting(value: ValueId, register: number, position: number): number {
    if (this.#file.registersOf(value) !== 1 << register) return Infinity;
    const isStored = this.needsSlot[value] !== 0 || this.#fn.constants[value] !== undefined;
    return this.#uses.distance(value, position) * 64 + (isStored ? 32 : 31 - Math.min(31, this.#depth[value]!));
  }

  #bankOf(value: ValueId): number {
    return this.#fn.isFloat[value] ? FLOAT_REGISTERS : INTEGER_REGISTERS;
  }

  #clear(register: number): void {
    const lost = this.#file.clear(register);
    if (lost !== undefined && this.#uses.isLive(lost)) this.#lost(lost);
  }

  #lost(value: ValueId): void {
    if (this.needsSlot[value] || this.#fn.constants[value]) return;
    this.needsSlot[value] = 1;
    this.spilled++;
  }

  #forget(value: ValueId): void {
    for (let r = this.#file.find(value); r !== NO_VALUE; r = this.#file.find(value)) this.#file.clear(r);
  }

  #dropAll(): void {
    for (let r = 0; r < REGISTER_COUNT; r++) this.#clear(r);
  }
}

/** Of an operand, or of the result, which follows them. */
const fixedRegister = (family: StencilFamily, operand: number): number => (family.fixed[operand] ?? 0) + (family.operands[operand] === 'f' ? FIRST_FLOAT : 0);

/** The variant of a stencil that has one operand more, which is in this register. */
const withOperand = (variant: number, register: number): number => variant * REGISTERS_PER_BANK + register % REGISTERS_PER_BANK;
