/** CPython's exception table: ranges of code units and their handlers. */
import { Bailout } from '#support/bailout.ts';

export interface HandlerRange {
  /** First code unit covered, and the one after the last. */
  readonly start: number;
  readonly end: number;
  readonly handler: number;
  /** Operand-stack depth the handler starts from. */
  readonly depth: number;
  readonly pushesLasti: boolean;
}

const CONTINUES = 0x40;
const PAYLOAD_BITS = 6;
const MAX_BYTES = 5;

export function parseExceptionTable(table: Uint8Array): HandlerRange[] {
  const ranges: HandlerRange[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < MAX_BYTES; i++) {
      const byte = table[at++];
      if (byte === undefined) throw new Bailout('malformed-code', 'exception table ends early');
      value = value * (1 << PAYLOAD_BITS) + (byte & CONTINUES - 1);
      if ((byte & CONTINUES) === 0) return value;
    }
    throw new Bailout('malformed-code', 'number too long in the exception table');
  };
  while (at < table.length) {
    const start = varint(), length = varint(), handler = varint(), depthAndLasti = varint();
    ranges.push({ start, end: start + length, handler, depth: depthAndLasti >> 1, pushesLasti: (depthAndLasti & 1) === 1 });
  }
  return ranges;
}
