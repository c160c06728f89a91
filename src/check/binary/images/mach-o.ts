/** Mach-O images, alone or several in a universal file: <mach-o/loader.h>, <mach-o/fat.h> and <mach-o/nlist.h> of Apple's cctools. */
import type { ByteSource } from '../bytes/source.ts';
import { PartSource, checkRange } from '../bytes/source.ts';
import { Fields } from '../bytes/fields.ts';
import { require } from '../bytes/unreadable.ts';
import { FunctionTable, FunctionTableBuilder } from './functions.ts';
import type { Code, CodeRange, Machine } from './image.ts';
import { mayDetect } from './image.ts';

export interface MachFacts {
  readonly format: 'mach-o';
  readonly machine: Machine;
  /** arm64e has pointer authentication in its calling convention; Apple's own programs use it. */
  readonly authenticated: boolean;
  readonly kind: 'object' | 'program' | 'library' | 'bundle' | 'other';
  /** `11.0`; undefined when the file does not say. */
  readonly minimumSystem: string | undefined;
  readonly platform: string;
  readonly signed: boolean;
  readonly libraries: readonly string[];
  readonly segments: readonly { readonly name: string; readonly address: number; readonly size: number; readonly offset: number; readonly fileSize: number }[];
  /** Where this image begins in its file. */
  readonly start: number;
  readonly size: number;
  readonly code: Code;
}

const machines: Readonly<Record<number, Machine>> = { 7: 'i686', 12: 'armv7l', 0x01000007: 'x86_64', 0x0100000c: 'aarch64', 18: 'ppc64', 0x01000012: 'ppc64' };
const kinds: Readonly<Record<number, MachFacts['kind']>> = { 1: 'object', 2: 'program', 6: 'library', 8: 'bundle' };
const platforms: Readonly<Record<number, string>> = { 1: 'macOS', 2: 'iOS', 3: 'tvOS', 4: 'watchOS', 6: 'macCatalyst', 7: 'iOS simulator', 11: 'visionOS' };
const commands = {
  symbols: 0x2, loadLibrary: 0xc, segment64: 0x19, signature: 0x1d, minimumMacos: 0x24, functionStarts: 0x26, buildVersion: 0x32,
  weakLibrary: 0x80000018, reexportedLibrary: 0x8000001f, upwardLibrary: 0x80000023,
} as const;
const mostSlices = 32;
const largestTable = 48 * 1024 * 1024;

/** A Java class file begins like a universal one; the number that follows is its version, at least 45. */
export function isUniversal(head: Buffer): boolean {
  return head.length >= 8 && (head.readUInt32BE(0) === 0xcafebabe || head.readUInt32BE(0) === 0xcafebabf) && head.readUInt32BE(4) <= mostSlices;
}

export async function readUniversal(source: ByteSource): Promise<readonly MachFacts[]> {
  const head = new Fields(await source.read(0, 8), 'the universal header', false);
  const wide = head.u32(0) === 0xcafebabf;
  const [count, size] = [head.u32(4), wide ? 32 : 20];
  require(count > 0, 'a universal file without images');
  checkRange(8, count * size, source.size, 'the table of images');
  const table = new Fields(await source.read(8, count * size), 'the table of images', false);
  const places = Array.from({ length: count }, (_, index) => {
    const at = index * size + 8;
    return wide ? { start: table.u64(at), size: table.u64(at + 8) } : { start: table.u32(at), size: table.u32(at + 4) };
  });
  places.toSorted((a, b) => a.start - b.start).reduce((end, place) => {
    require(place.start >= end, `an image at offset ${place.start} that overlaps the one before it`);
    return place.start + place.size;
  }, 8 + count * size);
  const images: MachFacts[] = [];
  for (const place of places) images.push(await readMachO(new PartSource(source, place.start, place.size), place.start));
  return images;
}

interface Command {
  readonly type: number;
  readonly fields: Fields;
}

export async function readMachO(source: ByteSource, start = 0): Promise<MachFacts> {
  require(source.size >= 32, 'a Mach-O file shorter than its header');
  const bytes = await source.read(0, 32);
  const magic = bytes.readUInt32LE(0);
  const little = magic === 0xfeedfacf || magic === 0xfeedface;
  require(little || magic === 0xcffaedfe || magic === 0xcefaedfe, 'no Mach-O signature');
  const wide = magic === 0xfeedfacf || magic === 0xcffaedfe;
  const header = new Fields(bytes, 'the Mach-O header', little);
  const type = header.u32(4);
  const list = await readCommands(source, { count: header.u32(16), size: header.u32(20), start: wide ? 32 : 28, little });
  const segments = list.filter(({ type: command }) => command === commands.segment64).map(({ fields }) => readSegment(fields, source.size));
  const version = readVersion(list);
  const machine = machines[type] ?? `unknown (Mach-O machine ${type})` as const;
  return {
    format: 'mach-o', machine, start, size: source.size,
    authenticated: machine === 'aarch64' && (header.u32(8) & 0xff) === 2,
    kind: kinds[header.u32(12)] ?? 'other',
    minimumSystem: version.minimum, platform: version.platform,
    signed: list.some(({ type: command, fields }) => command === commands.signature && fields.u32(12) > 0),
    libraries: list.filter(({ type: command }) => isLibrary(command)).map(({ fields }) => fields.text(fields.u32(8))),
    segments: segments.map(({ name, address, size, offset, fileSize }) => ({ name, address, size, offset, fileSize })),
    code: await readCode(source, list, segments, start),
  };
}

const isLibrary = (command: number): boolean =>
  command === commands.loadLibrary || command === commands.weakLibrary || command === commands.reexportedLibrary || command === commands.upwardLibrary;

