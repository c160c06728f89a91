/** Kinds of entries in co_linetable that need telling apart (CPython, Objects/locations.md). */
const entryKind = { firstOneLine: 10, lastOneLine: 12, noColumns: 13, long: 14, none: 15 } as const;

class Varints {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 6) {
      const byte = this.#bytes[this.at++] ?? 0;
      value += (byte & 63) * 2 ** shift;
      if ((byte & 64) === 0) return value;
    }
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -((value - 1) / 2);
  }
}

function lineDelta(kind: number, numbers: Varints): number {
  if (kind === entryKind.long || kind === entryKind.noColumns) return numbers.signed();
  return kind >= entryKind.firstOneLine && kind <= entryKind.lastOneLine ? kind - entryKind.firstOneLine : 0;
}

/** Source line of the instruction at `offset` (in code units); the first line of the function where there is none. */
export function lineAt(linetable: Uint8Array, firstLine: number, offset: number): number {
  let line = firstLine;
  let start = 0;
  let at = 0;
  while (at < linetable.length) {
    const head = linetable[at] ?? 0;
    const kind = (head >> 3) & 15;
    line += lineDelta(kind, new Varints(linetable, at + 1));
    start += (head & 7) + 1;
    if (offset < start) return kind === entryKind.none ? firstLine : line;
    // Only the first byte of an entry has its highest bit set.
    do at += 1;
    while (at < linetable.length && ((linetable[at] ?? 0) & 128) === 0);
  }
  return firstLine;
}
