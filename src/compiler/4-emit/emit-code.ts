/** Writes the allocated blocks as machine code: stencils one after the other, jumps only where the layout needs them. */
import type { Relocation } from '#protocol/unit.ts';
import type { Patch } from '#stencils/patch-list.ts';
import type { StencilFamily, StencilTable } from '#stencils/table.ts';
import { Bailout } from '#support/bailout.ts';
import { assertExhaustive, defined, invariant } from '#support/invariant.ts';
import type { Allocation } from './allocate-registers.ts';
import type { SpillSlots } from './assign-spill-slots.ts';
import { firstRegister, secondRegister, stepKind, stepKinds, type BlockSteps } from './block-steps.ts';
import type { BranchReach } from './branch-reach.ts';
import { CodeBuffer, type Label } from './code-buffer.ts';
import type { CommonStencils } from './common-stencils.ts';
import type { ExitTable } from './exits.ts';
import { findDestinations } from './find-destinations.ts';
import { groupExits, type ExitGroup } from './group-exits.ts';
import { Islands } from './islands.ts';
import type { LayoutSteps } from './layout-steps.ts';
import { numberedExits } from './link-register.ts';
import { LiteralPool } from './literal-pool.ts';
import { NO_VALUE, REGISTERS_PER_BANK, type ExitPoint, type MachineBlock, type Operands, type Selected } from './machine.ts';
import { PairedAccesses, sortedAccesses, type SlotAccess } from './paired-accesses.ts';
import { patchAddress, patchImmediate } from './patch.ts';
import type { EdgeSteps } from './resolve-edges.ts';
import { rotateLoops } from './rotate-loops.ts';
import type { MachineFn } from './select-stencils.ts';
import { immediateOperand, NO_OPERANDS } from './stencil-operands.ts';

const FIRST_SPILL_BYTE = 320;
/** A part of the arena (agent/arena.c), and within what a jump of AArch64 reaches. */
const MAX_CODE_BYTES = 1 << 23;

/** Of the code of one instruction, moves around it and its exit included. */
const TYPICAL_BYTES = 64;

export interface EmitInput {
  readonly fn: MachineFn;
  readonly allocation: Allocation;
  readonly edges: EdgeSteps;
  readonly slots: SpillSlots;
  readonly exits: ExitTable;
  readonly table: StencilTable;
  readonly common: CommonStencils;
  /** The guard with this number, counted from 1 in the order of the code, always leaves; 0: none. */
  readonly failGuard: number;
  readonly wantsListing: boolean;
  /** Where the unit saves the link register; undefined: its calls do. */
  readonly linkSlot: number | undefined;
  readonly reach: BranchReach | undefined;
  readonly steps: LayoutSteps;
}

export interface ListingLine {
  readonly address: number;
  readonly size: number;
  readonly text: string;
  /** Absent for the name of a block. */
  readonly placement?: Placement;
}

/** A stencil as it was put into the code. */
export interface Placement {
  readonly family: StencilFamily;
  /** Numbers within the banks. */
  readonly registers: readonly number[];
  readonly operands: Operands;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface EmittedCode {
  /** Machine code, then the literal pool. */
  readonly code: Uint8Array;
  /** Bytes of the machine code. */
  readonly codeLength: number;
  /** Literals between stencils, with what aligns them. */
  readonly islands: readonly ByteRange[];
  readonly relocations: Relocation[];
  readonly listing: ListingLine[];
  /** Guards that `failGuard` can name. */
  readonly guardCount: number;
}

export function emitCode(input: EmitInput): EmittedCode {
  return new CodeEmitter(input).run();
}

class CodeEmitter {
  readonly #in: EmitInput;
  readonly #buffer: CodeBuffer;
  readonly #islands: Islands;
  readonly #literalRanges: ByteRange[] = [];
  readonly #pairs: PairedAccesses | undefined;
  #pool: LiteralPool;
  readonly #relocations: Relocation[] = [];
  readonly #listing: ListingLine[] = [];
  readonly #blockLabels: Label[];
  /** By block: where a jump to it ends up. Blocks without code are skipped. */
  readonly #destinations: readonly MachineBlock[];
  #poolLabels: Label[] = [];
  /** By number of the exit. */
  #stubLabels: Label[] = [];
  /** Numbers of the exits that are to have a stub. */
  #stubs: number[] = [];
  readonly #common: Label;
  #guards = 0;

