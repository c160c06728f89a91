/** Writes the allocated blocks as machine code: stencils one after the other, jumps only where the layout needs them. */
import type { Relocation } from '#protocol/unit.ts';
import { wellKnownSymbols, type Hole, type HoleSymbol, type StencilFamily, type StencilTable, type WellKnownSymbol } from '#stencils/table.ts';
import { Bailout } from '#support/bailout.ts';
import { assertExhaustive, defined, invariant } from '#support/invariant.ts';
import type { Allocation } from './allocate-registers.ts';
import type { SpillSlots } from './assign-spill-slots.ts';
import { CodeBuffer, type Label } from './code-buffer.ts';
import { isFloatRegister } from './compute-live-ranges.ts';
import type { ExitTable } from './exits.ts';
import { LiteralPool } from './literal-pool.ts';
import { NO_VALUE, REGISTERS_PER_BANK, type ExitPoint, type MachineBlock, type Operands, type Selected, type Step } from './machine.ts';
import { patchAddress, patchImmediate } from './patch.ts';
import { rotateLoops } from './rotate-loops.ts';
import type { MachineFn } from './select-stencils.ts';
import { immediateOperand, NO_OPERANDS } from './stencil-operands.ts';

const FIRST_SPILL_BYTE = 320;
/** Beyond this the branches of AArch64 to exits no longer reach. */
const MAX_CODE_BYTES = 1 << 19;

export interface EmitInput {
  readonly fn: MachineFn;
  readonly allocation: Allocation;
  readonly slots: SpillSlots;
  readonly exits: ExitTable;
  readonly table: StencilTable;
  /** The guard with this number, counted from 1 in the order of the code, always leaves; 0: none. */
  readonly failGuard: number;
  readonly wantsListing: boolean;
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

export interface EmittedCode {
  /** Machine code, then the literal pool. */
  readonly code: Uint8Array;
  /** Bytes of the machine code. */
  readonly codeLength: number;
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
  readonly #buffer = new CodeBuffer();
  readonly #pool = new LiteralPool();
  readonly #relocations: Relocation[] = [];
  readonly #listing: ListingLine[] = [];
  readonly #blockLabels: Label[];
  readonly #poolLabels: Label[] = [];
  readonly #stubLabels = new Map<number, Label>();
  readonly #families = new Map<string, StencilFamily>();
  readonly #common: Label;
  #guards = 0;

  constructor(input: EmitInput) {
    this.#in = input;
    this.#blockLabels = input.fn.blocks.map(() => this.#buffer.newLabel());
    this.#common = this.#buffer.newLabel();
  }

