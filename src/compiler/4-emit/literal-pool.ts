/** The 64-bit slots after the code of a unit: large constants, addresses of objects and of C symbols. Equal ones share. */
import type { Relocation } from '#protocol/unit.ts';
import { assertExhaustive } from '#support/invariant.ts';
import type { Literal } from './machine.ts';

export class LiteralPool {
  readonly #entries: Literal[] = [];
  readonly #ofBits = new Map<bigint, number>();
  /** By index in the object table. */
  readonly #ofObject: number[] = [];
  readonly #ofSymbol = new Map<string, number>();
  readonly #shares: boolean;

  /** Without sharing every use has a slot of its own. */
  constructor(shares = true) {
    this.#shares = shares;
  }

  /** Number of the slot. */
  add(literal: Literal): number {
    if (!this.#shares) return this.#entries.push(literal) - 1;
    switch (literal.kind) {
      case 'bits': {
        const known = this.#ofBits.get(literal.bits);
        if (known === undefined) this.#ofBits.set(literal.bits, this.#entries.length);
        return known ?? this.#entries.push(literal) - 1;
      }
      case 'object': return this.#ofObject[literal.index] ??= this.#entries.push(literal) - 1;
      case 'symbol': return this.addSymbol(literal.name);
      default: return assertExhaustive(literal, 'literal');
    }
  }

  /** The address of a C symbol. */
  addSymbol(name: string): number {
    if (!this.#shares) return this.#entries.push({ kind: 'symbol', name }) - 1;
    const known = this.#ofSymbol.get(name);
    if (known !== undefined) return known;
    this.#ofSymbol.set(name, this.#entries.length);
    return this.#entries.push({ kind: 'symbol', name }) - 1;
  }

  get byteLength(): number {
    return this.#entries.length * 8;
  }

  /** Fills the slots from `at` on; slots whose content is known only in the process get relocations. */
  write(view: DataView, at: number, relocations: Relocation[]): void {
    this.#entries.forEach((literal, i) => {
      const place = at + i * 8;
      switch (literal.kind) {
        case 'bits':
          view.setBigUint64(place, literal.bits, true);
          return;
        case 'object':
          relocations.push({ kind: 'object', at: place, object: literal.index });
          return;
        case 'symbol':
          relocations.push({ kind: 'symbol', at: place, symbol: literal.name });
          return;
        default: assertExhaustive(literal, 'literal');
      }
    });
  }
}