  constructor(input: EmitInput) {
    this.#in = input;
    const { blocks, memory } = input.fn;
    this.#buffer = new CodeBuffer(blocks.reduce((sum, { instructions }) => sum + instructions.length + 1, 0) * TYPICAL_BYTES, memory);
    this.#blockLabels = blocks.map(() => this.#buffer.newLabel());
    this.#destinations = findDestinations(blocks, input);
    this.#common = this.#buffer.newLabel();
    this.#pool = new LiteralPool(input.steps.sharedLiterals);
    this.#islands = new Islands(this.#buffer, input.reach);
    this.#pairs = input.steps.pairs ? PairedAccesses.of(input.table, FIRST_SPILL_BYTE) : undefined;
  }

  run(): EmittedCode {
    const withCode = this.#in.fn.blocks.filter((b) => b.index === 0 || this.#destinations[b.index] === b);
    const blocks = this.#in.steps.rotatedLoops ? rotateLoops(withCode, (block) => this.#destinations[block.index]!) : withCode;
    this.#linkStencil('link.save');
    blocks.forEach((block, i) => this.#block(block, blocks[i + 1]));
    this.#islands.end();
    this.#exitStubs();
    if (this.#buffer.position > MAX_CODE_BYTES) throw new Bailout('unit-too-large', `${this.#buffer.position} bytes of code`);
    const codeLength = this.#buffer.position;
    this.#literals();
    this.#buffer.resolveReferences();
    return { code: this.#buffer.finish(), codeLength, islands: this.#literalRanges, relocations: this.#relocations, listing: this.#listing, guardCount: this.#guards };
  }

  #block(block: MachineBlock, next: MachineBlock | undefined): void {
    const { edges, allocation } = this.#in;
    this.#buffer.bind(this.#blockLabels[block.index]!);
    if (this.#in.wantsListing) this.#note(block.id === undefined ? 'edge:' : `block${block.id}:`, this.#buffer.position);
    this.#steps(edges.before, block);
    this.#steps(allocation.steps, block);
    this.#steps(edges.after, block);
    this.#terminator(block, next);
  }

  #terminator(block: MachineBlock, next: MachineBlock | undefined): void {
    const t = block.terminator;
    switch (t.kind) {
      case 'jump': return this.#jump(this.#destinations[t.edge.to.index]!, next);
      case 'branch': {
        const then = this.#destinations[t.then.to.index]!, otherwise = this.#destinations[t.else.to.index]!;
        const variant = this.#in.allocation.branchVariants[block.index]!;
        if (then === otherwise) return this.#jump(then, next);
        if (then === next) return this.#stencil(t.inverted, variant, t.operands, this.#blockLabels[otherwise.index]!);
        this.#stencil(t.family, variant, t.operands, this.#blockLabels[then.index]!);
        return this.#jump(otherwise, next);
      }
      case 'exit': return this.#exit(this.#in.exits.add(t.exit));
      default: assertExhaustive(t, 'terminator');
    }
  }

  #jump(to: MachineBlock, next: MachineBlock | undefined): void {
    if (to !== next) this.#stencil(this.#in.common.jump, 0, NO_OPERANDS, this.#blockLabels[to.index]!);
  }

  #steps({ words, starts, ends }: BlockSteps, { index, instructions }: MachineBlock): void {
    const end = ends[index]!;
    let done = 0;
    for (let i = starts[index]!; i < end; i += 2) {
      const word = words[i]!, kind = stepKind(word), detail = words[i + 1]!;
      if (kind !== stepKinds.stencil) {
        const isRun = this.#pairs !== undefined && i + 2 < end && isAccess(kind) && areSameWay(kind, stepKind(words[i + 2]!));
        const run = isRun ? this.#accessRun(words, i, end) : undefined;
        if (run) i = run;
        else this.#transfer(kind, firstRegister(word), secondRegister(word), detail);
      } else if (this.#pairs?.argument === instructions[done]!.family && i + 2 < end && this.#argumentPair(instructions, done, words, i)) {
        done += 2;
        i += 2;
      } else {
        this.#instruction(instructions[done++]!, detail);
      }
    }
  }

