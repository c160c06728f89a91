/** Reads a relocatable ELF64 little-endian object: functions with their bytes and relocations. */
import { InvariantError, defined, invariant } from '#support/invariant.ts';
import { stringAt, type ObjectFile, type ObjectFunction, type Relocation } from './object-file.ts';

interface Section {
  readonly type: number;
  readonly flags: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

interface Symbol {
  readonly name: string;
  readonly type: number;
  readonly section: number;
  readonly value: number;
  readonly size: number;
}

const machines = new Map<number, ObjectFile['machine']>([[62, 'x86_64'], [183, 'aarch64']]);
const SECTION_SYMBOLS = 2, SECTION_RELA = 4, SECTION_REL = 9;
const SYMBOL_FUNCTION = 2;

export function readElf(bytes: Uint8Array): ObjectFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  invariant(view.getUint32(0) === 0x7f454c46 && bytes[4] === 2 && bytes[5] === 1, 'not a little-endian ELF64 file');
  invariant(view.getUint16(16, true) === 1, 'not a relocatable object');
  const machine = defined(machines.get(view.getUint16(18, true)), 'known ELF machine');
  const sections = readSections(view);
  const symbols = readSymbols(bytes, view, sections);
  const relocations = readRelocations(view, sections, symbols);
  const functions = symbols
    .filter((s) => s.type === SYMBOL_FUNCTION && s.section !== 0)
    .map((s) => readFunction(bytes, defined(sections[s.section], 'section'), s, relocations.get(s.section) ?? []));
  return { format: 'elf', machine, functions };
}

function readSections(view: DataView): Section[] {
  const table = Number(view.getBigUint64(40, true));
  const entry = view.getUint16(58, true);
  const count = view.getUint16(60, true);
  invariant(count !== 0, 'more than 65279 sections');
  return Array.from({ length: count }, (_, i) => {
    const at = table + i * entry;
    const word = (offset: number): number => Number(view.getBigUint64(at + offset, true));
    return {
      type: view.getUint32(at + 4, true), flags: view.getBigUint64(at + 8, true), offset: word(24), size: word(32),
      link: view.getUint32(at + 40, true), info: view.getUint32(at + 44, true), entrySize: word(56),
    };
  });
}

function readSymbols(bytes: Uint8Array, view: DataView, sections: readonly Section[]): Symbol[] {
  const table = defined(sections.find((s) => s.type === SECTION_SYMBOLS), 'symbol table');
  const strings = defined(sections[table.link], 'string table');
  return Array.from({ length: table.size / 24 }, (_, i) => {
    const at = table.offset + i * 24;
    return {
      name: stringAt(bytes, strings.offset + view.getUint32(at, true)),
      type: view.getUint8(at + 4) & 15,
      section: view.getUint16(at + 6, true),
      value: Number(view.getBigUint64(at + 8, true)),
      size: Number(view.getBigUint64(at + 16, true)),
    };
  });
}

/** By index of the section they apply to, ordered by offset in that section. */
function readRelocations(view: DataView, sections: readonly Section[], symbols: readonly Symbol[]): Map<number, Relocation[]> {
  const bySection = new Map<number, Relocation[]>();
  for (const section of sections) {
    if (section.type === SECTION_REL) throw new InvariantError('REL relocations: expected RELA');
    if (section.type !== SECTION_RELA) continue;
    const list = Array.from({ length: section.size / 24 }, (_, i) => {
      const at = section.offset + i * 24;
      const symbol = defined(symbols[view.getUint32(at + 12, true)], 'relocation symbol');
      return {
        offset: Number(view.getBigUint64(at, true)), type: view.getUint32(at + 8, true), symbol: symbol.name,
        addend: Number(view.getBigInt64(at + 16, true)),
      };
    });
    bySection.set(section.info, list.sort((a, b) => a.offset - b.offset));
  }
  return bySection;
}

function readFunction(bytes: Uint8Array, section: Section, symbol: Symbol, relocations: readonly Relocation[]): ObjectFunction {
  const start = section.offset + symbol.value;
  const first = lowerBound(relocations, symbol.value);
  const last = lowerBound(relocations, symbol.value + symbol.size);
  return {
    name: symbol.name,
    code: bytes.slice(start, start + symbol.size),
    relocations: relocations.slice(first, last).map((r) => ({ ...r, offset: r.offset - symbol.value })),
  };
}

/** Index of the first relocation at `offset` or later. */
function lowerBound(relocations: readonly Relocation[], offset: number): number {
  let low = 0, high = relocations.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (defined(relocations[middle], 'relocation').offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