async function readCommands(source: ByteSource, place: { count: number; size: number; start: number; little: boolean }): Promise<readonly Command[]> {
  require(place.size <= 16 * 1024 * 1024, `load commands of ${place.size} bytes`);
  checkRange(place.start, place.size, source.size, 'the load commands');
  const bytes = await source.read(place.start, place.size);
  const all = new Fields(bytes, 'the load commands', place.little);
  const list: Command[] = [];
  for (let at = 0, index = 0; index < place.count; index += 1) {
    const size = all.u32(at + 4);
    require(size >= 8, `the load command ${index} is ${size} bytes long`);
    list.push({ type: all.u32(at), fields: new Fields(all.bytes(at, size), `the load command ${index}`, place.little) });
    at += size;
  }
  return list;
}

interface MachSegment {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly offset: number;
  readonly fileSize: number;
  readonly code: readonly CodeRange[];
}

const [pureInstructions, someInstructions] = [0x80000000, 0x400];

function readSegment(fields: Fields, fileSize: number): MachSegment {
  const segment = { name: fields.text(8, 16), address: fields.u64(24), size: fields.u64(32), offset: fields.u64(40), fileSize: fields.u64(48) };
  require(segment.offset + segment.fileSize <= fileSize, `the segment ${segment.name} ends outside the file; the file is truncated`);
  const code: CodeRange[] = [];
  for (let index = 0, count = fields.u32(64); index < count; index += 1) {
    const at = 72 + index * 80;
    const range = { address: fields.u64(at + 32), size: fields.u64(at + 40), offset: fields.u32(at + 48) };
    if ((fields.u32(at + 64) & (pureInstructions | someInstructions)) === 0 || range.size === 0) continue;
    require(range.offset + range.size <= fileSize, `a section of ${segment.name} ends outside the file; the file is truncated`);
    code.push(range);
  }
  return { ...segment, code };
}

function readVersion(list: readonly Command[]): { minimum: string | undefined; platform: string } {
  const build = list.find(({ type }) => type === commands.buildVersion);
  const old = list.find(({ type }) => type === commands.minimumMacos);
  const number = build?.fields.u32(12) ?? old?.fields.u32(8);
  const platform = build?.fields.u32(8) ?? 1;
  return {
    minimum: number === undefined ? undefined : `${number >>> 16}.${number >>> 8 & 0xff}`,
    platform: platforms[platform] ?? `platform ${platform}`,
  };
}

async function readCode(source: ByteSource, list: readonly Command[], segments: readonly MachSegment[], start: number): Promise<Code> {
  const builder = new FunctionTableBuilder();
  const text = segments.find(({ name }) => name === '__TEXT')?.address ?? 0;
  const starts = new Set(await functionStarts(source, list, text));
  for (const address of starts) builder.add(address);
  const symbols = await readSymbols(source, list, (address, name) => {
    if (starts.has(address)) builder.add(address, name);
  });
  // Places are told in the file that holds this image.
  const ranges = segments.flatMap(({ code }) => code).map((range) => ({ ...range, offset: range.offset + start }));
  const strings = symbols.strings;
  return { ranges, functions: strings === undefined ? FunctionTable.empty : builder.build((name) => strings.text(name, 400)), detection: symbols.detection };
}

/** Distances between functions, each as ULEB128, from the start of __TEXT. */
async function functionStarts(source: ByteSource, list: readonly Command[], text: number): Promise<readonly number[]> {
  const command = list.find(({ type }) => type === commands.functionStarts);
  if (command === undefined) return [];
  const [offset, size] = [command.fields.u32(8), command.fields.u32(12)];
  checkRange(offset, size, source.size, 'the starts of functions');
  if (size > largestTable) return [];
  const starts: number[] = [];
  let [address, value, shift] = [text, 0, 0];
  for (const byte of await source.read(offset, size)) {
    value += (byte & 0x7f) * 2 ** shift;
    shift += 7;
    if ((byte & 0x80) !== 0) continue;
    if (value === 0) break;
    address += value;
    starts.push(address);
    [value, shift] = [0, 0];
  }
  return starts;
}

async function readSymbols(source: ByteSource, list: readonly Command[], define: (address: number, name: number) => void): Promise<{ strings: Fields | undefined; detection: readonly string[] }> {
  const command = list.find(({ type }) => type === commands.symbols)?.fields;
  const empty = new Fields(Buffer.alloc(1), 'names of symbols');
  if (command === undefined) return { strings: empty, detection: [] };
  const [offset, count, stringsOffset, stringsSize] = [command.u32(8), command.u32(12), command.u32(16), command.u32(20)];
  if (count * 16 > largestTable || stringsSize > 4 * largestTable || count === 0) return { strings: empty, detection: [] };
  checkRange(offset, count * 16, source.size, 'the table of symbols');
  checkRange(stringsOffset, stringsSize, source.size, 'names of symbols');
  const table = new Fields(await source.read(offset, count * 16), 'the table of symbols');
  const strings = new Fields(await source.read(stringsOffset, stringsSize), 'names of symbols');
  const detection = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    const [name, type] = [table.u32(index * 16), table.u8(index * 16 + 4)];
    if (name === 0 || name >= stringsSize || (type & 0xe0) !== 0) continue;
    const kind = type & 0x0e;
    if (kind === 0 && mayDetect.has(strings.text(name, 40))) detection.add(strings.text(name, 40).replace(/^_/, ''));
    // Defined in a section, of code or of data.
    if (kind === 0x0e) define(table.u64(index * 16 + 8), name);
  }
  return { strings, detection: [...detection] };
}
