/** What our readers say of real files against what LLVM's say. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { FileSource } from '#check/binary/bytes/source.ts';
import { readElf } from '#check/binary/images/elf.ts';
import { readMachO, readUniversal } from '#check/binary/images/mach-o.ts';
import { readPe } from '#check/binary/images/pe.ts';
import { extensionNames, scanCode } from '#check/binary/instructions/scan.ts';
import { decodable } from '../../tools/instruction-masks/decoder.ts';
import { extensions } from '../../tools/instruction-masks/extensions.ts';
import { armLibraries, inspectOne, llvm, workDirectory } from './harness.ts';

const directory = workDirectory();

interface ReadobjElf {
  readonly FileSummary: { readonly File: string };
  readonly ProgramHeaders: readonly { readonly ProgramHeader: { readonly Type: { readonly Name: string }; readonly Offset: number; readonly VirtualAddress: number; readonly FileSize: number; readonly Alignment: number } }[];
}

/** The output of a program that prints a part for each file. */
function byFile(output: string): ReadonlyMap<string, string> {
  return new Map(output.split(/^File: (?=\/)/m).slice(1).map((text) => [text.slice(0, text.indexOf('\n')).trim(), text.slice(text.indexOf('\n') + 1)]));
}

/** `Name: GLIBC_2.17` below `File: libc.so.6`. */
function versionsIn(text: string): readonly string[] {
  let library = '';
  return text.split('\n').flatMap((line) => {
    library = /File: (\S+)/.exec(line)?.[1] ?? library;
    const name = /^\s+0x\w+: +Name: (\S+)/.exec(line)?.[1];
    return name === undefined || !text.includes('Version needs') ? [] : [`${library} ${name}`];
  });
}

describe('ELF: real arm64 libraries', () => {
  const files = armLibraries();

  test('needed libraries, load segments and required versions are those of llvm-readobj', async () => {
    const output = llvm('llvm-readobj', ['--elf-output-style=JSON', '--program-headers', ...files]);
    const told = new Map((JSON.parse(output) as ReadobjElf[]).map((entry) => [entry.FileSummary.File, entry]));
    const needed = byFile(llvm('llvm-readobj', ['--needed-libs', ...files]));
    const versions = byFile(llvm('llvm-readobj', ['--elf-output-style=GNU', '--version-info', ...files]));
    let checked = 0;
    for (const file of files) {
      const expected = told.get(file);
      assert.ok(expected, file);
      const source = await FileSource.open(file);
      const elf = await readElf(source);
      await source.close();
      assert.deepEqual([...elf.needed].sort(), (needed.get(file) ?? '').split('\n').filter((line) => line.startsWith('  ')).map((line) => line.trim()).sort(), file);
      const loads = expected.ProgramHeaders.map(({ ProgramHeader }) => ProgramHeader).filter(({ Type }) => Type.Name === 'PT_LOAD');
      assert.deepEqual(elf.loads.map(({ offset, address, fileSize, align }) => [offset, address, fileSize, align]),
        loads.map(({ Offset, VirtualAddress, FileSize, Alignment }) => [Offset, VirtualAddress, FileSize, Alignment]), file);
      const requirements = (versions.get(file) ?? '').split(/^(?=Version)/m).filter((part) => part.startsWith('Version needs')).join('');
      assert.deepEqual(elf.versions.map(({ library, version }) => `${library} ${version}`).sort(), [...versionsIn(requirements)].sort(), file);
      checked += elf.versions.length;
    }
    assert.ok(files.length > 30 && checked > 100, `${files.length} files, ${checked} versions`);
  });

  test('functions with names are those of the symbol table', async () => {
    const file = files.find((name) => name.includes('libssl.so.3')) ?? '';
    const source = await FileSource.open(file);
    const { functions } = (await readElf(source)).code;
    await source.close();
    const symbols = llvm('llvm-readobj', ['--dyn-symbols', file]).split('Symbol {').filter((text) => /Type: (Function|GNU_IFunc)/.test(text) && !/Section: Undefined/.test(text));
    const starts = new Map(Array.from(functions.starts, (start, index) => [start, functions.nameOf(index)]));
    for (const text of symbols) assert.notEqual(starts.get(Number(/Value: (0x[0-9A-F]+)/.exec(text)?.[1])), undefined, text);
    assert.ok(symbols.length > 300);
    assert.ok(functions.starts.length > new Set(symbols.map((text) => /Value: (\S+)/.exec(text)?.[1])).size, 'the table of frames tells of local functions, too');
  });
});