  run(): EmittedCode {
    const withCode = this.#in.fn.blocks.filter((b) => b.index === 0 || this.#destination(b) === b);
    const blocks = rotateLoops(withCode, (block) => this.#destination(block));
    blocks.forEach((block, i) => this.#block(block, blocks[i + 1]));
    this.#exitStubs();
    if (this.#buffer.position > MAX_CODE_BYTES) throw new Bailout('unit-too-large', `${this.#buffer.position} bytes of code`);
    const codeLength = this.#buffer.position;
    this.#literals();
    this.#buffer.resolveReferences();
    return { code: this.#buffer.finish(), codeLength, relocations: this.#relocations, listing: this.#listing, guardCount: this.#guards };
  }

  /** Where a jump to this block ends up: blocks without code are skipped. */
  #destination(block: MachineBlock): MachineBlock {
    let b = block;
    for (let hops = 0; b.terminator.kind === 'jump' && !this.#hasCode(b); hops++) {
      invariant(hops < this.#in.fn.blocks.length, 'a loop without code');
      b = b.terminator.edge.to;
    }
    return b;
  }

  #hasCode(block: MachineBlock): boolean {
    return this.#in.allocation.steps[block.index]!.some((step) => step.kind !== 'spill' || this.#in.slots.slotOf[step.value] !== NO_VALUE);
  }

  #block(block: MachineBlock, next: MachineBlock | undefined): void {
    this.#buffer.bind(this.#blockLabels[block.index]!);
    if (this.#in.wantsListing) this.#note(block.id === undefined ? 'edge:' : `block${block.id}:`, this.#buffer.position);
    for (const step of this.#in.allocation.steps[block.index]!) this.#step(step);
    this.#terminator(block, next);
  }

  #terminator(block: MachineBlock, next: MachineBlock | undefined): void {
    const t = block.terminator;
    switch (t.kind) {
      case 'jump': return this.#jump(this.#destination(t.edge.to), next);
      case 'branch': {
        const then = this.#destination(t.then.to), otherwise = this.#destination(t.else.to);
        const registers = this.#in.allocation.branchRegisters[block.index]!;
        if (then === otherwise) return this.#jump(then, next);
        if (then === next) return this.#stencil(t.inverted, registers, t.operands, this.#blockLabels[otherwise.index]!);
        this.#stencil(t.family, registers, t.operands, this.#blockLabels[then.index]!);
        return this.#jump(otherwise, next);
      }
      case 'exit': return this.#exit(this.#in.exits.add(t.exit));
      default: assertExhaustive(t, 'terminator');
    }
  }

  #jump(to: MachineBlock, next: MachineBlock | undefined): void {
    if (to !== next) this.#stencil(this.#family('jump'), [], NO_OPERANDS, this.#blockLabels[to.index]!);
  }

  #step(step: Step): void {
    switch (step.kind) {
      case 'stencil': return this.#instruction(step.instruction, step.registers);
      case 'move': return this.#ofBank('move', step.to, [step.from, step.to], NO_OPERANDS);
      case 'swap': return this.#ofBank('swap', step.a, [step.a, step.b], NO_OPERANDS);
      case 'load_slot': return this.#ofBank('reload', step.to, [step.to], slotOperand(step.slot));
      case 'store_slot': return this.#ofBank('spill', step.from, [step.from], slotOperand(step.slot));
      case 'spill': {
        const slot = this.#in.slots.slotOf[step.value]!;
        return slot === NO_VALUE ? undefined : this.#ofBank('spill', step.from, [step.from], slotOperand(slot));
      }
      case 'reload': {
        const constant = this.#in.fn.constants[step.value];
        if (constant) return this.#stencil(constant.family, [step.to], constant.operands);
        const slot = this.#in.slots.slotOf[step.value]!;
        invariant(slot !== NO_VALUE, 'no spill slot of value', step.value);
        return this.#ofBank('reload', step.to, [step.to], slotOperand(slot));
      }
      default: assertExhaustive(step, 'step');
    }
  }

  #ofBank(name: string, register: number, registers: readonly number[], operands: Operands): void {
    this.#stencil(this.#family(`${name}.${isFloatRegister(register) ? 'f' : 'r'}`), registers, operands);
  }

  #instruction(instruction: Selected, registers: readonly number[]): void {
    const { exit } = instruction;
    const target = exit && this.#stub(exit);
    if (exit && exit.kind !== 'exception' && ++this.#guards === this.#in.failGuard) {
      this.#stencil(this.#family('jump'), [], NO_OPERANDS, target);
      return;
    }
    this.#stencil(instruction.family, registers, instruction.operands, target, instruction);
  }

