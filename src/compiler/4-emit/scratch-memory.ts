/**
 * Tables that the emitter needs for one unit only. V8 takes more than a microsecond for a typed array of its own, and a unit
 * wants some forty: they are pieces of one buffer, which the next unit uses again.
 */

const FIRST_BYTES = 1 << 18;
/** A unit that took more than this is rare: the memory is given back. */
const MOST_KEPT_BYTES = 1 << 22;
const ALIGNMENT = 8;

export class ScratchMemory {
  #buffer = new ArrayBuffer(FIRST_BYTES);
  #used = 0;

  /** What was handed out before is used again from now on. */
  reset(): void {
    this.#used = 0;
    if (this.#buffer.byteLength > MOST_KEPT_BYTES) this.#buffer = new ArrayBuffer(FIRST_BYTES);
  }

  int32(length: number, content = 0): Int32Array<ArrayBuffer> {
    const at = this.#take(length * 4);
    return new Int32Array(this.#buffer, at, length).fill(content);
  }

  int8(length: number, content = 0): Int8Array<ArrayBuffer> {
    const at = this.#take(length);
    return new Int8Array(this.#buffer, at, length).fill(content);
  }

  uint16(length: number): Uint16Array<ArrayBuffer> {
    const at = this.#take(length * 2);
    return new Uint16Array(this.#buffer, at, length).fill(0);
  }

  uint8(length: number, content = 0): Uint8Array<ArrayBuffer> {
    const at = this.#take(length);
    return new Uint8Array(this.#buffer, at, length).fill(content);
  }

  /** A copy with room for twice as many numbers; the old piece is lost until the next unit. */
  grown(numbers: Int32Array): Int32Array<ArrayBuffer> {
    const larger = this.int32(numbers.length * 2 + 1);
    larger.set(numbers);
    return larger;
  }

  /** Pieces of a buffer that is full stay valid: they keep it alive. */
  #take(bytes: number): number {
    if (this.#used + bytes > this.#buffer.byteLength) {
      this.#buffer = new ArrayBuffer(Math.max(this.#buffer.byteLength * 2, bytes));
      this.#used = 0;
    }
    const at = this.#used;
    this.#used = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT;
    return at;
  }
}