describe('the instruction scan', () => {
  for (const name of ['libm.so.6', 'libmvec.so.1', 'libc.so.6', 'libssl.so.3', 'libgcc_s.so.1']) {
    const file = armLibraries().find((candidate) => basename(candidate).startsWith(name));
    if (file === undefined) throw new Error(`no ${name} among the arm64 libraries`);
    test(`${basename(file)}: each extension is counted as llvm-objdump decodes it`, async () => {
      const source = await FileSource.open(file);
      const { code } = await readElf(source);
      const result = await scanCode(source, code);
      await source.close();
      const bytes = readFileSync(file);
      const words = code.ranges.flatMap(({ offset, size }) => Array.from({ length: size >>> 2 }, (_, index) => bytes.readUInt32LE(offset + index * 4)));
      assert.equal(result.words, words.length);
      const counts = new Map<number, number>();
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      const distinct = Uint32Array.from(counts.keys());
      const plain = decodable(distinct, '-lse');
      const beyond = distinct.filter((_, index) => plain[index] === 0);
      for (const { name: extension, attributes, without } of extensions) {
        const [yes, no] = [decodable(beyond, attributes), decodable(beyond, without)];
        const expected = beyond.reduce((sum, word, index) => sum + (yes[index] === 1 && no[index] === 0 ? counts.get(word) ?? 0 : 0), 0);
        const { count, doubtful } = result.uses.find((use) => use.extension === extension) ?? { count: 0, doubtful: 0 };
        assert.equal(count + doubtful + (extension === 'lse' ? result.outlined : 0), expected, extension);
      }
    });
  }

  test('vector functions for SVE are for callers that were compiled for SVE', async () => {
    const report = await inspectOne(armLibraries().find((file) => file.includes('libmvec')) ?? '');
    assert.deepEqual(report.natives[0]?.uses.map(({ extension, guard }) => [extension, guard]), [['sve', 'guarded']]);
  });

  test('knows the extensions that the masks are derived for', () => {
    assert.deepEqual([...extensionNames], extensions.map(({ name }) => name));
  });
});

describe('PE: what lld-link makes', () => {
  test('imports, machine, functions', async () => {
    writeFileSync(join(directory, 'm.c'), `__declspec(dllimport) int IsProcessorFeaturePresent(int);
      __declspec(dllimport) int helper(int);
      __declspec(noinline) int inner(int x) { return helper(x) + helper(x + 1); }
      __declspec(dllexport) int PyInit_demo(void) { return IsProcessorFeaturePresent(34) + inner(1); }`);
    for (const [library, name] of [['KERNEL32.dll', 'IsProcessorFeaturePresent'], ['msvcp140.dll', 'helper']] as const) {
      writeFileSync(join(directory, `${library}.def`), `LIBRARY ${library}\nEXPORTS\n${name}\n`);
      llvm('lld-link', ['/lib', `/def:${library}.def`, '/machine:arm64', `/out:${library}.lib`], directory);
    }
    llvm('clang', ['--target=aarch64-windows-msvc', '-O2', '-c', 'm.c', '-o', 'm.obj'], directory);
    const output = join(directory, 'demo.cp312-win_arm64.pyd');
    llvm('lld-link', ['/dll', '/noentry', '/machine:arm64', `/out:${output}`, 'm.obj', 'KERNEL32.dll.lib', 'msvcp140.dll.lib'], directory);
    const source = await FileSource.open(output);
    const pe = await readPe(source);
    await source.close();
    const readobj = llvm('llvm-readobj', ['--coff-imports', '--unwind', '--file-headers', output]);
    assert.deepEqual(pe.imports.map(({ library }) => library), [...readobj.matchAll(/^ {2}Name: (.*)$/gm)].map((match) => match[1]));
    assert.deepEqual([pe.machine, pe.kind, pe.code.detection], ['aarch64', 'dll', ['IsProcessorFeaturePresent']]);
    const functions = [...readobj.matchAll(/^ {4}Function: .*?(0x[0-9A-F]+)/gm)].map((match) => Number(match[1]) - 0x180000000);
    assert.ok(functions.length > 0);
    assert.deepEqual([...pe.code.functions.starts], functions);
  });

  test('ARM64EC and ARM64X are told from x64 and ARM64', async () => {
    writeFileSync(join(directory, 'e.c'), 'int f(int a) { return a * 3; }');
    writeFileSync(join(directory, 'lc.s'), `.section .rdata,"dr"
      .globl _load_config_used
      .p2align 3, 0
_load_config_used:
      .word 0x140
      .fill 0xc4,1,0
      .xword chpe
      .fill 0x70,1,0
chpe: .word 2
      .rva __hybrid_code_map
      .word __hybrid_code_map_count
      .fill 0x60,1,0
      .p2align 3, 0
      .globl __os_arm64x_dispatch_ret
__os_arm64x_dispatch_ret: .xword 0\n`);
    for (const name of ['e.c', 'lc.s']) llvm('clang', ['--target=arm64ec-windows-msvc', '-O2', '-c', name, '-o', `${name}.obj`], directory);
    for (const machine of ['arm64ec', 'arm64x'] as const) {
      const output = join(directory, `${machine}.dll`);
      llvm('lld-link', ['/dll', '/noentry', '/opt:noref', `/machine:${machine}`, `/out:${output}`, 'e.c.obj', 'lc.s.obj'], directory);
      const source = await FileSource.open(output);
      const pe = await readPe(source);
      await source.close();
      assert.equal(pe.machine, machine);
      assert.match(llvm('llvm-readobj', ['--file-headers', output]), new RegExp(`IMAGE_FILE_MACHINE_${machine.toUpperCase()} `));
      assert.ok(pe.code.ranges.length > 0, 'the map of Arm code');
    }
  });
});