  /** Loads or stores of slots from the step at `start` on, when there are several: where the last of them is. */
  #accessRun(words: Int32Array, start: number, end: number): number | undefined {
    const kind = stepKind(words[start]!), areLoads = isLoad(kind);
    const run: SlotAccess[] = [];
    let at = start;
    for (; at < end && areSameWay(kind, stepKind(words[at]!)); at += 2) {
      const slot = this.#slotAt(words, at);
      if (slot === NO_VALUE) break;
      run.push({ register: firstRegister(words[at]!), slot });
    }
    if (run.length < 2) return undefined;
    const sorted = sortedAccesses(run, areLoads);
    for (let i = 0; i < sorted.length; i++) {
      const { register, slot } = sorted[i]!, next = sorted[i + 1];
      const pair = next && this.#pairs!.ofSlots(sorted[i]!, next, areLoads);
      if (pair) {
        this.#stencil(pair.family, pair.variant, immediateOperand(pair.immediate));
        i++;
      } else if (areLoads) this.#load(register, slot);
      else this.#store(register, slot);
    }
    return at - 2;
  }

  /** The slot that the step at `at` loads or stores; NO_VALUE: it does something else, or nothing. */
  #slotAt(words: Int32Array, at: number): number {
    const kind = stepKind(words[at]!), detail = words[at + 1]!;
    if (kind === stepKinds.loadSlot || kind === stepKinds.storeSlot) return detail;
    return this.#in.fn.constants[detail] ? NO_VALUE : this.#in.slots.slotOf[detail]!;
  }

  /** Two arguments of a call as one store; false when they are not neighbours. */
  #argumentPair(instructions: readonly Selected[], first: number, words: Int32Array, at: number): boolean {
    const next = instructions[first + 1];
    if (next?.family !== instructions[first]!.family || stepKind(words[at + 2]!) !== stepKinds.stencil) return false;
    const place = (i: Selected): number => i.operands.immediates[0]!;
    const pair = this.#pairs!.ofArguments(place(instructions[first]!), words[at + 1]!, place(next), words[at + 3]!);
    if (pair) this.#stencil(pair.family, pair.variant, immediateOperand(pair.immediate), NO_LABEL, next);
    return pair !== undefined;
  }

  /** Between registers, spill slots and constants; `detail` is a value or a slot. */
  #transfer(kind: number, register: number, second: number, detail: number): void {
    switch (kind) {
      case stepKinds.move: return this.#pair(this.#in.common.move.of(register), second, register);
      case stepKinds.swap: return this.#pair(this.#in.common.swap.of(register), register, second);
      case stepKinds.loadSlot: return this.#load(register, detail);
      case stepKinds.storeSlot: return this.#store(register, detail);
      case stepKinds.spill: {
        const slot = this.#in.slots.slotOf[detail]!;
        return slot === NO_VALUE ? undefined : this.#store(register, slot);
      }
      default: {
        const constant = this.#in.fn.constants[detail];
        if (constant) return this.#stencil(constant.family, register % REGISTERS_PER_BANK, constant.operands);
        const slot = this.#in.slots.slotOf[detail]!;
        invariant(kind === stepKinds.reload && slot !== NO_VALUE, 'no spill slot of value', detail);
        return this.#load(register, slot);
      }
    }
  }

  #pair(family: StencilFamily, first: number, second: number): void {
    this.#stencil(family, (first % REGISTERS_PER_BANK) * REGISTERS_PER_BANK + second % REGISTERS_PER_BANK, NO_OPERANDS);
  }

  #load(register: number, slot: number): void {
    this.#stencil(this.#in.common.reload.of(register), register % REGISTERS_PER_BANK, slotOperand(slot));
  }

  #store(register: number, slot: number): void {
    this.#stencil(this.#in.common.spill.of(register), register % REGISTERS_PER_BANK, slotOperand(slot));
  }

  #instruction(instruction: Selected, variant: number): void {
    const { exit } = instruction;
    const target = exit === undefined ? NO_LABEL : this.#stub(exit);
    if (exit && exit.kind !== 'exception' && ++this.#guards === this.#in.failGuard) {
      this.#stencil(this.#in.common.jump, 0, NO_OPERANDS, target);
      return;
    }
    this.#stencil(instruction.family, variant, instruction.operands, target, instruction);
  }

  #stub(exit: ExitPoint): Label {
    const id = this.#in.exits.add(exit);
    const known = this.#stubLabels[id];
    if (known !== undefined) return known;
    this.#stubs.push(id);
    return this.#stubLabels[id] = this.#buffer.newLabel();
  }

  #exit(id: number): void {
    this.#stencil(this.#in.common.exitStub, 0, immediateOperand(id));
    this.#stencil(this.#in.common.jump, 0, NO_OPERANDS, this.#common);
  }

  /** What every exit ends with comes after them. */
  #exitStubs(): void {
    const low = this.#in.table.family('exit.low');
    if (low) this.#shortStubs(low);
    else this.#longStubs();
    this.#buffer.bind(this.#common);
    this.#linkStencil('link.restore');
    this.#stencil(this.#family('exit.common'), 0, NO_OPERANDS);
  }

  #longStubs(): void {
    const isNumbered = this.#in.linkSlot !== undefined && this.#in.table.family('exit.call') !== undefined;
    const numbered = isNumbered ? numberedExits(this.#stubs) : undefined;
    if (numbered) this.#numberedStubs(numbered.first, numbered.last);
    const last = numbered ? undefined : this.#stubs.pop();
    this.#plainStubs();
    this.#farJumps();
    if (last !== undefined) {
      // It falls through.
      this.#buffer.bind(this.#stubLabels[last]!);
      this.#stencil(this.#in.common.exitStub, 0, immediateOperand(last));
    }
  }

  /** See `group-exits.ts`. */
  #shortStubs(low: StencilFamily): void {
    for (const group of groupExits(this.#stubs)) this.#stubGroup(group, low);
  }

  #stubGroup({ before, after, high, isLast }: ExitGroup, low: StencilFamily): void {
    const rest = this.#buffer.newLabel();
    const short = this.#family('jump.short');
    const stub = (id: number): void => {
      this.#buffer.bind(this.#stubLabels[id]!);
      this.#stencil(low, 0, immediateOperand(id & 0xff));
      if (id !== before.at(-1)) this.#stencil(short, 0, NO_OPERANDS, rest);
    };
    before.forEach(stub);
    this.#buffer.bind(rest);
    this.#stencil(this.#family('exit.high'), 0, immediateOperand(high));
    if (!isLast || after.length > 0) this.#stencil(this.#in.common.jump, 0, NO_OPERANDS, this.#common);
    after.forEach(stub);
  }

  #plainStubs(): void {
    for (const id of this.#stubs) {
      this.#buffer.bind(this.#stubLabels[id]!);
      this.#exit(id);
    }
    this.#stubs = [];
  }

  /** See `link-register.ts`. */
  #numberedStubs(first: number, last: number): void {
    const number = this.#buffer.newLabel(), returnOfExit0 = this.#buffer.newLabel();
    this.#buffer.bind(returnOfExit0, this.#buffer.position + 4 - 4 * first);
    const call = this.#family('exit.call');
    for (let id = first; id <= last; id++) {
      const label = this.#stubLabels[id];
      if (label !== undefined) this.#buffer.bind(label);
      this.#stencil(call, 0, NO_OPERANDS, number);
    }
    this.#stubs = [];
    this.#farJumps();
    this.#buffer.bind(number);
    this.#stencil(this.#family('exit.number'), 0, NO_OPERANDS, returnOfExit0);
  }

  #linkStencil(name: string): void {
    const { linkSlot } = this.#in;
    if (linkSlot !== undefined) this.#stencil(this.#family(name), 0, slotOperand(linkSlot));
  }

  /** Whatever the code so far refers to and would not reach any more; see `branch-reach.ts`. */
  #island(): void {
    if (!this.#islands.isDue()) return;
    this.#islands.lookAt = Infinity;
    const after = this.#buffer.newLabel();
    this.#stencil(this.#in.common.jump, 0, NO_OPERANDS, after);
    this.#plainStubs();
    this.#stubLabels = [];
    this.#farJumps();
    if (this.#pool.byteLength > 0) {
      const start = this.#buffer.position;
      this.#literals();
      this.#literalRanges.push({ start, end: this.#buffer.position });
      this.#pool = new LiteralPool(this.#in.steps.sharedLiterals);
      this.#poolLabels = [];
    }
    this.#buffer.bind(after);
    this.#islands.settle();
  }

  /** Jumps, which reach everything, for conditional branches that do not. */
  #farJumps(): void {
    for (const [label, references] of this.#islands.unreached()) {
      const near = this.#buffer.newLabel();
      this.#buffer.bind(near);
      this.#stencil(this.#in.common.jump, 0, NO_OPERANDS, label);
      for (const reference of references) this.#buffer.redirect(reference, near);
    }
  }

  #literals(): void {
    this.#buffer.appendZeros(-this.#buffer.position & 7);
    const at = this.#buffer.appendZeros(this.#pool.byteLength);
    this.#poolLabels.forEach((label, slot) => this.#buffer.bind(label, at + slot * 8));
    this.#pool.write(this.#buffer.view, at, this.#relocations);
  }

  #stencil(family: StencilFamily, variant: number, operands: Operands, target: Label = NO_LABEL, source?: Selected): void {
    if (this.#buffer.position >= this.#islands.lookAt) this.#island();
    const { code, patches } = family.variantAt(variant);
    const at = this.#buffer.append(code);
    for (const patch of patches) this.#patch(patch, at, at + code.length, operands, target);
    if (this.#in.wantsListing) this.#describe(at, family, variant, operands, source);
  }

  /** The stencil goes from `start` to `end`. */
  #patch(patch: Patch, start: number, end: number, operands: Operands, target: Label): void {
    const { kind, addend, index, name } = patch;
    const at = start + patch.offset;
    switch (patch.content) {
      case 'target':
        invariant(target !== NO_LABEL, 'a stencil without target');
        return this.#buffer.refer(at, patch, target);
      case 'continue': return patchAddress(this.#buffer.view, at, kind, end + addend, at);
      case 'immediate': return patchImmediate(this.#buffer.view, at, kind, defined(operands.immediates[index], name) + addend, patch.isWhole);
      case 'literal': return this.#inPool(at, patch, this.#pool.add(defined(operands.literals[index], name)));
      case 'call': return this.#call(at, patch, defined(operands.calls[index], name));
      case 'function': return this.#call(at, patch, name);
      case 'address': return this.#inPool(at, patch, this.#pool.addSymbol(name));
      default: assertExhaustive(patch.content, 'content of a hole');
    }
  }

  #call(at: number, patch: Patch, symbol: string): void {
    const { kind, addend } = patch;
    if (kind === 'x86_64.rel32') {
      invariant(addend === -4, 'addend of a call:', addend);
      this.#relocations.push({ kind: 'x86_64_call', at, symbol });
    } else if (kind === 'aarch64.literal19') {
      this.#inPool(at, patch, this.#pool.addSymbol(symbol));
    } else {
      invariant(kind === 'aarch64.branch26' && addend === 0, 'no call:', kind);
      this.#relocations.push({ kind: 'aarch64_call', at, symbol });
    }
  }

  #inPool(at: number, patch: Patch, slot: number): void {
    this.#buffer.refer(at, patch, this.#poolLabels[slot] ??= this.#buffer.newLabel());
  }

  #family(name: string): StencilFamily {
    return defined(this.#in.table.family(name), 'stencil', name);
  }

  #describe(at: number, family: StencilFamily, variant: number, operands: Operands, source: Selected | undefined): void {
    const registers = registersOf(family, variant);
    this.#note(describe(family, registers, operands, source), at, { family, registers, operands });
  }

  #note(text: string, address: number, placement?: Placement): void {
    const line = { address, size: this.#buffer.position - address, text };
    this.#listing.push(placement === undefined ? line : { ...line, placement });
  }
}

