/** Writes zip files, honest ones and others: every field of the directory can be given a wrong value. */
import { crc32 } from './crc32.ts';
import { deflateRawSync } from 'node:zlib';
import type { PackedMember } from './harness.ts';

export interface Forgery {
  readonly size?: number;
  readonly compressedSize?: number;
  readonly offset?: number;
  readonly name?: string;
  readonly method?: number;
  readonly flags?: number;
}

export interface ZipMemberRecipe extends PackedMember {
  readonly stored?: boolean;
  /** What the directory says instead of the truth. */
  readonly forged?: Forgery;
}

export interface ZipRecipe {
  /** Number of members that the end record announces. */
  readonly count?: number;
  readonly comment?: Buffer;
  readonly large?: boolean;
}

export function zip(members: readonly ZipMemberRecipe[], recipe: ZipRecipe = {}): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const data = member.stored === true ? member.bytes : deflateRawSync(member.bytes);
    const truth = { size: member.bytes.length, compressedSize: data.length, offset, name: member.name, method: member.stored === true ? 0 : 8, flags: 0x800 };
    const crc = crc32(member.bytes);
    const header = localHeader(truth, crc);
    local.push(header, data);
    central.push(centralEntry({ ...truth, ...member.forged }, crc, recipe.large === true));
    offset += header.length + data.length;
  }
  const directory = Buffer.concat(central);
  return Buffer.concat([...local, directory, ...endRecords(members.length, directory.length, offset, recipe)]);
}

interface Fields {
  readonly size: number;
  readonly compressedSize: number;
  readonly offset: number;
  readonly name: string;
  readonly method: number;
  readonly flags: number;
}

function localHeader(fields: Fields, crc: number): Buffer {
  const name = Buffer.from(fields.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(fields.flags, 6);
  header.writeUInt16LE(fields.method, 8);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(fields.compressedSize, 18);
  header.writeUInt32LE(fields.size, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function centralEntry(fields: Fields, crc: number, large: boolean): Buffer {
  const name = Buffer.from(fields.name);
  const extra = Buffer.alloc(large ? 28 : 0);
  if (large) {
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    [fields.size, fields.compressedSize, fields.offset].forEach((value, index) => extra.writeBigUInt64LE(BigInt(value), 4 + index * 8));
  }
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(fields.flags, 8);
  entry.writeUInt16LE(fields.method, 10);
  entry.writeUInt32LE(crc, 16);
  entry.writeUInt32LE(large ? 0xffffffff : fields.compressedSize, 20);
  entry.writeUInt32LE(large ? 0xffffffff : fields.size, 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt16LE(extra.length, 30);
  entry.writeUInt32LE(large ? 0xffffffff : fields.offset, 42);
  return Buffer.concat([entry, name, extra]);
}

function endRecords(count: number, size: number, offset: number, recipe: ZipRecipe): Buffer[] {
  const comment = recipe.comment ?? Buffer.alloc(0);
  const end = Buffer.alloc(22);
  const announced = recipe.count ?? count;
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(recipe.large === true ? 0xffff : announced, 8);
  end.writeUInt16LE(recipe.large === true ? 0xffff : announced, 10);
  end.writeUInt32LE(recipe.large === true ? 0xffffffff : size, 12);
  end.writeUInt32LE(recipe.large === true ? 0xffffffff : offset, 16);
  end.writeUInt16LE(comment.length, 20);
  if (recipe.large !== true) return [end, comment];
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  for (const at of [24, 32]) end64.writeBigUInt64LE(BigInt(announced), at);
  end64.writeBigUInt64LE(BigInt(size), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return [end64, locator, end, comment];
}