  #stub(exit: ExitPoint): Label {
    const id = this.#in.exits.add(exit);
    const known = this.#stubLabels.get(id);
    if (known !== undefined) return known;
    const label = this.#buffer.newLabel();
    this.#stubLabels.set(id, label);
    return label;
  }

  #exit(id: number): void {
    this.#stencil(this.#family('exit.stub'), [], immediateOperand(id));
    this.#stencil(this.#family('jump'), [], NO_OPERANDS, this.#common);
  }

  /** The last one falls through to what is common to all. */
  #exitStubs(): void {
    let left = this.#stubLabels.size;
    for (const [id, label] of this.#stubLabels) {
      this.#buffer.bind(label);
      if (--left > 0) this.#exit(id);
      else this.#stencil(this.#family('exit.stub'), [], immediateOperand(id));
    }
    this.#buffer.bind(this.#common);
    this.#stencil(this.#family('exit.common'), [], NO_OPERANDS);
  }

  #literals(): void {
    this.#buffer.appendZeros(-this.#buffer.position & 7);
    const at = this.#buffer.appendZeros(this.#pool.byteLength);
    this.#poolLabels.forEach((label, slot) => this.#buffer.bind(label, at + slot * 8));
    this.#pool.write(this.#buffer.view, at, this.#relocations);
  }

  #stencil(family: StencilFamily, registers: readonly number[], operands: Operands, target?: Label, source?: Selected): void {
    const inBanks = this.#inBanks(registers);
    const stencil = family.variant(inBanks);
    const at = this.#buffer.append(stencil.code);
    const end = this.#buffer.position;
    for (const hole of stencil.holes) this.#hole(hole, at + hole.offset, end, operands, target, stencil.holes);
    if (this.#in.wantsListing) this.#note(describe(family, registers, operands, source), at, { family, registers: inBanks, operands });
  }

  /** Numbers within the banks; registers of the first bank are the same in both. */
  #inBanks(registers: readonly number[]): readonly number[] {
    for (const r of registers) if (r >= REGISTERS_PER_BANK) return registers.map((register) => register % REGISTERS_PER_BANK);
    return registers;
  }

  #hole(hole: Hole, at: number, end: number, operands: Operands, target: Label | undefined, all: readonly Hole[]): void {
    const { symbol, kind, addend } = hole;
    if (symbol === 'TARGET') return this.#buffer.refer(at, kind, defined(target, 'target of a stencil'), addend);
    if (symbol === 'CONTINUE') return this.#here(at, kind, end, addend);
    const index = symbol.charCodeAt(symbol.length - 1) - 48;
    if (symbol.startsWith('IMM')) {
      const value = defined(operands.immediates[index], symbol) + addend;
      const isWhole = kind === 'aarch64.movw_g0' && !all.some((h) => h.symbol === symbol && h.kind === 'aarch64.movw_g1');
      return patchImmediate(this.#buffer.view, at, kind, value, isWhole);
    }
    if (symbol.startsWith('LIT')) return this.#buffer.refer(at, kind, this.#poolLabel(this.#pool.add(defined(operands.literals[index], symbol))), addend);
    if (symbol.startsWith('CALL')) return this.#call(at, kind, addend, defined(operands.calls[index], symbol));
    if (symbol.startsWith('FN_')) return this.#call(at, kind, addend, symbol.slice('FN_'.length));
    const name = wellKnown(symbol);
    this.#buffer.refer(at, kind, this.#poolLabel(this.#pool.add({ kind: 'symbol', name })), addend);
  }

  #here(at: number, kind: Hole['kind'], end: number, addend: number): void {
    patchAddress(this.#buffer.view, at, kind, end + addend, at);
  }

  #call(at: number, kind: Hole['kind'], addend: number, symbol: string): void {
    if (kind === 'x86_64.rel32') {
      invariant(addend === -4, 'addend of a call:', addend);
      this.#relocations.push({ kind: 'x86_64_call', at, symbol });
    } else if (kind === 'aarch64.literal19') {
      this.#buffer.refer(at, kind, this.#poolLabel(this.#pool.add({ kind: 'symbol', name: symbol })), addend);
    } else {
      invariant(kind === 'aarch64.branch26' && addend === 0, 'no call:', kind);
      this.#relocations.push({ kind: 'aarch64_call', at, symbol });
    }
  }

  #poolLabel(slot: number): Label {
    return (this.#poolLabels[slot] ??= this.#buffer.newLabel());
  }

  #family(name: string): StencilFamily {
    let family = this.#families.get(name);
    if (!family) this.#families.set(name, (family = defined(this.#in.table.family(name), `stencil ${name}`)));
    return family;
  }

  #note(text: string, address: number, placement?: Placement): void {
    const line = { address, size: this.#buffer.position - address, text };
    this.#listing.push(placement === undefined ? line : { ...line, placement });
  }
}

const slotOperand = (slot: number): Operands => immediateOperand(FIRST_SPILL_BYTE + slot * 8);

function wellKnown(symbol: HoleSymbol): string {
  return defined(wellKnownSymbols[symbol as WellKnownSymbol], 'symbol', symbol);
}

function describe(family: StencilFamily, registers: readonly number[], operands: Operands, source: Selected | undefined): string {
  const names = registers.map((r) => (isFloatRegister(r) ? `f${r - REGISTERS_PER_BANK}` : `r${r}`));
  const used = [...operands.immediates.map(String), ...operands.literals.map((l) => (l.kind === 'bits' ? `0x${l.bits.toString(16)}` : l.kind === 'object' ? `#${l.index}` : l.name)), ...operands.calls];
  const code = [family.name, ...names, ...used].join(' ');
  if (!source?.source) return code;
  const { op, args, result } = source.source;
  const ir = [op, ...args.map((v) => `%${v}`)].join(' ');
  return `${code.padEnd(32)} ; ${result === undefined ? '' : `%${result} = `}${ir}`;
}
