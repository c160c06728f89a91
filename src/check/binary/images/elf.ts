/**
 * ELF images: System V gABI 4.1, chapters 4 and 5; versions of symbols: LSB 5.0 Core, 10.7; `.eh_frame_hdr`: LSB 5.0 Core, 10.6.2.
 * Only what the checks need, and only from places that the file itself declares and that lie inside it.
 */
import type { ByteSource } from '../bytes/source.ts';
import { checkRange } from '../bytes/source.ts';
import { Fields } from '../bytes/fields.ts';
import { require } from '../bytes/unreadable.ts';
import { readElfCode } from './elf-code.ts';
import type { Code, Machine } from './image.ts';

export interface ElfSegment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly align: number;
}

export interface ElfFacts {
  readonly format: 'elf';
  readonly machine: Machine;
  readonly bits: 32 | 64;
  /** `so` for a library or position-independent program, `program`, `object` for what a linker wants. */
  readonly kind: 'shared' | 'program' | 'object' | 'core';
  readonly loads: readonly ElfSegment[];
  readonly needed: readonly string[];
  readonly soname: string | undefined;
  readonly interpreter: string | undefined;
  /** Required versions by library: `libc.so.6` → `GLIBC_2.17`, … */
  readonly versions: readonly { readonly library: string; readonly version: string; readonly weak: boolean }[];
  readonly code: Code;
}

export interface ElfLayout {
  readonly bits: 32 | 64;
  readonly little: boolean;
  readonly segments: readonly ElfSegment[];
  readonly sectionTable: { readonly offset: number; readonly count: number; readonly entrySize: number };
}

const machines: Readonly<Record<number, Machine>> = { 3: 'i686', 21: 'ppc64', 22: 's390x', 40: 'armv7l', 62: 'x86_64', 183: 'aarch64', 243: 'riscv64' };
const kinds: Readonly<Record<number, ElfFacts['kind']>> = { 1: 'object', 2: 'program', 3: 'shared', 4: 'core' };
const [loadSegment, dynamicSegment, interpreterSegment] = [1, 2, 3];
const tags = { needed: 1, stringTable: 5, symbolTable: 6, stringSize: 10, soname: 14, versionNeeds: 0x6ffffffe, versionNeedCount: 0x6fffffff } as const;
const largestDynamic = 1024 * 1024;

export async function readElf(source: ByteSource): Promise<ElfFacts> {
  require(source.size >= 52, 'an ELF file shorter than its header');
  const header = await source.read(0, Math.min(64, source.size));
  const bits = header[4] === 2 ? 64 : 32;
  require((header[4] === 1 || header[4] === 2) && (header[5] === 1 || header[5] === 2), 'an ELF header with an unknown class or byte order');
  const little = header[5] === 1;
  const fields = new Fields(header, 'the ELF header', little);
  const type = fields.u16(16);
  const kind = kinds[type];
  require(kind !== undefined, `an ELF file of the unknown type ${type}`);
  const wide = bits === 64;
  const [programOffset, sectionOffset] = wide ? [fields.u64(32), fields.u64(40)] : [fields.u32(28), fields.u32(32)];
  const counts = wide ? 54 : 42;
  const segments = await readSegments(source, { bits, little, offset: programOffset, entrySize: fields.u16(counts), count: fields.u16(counts + 2) });
  const layout: ElfLayout = {
    bits, little, segments, sectionTable: { offset: sectionOffset, entrySize: fields.u16(counts + 4), count: fields.u16(counts + 6) },
  };
  const code = fields.u16(18);
  const machine = code === 21 && little ? 'ppc64le' : (machines[code] ?? `unknown (ELF machine ${code})` as const);
  const dynamic = await readDynamic(source, layout);
  return {
    format: 'elf', machine, bits, kind,
    loads: segments.filter((segment) => segment.type === loadSegment),
    interpreter: await readInterpreter(source, segments),
    ...dynamic.facts,
    code: await readElfCode(source, layout, { ...dynamic, machine }),
  };
}

interface SegmentTable {
  readonly bits: 32 | 64;
  readonly little: boolean;
  readonly offset: number;
  readonly entrySize: number;
  readonly count: number;
}

async function readSegments(source: ByteSource, table: SegmentTable): Promise<readonly ElfSegment[]> {
  if (table.count === 0) return [];
  const wide = table.bits === 64;
  require(table.entrySize === (wide ? 56 : 32), `program headers of ${table.entrySize} bytes each`);
  checkRange(table.offset, table.count * table.entrySize, source.size, 'the table of program headers');
  const fields = new Fields(await source.read(table.offset, table.count * table.entrySize), 'the table of program headers', table.little);
  return Array.from({ length: table.count }, (_, index) => {
    const at = index * table.entrySize;
    const segment: ElfSegment = wide
      ? { type: fields.u32(at), flags: fields.u32(at + 4), offset: fields.u64(at + 8), address: fields.u64(at + 16), fileSize: fields.u64(at + 32), align: fields.u64(at + 48) }
      : { type: fields.u32(at), flags: fields.u32(at + 24), offset: fields.u32(at + 4), address: fields.u32(at + 8), fileSize: fields.u32(at + 16), align: fields.u32(at + 28) };
    if (segment.type === loadSegment) require(segment.offset + segment.fileSize <= source.size, `the load segment ${index} ends outside the file; the file is truncated`);
    return segment;
  });
}

