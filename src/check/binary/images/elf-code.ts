/** What of an ELF file is code, where its functions begin, and whether it looks at the processor it runs on. */
import type { ByteSource } from '../bytes/source.ts';
import { checkRange } from '../bytes/source.ts';
import { Fields } from '../bytes/fields.ts';
import { require } from '../bytes/unreadable.ts';
import type { ElfDynamic, ElfLayout } from './elf.ts';
import { FunctionTable, FunctionTableBuilder } from './functions.ts';
import type { Code, CodeRange, Machine } from './image.ts';
import { mayDetect } from './image.ts';

interface Section {
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

const sectionTypes = { program: 1, symbols: 2, dynamicSymbols: 11 } as const;
const executable = 4;
const [loadSegment, frameSegment] = [1, 0x6474e550];
const [functionSymbol, indirectFunction] = [2, 10];
/** Beyond this a table of symbols is left alone: what is found is then told by address. */
const largestSymbols = 48 * 1024 * 1024;

export async function readElfCode(source: ByteSource, layout: ElfLayout, dynamic: ElfDynamic & { readonly machine: Machine }): Promise<Code> {
  const sections = await readSections(source, layout);
  const ranges = codeRanges(layout, sections);
  if (dynamic.machine !== 'aarch64' || layout.bits !== 64 || !layout.little) return { ranges, functions: FunctionTable.empty, detection: [] };
  const tables = await symbolTables(source, sections, dynamic);
  const builder = new FunctionTableBuilder();
  const detection = new Set<string>();
  const marks: Mark[] = [];
  tables.forEach((table, index) => { readSymbols(table, { builder, detection, marks, named: index === 0 }); });
  for (const start of await frameStarts(source, layout)) builder.add(start);
  const names = tables[0]?.strings;
  return {
    ranges: withoutData(ranges, marks),
    functions: builder.build((reference) => names?.text(reference, 400) ?? ''),
    detection: [...detection],
  };
}

async function readSections(source: ByteSource, layout: ElfLayout): Promise<readonly Section[]> {
  const { offset, count, entrySize } = layout.sectionTable;
  // Section headers may be stripped: the system does not need them to load the file.
  if (offset === 0 || count === 0) return [];
  const wide = layout.bits === 64;
  require(entrySize === (wide ? 64 : 40), `section headers of ${entrySize} bytes each`);
  checkRange(offset, count * entrySize, source.size, 'the table of section headers');
  const fields = new Fields(await source.read(offset, count * entrySize), 'the table of section headers', layout.little);
  return Array.from({ length: count }, (_, index) => {
    const at = index * entrySize;
    return wide
      ? { type: fields.u32(at + 4), flags: fields.u64(at + 8), address: fields.u64(at + 16), offset: fields.u64(at + 24), size: fields.u64(at + 32), link: fields.u32(at + 40) }
      : { type: fields.u32(at + 4), flags: fields.u32(at + 8), address: fields.u32(at + 12), offset: fields.u32(at + 16), size: fields.u32(at + 20), link: fields.u32(at + 24) };
  });
}

function codeRanges(layout: ElfLayout, sections: readonly Section[]): readonly CodeRange[] {
  const ranges = sections.filter(({ type, flags, size }) => type === sectionTypes.program && (flags & executable) !== 0 && size > 0)
    .map(({ address, offset, size }) => ({ address, offset, size }));
  if (ranges.length > 0) return ranges;
  return layout.segments.filter(({ type, flags, fileSize }) => type === loadSegment && (flags & 1) !== 0 && fileSize > 0)
    .map(({ address, offset, fileSize }) => ({ address, offset, size: fileSize }));
}

interface SymbolTable {
  readonly symbols: Fields;
  readonly strings: Fields;
}

const symbolSize = 24;

/** The full table first when there is one, then what the dynamic linker sees. */
async function symbolTables(source: ByteSource, sections: readonly Section[], dynamic: ElfDynamic): Promise<readonly SymbolTable[]> {
  const tables: SymbolTable[] = [];
  for (const type of [sectionTypes.symbols, sectionTypes.dynamicSymbols]) {
    const section = sections.find((candidate) => candidate.type === type);
    const strings = section === undefined ? undefined : sections[section.link];
    if (section === undefined || strings === undefined || section.size > largestSymbols || strings.size > 4 * largestSymbols) continue;
    tables.push({ symbols: await readTable(source, section, 'a table of symbols'), strings: await readTable(source, strings, 'names of symbols') });
  }
  if (sections.length === 0 && dynamic.strings !== undefined && dynamic.symbols !== undefined) {
    const size = Math.min(dynamic.strings.length, source.size - dynamic.symbols);
    tables.push({ symbols: new Fields(await source.read(dynamic.symbols, size - size % symbolSize), 'dynamic symbols'), strings: dynamic.strings });
  }
  return tables;
}

async function readTable(source: ByteSource, section: Section, what: string): Promise<Fields> {
  checkRange(section.offset, section.size, source.size, what);
  return new Fields(await source.read(section.offset, section.size), what);
}

/** Mapping symbols (ELF for the Arm 64-bit Architecture, 5.7.1): `$d` begins data among code, `$x` code again. */
interface Mark {
  readonly address: number;
  readonly data: boolean;
}

interface SymbolSink {
  readonly builder: FunctionTableBuilder;
  readonly detection: Set<string>;
  readonly marks: Mark[];
  readonly named: boolean;
}

function readSymbols({ symbols, strings }: SymbolTable, sink: SymbolSink): void {
  for (let at = 0; at + symbolSize <= symbols.length; at += symbolSize) {
    const name = symbols.u32(at);
    const type = symbols.u8(at + 4) & 15;
    const section = symbols.u16(at + 6);
    const address = symbols.u64(at + 8);
    if (name >= strings.length) continue;
    if (type === indirectFunction) sink.detection.add('indirect functions (IFUNC)');
    if (section === 0) {
      if (name === 0) continue;
      const text = strings.text(name, 40);
      if (mayDetect.has(text)) sink.detection.add(text);
    } else if (type === functionSymbol || type === indirectFunction) sink.builder.add(address, sink.named ? name : 0);
    else if (type === 0 && name !== 0 && strings.u8(name) === 0x24) {
      const second = strings.text(name + 1, 1);
      if (second === 'd' || second === 'x') sink.marks.push({ address, data: second === 'd' });
    }
  }
}

function withoutData(ranges: readonly CodeRange[], marks: readonly Mark[]): readonly CodeRange[] {
  if (!marks.some(({ data }) => data)) return ranges;
  const sorted = [...marks].sort((a, b) => a.address - b.address);
  const result: CodeRange[] = [];
  for (const range of ranges) {
    let start = range.address;
    const end = range.address + range.size;
    const keep = (until: number): void => {
      if (until > start) result.push({ address: start, offset: range.offset + start - range.address, size: until - start });
    };
    let data = false;
    for (const mark of sorted) {
      if (mark.address < range.address || mark.address >= end || mark.data === data) continue;
      if (mark.data) keep(mark.address);
      start = mark.address;
      data = mark.data;
    }
    if (!data) keep(end);
  }
  return result;
}

const [signed4, relativeToTable] = [0x0b, 0x30];

/** The sorted table for exception handling lists every function, even in a stripped file. */
async function frameStarts(source: ByteSource, layout: ElfLayout): Promise<readonly number[]> {
  const segment = layout.segments.find(({ type }) => type === frameSegment);
  if (segment === undefined || segment.fileSize < 12 || segment.fileSize > largestSymbols || segment.offset + segment.fileSize > source.size) return [];
  const fields = new Fields(await source.read(segment.offset, segment.fileSize), 'the table of frames');
  // Version 1, count as udata4, table as sdata4 relative to this table: what every linker writes.
  if (fields.u8(0) !== 1 || fields.u8(2) !== 0x03 || fields.u8(3) !== (signed4 | relativeToTable)) return [];
  const count = Math.min(fields.u32(8), Math.floor((fields.length - 12) / 8));
  return Array.from({ length: count }, (_, index) => segment.address + fields.i32(12 + index * 8));
}