const NO_LABEL: Label = -1;

const isLoad = (kind: number): boolean => kind === stepKinds.reload || kind === stepKinds.loadSlot;
const isAccess = (kind: number): boolean => isLoad(kind) || kind === stepKinds.spill || kind === stepKinds.storeSlot;
const areSameWay = (kind: number, other: number): boolean => isAccess(other) && isLoad(kind) === isLoad(other);

const slotOperand = (slot: number): Operands => immediateOperand(FIRST_SPILL_BYTE + slot * 8);

/** Numbers within the banks. */
function registersOf({ operands, fixed, isFixed }: StencilFamily, variant: number): number[] {
  return operands.map((_, i) => (isFixed ? defined(fixed[i], 'register of an operand') : Math.floor(variant / 8 ** (operands.length - 1 - i)) % REGISTERS_PER_BANK));
}

function describe(family: StencilFamily, registers: readonly number[], operands: Operands, source: Selected | undefined): string {
  const names = registers.map((r, i) => `${family.operands[i]}${r}`);
  const used = [...operands.immediates.map(String), ...operands.literals.map((l) => (l.kind === 'bits' ? `0x${l.bits.toString(16)}` : l.kind === 'object' ? `#${l.index}` : l.name)), ...operands.calls];
  const code = [family.name, ...names, ...used].join(' ');
  if (!source?.source) return code;
  const { op, args, result } = source.source;
  const ir = [op, ...args.map((v) => `%${v}`)].join(' ');
  return `${code.padEnd(32)} ; ${result === undefined ? '' : `%${result} = `}${ir}`;
}
