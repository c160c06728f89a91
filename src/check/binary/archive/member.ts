import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { constants, createInflateRaw, inflateRawSync } from 'node:zlib';
import type { ByteSource } from '../bytes/source.ts';
import { BufferSource, PartSource, checkRange } from '../bytes/source.ts';
import { TemporarySource, createTemporary } from '../bytes/temporary.ts';
import { Fields } from '../bytes/fields.ts';
import { Unreadable, require } from '../bytes/unreadable.ts';
import type { ZipMember } from './directory.ts';

/** Larger members are unpacked into a temporary file that has no name any more when it is used. */
const largestInMemory = 16 * 1024 * 1024;

async function dataOffset(source: ByteSource, member: ZipMember): Promise<number> {
  checkRange(member.offset, 30, source.size, `the local header of ${member.name}`);
  const fields = new Fields(await source.read(member.offset, 30), `the local header of ${member.name}`);
  require(fields.u32(0) === 0x04034b50, `no local header of ${JSON.stringify(member.name)} where the directory says it is`);
  const start = member.offset + 30 + fields.u16(26) + fields.u16(28);
  checkRange(start, 0, source.size, `the data of ${member.name}`);
  require(start + member.compressedSize <= source.size, `the data of ${JSON.stringify(member.name)} ends outside the archive`);
  return start;
}

/** The first bytes of a member, without unpacking the rest. */
export async function memberHead(source: ByteSource, member: ZipMember, length: number): Promise<Buffer> {
  const start = await dataOffset(source, member);
  const wanted = Math.min(length, member.size);
  if (member.method === 'stored') return source.read(start, wanted);
  // Headers hardly shrink; 4 KB of input hold more than the few bytes that are asked for.
  const input = await source.read(start, Math.min(member.compressedSize, 4096));
  try {
    return inflateRawSync(input, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 4096 * 1032 }).subarray(0, wanted);
  } catch (error) {
    throw new Unreadable(`member ${JSON.stringify(member.name)} cannot be decompressed: ${messageOf(error)}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A member as a source of its own; close it to free what it holds. */
export async function openMember(source: ByteSource, member: ZipMember): Promise<ByteSource> {
  const start = await dataOffset(source, member);
  const compressed = new PartSource(source, start, member.compressedSize);
  if (member.method === 'stored') {
    require(member.size === member.compressedSize, `member ${JSON.stringify(member.name)} is stored, and has two sizes`);
    return compressed;
  }
  return member.size <= largestInMemory ? inMemory(compressed, member) : inTemporaryFile(compressed, member);
}

/** Stops as soon as the member yields more than the directory promises. */
async function* unpacked(compressed: PartSource, member: ZipMember): AsyncGenerator<Buffer> {
  const input = Readable.from(compressed.stream(0, compressed.size));
  const inflate = createInflateRaw({ chunkSize: 256 * 1024 });
  input.on('error', (error) => inflate.destroy(error));
  let size = 0;
  try {
    for await (const chunk of input.pipe(inflate) as AsyncIterable<Buffer>) {
      size += chunk.length;
      require(size <= member.size, `member ${JSON.stringify(member.name)} is larger than the ${member.size} bytes of its directory entry`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`member ${JSON.stringify(member.name)} cannot be decompressed: ${messageOf(error)}`);
  } finally {
    input.destroy();
    inflate.destroy();
  }
  require(size === member.size, `member ${JSON.stringify(member.name)} has ${size} bytes and not the ${member.size} of its directory entry`);
}

async function inMemory(compressed: PartSource, member: ZipMember): Promise<ByteSource> {
  const bytes = Buffer.allocUnsafe(member.size);
  let at = 0;
  for await (const chunk of unpacked(compressed, member)) at += chunk.copy(bytes, at);
  return new BufferSource(bytes);
}

async function inTemporaryFile(compressed: PartSource, member: ZipMember): Promise<ByteSource> {
  const { handle, remove } = await createTemporary();
  try {
    for await (const chunk of unpacked(compressed, member)) await handle.writeFile(chunk);
    return new TemporarySource(handle, member.size, remove);
  } catch (error) {
    await handle.close();
    await remove();
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`member ${JSON.stringify(member.name)} does not fit into ${tmpdir()}: ${messageOf(error)}`);
  }
}
