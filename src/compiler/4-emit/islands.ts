/** Decides when an island is due (`branch-reach.ts` shows one), and which references need a jump in it. */
import { nextLook, reachOf, type BranchReach } from './branch-reach.ts';
import type { CodeBuffer, Label } from './code-buffer.ts';

const BYTES_OF_STUB = 8;

export class Islands {
  /** From this position on `isDue` is to be asked, before each stencil. */
  lookAt: number;
  readonly #buffer: CodeBuffer;
  readonly #reach: BranchReach;
  readonly #shortest: number;
  /** References before this one reach what they refer to. */
  #settled = 0;

  #isEnd = false;

  /** `reach`: undefined for a processor whose instructions reach everything in a unit. */
  constructor(buffer: CodeBuffer, reach: BranchReach | undefined) {
    this.#buffer = buffer;
    this.#reach = reach ?? { conditional: Infinity, literal: Infinity };
    this.#shortest = Math.min(this.#reach.conditional, this.#reach.literal);
    this.lookAt = nextLook(0, this.#shortest, 0);
  }

  isDue(): boolean {
    const { position } = this.#buffer;
    let deadline = position + this.#shortest, owed = 0;
    for (let i = this.#settled; i < this.#buffer.referenceCount; i++) {
      const { place, kind } = this.#buffer.reference(i);
      const last = place + reachOf(kind, this.#reach);
      if (last === Infinity) continue;
      deadline = Math.min(deadline, last);
      owed += BYTES_OF_STUB;
    }
    this.lookAt = nextLook(position, deadline, owed);
    return this.lookAt === position;
  }

  /** All blocks have their addresses, and no island comes any more: what is left is near everything that refers to it. */
  end(): void {
    this.#isEnd = true;
    this.lookAt = Infinity;
  }

  /** References to labels that are too far away, or whose address is not known yet, by label. Literals are not among them. */
  unreached(): Map<Label, number[]> {
    const found = new Map<Label, number[]>();
    if (this.#isEnd && this.#buffer.position < this.#shortest) return found;
    for (let i = this.#settled; i < this.#buffer.referenceCount; i++) {
      const { place, kind, label } = this.#buffer.reference(i);
      const address = this.#buffer.addressOf(label), reach = reachOf(kind, this.#reach);
      const isNear = address !== undefined && address - place >= -reach && address - place < reach;
      if (reach === Infinity || isNear || kind === 'aarch64.literal19') continue;
      const same = found.get(label);
      if (same) same.push(i);
      else found.set(label, [i]);
    }
    return found;
  }

  /** An island ends here: what was referred to is near. */
  settle(): void {
    this.#settled = this.#buffer.referenceCount;
    this.lookAt = nextLook(this.#buffer.position, this.#buffer.position + this.#shortest, 0);
  }
}
