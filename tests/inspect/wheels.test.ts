/** Wheels with one thing wrong each, made of real machine code. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { cpuNamed, inspect } from '#check/binary/inspect.ts';
import type { SubjectReport } from '#check/binary/report.ts';
import type { PackedMember } from './harness.ts';
import { buildElf, codesOf, everything, fileMember, inspectOne, llvm, workDirectory } from './harness.ts';
import { zip } from './zip-writer.ts';

const directory = workDirectory();

function wheel(name: string, members: readonly PackedMember[]): string {
  const path = join(directory, name);
  writeFileSync(path, zip([...members, { name: 'demo-1.0.dist-info/WHEEL', bytes: Buffer.from('Wheel-Version: 1.0\n') }]));
  return path;
}

async function codes(name: string, members: readonly PackedMember[]): Promise<string[]> {
  return codesOf(await inspectOne(wheel(name, members)));
}

const module = 'demo/_demo.cpython-312-aarch64-linux-gnu.so';
const good = buildElf(directory, 'good.so');
const x86 = buildElf(directory, 'x86.so', { target: 'x86_64-linux-gnu' });
const lse = buildElf(directory, 'lse.so', {
  source: '__attribute__((visibility("default"))) int add(int *p) { return __atomic_fetch_add(p, 1, 5) + __atomic_fetch_or(p + 1, 1, 5) + __atomic_exchange_n(p + 2, 1, 5); }',
  flags: ['-march=armv8.1-a', '-mno-outline-atomics'],
});

describe('a Linux wheel', () => {
  test('with nothing wrong', async () => {
    const report = await inspectOne(wheel('demo-1.0-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl', [fileMember(module, good)]));
    assert.deepEqual(report.findings, []);
    assert.deepEqual(report.natives.map(({ path, images }) => [path, images[0]?.machine]), [[module, 'aarch64']]);
  });

  test('with machine code although it says any', async () => {
    assert.deepEqual(await codes('demo-1.0-py3-none-any.whl', [fileMember('demo/tool', good)]), ['native-in-any']);
  });

  test('for another processor', async () => {
    assert.deepEqual(await codes('demo-1.0-cp312-cp312-manylinux2014_aarch64.whl', [fileMember(module, x86)]), ['wrong-machine']);
  });

  test('with a file for another system', async () => {
    assert.deepEqual(await codes('demo-1.0-cp312-cp312-win_arm64.whl', [fileMember('demo/_demo.pyd', good)]), ['wrong-format']);
  });

  for (const [needed, tag, expected] of [
    ['2.17', 'manylinux2014_aarch64', []], ['2.18', 'manylinux_2_17_aarch64', []], ['2.28', 'manylinux_2_28_aarch64', []],
    ['2.29', 'manylinux2014_aarch64', ['glibc-too-new']], ['2.34', 'manylinux_2_28_aarch64', ['glibc-too-new']], ['2.34', 'musllinux_1_2_aarch64', ['wrong-libc']],
  ] as const) {
    test(`that needs glibc ${needed} and is tagged ${tag}`, async () => {
      const file = buildElf(directory, `glibc-${needed}.so`, { glibc: needed });
      assert.deepEqual(await codes(`demo-1.0-cp312-cp312-${tag}.whl`, [fileMember('demo/_demo.abi3.so', file)]), [...expected]);
    });
  }

  test('that needs a newer libstdc++ than its tag has', async () => {
    const stub = buildElf(directory, 'stub.so', { source: 'int from_cxx(void) { return 1; }', flags: ['-Wl,-soname,libstdc++.so.6', `-Wl,--version-script=${script('GLIBCXX_3.4.30 { global: from_cxx; };')}`] });
    const user = buildElf(directory, 'cxx.so', { source: 'int from_cxx(void); int use(void) { return from_cxx(); }', flags: [stub] });
    assert.deepEqual(await codes('demo-1.0-cp312-cp312-manylinux_2_28_aarch64.whl', [fileMember(module, user)]), ['libstdcxx-too-new']);
    assert.deepEqual(await codes('demo-1.0-cp312-cp312-manylinux_2_35_aarch64.whl', [fileMember(module, user)]), []);
  });

  test('that needs libraries: on every system, in the wheel, nowhere; and libpython', async () => {
    const library = (soname: string): string => buildElf(directory, soname, { source: `int ${soname.replace(/\W/g, '_')}(void) { return 1; }`, flags: [`-Wl,-soname,${soname}`] });
    const needed = ['libz.so.1', 'libinside.so.2', 'libnowhere.so.3', 'libpython3.12.so.1.0'];
    const user = buildElf(directory, 'user.so', { flags: ['-Wl,--no-as-needed', ...needed.map(library)] });
    const report = await inspectOne(wheel('demo-1.0-cp312-cp312-manylinux_2_28_aarch64.whl', [fileMember(module, user), fileMember('demo.libs/libinside.so.2', library('libinside.so.2'))]));
    assert.deepEqual(codesOf(report), ['links-libpython', 'missing-library']);
    assert.match(report.findings.find(({ code }) => code === 'missing-library')?.message ?? '', /^needs libnowhere\.so\.3;/);
  });

  for (const [size, expected] of [[4096, ['page-size']], [16384, ['page-size']], [65536, []], [2048, ['page-alignment']]] as const) {
    test(`whose segments are aligned to ${size} bytes`, async () => {
      const file = buildElf(directory, `pages-${size}.so`, { flags: [`-Wl,-z,max-page-size=${size}`, ...(size < 4096 ? [`-Wl,-z,common-page-size=${size}`] : [])] });
      const report = await inspectOne(wheel('demo-1.0-cp312-cp312-manylinux_2_28_aarch64.whl', [fileMember(module, file)]));
      assert.deepEqual(codesOf(report), [...expected]);
      if (size === 16384) assert.match(report.findings[0]?.message ?? '', /^loads with pages of 16 KB; not of 64 KB/);
    });
  }

  test('small pages are an error for a processor whose kernels have larger ones', async () => {
    const path = wheel('demo-1.0-cp312-cp312-manylinux_2_28_aarch64.whl', [fileMember(module, buildElf(directory, 'small.so', { flags: ['-Wl,-z,max-page-size=4096'] }))]);
    const severities = async (cpu: string): Promise<string[]> => (await inspectOne(path, { ...everything, cpus: [cpuNamed(cpu)] })).findings.map(({ severity }) => severity);
    assert.deepEqual([await severities('raspberry-pi-5'), await severities('raspberry-pi-4')], [['error'], ['warning']]);
  });

  test('with jemalloc in it', async () => {
    const file = buildElf(directory, 'je.so', { source: 'const char *text(void) { return "<jemalloc>: Unsupported system page size\\n"; }' });
    assert.deepEqual(await codes('demo-1.0-cp312-cp312-manylinux_2_28_aarch64.whl', [fileMember(module, file)]), ['jemalloc-page-size']);
  });

  for (const [file, tag, expected] of [
    [module, 'cp313-cp313', ['suffix-mismatch']], [module, 'cp312-abi3', ['narrow-suffix']], ['d/_d.abi3.so', 'cp39-abi3', []], ['d/_d.so', 'cp39-abi3', []],
    ['d/_d.cpython-313t-aarch64-linux-gnu.so', 'cp313-cp313', ['suffix-mismatch']], ['d/_d.cpython-313t-aarch64-linux-gnu.so', 'cp313-cp313t', []],
    ['d/_d.cpython-313-x86_64-linux-gnu.so', 'cp313-cp313', ['suffix-mismatch']], ['d/_d.abi3.so', 'cp313-cp313t', ['suffix-mismatch']], ['d/_d.abi3t.so', 'cp315-abi3.abi3t', []],
    ['d/_d.abi3.so', 'cp312-cp312', []],
  ] as const) {
    test(`${file} under ${tag}`, async () => {
      assert.deepEqual(await codes(`demo-1.0-${tag}-manylinux_2_28_aarch64.whl`, [fileMember(file, good)]), [...expected]);
    });
  }

  test('whose name says nothing', async () => {
    assert.deepEqual(await codes('demo.whl', [fileMember(module, good)]), ['wheel-name']);
  });
});

function script(text: string): string {
  const path = join(directory, 'script');
  writeFileSync(path, `${text}\n`);
  return path;
}

describe('instructions', () => {
  const name = 'demo-1.0-cp312-cp312-manylinux_2_28_aarch64.whl';

  test('atomics without a test', async () => {
    const report = await inspectOne(wheel(name, [fileMember(module, lse)]));
    assert.deepEqual(report.findings.map(({ code, severity }) => [code, severity]), [['unguarded-instructions', 'warning']]);
    assert.match(report.findings[0]?.message ?? '', /^LSE atomics: 3 instructions in add \(.*raspberry-pi-4, graviton1, jetson-nano$/);
  });

  test('a processor that is asked for makes it an error, one that has them makes it nothing', async () => {
    const path = wheel(name, [fileMember(module, lse)]);
    const severities = async (cpu: string): Promise<string[]> => (await inspectOne(path, { ...everything, cpus: [cpuNamed(cpu)] })).findings.map(({ severity }) => severity);
    assert.deepEqual([await severities('raspberry-pi-4'), await severities('raspberry-pi-5')], [['error'], []]);
  });

  test('helpers of the compiler are no use of atomics', async () => {
    const helper = buildElf(directory, 'helper.so', {
      source: `__asm__(".globl helper; helper: adrp x16, flag; ldrb w16, [x16, :lo12:flag]; cbz w16, 1f; .arch armv8.1-a; ldaddal w0, w0, [x1]; ret; 1: ret; .data; flag: .byte 0");`,
    });
    const report = await inspectOne(wheel(name, [fileMember(module, helper)]));
    assert.deepEqual([codesOf(report), report.natives[0]?.scan?.outlined], [[], 1]);
  });

  const kernel = 'dotprod-kernel.so';
  test('a kernel that is chosen at run time is guarded; the same without asking is not', async () => {
    const plain = Array.from({ length: 20 }, (_, index) => `int plain${index}(int x) { return x * ${index + 3}; }`).join('\n');
    const source = (ask: string): string => `#include <arm_neon.h>
      ${plain}
      __attribute__((target("arch=armv8.2-a+dotprod"))) int32x4_t kernel(int32x4_t a, int8x16_t b, int8x16_t c) { return vdotq_s32(vdotq_s32(vdotq_s32(a, b, c), c, c), b, b); }
      ${ask}`;
    const asking = buildElf(directory, kernel, { source: source('unsigned long getauxval(unsigned long); int choose(void) { return (getauxval(16) >> 20) & 1; }'), flags: ['-ffreestanding', '-Wl,--unresolved-symbols=ignore-all'] });
    const report = await inspectOne(wheel(name, [fileMember(module, asking)]));
    assert.deepEqual(report.natives[0]?.uses.map(({ extension, count, guard }) => [extension, count, guard]), [['dotprod', 3, 'guarded']]);
    assert.deepEqual(codesOf(report), []);
    const blind = buildElf(directory, kernel, { source: source(''), flags: ['-ffreestanding'] });
    assert.deepEqual(codesOf(await inspectOne(wheel(name, [fileMember(module, blind)]))), ['unguarded-instructions']);
  });

  test('what runs at import is unguarded, whatever the file asks elsewhere', async () => {
    const file = buildElf(directory, 'import.so', {
      source: 'unsigned long getauxval(unsigned long); unsigned long ask(void) { return getauxval(16); } int PyInit_x(int *p) { return __atomic_fetch_add(p, 1, 5) + __atomic_fetch_add(p + 1, 2, 5) + __atomic_fetch_add(p + 2, 2, 5); }',
      flags: ['-march=armv8.1-a', '-mno-outline-atomics', '-Wl,--unresolved-symbols=ignore-all'],
    });
    const report = await inspectOne(wheel(name, [fileMember(module, file)]));
    assert.match(report.findings[0]?.message ?? '', /PyInit_x runs when the file is loaded/);
  });

  test('--no-instructions asks for none', async () => {
    const report = await inspectOne(wheel(name, [fileMember(module, lse)]), { cpus: [], instructions: false });
    assert.deepEqual([codesOf(report), report.natives[0]?.scan], [[], undefined]);
  });

  test('data between functions is not taken for code where symbols tell', async () => {
    const file = buildElf(directory, 'data.so', { source: '__asm__(".text; .globl f; f: ret; .word 0xb8e00020, 0xb8e00020, 0xb8e00020, 0xb8e00020; .globl g; g: ret");' });
    assert.deepEqual((await inspectOne(file)).natives[0]?.uses, []);
  });
});

describe('a Windows wheel', () => {
  test('imports, and what is no part of Windows', async () => {
    writeFileSync(join(directory, 'w.c'), '__declspec(dllimport) int a(void); __declspec(dllimport) int b(void); __declspec(dllimport) int c(void); __declspec(dllexport) int f(void) { return a() + b() + c(); }');
    llvm('clang', ['--target=aarch64-windows-msvc', '-O2', '-c', 'w.c', '-o', 'w.obj'], directory);
    for (const [library, symbol] of [['KERNEL32', 'a'], ['MSVCP140', 'b'], ['elsewhere', 'c']] as const) {
      writeFileSync(join(directory, 'w.def'), `LIBRARY ${library}.dll\nEXPORTS\n${symbol}\n`);
      llvm('lld-link', ['/lib', '/def:w.def', '/machine:arm64', `/out:${library}.lib`], directory);
    }
    llvm('lld-link', ['/dll', '/noentry', '/machine:arm64', '/out:w.dll', 'w.obj', 'KERNEL32.lib', 'MSVCP140.lib', 'elsewhere.lib'], directory);
    const member = fileMember('demo/_demo.cp312-win_arm64.pyd', join(directory, 'w.dll'));
    assert.deepEqual(await codes('demo-1.0-cp312-cp312-win_arm64.whl', [member]), ['missing-library', 'unknown-library']);
    const bundled = ['demo/msvcp140.dll', 'demo/elsewhere.dll'].map((name) => ({ name, bytes: member.bytes }));
    assert.deepEqual(await codes('demo-1.0-cp312-cp312-win_arm64.whl', [member, ...bundled]), []);
    assert.deepEqual(await codes('demo-1.0-cp312-cp312-win_amd64.whl', [member]), ['wrong-machine']);
    assert.deepEqual(await codes('demo-1.0-cp313-cp313-win_arm64.whl', [{ ...member }, ...bundled]), ['suffix-mismatch']);
  });
});

describe('a macOS wheel', () => {
  const build = (target: string, minimum: string, more: readonly string[] = []): Buffer => {
    writeFileSync(join(directory, 'mac.c'), 'int f(int *p) { return *p; }');
    llvm('clang', [`--target=${target}-apple-macos${minimum}`, '-O2', '-c', 'mac.c', '-o', 'mac.o'], directory);
    llvm('ld64.lld', ['-arch', target, '-platform_version', 'macos', minimum, minimum, '-dylib', '-install_name', '@rpath/m.so', ...more, '-o', 'mac.so', 'mac.o'], directory);
    return readFileSync(join(directory, 'mac.so'));
  };
  const file = 'demo/_demo.cpython-312-darwin.so';

  for (const [what, tag, bytes, expected] of [
    ['nothing wrong', 'macosx_11_0_arm64', build('arm64', '11.0'), []],
    ['a newer minimum', 'macosx_11_0_arm64', build('arm64', '13.0'), ['macos-too-new']],
    ['no signature', 'macosx_11_0_arm64', build('arm64', '11.0', ['-no_adhoc_codesign']), ['unsigned']],
    ['one image under universal2', 'macosx_10_9_universal2', build('arm64', '11.0'), ['slice-missing']],
    ['Intel code', 'macosx_11_0_arm64', build('x86_64', '11.0'), ['wrong-machine']],
    ['a tag that never matches', 'macosx_10_9_arm64', build('arm64', '11.0'), ['tag-never-matches']],
  ] as const) {
    test(`with ${what}`, async () => {
      assert.deepEqual(await codes(`demo-1.0-cp312-cp312-${tag}.whl`, [{ name: file, bytes }]), [...expected]);
    });
  }
});

test('a segment of a macOS library that begins inside a page', async () => {
  writeFileSync(join(directory, 'seg.c'), 'int f(int *p) { return *p; }');
  llvm('clang', ['--target=arm64-apple-macos11.0', '-O2', '-c', 'seg.c', '-o', 'seg.o'], directory);
  llvm('ld64.lld', ['-arch', 'arm64', '-platform_version', 'macos', '11.0', '11.0', '-dylib', '-install_name', '@rpath/seg.so', '-o', 'seg.so', 'seg.o'], directory);
  const bytes = readFileSync(join(directory, 'seg.so'));
  // The name of a segment is followed by its address.
  const address = bytes.indexOf('__LINKEDIT') + 16;
  bytes.writeBigUInt64LE(bytes.readBigUInt64LE(address) + 4096n, address);
  assert.deepEqual(await codes('demo-1.0-cp312-cp312-macosx_11_0_arm64.whl', [{ name: 'demo/_demo.so', bytes }]), ['page-alignment']);
});

describe('directories', () => {
  test('an installed environment: each file is checked against the wheel it came from', async () => {
    const site = join(directory, 'site-packages');
    for (const [distribution, tag] of [['a', 'py3-none-any'], ['b', 'cp312-cp312-manylinux_2_28_aarch64']] as const) {
      mkdirSync(join(site, `${distribution}-1.0.dist-info`), { recursive: true });
      mkdirSync(join(site, distribution));
      writeFileSync(join(site, `${distribution}-1.0.dist-info`, 'WHEEL'), `Wheel-Version: 1.0\nTag: ${tag}\n`);
      writeFileSync(join(site, `${distribution}-1.0.dist-info`, 'RECORD'), `${distribution}/native.so,sha256=x,1\n`);
      writeFileSync(join(site, distribution, 'native.so'), readFileSync(good));
    }
    const report = await inspectOne(site);
    assert.deepEqual(report.findings.map(({ code, path }) => [code, path]), [['native-in-any', 'a/native.so']]);
    assert.equal(report.natives.length, 2);
  });

  test('wheels in a directory are looked into one by one', async () => {
    const dist = join(directory, 'dist');
    mkdirSync(dist);
    for (const name of ['a-1.0-py3-none-any.whl', 'b-1.0-cp312-cp312-manylinux_2_28_aarch64.whl']) writeFileSync(join(dist, name), zip([fileMember('x/y.so', good)]));
    const reports: readonly SubjectReport[] = await inspect([dist], everything);
    assert.deepEqual(reports.map((report) => codesOf(report)), [['native-in-any'], []]);
  });
});
