/** Machine code under construction: bytes, and references to places that are not known yet. */
import type { HoleKind } from '#stencils/table.ts';
import { defined } from '#support/invariant.ts';
import { patchAddress } from './patch.ts';

export type Label = number;

interface Reference {
  readonly at: number;
  readonly kind: HoleKind;
  readonly label: Label;
  readonly addend: number;
}

export class CodeBuffer {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #references: Reference[] = [];
  readonly #addresses: (number | undefined)[] = [];

  get position(): number {
    return this.#length;
  }

  /** Valid until the next append. */
  get view(): DataView {
    return this.#view;
  }

  append(code: Uint8Array): number {
    const at = this.#reserve(code.length);
    this.#bytes.set(code, at);
    return at;
  }

  /** Zeros, for the literal pool. */
  appendZeros(count: number): number {
    const at = this.#reserve(count);
    this.#bytes.fill(0, at, at + count);
    return at;
  }

  newLabel(): Label {
    return this.#addresses.push(undefined) - 1;
  }

  bind(label: Label, address = this.#length): void {
    this.#addresses[label] = address;
  }

  refer(at: number, kind: HoleKind, label: Label, addend: number): void {
    this.#references.push({ at, kind, label, addend });
  }

  resolveReferences(): void {
    for (const { at, kind, label, addend } of this.#references) {
      patchAddress(this.#view, at, kind, defined(this.#addresses[label], 'address of a label') + addend, at);
    }
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