describe('Mach-O: what ld64.lld makes', () => {
  const build = (name: string, target: string, minimum: string, more: readonly string[] = []): string => {
    writeFileSync(join(directory, 'a.c'), `extern int sysctlbyname(const char *, void *, void *, void *, long);
      __attribute__((noinline)) int inner(int *p) { return __atomic_fetch_add(p, 1, 5); }
      int f(int *p) { return inner(p) + sysctlbyname(0, 0, 0, 0, 0); }`);
    llvm('clang', [`--target=${target}-apple-macos${minimum}`, '-O2', '-c', 'a.c', '-o', 'a.o'], directory);
    const output = join(directory, name);
    llvm('ld64.lld', ['-arch', target, '-platform_version', 'macos', minimum, minimum, '-dylib', '-undefined', 'dynamic_lookup',
      '-install_name', '@rpath/liba.dylib', ...more, '-o', output, 'a.o'], directory);
    return output;
  };

  test('minimum system, signature, functions, what it asks the system', async () => {
    const file = build('a.dylib', 'arm64', '12.0');
    const source = await FileSource.open(file);
    const image = await readMachO(source);
    await source.close();
    const readobj = llvm('llvm-readobj', ['--macho-version-min', '--symbols', file]);
    assert.equal(image.minimumSystem, /Version: (.*)/.exec(readobj)?.[1]);
    assert.deepEqual([image.machine, image.kind, image.platform, image.signed, image.code.detection], ['aarch64', 'library', 'macOS', true, ['sysctlbyname']]);
    const names = Array.from(image.code.functions.starts, (_, index) => image.code.functions.nameOf(index)).sort();
    assert.deepEqual(names, ['_f', '_inner']);
    const segments = [...llvm('llvm-objdump', ['--macho', '--private-headers', file]).matchAll(/segname (\S+)\n\s+vmaddr (\S+)\n\s+vmsize (\S+)\n\s+fileoff (\d+)\n\s+filesize (\d+)/g)];
    assert.deepEqual(image.segments.map(({ name, address, size, offset, fileSize }) => [name, address, size, offset, fileSize]),
      segments.map(([, name, address, size, offset, fileSize]) => [name, Number(address), Number(size), Number(offset), Number(fileSize)]));
  });

  test('one without a signature', async () => {
    const source = await FileSource.open(build('unsigned.dylib', 'arm64', '11.0', ['-no_adhoc_codesign']));
    assert.equal((await readMachO(source)).signed, false);
    await source.close();
  });

  test('both images of a universal file', async () => {
    const parts = [readFileSync(build('x.dylib', 'x86_64', '10.9')), readFileSync(build('y.dylib', 'arm64', '11.0'))];
    const header = Buffer.alloc(0x4000);
    header.writeUInt32BE(0xcafebabe, 0);
    header.writeUInt32BE(2, 4);
    const bytes: Buffer[] = [header];
    parts.forEach((part, index) => {
      const at = bytes.reduce((sum, { length }) => sum + length, 0);
      [index === 0 ? 0x01000007 : 0x0100000c, index === 0 ? 3 : 0, at, part.length, 14].forEach((value, field) => header.writeUInt32BE(value, 8 + index * 20 + field * 4));
      bytes.push(part, Buffer.alloc((0x4000 - part.length % 0x4000) % 0x4000));
    });
    const file = join(directory, 'universal.dylib');
    writeFileSync(file, Buffer.concat(bytes));
    const source = await FileSource.open(file);
    const images = await readUniversal(source);
    assert.deepEqual(images.map(({ machine, minimumSystem }) => [machine, minimumSystem]), [['x86_64', '10.9'], ['aarch64', '11.0']]);
    const scan = await scanCode(source, images[1]?.code ?? assert.fail());
    await source.close();
    assert.deepEqual(scan.uses.map(({ extension, count }) => [extension, count]), [['lse', 1]]);
    assert.equal(scan.uses[0]?.places[0]?.function, '_inner');
    assert.deepEqual([...llvm('llvm-readobj', ['--file-headers', file]).matchAll(/CpuType: (\S+)/g)].map((match) => match[1]), ['X86-64', 'Arm64']);
  });
});
