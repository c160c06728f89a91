/**
 * PE32+ and PE32 images: "PE Format" of Microsoft's documentation. What tells ARM64EC and ARM64X from x64 and ARM64 is in the load
 * configuration (winnt.h: IMAGE_LOAD_CONFIG_DIRECTORY64.CHPEMetadataPointer, IMAGE_ARM64EC_METADATA).
 */
import type { ByteSource } from '../bytes/source.ts';
import { checkRange } from '../bytes/source.ts';
import { Fields } from '../bytes/fields.ts';
import { require } from '../bytes/unreadable.ts';
import { FunctionTable, FunctionTableBuilder } from './functions.ts';
import type { Code, CodeRange, Machine } from './image.ts';
import { mayDetect } from './image.ts';

export interface PeFacts {
  readonly format: 'pe';
  /** `arm64ec` is x64 to the system's loader and Arm code inside; `arm64x` serves both kinds of process. */
  readonly machine: Machine;
  readonly kind: 'dll' | 'program';
  readonly imports: readonly PeImport[];
  readonly code: Code;
}

export interface PeImport {
  readonly library: string;
  readonly delayed: boolean;
}

interface PeSection {
  readonly address: number;
  readonly virtualSize: number;
  readonly offset: number;
  readonly size: number;
  readonly flags: number;
}

interface PeLayout {
  readonly source: ByteSource;
  readonly wide: boolean;
  readonly base: number;
  readonly sections: readonly PeSection[];
  readonly directories: readonly { readonly address: number; readonly size: number }[];
}

const machines: Readonly<Record<number, Machine>> = { 0x14c: 'i686', 0x1c4: 'armv7l', 0x8664: 'x86_64', 0xaa64: 'aarch64', 0xa641: 'arm64ec', 0xa64e: 'arm64x' };
const directory = { imports: 1, exceptions: 3, loadConfiguration: 10, delayedImports: 13 } as const;
const mostImports = 4096;
/** Honest images import from a library once, or once more when it is first used. */
const mostSearched = 4;

export async function readPe(source: ByteSource): Promise<PeFacts> {
  require(source.size >= 64, 'a PE file shorter than its header');
  const start = new Fields(await source.read(0, 64), 'the DOS header').u32(60);
  checkRange(start, 24, source.size, 'the PE header');
  const header = new Fields(await source.read(start, 24), 'the PE header');
  require(header.u32(0) === 0x4550, 'no PE signature where the DOS header says it is');
  const optionalSize = header.u16(20);
  checkRange(start + 24, optionalSize, source.size, 'the optional header');
  require(optionalSize >= 96, `an optional header of ${optionalSize} bytes; this is no image`);
  const optional = new Fields(await source.read(start + 24, optionalSize), 'the optional header');
  const magic = optional.u16(0);
  require(magic === 0x20b || magic === 0x10b, `an optional header of the unknown kind ${magic}`);
  const wide = magic === 0x20b;
  const layout: PeLayout = {
    source, wide,
    base: wide ? optional.u64(24) : optional.u32(28),
    directories: readDirectories(optional, wide),
    sections: await readSections(source, start + 24 + optionalSize, header.u16(6)),
  };
  const code = header.u16(4);
  const hybrid = await readHybrid(layout);
  const machine = hybridMachine(machines[code] ?? `unknown (PE machine ${code})`, hybrid !== undefined);
  const imported = await readImports(layout);
  return {
    format: 'pe', machine,
    kind: (header.u16(22) & 0x2000) !== 0 ? 'dll' : 'program',
    imports: imported.libraries,
    code: {
      ranges: hybrid ?? layout.sections.filter(({ flags, size }) => (flags & 0x20000000) !== 0 && size > 0)
        .map(({ address, offset, size, virtualSize }) => ({ address, offset, size: Math.min(size, virtualSize) })),
      functions: machine === 'aarch64' ? await readFunctions(layout) : FunctionTable.empty,
      detection: imported.detection,
    },
  };
}

function hybridMachine(machine: Machine, hybrid: boolean): Machine {
  if (!hybrid) return machine;
  return machine === 'x86_64' ? 'arm64ec' : machine === 'aarch64' ? 'arm64x' : machine;
}

function readDirectories(optional: Fields, wide: boolean): PeLayout['directories'] {
  const start = wide ? 112 : 96;
  const count = Math.min(16, optional.u32(start - 4), Math.floor((optional.length - start) / 8));
  return Array.from({ length: Math.max(0, count) }, (_, index) => ({ address: optional.u32(start + index * 8), size: optional.u32(start + index * 8 + 4) }));
}

async function readSections(source: ByteSource, offset: number, count: number): Promise<readonly PeSection[]> {
  require(count <= 96, `${count} sections; Windows allows 96`);
  checkRange(offset, count * 40, source.size, 'the table of sections');
  const fields = new Fields(await source.read(offset, count * 40), 'the table of sections');
  return Array.from({ length: count }, (_, index) => {
    const at = index * 40;
    const section = { virtualSize: fields.u32(at + 8), address: fields.u32(at + 12), size: fields.u32(at + 16), offset: fields.u32(at + 20), flags: fields.u32(at + 36) };
    if (section.offset !== 0) require(section.offset + section.size <= source.size, `section ${index} ends outside the file; the file is truncated`);
    return section;
  });
}

