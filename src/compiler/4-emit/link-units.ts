/** Places units in an arena and resolves their calls as the agent does (agent/install.c), with the steps of `code-steps.ts` on or off. */
import type { Relocation } from '#protocol/unit.ts';
import { assertExhaustive, invariant } from '#support/invariant.ts';
import type { CodeSteps } from './code-steps.ts';
import { patchAddress } from './patch.ts';

export interface UnitToLink {
  readonly code: Uint8Array;
  readonly relocations: readonly Relocation[];
}

export interface LinkedArena {
  readonly bytes: Uint8Array;
  /** Of each unit, in the arena. */
  readonly starts: readonly number[];
  readonly trampolineBytes: number;
  readonly trampolinePatches: number;
  /** Calls that go through a trampoline or a literal. */
  readonly indirectCalls: number;
  readonly calls: number;
  /** Bytes between units. */
  readonly padding: number;
}

/** As `GRANULE` in agent/arena.c. */
const GRANULE = 16;
/** What `bl` reaches, forwards; backwards it is 4 bytes more. */
const REACH = 2 ** 27;
/** The scratch register of the platform's own veneers (AAPCS64, 6.1.1). */
const X16 = 16;

export function linkUnits(units: readonly UnitToLink[], base: number, addressOf: (symbol: string) => number, objectAddress: number, steps: CodeSteps): LinkedArena {
  return new Linker(base, addressOf, objectAddress, steps).run(units);
}

class Linker {
  readonly #base: number;
  readonly #addressOf: (symbol: string) => number;
  readonly #objectAddress: number;
  readonly #steps: CodeSteps;
  readonly #trampolines = new Map<string, number>();
  #bytes = new Uint8Array(1 << 20);
  #used = 0;
  #padding = 0;
  #trampolineBytes = 0;
  #trampolinePatches = 0;
  #indirectCalls = 0;
  #calls = 0;

  constructor(base: number, addressOf: (symbol: string) => number, objectAddress: number, steps: CodeSteps) {
    this.#base = base;
    this.#addressOf = addressOf;
    this.#objectAddress = objectAddress;
    this.#steps = steps;
  }

  run(units: readonly UnitToLink[]): LinkedArena {
    const starts = units.map(({ code }) => {
      const at = this.#allocate(code.length);
      this.#bytes.set(code, at);
      return at;
    });
    units.forEach(({ relocations }, i) => {
      for (const relocation of relocations) this.#relocate(starts[i]! + relocation.at, relocation);
    });
    return {
      bytes: this.#bytes.slice(0, this.#used), starts, trampolineBytes: this.#trampolineBytes, trampolinePatches: this.#trampolinePatches,
      indirectCalls: this.#indirectCalls, calls: this.#calls, padding: this.#padding,
    };
  }

  get #view(): DataView {
    return new DataView(this.#bytes.buffer);
  }

  #allocate(size: number): number {
    const at = this.#used;
    const rounded = Math.ceil(size / GRANULE) * GRANULE;
    this.#padding += rounded - size;
    this.#used += rounded;
    while (this.#used > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return at;
  }

  #relocate(at: number, relocation: Relocation): void {
    switch (relocation.kind) {
      case 'object':
        this.#view.setBigUint64(at, BigInt(this.#objectAddress), true);
        return;
      case 'symbol':
        this.#view.setBigUint64(at, BigInt(this.#addressOf(relocation.symbol)), true);
        return;
      case 'aarch64_call': return this.#call(at, relocation.symbol);
      case 'x86_64_call':
      case 'unit':
        invariant(false, 'no relocation of AArch64:', relocation.kind);
        return;
      default: assertExhaustive(relocation, 'relocation');
    }
  }

  #call(at: number, symbol: string): void {
    const place = this.#base + at, target = this.#addressOf(symbol), distance = target - place;
    const reaches = distance >= -REACH && distance < REACH;
    this.#calls++;
    if (!(reaches && this.#steps.farOnly)) this.#indirectCalls++;
    const destination = reaches && this.#steps.farOnly ? target : this.#base + this.#trampoline(symbol, target);
    patchAddress(this.#view, at, 'aarch64.branch26', destination, place);
  }

  #trampoline(symbol: string, target: number): number {
    const known = this.#steps.sharedTrampolines ? this.#trampolines.get(symbol) : undefined;
    if (known !== undefined) return known;
    const made = trampoline(BigInt(target), this.#steps.literalTrampolines);
    const at = this.#allocate(made.bytes.length);
    this.#bytes.set(made.bytes, at);
    this.#trampolines.set(symbol, at);
    this.#trampolineBytes += made.bytes.length;
    this.#trampolinePatches += made.patches;
    return at;
  }
}

/** A jump to any address: one 64-bit patch, or four of 16 bits. */
export function trampoline(target: bigint, isLiteral: boolean): { readonly bytes: Uint8Array; readonly patches: number } {
  const words = isLiteral
    ? [0x58000040 | X16, 0xd61f0000 | (X16 << 5), Number(target & 0xffffffffn), Number(target >> 32n)] // ldr x16, .+8; br x16
    : [0, 1, 2, 3].map((n) => (n === 0 ? 0xd2800000 : 0xf2800000) | (n << 21) | (Number((target >> BigInt(16 * n)) & 0xffffn) << 5) | X16).concat(0xd61f0000 | (X16 << 5));
  const bytes = new Uint8Array(words.length * 4);
  words.forEach((word, i) => { new DataView(bytes.buffer).setUint32(i * 4, word >>> 0, true); });
  return { bytes, patches: isLiteral ? 1 : 4 };
}
