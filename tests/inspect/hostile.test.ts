/** Archives and images that lie: a finding that names the place, never a crash, never much memory, and the rest is still looked at. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { BufferSource } from '#check/binary/bytes/source.ts';
import { Unreadable } from '#check/binary/bytes/unreadable.ts';
import { readDirectory } from '#check/binary/archive/directory.ts';
import { openMember } from '#check/binary/archive/member.ts';
import { FunctionTable } from '#check/binary/images/functions.ts';
import { formatOf, readImages } from '#check/binary/images/read.ts';
import { scanCode } from '#check/binary/instructions/scan.ts';
import { readNative } from '#check/binary/native.ts';
import { inspect } from '#check/binary/inspect.ts';
import { printable } from '#support/printable.ts';
import { Random } from '../../tools/instruction-masks/random.ts';
import { armLibraries, buildElf, codesOf, everything, fileMember, inspectOne, llvm, workDirectory } from './harness.ts';
import type { ZipMemberRecipe, ZipRecipe } from './zip-writer.ts';
import { zip } from './zip-writer.ts';

const directory = workDirectory();
const name = 'demo-1.0-cp312-cp312-manylinux_2_28_aarch64.whl';

async function complaint(bytes: Buffer): Promise<string> {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  const report = await inspectOne(path);
  assert.deepEqual(report.findings.map(({ code, severity }) => [code, severity]), [['unreadable', 'error']]);
  return report.findings[0]?.message ?? '';
}

const text = (length: number): Buffer => Buffer.alloc(length, 'abcdefgh');
const honest: ZipMemberRecipe = { name: 'demo/a.txt', bytes: text(1000) };

describe('archives', () => {
  const cases: readonly (readonly [what: string, members: readonly ZipMemberRecipe[], recipe: ZipRecipe, expected: RegExp])[] = [
    ['a member that leads out of the directory', [{ name: '../../etc/x', bytes: text(100) }], {}, /unpacked outside/],
    ['an absolute name', [{ name: '/etc/x', bytes: text(100) }], {}, /unpacked outside/],
    ['a drive letter', [{ name: 'C:/x', bytes: text(100) }], {}, /unpacked outside/],
    ['two members of one name', [honest, honest], {}, /two members are called/],
    ['overlapping members', [honest, { ...honest, name: 'demo/b.txt', forged: { offset: 10 } }], {}, /overlaps/],
    ['a size that no deflate reaches', [{ ...honest, forged: { size: 2 ** 31 } }], {}, /cannot be 2147483648 bytes/],
    ['a member beyond the directory', [{ ...honest, forged: { compressedSize: 5000 } }], {}, /reaches into the central directory/],
    ['an encrypted member', [{ ...honest, forged: { flags: 1 } }], {}, /encrypted/],
    ['an unknown compression', [{ ...honest, forged: { method: 14 } }], {}, /compression method 14/],
    ['stored with two sizes', [{ ...honest, stored: true, forged: { size: 999 } }], {}, /two different sizes/],
    ['more members announced than there are', [honest], { count: 300 }, /do not fit/],
    ['an offset beyond the file', [{ ...honest, forged: { offset: 4_000_000 } }], {}, /central directory/],
    ['sizes of 64 bits that are absurd', [{ ...honest, forged: { size: 2 ** 52, compressedSize: 2 ** 51 } }], { large: true }, /central directory|limit/],
  ];
  for (const [what, members, recipe, expected] of cases) {
    test(what, async () => {
      assert.match(await complaint(zip(members, recipe)), expected);
    });
  }

  test('the large records are read as well', async () => {
    const path = join(directory, name);
    writeFileSync(path, zip([honest, { name: 'demo/_demo.so', bytes: readFileSync(buildElf(directory, 'g.so')) }], { large: true }));
    assert.deepEqual((await inspectOne(path)).natives.map((native) => native.path), ['demo/_demo.so']);
  });

  test('a directory hidden in the comment is not taken for the real one', async () => {
    const hidden = zip([{ name: 'demo/other.txt', bytes: text(10) }]);
    const members = await readDirectory(new BufferSource(zip([honest], { comment: hidden.subarray(0, hidden.length - 1) })));
    assert.deepEqual(members.map((member) => member.name), ['demo/a.txt']);
  });

  test('bytes in front of the archive', async () => {
    assert.match(await complaint(Buffer.concat([text(100), zip([honest])])), /does not end where/);
  });

  test('cut off at every length', async () => {
    const whole = zip([honest, { ...honest, name: 'b' }]);
    for (let length = 0; length < whole.length; length += 1) {
      await assert.rejects(readDirectory(new BufferSource(whole.subarray(0, length))), Unreadable, `${length}`);
    }
  });

  test('a member that yields more, or less, than it says stops there', async () => {
    const image = readFileSync(buildElf(directory, 'more.so'));
    for (const [size, expected] of [[image.length - 50, /larger than/], [image.length + 50, /and not the/]] as const) {
      const bytes = zip([{ name: 'demo/_demo.so', bytes: image, forged: { size } }, { name: 'demo/fine.so', bytes: image }]);
      const path = join(directory, name);
      writeFileSync(path, bytes);
      const report = await inspectOne(path);
      assert.deepEqual([codesOf(report), report.natives.map((native) => native.path)], [['unreadable'], ['demo/fine.so']]);
      assert.match(report.findings[0]?.message ?? '', expected);
    }
  });

  test('a bomb: 300 MB of zeros behind a real header', async () => {
    const image = readFileSync(buildElf(directory, 'bomb.so'));
    assert.match(await complaint(zip([{ name: 'demo/_demo.so', bytes: Buffer.concat([image, Buffer.alloc(300 * 1024 * 1024)]) }])), /decompression bomb/);
  });

  test('damaged data inside a member', async () => {
    const image = readFileSync(buildElf(directory, 'damaged.so'));
    const bytes = zip([{ name: 'demo/_demo.so', bytes: image }]);
    bytes.fill(0xff, 60, 200);
    assert.match(await complaint(bytes), /cannot be decompressed|damaged|invalid/);
  });

  test('large members leave no file behind', async () => {
    const left = (): string[] => readdirSync(tmpdir()).filter((file) => /^armature-[0-9a-f]{8}-/.test(file));
    const before = left().length;
    const bytes = zip([{ name: 'x', bytes: Buffer.concat([readFileSync(buildElf(directory, 'l.so')), Buffer.alloc(17 * 1024 * 1024, libraryBytes())]) }]);
    const source = new BufferSource(bytes);
    const [member] = await readDirectory(source);
    const opened = await openMember(source, member ?? assert.fail());
    assert.equal(opened.size, member?.size);
    assert.equal((await opened.read(0, 4)).toString('latin1'), '\u007fELF');
    if (process.platform !== 'win32') assert.equal(left().length, before);
    await opened.close();
    assert.equal(left().length, before);
  });
});

function libraryBytes(): Buffer {
  return readFileSync(armLibraries().find((file) => file.includes('libcrypto')) ?? '');
}

describe('images', () => {
  const look = async (bytes: Buffer): Promise<void> => {
    const format = formatOf(bytes);
    if (format !== undefined) await readNative('x.so', new BufferSource(bytes), format, everything);
  };

  const samples = (): readonly (readonly [string, Buffer])[] => {
    writeFileSync(join(directory, 's.c'), 'int f(int *p) { return *p; }');
    llvm('clang', ['--target=aarch64-windows-msvc', '-O2', '-c', 's.c', '-o', 's.obj'], directory);
    llvm('lld-link', ['/dll', '/noentry', '/machine:arm64', '/export:f', '/out:s.dll', 's.obj'], directory);
    llvm('clang', ['--target=arm64-apple-macos11', '-O2', '-c', 's.c', '-o', 's.o'], directory);
    llvm('ld64.lld', ['-arch', 'arm64', '-platform_version', 'macos', '11.0', '11.0', '-dylib', '-o', 's.dylib', 's.o'], directory);
    const real = armLibraries().find((file) => file.includes('libuuid')) ?? armLibraries()[0] ?? '';
    return [['ELF', readFileSync(real)], ['PE', readFileSync(join(directory, 's.dll'))], ['Mach-O', readFileSync(join(directory, 's.dylib'))]];
  };

  for (const [format, bytes] of samples()) {
    test(`${format}: cut off anywhere, it is refused or read, and nothing else happens`, async () => {
      for (let length = 64; length < bytes.length; length += Math.max(1, Math.floor(bytes.length / 120))) {
        await look(bytes.subarray(0, length)).catch((error: unknown) => { assert.ok(error instanceof Unreadable, `${length}: ${String(error)}`); });
      }
    });

    test(`${format}: with bytes changed at random, too`, async () => {
      const random = new Random(7);
      let refused = 0;
      for (let round = 0; round < 300; round += 1) {
        const changed = Buffer.from(bytes);
        // Most of what can go wrong is in the headers.
        const reach = round % 3 === 0 ? bytes.length : Math.min(1024, bytes.length);
        for (let count = 0; count <= round % 4; count += 1) changed[4 + random.below(reach - 4)] = round % 2 === 0 ? 0xff : random.word() & 0xff;
        await look(changed).catch((error: unknown) => {
          assert.ok(error instanceof Unreadable, `round ${round}: ${error instanceof Error ? String(error.stack) : String(error)}`);
          refused += 1;
        });
      }
      assert.ok(refused > 10, `${refused} refused`);
    });
  }

  test('headers that point outside the file name the place', async () => {
    const elf = readFileSync(buildElf(directory, 'outside.so'));
    const tables = Buffer.from(elf);
    tables.writeBigUInt64LE(1n << 40n, 32);
    await assert.rejects(readImages(new BufferSource(tables), 'elf'), /the table of program headers at offset 1099511627776.* outside the file/);
    const count = Buffer.from(elf);
    count.writeUInt16LE(0xffff, 56);
    await assert.rejects(readImages(new BufferSource(count), 'elf'), /program headers/);
  });

  test('sections that cover the same code again and again', async () => {
    const code = { ranges: Array.from({ length: 1000 }, () => ({ offset: 0, size: 100, address: 0 })), functions: FunctionTable.empty, detection: [] };
    await assert.rejects(scanCode(new BufferSource(text(100)), code), /sections of code with 100000 bytes in a file of 100/);
  });

  test('a universal file whose images overlap or hold each other', async () => {
    const header = Buffer.alloc(256);
    header.writeUInt32BE(0xcafebabe, 0);
    header.writeUInt32BE(2, 4);
    for (const index of [0, 1]) [0x0100000c, 0, 0, 256, 0].forEach((value, field) => header.writeUInt32BE(value, 8 + index * 20 + field * 4));
    await assert.rejects(readImages(new BufferSource(header), 'universal'), /overlaps/);
  });

  test('a Java class is no universal file', () => {
    assert.equal(formatOf(Buffer.concat([Buffer.from('cafebabe00000041', 'hex'), Buffer.alloc(64)])), undefined);
  });
});

test('one bad wheel does not keep the others from being looked at, and a text file is none', async () => {
  const good = join(directory, 'good-1.0-cp312-cp312-manylinux_2_28_aarch64.whl');
  writeFileSync(good, zip([fileMember('g.so', buildElf(directory, 'again.so'))]));
  const bad = join(directory, 'bad-1.0-py3-none-any.whl');
  writeFileSync(bad, text(500));
  const reports = await inspect([bad, good], everything);
  assert.deepEqual(reports.map(codesOf), [['unreadable'], []]);
  assert.ok(existsSync(good));
});

test('names from archives cannot command the terminal', () => {
  assert.equal(printable('a\u001b[2Jb\u202ec'), 'a\\u001b[2Jb\\u202ec');
});
