/**
 * The central directory of a zip file: APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16. Stricter than most readers, since nothing
 * that a wheel needs is lost by it: names, sizes and places are believed only where they cannot deceive.
 */
import type { ByteSource } from '../bytes/source.ts';
import { checkRange } from '../bytes/source.ts';
import { Fields } from '../bytes/fields.ts';
import { require } from '../bytes/unreadable.ts';

export interface ZipMember {
  readonly name: string;
  readonly method: 'stored' | 'deflated';
  readonly compressedSize: number;
  readonly size: number;
  readonly crc: number;
  /** Of its local header. */
  readonly offset: number;
  readonly directory: boolean;
}

const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 } as const;
const endSize = 22;
const locatorSize = 20;
const longestComment = 0xffff;
const limits = {
  members: 200_000,
  directory: 64 * 1024 * 1024,
  /** Deflate cannot do better than 1032 to 1 (RFC 1951, 3.2.5: a block of 258-byte matches of one bit each). */
  ratio: 1032,
  /** A member that shrinks more than this and is large is made to fill memory. Machine code shrinks 2 to 6 times. */
  suspiciousRatio: 200,
  suspiciousSize: 256 * 1024 * 1024,
  member: 16 * 1024 * 1024 * 1024,
} as const;

export async function readDirectory(source: ByteSource): Promise<readonly ZipMember[]> {
  const end = await findEnd(source);
  require(end.count <= limits.members, `an archive of ${end.count} members; ${limits.members} is the limit`);
  require(end.size <= limits.directory, `a central directory of ${end.size} bytes; ${limits.directory} is the limit`);
  checkRange(end.offset, end.size, source.size, 'the central directory');
  const fields = new Fields(await source.read(end.offset, end.size), 'the central directory');
  const members: ZipMember[] = [];
  for (let at = 0, index = 0; index < end.count; index += 1) {
    const { member, next } = readEntry(fields, at, index);
    members.push(member);
    at = next;
  }
  checkMembers(members, end.offset);
  return members;
}

interface DirectoryEnd {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
}

async function findEnd(source: ByteSource): Promise<DirectoryEnd> {
  require(source.size >= endSize, 'too short for a zip file');
  const length = Math.min(source.size, endSize + longestComment + locatorSize);
  const tailStart = source.size - length;
  const bytes = await source.read(tailStart, length);
  const tail = new Fields(bytes, 'the end of the archive');
  for (let at = length - endSize; at >= 0; at -= 1) {
    // The comment must reach exactly to the end: a directory hidden in a comment is not taken for the real one.
    if (tail.u32(at) !== signatures.end || at + endSize + tail.u16(at + 20) !== length) continue;
    require(tail.u16(at + 4) === 0 && tail.u16(at + 6) === 0, 'an archive in several volumes');
    const end = { count: tail.u16(at + 10), size: tail.u32(at + 12), offset: tail.u32(at + 16) };
    if (end.count !== 0xffff && end.size !== 0xffffffff && end.offset !== 0xffffffff) return checkedEnd(end, tailStart + at);
    require(at >= locatorSize && tail.u32(at - locatorSize) === signatures.locator64, 'large sizes without the record that holds them');
    return findEnd64(source, tail.u64(at - locatorSize + 8), tailStart + at - locatorSize);
  }
  require(false, 'no end of a zip directory; the file is truncated or not a zip file');
}

async function findEnd64(source: ByteSource, offset: number, limit: number): Promise<DirectoryEnd> {
  checkRange(offset, 56, limit, 'the large end record');
  const record = new Fields(await source.read(offset, 56), 'the large end record');
  require(record.u32(0) === signatures.end64, 'no large end record where the archive says it is');
  return checkedEnd({ count: record.u64(32), size: record.u64(40), offset: record.u64(48) }, offset);
}

/** Nothing may be between the directory and its end; bytes in front of the archive would move every offset. */
function checkedEnd(end: DirectoryEnd, place: number): DirectoryEnd {
  require(end.offset + end.size === place, `the central directory (offset ${end.offset}, ${end.size} bytes) does not end where its end record begins (${place})`);
  require(end.count * 46 <= end.size, `${end.count} members do not fit into a directory of ${end.size} bytes`);
  return end;
}

