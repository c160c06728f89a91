/** Compares the code of a unit with the stencils it was put together from: nothing is left out, and every hole has its content. */
import type { Relocation } from '#protocol/unit.ts';
import { wellKnownSymbols, type Hole, type Stencil, type WellKnownSymbol } from '#stencils/table.ts';
import { InvariantError } from '#support/invariant.ts';
import type { ListingLine, Placement } from './emit-code.ts';
import type { Literal } from './machine.ts';
import { fieldMask, patchImmediate, readDistance } from './patch.ts';
import type { CodeToVerify, Finding } from './verify-code.ts';

/** What follows the stubs of exits. */
const common: readonly string[] = ['exit.common', 'link.restore'];

/** What may follow a part of an exit, and where a jump after it goes. */
const afterExit: ReadonlyMap<string, { readonly follows: readonly string[]; readonly goesTo: readonly string[] }> = new Map([
  ['exit.stub', { follows: ['jump', ...common], goesTo: common }],
  ['exit.low', { follows: ['jump.short', 'exit.high'], goesTo: ['exit.high'] }],
  ['exit.high', { follows: ['jump', ...common], goesTo: common }],
]);

/** The listing must have been asked for. */
export interface UnitWithListing extends CodeToVerify {
  readonly listing: readonly ListingLine[];
}

export function verifyPlacements(unit: UnitWithListing): Finding[] {
  return new PlacementCheck(unit).run();
}

class PlacementCheck {
  readonly #unit: UnitWithListing;
  readonly #view: DataView;
  readonly #findings: Finding[] = [];
  /** Family by address. */
  readonly #starts: ReadonlyMap<number, string>;
  readonly #relocations: ReadonlyMap<number, Relocation>;

  constructor(unit: UnitWithListing) {
    this.#unit = unit;
    this.#view = new DataView(unit.code.buffer, unit.code.byteOffset, unit.code.byteLength);
    this.#starts = new Map(unit.listing.flatMap(({ address, placement }) => (placement === undefined ? [] : [[address, placement.family.name]])));
    this.#relocations = new Map(unit.relocations.map((r) => [r.at, r]));
  }

  run(): Finding[] {
    let end = 0, before: string | undefined;
    for (const { address, size, placement } of this.#unit.listing) {
      if (placement === undefined) continue;
      const { name } = placement.family;
      if (before !== undefined && afterExit.get(before)?.follows.includes(name) === false) this.#report(address, `${name} after ${before}`);
      if (address !== end && !this.#unit.islands.some((island) => island.start === end && island.end === address)) this.#report(address, `bytes ${end} to ${address} belong to no stencil`);
      this.#placement(address, placement, before);
      [end, before] = [address + size, name];
    }
    if (end !== this.#unit.codeLength) this.#report(end, 'the code goes on after the last stencil');
    return this.#findings;
  }

  #report(at: number, problem: string): void {
    this.#findings.push({ at, problem });
  }

  #placement(address: number, placement: Placement, before: string | undefined): void {
    const stencil = placement.family.variant(placement.registers);
    const expected = stencil.code.slice();
    const ignored = new Uint8Array(expected.length);
    for (const hole of stencil.holes) {
      if (hole.symbol.startsWith('IMM')) this.#immediate(expected, hole, placement, stencil, address);
      else {
        for (let mask = fieldMask(hole.kind), i = hole.offset; mask !== 0; mask >>>= 8, i++) ignored[i]! |= mask & 0xff;
        this.#address(address + hole.offset, hole, placement, address + expected.length, before);
      }
    }
    expected.forEach((byte, i) => {
      if (((byte ^ this.#unit.code[address + i]!) & ~ignored[i]!) !== 0) this.#report(address + i, `not the code of ${placement.family.name}`);
    });
  }

  #immediate(expected: Uint8Array, hole: Hole, { operands, family }: Placement, stencil: Stencil, address: number): void {
    const value = operands.immediates[hole.symbol.charCodeAt(3) - 48];
    if (value === undefined) return this.#report(address + hole.offset, `${family.name} has no ${hole.symbol}`);
    const isWhole = !stencil.holes.some((h) => h.symbol === hole.symbol && h.kind === 'aarch64.movw_g1');
    try {
      patchImmediate(new DataView(expected.buffer), hole.offset, hole.kind, value + hole.addend, isWhole);
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      this.#report(address + hole.offset, `${hole.symbol} of ${family.name}: ${error.message}`);
    }
  }

  #address(at: number, { symbol, kind, addend }: Hole, { operands, family }: Placement, end: number, before: string | undefined): void {
    const index = symbol.charCodeAt(symbol.length - 1) - 48;
    if (symbol.startsWith('CALL')) return this.#call(at, operands.calls[index]);
    if (symbol.startsWith('FN_')) return this.#call(at, symbol.slice('FN_'.length));
    const distance = readDistance(this.#view, at, kind);
    if (distance === undefined) return this.#report(at, `${symbol} of ${family.name} in a hole for numbers`);
    const target = at + distance - addend;
    if (family.name === 'exit.number') return this.#exitNumber(at, target);
    if (symbol === 'TARGET') {
      const to = this.#starts.get(target);
      // The emitter leaves jumps to the next stencil out: a distance of 0 is a hole left empty.
      const wanted = family.name === 'exit.call' ? ['exit.number'] : before === undefined ? undefined : afterExit.get(before)?.goesTo;
      const good = to !== undefined && (wanted ? wanted.includes(to) : distance !== 0);
      if (!good) this.#report(at, `${family.name} goes to ${target}, ${target === end ? 'the next stencil' : `where ${to ?? 'no stencil'} starts`}`);
      return;
    }
    const literal: Literal | undefined = symbol.startsWith('LIT') ? operands.literals[index] : { kind: 'symbol', name: wellKnownSymbols[symbol as WellKnownSymbol] };
    this.#literal(at, target, literal);
  }

  /** What the calls of `exit.call` return to are whole numbers of instructions behind this, the first one none or more. */
  #exitNumber(at: number, target: number): void {
    const first = [...this.#starts].find(([, name]) => name === 'exit.call')?.[0];
    if (first === undefined || target > first + 4 || target % 4 !== 0) this.#report(at, 'exits are numbered from a wrong place');
  }

  #call(at: number, symbol: string | undefined): void {
    const relocation = this.#relocations.get(at);
    const isCall = relocation?.kind === 'x86_64_call' || relocation?.kind === 'aarch64_call';
    if (!isCall || relocation.symbol !== symbol) this.#report(at, `no relocation of the call of ${symbol ?? 'nothing'}`);
  }

  #isData(slot: number): boolean {
    return (slot >= this.#unit.codeLength && slot + 8 <= this.#unit.code.length) || this.#unit.islands.some(({ start, end }) => slot >= start && slot + 8 <= end);
  }

  #literal(at: number, slot: number, literal: Literal | undefined): void {
    const relocation = this.#relocations.get(slot);
    const good = this.#isData(slot) && (
      literal?.kind === 'bits' ? relocation === undefined && this.#view.getBigUint64(slot, true) === literal.bits
      : literal?.kind === 'object' ? relocation?.kind === 'object' && relocation.object === literal.index
      : relocation?.kind === 'symbol' && relocation.symbol === literal?.name);
    if (!good) this.#report(at, `the literal at ${slot} is not what it should be`);
  }
}