/** The bytes at an address relative to the image, up to the end of its section in the file. */
async function readAt(layout: PeLayout, address: number, length: number, what: string): Promise<Fields> {
  const section = layout.sections.find((candidate) => address >= candidate.address && address < candidate.address + candidate.size);
  require(section !== undefined, `${what} (address ${address}) is in no section`);
  const offset = address - section.address;
  return new Fields(await layout.source.read(section.offset + offset, Math.min(length, section.size - offset)), what);
}

interface Imported {
  readonly libraries: readonly PeImport[];
  readonly detection: readonly string[];
}

async function readImports(layout: PeLayout): Promise<Imported> {
  const libraries: PeImport[] = [];
  const detection = new Set<string>();
  let searched = 0;
  for (const kind of ['imports', 'delayedImports'] as const) {
    const table = layout.directories[directory[kind]];
    if (table === undefined || table.address === 0) continue;
    const delayed = kind === 'delayedImports';
    const [size, nameField, lookupField] = delayed ? [32, 4, 16] : [20, 12, 0];
    const fields = await readAt(layout, table.address, mostImports * size, 'the table of imports');
    for (let at = 0; at + size <= fields.length && fields.u32(at + nameField) !== 0; at += size) {
      require(libraries.length < mostImports, `more than ${mostImports} imported libraries`);
      const library = (await readAt(layout, fields.u32(at + nameField), 260, 'the name of an imported library')).text(0);
      libraries.push({ library, delayed });
      const lookup = fields.u32(at + lookupField) || fields.u32(at + 16);
      if (!/^(kernel32|api-ms-win-core-processthreads-)/i.test(library) || searched >= mostSearched) continue;
      searched += 1;
      for (const name of await importedNames(layout, lookup)) detection.add(name);
    }
  }
  return { libraries, detection: [...detection] };
}

async function importedNames(layout: PeLayout, lookup: number): Promise<readonly string[]> {
  const size = layout.wide ? 8 : 4;
  const thunks = await readAt(layout, lookup, mostImports * size, 'a table of imported functions');
  const found: string[] = [];
  for (let at = 0; at + size <= thunks.length; at += size) {
    const low = thunks.u32(at);
    const high = layout.wide ? thunks.u32(at + 4) : low;
    if (low === 0 && (high === 0 || !layout.wide)) break;
    if ((high & 0x80000000) !== 0) continue;
    const name = (await readAt(layout, low, 42, 'the name of an imported function')).text(2);
    if (mayDetect.has(name)) found.push(name);
  }
  return found;
}

const hybridPointer = 200;

/** Ranges of Arm code in an image that holds Arm and x64 code; undefined for any other image. */
async function readHybrid(layout: PeLayout): Promise<readonly CodeRange[] | undefined> {
  const table = layout.directories[directory.loadConfiguration];
  if (!layout.wide || table === undefined || table.address === 0) return undefined;
  const configuration = await readAt(layout, table.address, hybridPointer + 8, 'the load configuration');
  if (configuration.length < hybridPointer + 8 || configuration.u32(0) < hybridPointer + 8) return undefined;
  const pointer = configuration.u64(hybridPointer);
  if (pointer === 0) return undefined;
  const metadata = await readAt(layout, pointer - layout.base, 12, 'the hybrid metadata');
  const [map, count] = [metadata.u32(4), metadata.u32(8)];
  if (count === 0) return [];
  require(count < 1_000_000, `a map of ${count} ranges of hybrid code`);
  const entries = await readAt(layout, map, count * 8, 'the map of hybrid code');
  return Array.from({ length: Math.floor(entries.length / 8) }, (_, index) => ({ start: entries.u32(index * 8), size: entries.u32(index * 8 + 4) }))
    // The two low bits: 0 Arm64, 1 Arm64EC, 2 x64.
    .filter(({ start }) => (start & 3) < 2).flatMap(({ start, size }) => rangeAt(layout, (start & ~3) >>> 0, size));
}

function rangeAt(layout: PeLayout, address: number, size: number): CodeRange[] {
  const section = layout.sections.find((candidate) => address >= candidate.address && address + size <= candidate.address + candidate.size);
  return section === undefined ? [] : [{ address, offset: section.offset + address - section.address, size }];
}

/** `.pdata` of ARM64: two words a function, the first its address. */
async function readFunctions(layout: PeLayout): Promise<FunctionTable> {
  const table = layout.directories[directory.exceptions];
  if (table === undefined || table.address === 0 || table.size > 1 << 26) return FunctionTable.empty;
  const fields = await readAt(layout, table.address, table.size, 'the table of functions');
  const builder = new FunctionTableBuilder();
  for (let at = 0; at + 8 <= fields.length; at += 8) builder.add(fields.u32(at));
  return builder.build(() => '');
}