function readEntry(fields: Fields, at: number, index: number): { member: ZipMember; next: number } {
  require(fields.u32(at) === signatures.central, `no directory entry ${index} at offset ${at} of the central directory`);
  const [flags, method] = [fields.u16(at + 8), fields.u16(at + 10)];
  const [nameLength, extraLength, commentLength] = [fields.u16(at + 28), fields.u16(at + 30), fields.u16(at + 32)];
  const name = fields.bytes(at + 46, nameLength).toString('utf8');
  require((flags & 0x2041) === 0, `member ${JSON.stringify(name)} is encrypted`);
  require(method === 0 || method === 8, `member ${JSON.stringify(name)} has the compression method ${method}; wheels have 0 or 8`);
  checkName(name);
  const sizes = largeSizes(new Fields(fields.bytes(at + 46 + nameLength, extraLength), `the extra fields of ${name}`), {
    size: fields.u32(at + 24), compressedSize: fields.u32(at + 20), offset: fields.u32(at + 42),
  });
  const next = at + 46 + nameLength + extraLength + commentLength;
  return { next, member: { name, method: method === 0 ? 'stored' : 'deflated', crc: fields.u32(at + 16), directory: name.endsWith('/'), ...sizes } };
}

function checkName(name: string): void {
  require(name.length > 0, 'a member without a name');
  const unsafe = name.includes('\0') || name.includes('\\') || name.startsWith('/') || /^[A-Za-z]:/.test(name) || name.split('/').includes('..');
  require(!unsafe, `member ${JSON.stringify(name)} would be unpacked outside its directory`);
}

type Sizes = Pick<ZipMember, 'size' | 'compressedSize' | 'offset'>;

/** Sizes of 32 bits that are all ones stand in the extra field 1, in this order (4.5.3). */
function largeSizes(extra: Fields, sizes: Sizes): Sizes {
  for (let at = 0; at + 4 <= extra.length;) {
    const [kind, length] = [extra.u16(at), extra.u16(at + 2)];
    if (kind === 1) {
      let next = at + 4;
      const large = (value: number): number => {
        if (value !== 0xffffffff) return value;
        next += 8;
        return extra.u64(next - 8);
      };
      return { size: large(sizes.size), compressedSize: large(sizes.compressedSize), offset: large(sizes.offset) };
    }
    at += 4 + length;
  }
  return sizes;
}

const localHeaderSize = 30;

function checkMembers(members: readonly ZipMember[], directoryOffset: number): void {
  const names = new Set<string>();
  let end = 0;
  for (const member of members.toSorted((a, b) => a.offset - b.offset)) {
    const { name } = member;
    require(!names.has(name), `two members are called ${JSON.stringify(name)}`);
    names.add(name);
    require(member.offset >= end, `member ${JSON.stringify(name)} overlaps the one before it`);
    // The local header repeats the name; its extra field may be longer, which is looked at when the member is read.
    end = member.offset + localHeaderSize + Buffer.byteLength(name) + member.compressedSize;
    require(end <= directoryOffset, `member ${JSON.stringify(name)} reaches into the central directory`);
    checkSizes(member);
  }
}

function checkSizes({ name, method, size, compressedSize }: ZipMember): void {
  if (method === 'stored') require(size === compressedSize, `member ${JSON.stringify(name)} is stored with two different sizes`);
  require(size <= limits.member, `member ${JSON.stringify(name)} of ${size} bytes; ${limits.member} is the limit`);
  require(size <= (compressedSize + 1) * limits.ratio, `member ${JSON.stringify(name)} cannot be ${size} bytes from ${compressedSize}`);
  require(size <= limits.suspiciousSize || size <= compressedSize * limits.suspiciousRatio,
    `member ${JSON.stringify(name)} grows from ${compressedSize} to ${size} bytes: a decompression bomb`);
}
