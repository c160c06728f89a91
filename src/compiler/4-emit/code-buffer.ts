/** Machine code under construction: bytes, and references to places that are not known yet. */
import type { HoleKind } from '#stencils/table.ts';
import { invariant } from '#support/invariant.ts';
import { patchAddress } from './patch.ts';

export type Label = number;

const UNBOUND = -1;

export class CodeBuffer {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;
  /** References: place, kind of hole, label and addend of each. */
  readonly #places: number[] = [];
  readonly #kinds: HoleKind[] = [];
  readonly #labels: Label[] = [];
  readonly #addends: number[] = [];
  /** By label. */
  readonly #addresses: number[] = [];

  /** `room`: for as many bytes as are expected. */
  constructor(room: Uint8Array<ArrayBuffer>) {
    this.#bytes = room;
    this.#view = new DataView(room.buffer, room.byteOffset, room.byteLength);
  }

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
    return this.#addresses.push(UNBOUND) - 1;
  }

  bind(label: Label, address = this.#length): void {
    this.#addresses[label] = address;
  }

  refer(at: number, kind: HoleKind, label: Label, addend: number): void {
    this.#places.push(at);
    this.#kinds.push(kind);
    this.#labels.push(label);
    this.#addends.push(addend);
  }

  resolveReferences(): void {
    for (let i = 0; i < this.#places.length; i++) {
      const at = this.#places[i]!, address = this.#addresses[this.#labels[i]!]!;
      invariant(address !== UNBOUND, 'a label without address, referred to at', at);
      patchAddress(this.#view, at, this.#kinds[i]!, address + this.#addends[i]!, at);
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
