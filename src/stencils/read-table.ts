/** Reads a table file. Families are unpacked when they are first asked for. */
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { defined, invariant } from '#support/invariant.ts';
import { ByteSource } from './byte-stream.ts';
import { pairFamily, singleOfPair } from './pair-family.ts';
import { patchList, type Patch } from './patch-list.ts';
import type { Hole, PreparedStencil, StencilFamily, StencilTable } from './table.ts';
import { fileTarget, savesLinkOnce } from './targets.ts';
import { CONTRIBUTION_BYTES, FORMAT_VERSION, HOLE_BYTES, MAGIC, type FamilyHeader, type TableHeader } from './table-format.ts';

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
  const unpacked = new Map<string, StencilFamily | undefined>();
  const unpack = (name: string): StencilFamily | undefined => {
    const found = headers.get(name), single = singleOfPair(name);
    if (found) return new PackedFamily(header, found, body);
    const family = single === undefined ? undefined : familyOf(single);
    return family && pairFamily(family);
  };
  const familyOf = (name: string): StencilFamily | undefined => {
    const known = unpacked.get(name);
    if (known || unpacked.has(name)) return known;
    const family = unpack(name);
    unpacked.set(name, family);
    return family;
  };
  return {
    target: header.target, layout: header.layout, digest: header.digest, calleeSaved: header.calleeSaved, savesLinkOnce: savesLinkOnce(header.target),
    familyNames: [...headers.keys()], family: familyOf,
  };
}

interface Group {
  readonly holes: readonly Hole[];
  readonly patches: readonly Patch[];
  readonly base: Uint8Array;
  /** By operand: positions that depend on its register, and 8 contributions for each. */
  readonly contributions: readonly { readonly positions: readonly number[]; readonly bytes: readonly Uint8Array[] }[];
}

class PackedFamily implements StencilFamily {
  readonly name: string;
  readonly operands: StencilFamily['operands'];
  readonly fixed: StencilFamily['fixed'];
  readonly isFixed: boolean;
  readonly clobbers: boolean;
  readonly #table: TableHeader;
  readonly #body: Uint8Array;
  /** Operands whose registers are in the number of a variant. */
  readonly #dimensions: number;
  /** Where each group begins in the body; groups are read when a variant of theirs is asked for. */
  readonly #groupStarts: readonly number[];
  readonly #groups: (Group | undefined)[] = [];
  /** Of the numbers of the groups, by variant; there are none when there is one group. */
  readonly #groupOfVariant: ByteSource;
  readonly #variants: (PreparedStencil | undefined)[];

  constructor(table: TableHeader, header: FamilyHeader, body: Uint8Array) {
    this.#table = table;
    this.#body = body;
    this.name = header.name;
    this.operands = header.operands;
    this.fixed = header.fixed ?? header.operands.map(() => undefined);
    this.isFixed = this.fixed.some((r) => r !== undefined);
    this.clobbers = header.clobbers;
    this.#dimensions = header.fixed === null ? header.operands.length : 0;
    const source = new ByteSource(body, header.offset);
    this.#groupStarts = Array.from({ length: source.u16() }, () => skipGroup(source, this.#dimensions));
    this.#groupOfVariant = source;
    this.#variants = new Array<PreparedStencil | undefined>(8 ** this.#dimensions).fill(undefined);
  }

  variant(registers: readonly number[]): PreparedStencil {
    invariant(registers.length === this.operands.length, 'number of registers of', this.name);
    let index = 0;
    for (let i = 0; i < registers.length; i++) {
      const r = registers[i]!;
      invariant(this.isFixed ? r === this.fixed[i] : r >= 0 && r < 8, 'an operand cannot be in this register:', this.name);
      index = index * 8 + r;
    }
    return this.variantAt(index);
  }

  variantAt(index: number): PreparedStencil {
    const own = this.#dimensions === 0 ? 0 : index;
    return this.#variants[own] ?? this.#makeVariant(own);
  }

  #makeVariant(index: number): PreparedStencil {
    const several = this.#groupStarts.length > 1;
    const group = this.#group(several ? this.#groupOfVariant.u16At(index) : 0);
    const code = this.#dimensions === 0 ? group.base : codeOf(group, index);
    return this.#variants[index] = { code, holes: group.holes, patches: group.patches };
  }

  #group(number: number): Group {
    const start = defined(this.#groupStarts[number], 'group');
    return this.#groups[number] ??= readGroup(this.#table, new ByteSource(this.#body, start), this.#dimensions);
  }
}

/** Where the group begins. */
function skipGroup(source: ByteSource, dimensions: number): number {
  const start = source.position;
  const length = source.u16();
  source.skip(source.u8() * HOLE_BYTES + length);
  for (let operand = 0; operand < dimensions; operand++) source.skip(source.u16() * CONTRIBUTION_BYTES);
  return start;
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
  return { holes, patches: patchList(holes), base, contributions };
}

function codeOf({ base, contributions }: Group, index: number): Uint8Array {
  const code = Uint8Array.from(base);
  for (let operand = contributions.length - 1, rest = index; operand >= 0; operand--, rest >>= 3) {
    const { positions, bytes } = contributions[operand]!;
    const register = rest & 7;
    positions.forEach((p, i) => {
      code[p] = defined(code[p], 'byte') ^ defined(bytes[i]?.[register], 'contribution');
    });
  }
  return code;
}
