/** Reads a relocatable 64-bit Mach-O object (macOS). Sources: mach-o/loader.h, nlist.h, reloc.h and the headers of each processor in cctools. */
import { InvariantError, defined, invariant } from '#support/invariant.ts';
import { splitFunctions, stringAt, type ObjectFile, type PlacedFunction, type Relocation } from './object-file.ts';

const MAGIC = 0xfeedfacf;
const machines = new Map<number, ObjectFile['machine']>([[0x01000007, 'x86_64'], [0x0100000c, 'aarch64']]);
const RELOCATABLE = 1;
const LC_SYMTAB = 0x2, LC_SEGMENT_64 = 0x19;
/** S_ATTR_PURE_INSTRUCTIONS */
const SECTION_IS_CODE = 0x80000000;
/** ARM64_RELOC_ADDEND: the number of its symbol is the addend of the next relocation. */
const ARM64_ADDEND = 10;

interface Section {
  readonly address: number;
  readonly size: number;
  readonly offset: number;
  readonly relocations: number;
  readonly relocationCount: number;
  readonly flags: number;
}

interface Symbol {
  readonly name: string;
  /** Counted from 1 over all sections; 0: defined elsewhere. */
  readonly section: number;
  readonly address: number;
}

export const isMachO = (view: DataView): boolean => view.getUint32(0, true) === MAGIC;

export function readMachO(bytes: Uint8Array): ObjectFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const machine = defined(machines.get(view.getUint32(4, true)), 'known Mach-O machine');
  invariant(view.getUint32(12, true) === RELOCATABLE, 'not a relocatable object');
  const sections: Section[] = [];
  let symbols: Symbol[] = [];
  for (let n = view.getUint32(16, true), at = 32; n > 0; n--, at += view.getUint32(at + 4, true)) {
    const command = view.getUint32(at, true);
    if (command === LC_SEGMENT_64) sections.push(...readSections(view, at));
    if (command === LC_SYMTAB) symbols = readSymbols(bytes, view, at);
  }
  const functions = sections.flatMap((section, i) => {
    if ((section.flags & SECTION_IS_CODE) === 0) return [];
    const placed = symbols.filter((s) => s.section === i + 1).map((s): PlacedFunction => ({ name: s.name, start: s.address - section.address }));
    const content = bytes.subarray(section.offset, section.offset + section.size);
    invariant(content.length === section.size, 'the file ends within a section');
    return splitFunctions(content, placed, readRelocations(view, section, symbols, machine));
  });
  return { format: 'mach-o', machine, functions: functions.filter(({ name }) => name !== '') };
}

function readSections(view: DataView, segment: number): Section[] {
  return Array.from({ length: view.getUint32(segment + 64, true) }, (_, i) => {
    const at = segment + 72 + i * 80;
    return {
      address: Number(view.getBigUint64(at + 32, true)), size: Number(view.getBigUint64(at + 40, true)), offset: view.getUint32(at + 48, true),
      relocations: view.getUint32(at + 56, true), relocationCount: view.getUint32(at + 60, true), flags: view.getUint32(at + 64, true),
    };
  });
}

/** Names without the underscore that C symbols have here; labels of the assembler's own lose their name. */
function readSymbols(bytes: Uint8Array, view: DataView, command: number): Symbol[] {
  const table = view.getUint32(command + 8, true), strings = view.getUint32(command + 16, true);
  return Array.from({ length: view.getUint32(command + 12, true) }, (_, i) => {
    const at = table + i * 16;
    const name = stringAt(bytes, strings + view.getUint32(at, true));
    const isInSection = (view.getUint8(at + 4) & 0x0e) === 0x0e;
    const isOwn = /^(l|L)/.test(name);
    return { name: name.replace(/^_/, ''), section: isInSection && !isOwn ? view.getUint8(at + 5) : 0, address: Number(view.getBigUint64(at + 8, true)) };
  });
}

function readRelocations(view: DataView, section: Section, symbols: readonly Symbol[], machine: ObjectFile['machine']): Relocation[] {
  const relocations: Relocation[] = [];
  let addend = 0;
  for (let i = 0; i < section.relocationCount; i++) {
    const at = section.relocations + i * 8;
    const offset = view.getInt32(at, true), word = view.getUint32(at + 4, true);
    if (offset < 0) throw new InvariantError('a scattered relocation');
    const type = word >>> 28, number = word & 0xffffff;
    if (machine === 'aarch64' && type === ARM64_ADDEND) {
      addend = (number << 8) >> 8;
      continue;
    }
    if ((word & (1 << 27)) === 0) throw new InvariantError(`a relocation of type ${type} against a section`);
    const symbol = defined(symbols[number], 'relocation symbol').name;
    // x86-64 keeps the addend in the field, and counts from its end.
    relocations.push({ offset, type, symbol, addend: machine === 'x86_64' ? view.getInt32(section.offset + offset, true) - 4 : addend });
    addend = 0;
  }
  return relocations;
}
