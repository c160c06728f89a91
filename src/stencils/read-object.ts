import { InvariantError } from '#support/invariant.ts';
import { isCoff, readCoff } from './coff.ts';
import { readElf } from './elf.ts';
import { isMachO, readMachO } from './mach-o.ts';
import type { ObjectFile } from './object-file.ts';

/** A relocatable object of any format we know. */
export function readObject(bytes: Uint8Array): ObjectFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 32) throw new InvariantError('not an object file: too short');
  if (view.getUint32(0) === 0x7f454c46) return readElf(bytes);
  if (isMachO(view)) return readMachO(bytes);
  if (isCoff(view)) return readCoff(bytes);
  throw new InvariantError('not an object file of a known format');
}
