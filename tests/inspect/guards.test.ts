/** Whether the instructions of a library stand behind a test: libraries of which that is known, because they were made for it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { buildElf, inspectOne, llvm, workDirectory } from './harness.ts';

const directory = workDirectory();

const kernel = 'asm volatile(".arch_extension dotprod\\n sdot v0.4s, v1.16b, v2.16b\\n sdot v3.4s, v1.16b, v2.16b\\n sdot v4.4s, v1.16b, v2.16b" ::: "v0", "v3", "v4");';
const dot = `__attribute__((noinline)) static int fast(int x) { ${kernel} return x; } __attribute__((noinline)) static int slow(int x) { asm volatile("nop"); return x; }`;
const others = (count: number): string => Array.from({ length: count }, (_, index) => `int other${index}(int x) { return x * ${index + 3}; }`).join('\n');
const ask = 'unsigned long getauxval(unsigned long);';

const libraries: Readonly<Record<string, readonly [source: string, expected: string, flags?: readonly string[]]>> = {
  'chooses by getauxval': [`${ask} ${dot} int f(int x) { return getauxval(16) & 1 << 20 ? fast(x) : slow(x); } int g(int x) { return x + 1; }`, 'dotprod guarded'],
  'asks inside the function': [`${ask} int f(int x) { if (getauxval(16) & 1 << 20) { ${kernel} return 1; } return x; } int g(int x) { return x + 1; }`, 'dotprod guarded'],
  'asks once, when it is loaded': [`${ask} ${dot} static int (*chosen)(int) = slow; __attribute__((constructor)) static void choose(void) { if (getauxval(16) & 1 << 20) chosen = fast; } int f(int x) { return chosen(x); } ${others(3)}`, 'dotprod guarded'],
  'chooses by an indirect function': [`${dot} static int (*resolve(unsigned long has))(int) { return has & 1 << 20 ? fast : slow; } int f(int x) __attribute__((ifunc("resolve"))); int g(int x) { return x + 1; }`, 'dotprod guarded'],
  'asks for nothing': [`${dot} int f(int x) { return fast(x) + slow(x); }`, 'dotprod unguarded'],
  'asks for the size of pages only': [`${ask} unsigned long page(void) { return getauxval(6); } int f(int x) { ${kernel} return x; } ${others(20)}`, 'dotprod unknown'],
  'asks, and has it everywhere': [`${ask} unsigned long has(void) { return getauxval(16); } ${Array.from({ length: 5 }, (_, index) => `int f${index}(int x) { ${kernel} return x; }`).join('\n')}`, 'dotprod unknown'],
  'has it in what runs at import': [`${ask} unsigned long has(void) { return getauxval(16); } void *PyInit_demo(void) { ${kernel} return 0; } ${others(20)}`, 'dotprod unguarded'],
  'was compiled for a newer processor': ['int n; int f(int x) { return __atomic_fetch_add(&n, x, 5); } int g(int x) { return __atomic_exchange_n(&n, x, 5); } int h(int *e, int v) { return __atomic_compare_exchange_n(&n, e, v, 0, 5, 5); }', 'lse unguarded', ['-march=armv8.1-a']],
};

/** As libgcc and compiler-rt write them (lse.S). */
const helpers = [['ldadd4_acq_rel', 'ldaddal w0, w0, [x1]'], ['swp4_acq_rel', 'swpal w0, w0, [x1]'], ['cas4_acq_rel', 'casal w0, w1, [x2]']].map(([name, instruction]) => `
  asm(".arch_extension lse\\n .globl __aarch64_${name}\\n .hidden __aarch64_${name}\\n .type __aarch64_${name},%function\\n __aarch64_${name}:\\n"
      " bti c\\n adrp x16, __aarch64_have_lse_atomics\\n ldrb w16, [x16, #:lo12:__aarch64_have_lse_atomics]\\n cbz w16, 1f\\n ${instruction}\\n ret\\n"
      "1: mov w16, w0\\n 2: ldaxr w0, [x1]\\n stlxr w15, w16, [x1]\\n cbnz w15, 2b\\n ret\\n");`).join('\n');

async function usesOf(path: string): Promise<string> {
  const [native] = (await inspectOne(path)).natives;
  return native?.uses.map(({ extension, guard }) => `${extension} ${guard}`).join(', ') ?? 'no code';
}

describe('a library that', () => {
  for (const [name, [source, expected, flags = []]] of Object.entries(libraries)) {
    test(name, async () => {
      const path = buildElf(directory, `${name.replaceAll(/\W+/g, '-')}.so`, { source, flags: ['-ffreestanding', ...flags] });
      assert.equal(await usesOf(path), expected);
      llvm('llvm-strip', [path]);
      // A function that runs at import keeps its name, as it is exported.
      assert.equal(await usesOf(path), expected, 'without symbols');
    });
  }

  test('has outlined atomics uses no LSE', async () => {
    const path = buildElf(directory, 'outlined.so', {
      source: `${libraries['was compiled for a newer processor']?.[0] ?? ''} __attribute__((visibility("hidden"))) char __aarch64_have_lse_atomics; ${helpers}`,
      flags: ['-ffreestanding', '-moutline-atomics'],
    });
    const [native] = (await inspectOne(path)).natives;
    assert.deepEqual([native?.uses, native?.scan?.outlined], [[], 3]);
  });
});

test('the runtime of MSVC asks Windows for something else in every library: that is no test', async () => {
  writeFileSync(join(directory, 'k.def'), 'LIBRARY KERNEL32.dll\nEXPORTS\nIsProcessorFeaturePresent\n');
  llvm('lld-link', ['/lib', '/def:k.def', '/machine:arm64', '/out:k.lib'], directory);
  for (const [argument, expected] of [[23, 'dotprod unguarded'], [43, 'dotprod guarded']] as const) {
    const source = `__declspec(dllimport) int IsProcessorFeaturePresent(unsigned); ${dot}
      __declspec(dllexport) int f(int x) { return IsProcessorFeaturePresent(${argument}) ? fast(x) : slow(x); }
      ${others(20).replaceAll(/x \* (\d+)/g, 'f(x) + $1')}`;
    writeFileSync(join(directory, 'p.c'), source);
    llvm('clang', ['--target=aarch64-windows-msvc', '-O2', '-c', 'p.c', '-o', 'p.obj'], directory);
    const output = join(directory, `demo${argument}.cp312-win_arm64.pyd`);
    llvm('lld-link', ['/dll', '/noentry', '/machine:arm64', '/opt:noref', `/out:${output}`, 'p.obj', 'k.lib'], directory);
    assert.equal(await usesOf(output), expected, String(argument));
  }
});