async function readInterpreter(source: ByteSource, segments: readonly ElfSegment[]): Promise<string | undefined> {
  const segment = segments.find(({ type }) => type === interpreterSegment);
  if (segment === undefined) return undefined;
  require(segment.fileSize > 0 && segment.fileSize <= 4096, `an interpreter path of ${segment.fileSize} bytes`);
  checkRange(segment.offset, segment.fileSize, source.size, 'the interpreter path');
  return new Fields(await source.read(segment.offset, segment.fileSize), 'the interpreter path').text(0);
}

/** Where an address of the running image is in the file. */
export function fileOffset(segments: readonly ElfSegment[], address: number): number | undefined {
  const segment = segments.find(({ type, address: start, fileSize }) => type === loadSegment && address >= start && address < start + fileSize);
  return segment === undefined ? undefined : address - segment.address + segment.offset;
}

export interface ElfDynamic {
  readonly facts: Pick<ElfFacts, 'needed' | 'soname' | 'versions'>;
  readonly strings: Fields | undefined;
  /** File offset of the symbol table, whose end no tag tells. */
  readonly symbols: number | undefined;
}

const nothingDynamic: ElfDynamic = { facts: { needed: [], soname: undefined, versions: [] }, strings: undefined, symbols: undefined };

async function readDynamic(source: ByteSource, layout: ElfLayout): Promise<ElfDynamic> {
  const segment = layout.segments.find(({ type }) => type === dynamicSegment);
  // A file with debugging information only keeps the header of the segment and not its bytes.
  if (segment === undefined || segment.fileSize === 0) return nothingDynamic;
  require(segment.fileSize <= largestDynamic, `a dynamic section of ${segment.fileSize} bytes`);
  checkRange(segment.offset, segment.fileSize, source.size, 'the dynamic section');
  const entries = dynamicEntries(new Fields(await source.read(segment.offset, segment.fileSize), 'the dynamic section', layout.little), layout.bits);
  const valueOf = (tag: number): number | undefined => entries.find(([candidate]) => candidate === tag)?.[1];
  const strings = await readStrings(source, layout, valueOf(tags.stringTable), valueOf(tags.stringSize));
  if (strings === undefined) return nothingDynamic;
  const needs = valueOf(tags.versionNeeds);
  const needCount = valueOf(tags.versionNeedCount) ?? 0;
  const symbols = valueOf(tags.symbolTable);
  const soname = valueOf(tags.soname);
  return {
    strings,
    symbols: symbols === undefined ? undefined : fileOffset(layout.segments, symbols),
    facts: {
      needed: entries.filter(([tag]) => tag === tags.needed).map(([, value]) => strings.text(value)),
      soname: soname === undefined ? undefined : strings.text(soname),
      versions: needs === undefined ? [] : await readVersions(source, layout, { address: needs, count: needCount, strings }),
    },
  };
}

function dynamicEntries(fields: Fields, bits: 32 | 64): readonly (readonly [tag: number, value: number])[] {
  const size = bits === 64 ? 16 : 8;
  const read = (offset: number): number => (bits === 64 ? fields.u64(offset) : fields.u32(offset));
  const entries: [number, number][] = [];
  for (let at = 0; at + size <= fields.length; at += size) {
    const tag = read(at);
    if (tag === 0) break;
    entries.push([tag, read(at + size / 2)]);
  }
  return entries;
}

async function readStrings(source: ByteSource, layout: ElfLayout, address: number | undefined, size: number | undefined): Promise<Fields | undefined> {
  if (address === undefined || size === undefined) return undefined;
  const offset = fileOffset(layout.segments, address);
  require(offset !== undefined, `the table of dynamic strings (address ${address}) is in no segment`);
  checkRange(offset, size, source.size, 'the table of dynamic strings');
  return new Fields(await source.read(offset, size), 'the table of dynamic strings');
}

interface VersionNeeds {
  readonly address: number;
  readonly count: number;
  readonly strings: Fields;
}

const mostVersions = 10_000;

async function readVersions(source: ByteSource, layout: ElfLayout, needs: VersionNeeds): Promise<ElfFacts['versions']> {
  const offset = fileOffset(layout.segments, needs.address);
  require(offset !== undefined, 'the table of required versions is in no segment');
  const fields = new Fields(await source.read(offset, Math.min(source.size - offset, largestDynamic)), 'the table of required versions', layout.little);
  const versions: { library: string; version: string; weak: boolean }[] = [];
  for (let at = 0, left = needs.count; left > 0; left -= 1) {
    const library = needs.strings.text(fields.u32(at + 4));
    for (let detail = at + fields.u32(at + 8), details = fields.u16(at + 2); details > 0; details -= 1) {
      versions.push({ library, version: needs.strings.text(fields.u32(detail + 8)), weak: (fields.u16(detail + 4) & 2) !== 0 });
      require(versions.length <= mostVersions, `more than ${mostVersions} required versions`);
      const next = fields.u32(detail + 12);
      if (next === 0) break;
      detail += next;
    }
    const next = fields.u32(at + 12);
    if (next === 0) break;
    at += next;
  }
  return versions;
}
