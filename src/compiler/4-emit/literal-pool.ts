/** The 64-bit slots after the code of a unit: large constants, addresses of objects and of C symbols. Equal ones share. */
import type { Relocation } from '#protocol/unit.ts';
import { assertExhaustive } from '#support/invariant.ts';
import type { Literal } from './machine.ts';

export class LiteralPool {
  readonly #entries: Literal[] = [];
  readonly #index = new Map<string, number>();

  /** Number of the slot. */
  add(literal: Literal): number {
    const key = keyOf(literal);
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    this.#index.set(key, this.#entries.length);
    return this.#entries.push(literal) - 1;
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

function keyOf(literal: Literal): string {
  switch (literal.kind) {
    case 'bits': return `b${literal.bits}`;
    case 'object': return `o${literal.index}`;
    case 'symbol': return `s${literal.name}`;
    default: return assertExhaustive(literal, 'literal');
  }
}
