import type { ByteSource } from './bytes/source.ts';
import { FunctionTable } from './images/functions.ts';
import type { Image } from './images/image.ts';
import type { GuardedUse } from './instructions/guards.ts';
import { judge } from './instructions/guards.ts';
import type { ScanResult } from './instructions/scan.ts';
import { createMatcher, scanCode } from './instructions/scan.ts';
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
  const scan = arm === undefined || !options.instructions ? undefined : await scanCode(source, arm.code, createMatcher());
  // Programs of Go and Rust; a library without any dependency still gets what it asks from its host.
  const standalone = arm?.format === 'elf' && arm.needed.length === 0 && !/\.so(?:\.|$)/.test(path);
  return {
    path, scan,
    // Tables of functions may be large, and the next file is about to be read.
    images: images.map((image) => ({ ...image, code: { ...image.code, functions: FunctionTable.empty } })),
    uses: arm === undefined || scan === undefined ? [] : judge(arm.code, scan, standalone),
    jemalloc: arm?.format === 'elf' && await contains(source, '<jemalloc>: Unsupported system page size'),
  };
}

const chunkSize = 4 * 1024 * 1024;

async function contains(source: ByteSource, text: string): Promise<boolean> {
  const needle = Buffer.from(text, 'latin1');
  for (let offset = 0; offset < source.size; offset += chunkSize) {
    const chunk = await source.read(offset, Math.min(chunkSize + needle.length - 1, source.size - offset));
    if (chunk.includes(needle)) return true;
  }
  return false;
}
