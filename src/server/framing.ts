/** Messages on the stream: u32 length of what follows, u8 type, payload (docs/protocol.md). */
export const messageType = { hello: 1, welcome: 2, compile: 3, unit: 4, refuse: 5, report: 6 } as const;

export interface Message {
  readonly type: number;
  readonly payload: Buffer;
}

/** The peer does not speak the protocol; its connection is closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

export const largestMessage = 16 * 1024 * 1024;
const lengthBytes = 4;

/** Cuts a stream into messages, whatever the pieces it arrives in. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #buffered = 0;

  /** The messages that are complete now. */
  push(chunk: Buffer): Message[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const messages: Message[] = [];
    for (;;) {
      const length = this.#nextLength();
      if (length === undefined || this.#buffered < lengthBytes + length) return messages;
      const frame = this.#take(lengthBytes + length);
      messages.push({ type: frame.readUInt8(lengthBytes), payload: frame.subarray(lengthBytes + 1) });
    }
  }

  /** Checked as soon as it is known, so that no more than one message is ever held. */
  #nextLength(): number | undefined {
    if (this.#buffered < lengthBytes) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < lengthBytes) this.#join();
    const length = this.#chunks[0]?.readUInt32LE(0) ?? 0;
    if (length < 1) throw new ProtocolError('a message without a type');
    if (length > largestMessage) throw new ProtocolError(`a message of ${length} bytes`);
    return length;
  }

  #take(size: number): Buffer {
    if ((this.#chunks[0]?.length ?? 0) < size) this.#join();
    const first = this.#chunks[0] ?? Buffer.alloc(0);
    const rest = first.subarray(size);
    if (rest.length === 0) this.#chunks.shift();
    else this.#chunks[0] = rest;
    this.#buffered -= size;
    return first.subarray(0, size);
  }

  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks)];
  }
}

export function frame(type: number, payload: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(lengthBytes + 1 + payload.length);
  message.writeUInt32LE(payload.length + 1, 0);
  message.writeUInt8(type, lengthBytes);
  message.set(payload, lengthBytes + 1);
  return message;
}
