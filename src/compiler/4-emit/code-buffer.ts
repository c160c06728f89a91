/** Machine code under construction: bytes, and references to places that are not known yet. */
import type { Patch } from '#stencils/patch-list.ts';
import { invariant } from '#support/invariant.ts';
import { patchAddress } from './patch.ts';
import type { ScratchMemory } from './scratch-memory.ts';

export type Label = number;

const UNBOUND = -1;
const EXPECTED_LABELS = 128;
/** A call of `set` costs more than these few bytes. */
const MOST_COPIED_HERE = 32;

export class CodeBuffer {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;
  readonly #memory: ScratchMemory;
  /** What to patch, by reference. */
  readonly #patches: Patch[] = [];
  /** By reference, one behind the other: its place and its label. */
  #references: Int32Array;
  /** By label. */
  #addresses: Int32Array;
  #labels = 0;

  constructor(expectedBytes: number, memory: ScratchMemory) {
    this.#memory = memory;
    const room = memory.uint8(expectedBytes);
    this.#bytes = room;
    this.#view = new DataView(room.buffer, room.byteOffset, room.byteLength);
    this.#references = memory.int32(EXPECTED_LABELS * 4);
    this.#addresses = memory.int32(EXPECTED_LABELS);
  }

  get position(): number {
    return this.#length;
  }

  /** Valid until the next append. */
  get view(): DataView {
    return this.#view;
  }

  append(code: Uint8Array): number {
    const at = this.#reserve(code.length), bytes = this.#bytes;
    if (code.length > MOST_COPIED_HERE) bytes.set(code, at);
    else for (let i = 0; i < code.length; i++) bytes[at + i] = code[i]!;
    return at;
  }

  /** Zeros, for the literal pool. */
  appendZeros(count: number): number {
    const at = this.#reserve(count);
    this.#bytes.fill(0, at, at + count);
    return at;
  }

  newLabel(): Label {
    const label = this.#labels++;
    if (label === this.#addresses.length) this.#addresses = this.#memory.grown(this.#addresses);
    this.#addresses[label] = UNBOUND;
    return label;
  }

  bind(label: Label, address = this.#length): void {
    this.#addresses[label] = address;
  }

  refer(at: number, patch: Patch, label: Label): void {
    const end = this.#patches.push(patch) * 2;
    if (end > this.#references.length) this.#references = this.#memory.grown(this.#references);
    this.#references[end - 2] = at;
    this.#references[end - 1] = label;
  }

  get referenceCount(): number {
    return this.#patches.length;
  }

  reference(index: number): { readonly place: number; readonly kind: Patch['kind']; readonly label: Label } {
    return { place: this.#references[index * 2]!, kind: this.#patches[index]!.kind, label: this.#references[index * 2 + 1]! };
  }

  /** The reference is to another label from now on. */
  redirect(index: number, label: Label): void {
    this.#references[index * 2 + 1] = label;
  }

  /** Undefined: not known yet. */
  addressOf(label: Label): number | undefined {
    const address = this.#addresses[label]!;
    return address === UNBOUND ? undefined : address;
  }

  resolveReferences(): void {
    for (let i = 0; i < this.#patches.length; i++) {
      const { kind, addend } = this.#patches[i]!;
      const at = this.#references[i * 2]!, address = this.#addresses[this.#references[i * 2 + 1]!]!;
      invariant(address !== UNBOUND, 'a label without address, referred to at', at);
      patchAddress(this.#view, at, kind, address + addend, at);
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
