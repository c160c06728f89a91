import type { ByteSource } from '../bytes/source.ts';
import type { Image } from './image.ts';
import { readElf } from './elf.ts';
import { isUniversal, readMachO, readUniversal } from './mach-o.ts';
import { readPe } from './pe.ts';

export type Format = 'elf' | 'pe' | 'mach-o' | 'universal';

/** By the first bytes, whatever the file is called. */
export function formatOf(head: Buffer): Format | undefined {
  if (head.length < 8) return undefined;
  if (head.readUInt32BE(0) === 0x7f454c46) return 'elf';
  if ([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe].includes(head.readUInt32BE(0))) return 'mach-o';
  if (isUniversal(head)) return 'universal';
  // Text may begin with MZ, too; a DOS header has 64 bytes and says where the PE header is.
  if (head.length >= 64 && head.readUInt16BE(0) === 0x4d5a && head.readUInt32LE(60) >= 64 && head.readUInt32LE(60) < 1 << 20) return 'pe';
  return undefined;
}

export async function readImages(source: ByteSource, format: Format): Promise<readonly Image[]> {
  switch (format) {
    case 'elf': return [await readElf(source)];
    case 'pe': return [await readPe(source)];
    case 'mach-o': return [await readMachO(source)];
    case 'universal': return readUniversal(source);
  }
}
