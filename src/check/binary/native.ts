import type { ByteSource } from './bytes/source.ts';
import { FunctionTable } from './images/functions.ts';
import type { ElfFacts } from './images/elf.ts';
import type { Image } from './images/image.ts';
import type { GuardedUse } from './instructions/guards.ts';
import { judge } from './instructions/guards.ts';
import type { ScanResult } from './instructions/scan.ts';
import { createMatcher, questionsFor, scanCode } from './instructions/scan.ts';
import type { Format } from './images/read.ts';
import { readImages } from './images/read.ts';

/** A file with machine code, and all that was found out about it. */
export interface Native {
  readonly path: string;
  readonly images: readonly Image[];
  /** Of the Arm image, when there is one and it was wanted. */
  readonly scan: ScanResult | undefined;
  readonly uses: readonly GuardedUse[];
  readonly jemalloc: boolean;
}

export interface NativeOptions {
  readonly instructions: boolean;
}

const armMachines: ReadonlySet<string> = new Set(['aarch64', 'arm64ec', 'arm64x']);

export async function readNative(path: string, source: ByteSource, format: Format, options: NativeOptions): Promise<Native> {
  const images = await readImages(source, format);
  const arm = images.find((image) => armMachines.has(image.machine));
  const scan = arm === undefined || !options.instructions ? undefined : await scanCode(source, arm.code, createMatcher(questionsFor(arm.code.detection)));
  // Programs of Go and Rust; a library without any dependency still gets what it asks from its host.
  const standalone = arm?.format === 'elf' && arm.needed.length === 0 && !/\.so(?:\.|$)/.test(path);
  return {
    path, scan,
    // Tables of functions may be large, and the next file is about to be read.
    images: images.map((image) => ({ ...image, code: { ...image.code, functions: FunctionTable.empty } })),
    uses: arm === undefined || scan === undefined ? [] : judge(arm.code, scan, standalone),
    jemalloc: arm?.format === 'elf' && await contains(source, loadedData(arm), '<jemalloc>: Unsupported system page size'),
  };
}

interface FileRange {
  readonly offset: number;
  readonly size: number;
}

/** What is loaded and is no code; nobody has to fetch or read the tables for debuggers, which are most of many files. */
function loadedData({ loads, code }: ElfFacts): readonly FileRange[] {
  const ranges: FileRange[] = [];
  for (const { offset, fileSize } of loads) {
    // Without section headers the whole segment was taken for code: constants may be in it.
    const inside = code.ranges.filter((range) => range.offset >= offset && range.offset + range.size <= offset + fileSize && range.size < fileSize);
    let from = offset;
    for (const range of [...inside].sort((a, b) => a.offset - b.offset)) {
      if (range.offset > from) ranges.push({ offset: from, size: range.offset - from });
      from = Math.max(from, range.offset + range.size);
    }
    if (from < offset + fileSize) ranges.push({ offset: from, size: offset + fileSize - from });
  }
  return ranges;
}

const chunkSize = 4 * 1024 * 1024;

async function contains(source: ByteSource, ranges: readonly FileRange[], text: string): Promise<boolean> {
  const needle = Buffer.from(text, 'latin1');
  for (const { offset: start, size } of ranges) {
    for (let offset = start; offset < start + size; offset += chunkSize) {
      const chunk = await source.read(offset, Math.min(chunkSize + needle.length - 1, start + size - offset));
      if (chunk.includes(needle)) return true;
    }
  }
  return false;
}
