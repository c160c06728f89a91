/** Reads a relocatable COFF object (Windows). Source: "PE Format" in Microsoft's documentation of Win32. */
import { InvariantError, defined, invariant } from '#support/invariant.ts';
import { splitFunctions, stringAt, type ObjectFile, type PlacedFunction, type Relocation } from './object-file.ts';

const machines = new Map<number, ObjectFile['machine']>([[0x8664, 'x86_64'], [0xaa64, 'aarch64']]);

const SECTION_IS_CODE = 0x20;
const MANY_RELOCATIONS = 0x01000000;
/** Derived type of a symbol, in the upper bits of its type. */
const FUNCTION = 2;
const SYMBOL_BYTES = 18, SECTION_BYTES = 40, RELOCATION_BYTES = 10;

interface Section {
  readonly offset: number;
  readonly size: number;
  readonly flags: number;
  readonly relocations: number;
  readonly relocationCount: number;
}

interface Symbol {
  readonly name: string;
  readonly value: number;
  /** Counted from 1; 0: defined elsewhere. */
  readonly section: number;
  readonly isFunction: boolean;
}

export const isCoff = (view: DataView): boolean => machines.has(view.getUint16(0, true));

export function readCoff(bytes: Uint8Array): ObjectFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const machine = defined(machines.get(view.getUint16(0, true)), 'known COFF machine');
  const first = 20 + view.getUint16(16, true);
  const sections = Array.from({ length: view.getUint16(2, true) }, (_, i) => readSection(view, first + i * SECTION_BYTES));
  const symbols = readSymbols(bytes, view);
  const functions = sections.flatMap((section, i) => {
    if ((section.flags & SECTION_IS_CODE) === 0) return [];
    const placed = [...symbols.values()].filter((s) => s.isFunction && s.section === i + 1).map((s): PlacedFunction => ({ name: s.name, start: s.value }));
    const content = bytes.slice(section.offset, section.offset + section.size);
    invariant(content.length === section.size, 'the file ends within a section');
    const relocations = readRelocations(view, section, symbols, machine);
    // The addend was in the field; a hole is empty, as ELF leaves it.
    if (machine === 'x86_64') for (const { offset } of relocations) content.fill(0, offset, offset + 4);
    return splitFunctions(content, placed, relocations);
  });
  return { format: 'coff', machine, functions };
}

function readSection(view: DataView, at: number): Section {
  const flags = view.getUint32(at + 36, true), count = view.getUint16(at + 32, true), relocations = view.getUint32(at + 24, true);
  // Then the first record holds the number, itself included.
  const isMany = (flags & MANY_RELOCATIONS) !== 0 && count === 0xffff;
  return {
    offset: view.getUint32(at + 20, true), size: view.getUint32(at + 16, true), flags,
    relocations: isMany ? relocations + RELOCATION_BYTES : relocations, relocationCount: isMany ? view.getUint32(relocations, true) - 1 : count,
  };
}

/** By index; records that belong to the symbol before them are left out. */
function readSymbols(bytes: Uint8Array, view: DataView): Map<number, Symbol> {
  const table = view.getUint32(8, true), count = view.getUint32(12, true), strings = table + count * SYMBOL_BYTES;
  const symbols = new Map<number, Symbol>();
  for (let i = 0; i < count; i++) {
    const at = table + i * SYMBOL_BYTES;
    symbols.set(i, {
      name: view.getUint32(at, true) === 0 ? stringAt(bytes, strings + view.getUint32(at + 4, true)) : stringAt(bytes, at, at + 8),
      value: view.getUint32(at + 8, true), section: view.getInt16(at + 12, true), isFunction: view.getUint16(at + 14, true) >> 4 === FUNCTION,
    });
    i += view.getUint8(at + 17);
  }
  return symbols;
}

function readRelocations(view: DataView, section: Section, symbols: ReadonlyMap<number, Symbol>, machine: ObjectFile['machine']): Relocation[] {
  return Array.from({ length: section.relocationCount }, (_, i) => {
    const at = section.relocations + i * RELOCATION_BYTES;
    const offset = view.getUint32(at, true), type = view.getUint16(at + 8, true);
    const symbol = defined(symbols.get(view.getUint32(at + 4, true)), 'relocation symbol').name;
    return { offset, type, symbol, addend: addendOf(view, section.offset + offset, type, machine) };
  });
}

/** REL32 and REL32_1 to REL32_5 of x86-64 count from the end of the field, or so many bytes later. */
const REL32 = 4, REL32_5 = 9, ADDR32 = 2;
const BRANCH26 = 3;

/** The addend stands in the field itself. */
function addendOf(view: DataView, place: number, type: number, machine: ObjectFile['machine']): number {
  if (machine === 'x86_64') {
    if (type >= REL32 && type <= REL32_5) return view.getInt32(place, true) - 4 - (type - REL32);
    return type === ADDR32 ? view.getInt32(place, true) : 0;
  }
  if (type === BRANCH26 && (view.getUint32(place, true) & 0x3ffffff) !== 0) throw new InvariantError('a branch with an addend');
  return 0;
}
