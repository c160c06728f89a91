/** Reads a table file. Families are unpacked when they are first asked for. */
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { defined, invariant } from '#support/invariant.ts';
import { ByteSource } from './byte-stream.ts';
import type { Hole, Stencil, StencilFamily, StencilTable } from './table.ts';
import { fileTarget } from './targets.ts';
import { FORMAT_VERSION, MAGIC, type FamilyHeader, type TableHeader } from './table-format.ts';

export const tableFileName = (target: StencilTable['target'], layout: StencilTable['layout']): string => `${fileTarget(target)}-cp${layout}.bin`;

/** The table of `stencils/generated` for this target and layout. */
export function loadStencilTable(folder: string, target: StencilTable['target'], layout: StencilTable['layout']): StencilTable {
  const table = readTable(readFileSync(`${folder}/${tableFileName(target, layout)}`));
  invariant(table.target === fileTarget(target) && table.layout === layout, 'table of another target');
  return { ...table, target };
}

export function readTable(file: Uint8Array): StencilTable & { readonly familyNames: readonly string[] } {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  invariant(bytes.toString('latin1', 0, 4) === MAGIC && bytes.readUInt32LE(4) === FORMAT_VERSION, 'not a stencil table of this version');
  const content = inflateRawSync(bytes.subarray(8));
  const bodyStart = 4 + content.readUInt32LE(0);
  const header = JSON.parse(content.toString('utf8', 4, bodyStart)) as TableHeader;
  // Not a Buffer: its slice would share memory with the table.
  const body = new Uint8Array(content.buffer, content.byteOffset + bodyStart, content.length - bodyStart);
  const headers = new Map(header.families.map((f) => [f.name, f]));
  const unpacked = new Map<string, StencilFamily>();
  return {
    target: header.target, layout: header.layout, digest: header.digest, calleeSaved: header.calleeSaved,
    familyNames: [...headers.keys()],
    family(name) {
      const known = unpacked.get(name);
      const found = headers.get(name);
      if (known || !found) return known;
      const family = new PackedFamily(header, found, body);
      unpacked.set(name, family);
      return family;
    },
  };
}

interface Group {
  readonly holes: readonly Hole[];
  readonly base: Uint8Array;
  /** By operand: positions that depend on its register, and 8 contributions for each. */
  readonly contributions: readonly { readonly positions: readonly number[]; readonly bytes: readonly Uint8Array[] }[];
}

class PackedFamily implements StencilFamily {
  readonly name: string;
  readonly operands: StencilFamily['operands'];
  readonly fixed: StencilFamily['fixed'];
  readonly clobbers: boolean;
  readonly #isFixed: boolean;
  readonly #groups: readonly Group[];
  readonly #groupOf: readonly number[];
  readonly #variants = new Map<number, Stencil>();

  constructor(table: TableHeader, header: FamilyHeader, body: Uint8Array) {
    this.name = header.name;
    this.operands = header.operands;
    this.fixed = header.fixed ?? header.operands.map(() => undefined);
    this.#isFixed = this.fixed.some((r) => r !== undefined);
    this.clobbers = header.clobbers;
    const dimensions = header.fixed === null ? header.operands.length : 0;
    const source = new ByteSource(body, header.offset);
    const count = source.u16();
    this.#groups = Array.from({ length: count }, () => readGroup(table, source, dimensions));
    this.#groupOf = count === 1 ? [] : Array.from({ length: 8 ** dimensions }, () => source.u16());
  }

  variant(registers: readonly number[]): Stencil {
    invariant(registers.length === this.operands.length, 'number of registers of', this.name);
    const isFixed = this.#isFixed;
    let index = 0;
    for (let i = 0; i < registers.length; i++) {
      const r = registers[i]!;
      invariant(isFixed ? r === this.fixed[i] : r >= 0 && r < 8, 'an operand cannot be in this register:', this.name);
      if (!isFixed) index = index * 8 + r;
    }
    const known = this.#variants.get(index);
    if (known) return known;
    const group = defined(this.#groups[this.#groupOf[index] ?? 0], 'group');
    const stencil = { code: isFixed ? group.base : codeOf(group, registers), holes: group.holes };
    this.#variants.set(index, stencil);
    return stencil;
  }
}

function readGroup(table: TableHeader, source: ByteSource, dimensions: number): Group {
  const length = source.u16();
  const holes = Array.from({ length: source.u8() }, (): Hole => ({
    offset: source.u16(), kind: defined(table.kinds[source.u8()], 'kind'), symbol: defined(table.symbols[source.u8()], 'symbol'),
    addend: source.i8(),
  }));
  const base = source.bytes(length);
  const contributions = Array.from({ length: dimensions }, () => {
    const positions: number[] = [], bytes: Uint8Array[] = [];
    for (let n = source.u16(); n > 0; n--) {
      positions.push(source.u16());
      bytes.push(source.bytes(8));
    }
    return { positions, bytes };
  });
  return { holes, base, contributions };
}

function codeOf(group: Group, registers: readonly number[]): Uint8Array {
  const code = Uint8Array.from(group.base);
  group.contributions.forEach(({ positions, bytes }, operand) => {
    const register = defined(registers[operand], 'register');
    positions.forEach((p, i) => {
      code[p] = defined(code[p], 'byte') ^ defined(bytes[i]?.[register], 'contribution');
    });
  });
  return code;
}
