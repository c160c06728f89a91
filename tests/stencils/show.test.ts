import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { findLlvmTools } from '#stencils/build/toolchain.ts';
import { buildTables } from '#stencils/build/build-tables.ts';
import { describeStencil, descriptionText, GeneratedTables } from '#stencils/describe-stencil.ts';
import { stencilTargets, type StencilTarget } from '#stencils/targets.ts';
import { ReportedError } from '#support/reported-error.ts';
import { defined } from '#support/invariant.ts';

const generated = new GeneratedTables(join(import.meta.dirname, '../../stencils/generated'));
const target = (name: string): StencilTarget => defined(stencilTargets.find((t) => t.name === name), name);

describe('show', () => {
  test('a guarded addition on AArch64', () => {
    const text = descriptionText(defined(describeStencil(generated, 'int.add', target('aarch64-linux'), 314), 'int.add'));
    assert.equal(text, `int.add r3, r2, r1   aarch64-linux, CPython 314: one of 512 variants
    0  adds x8, x24, x23
    4  b.vs TARGET    ; TARGET branch19
    8  mov x22, x8
bytes   080317ab 06000054 f60308aa
patches
    4  TARGET  branch19
reads   r2 (x23), r3 (x24)
writes  x8, r1 (x22)
size    12 bytes; x86_64-linux 311: 15, x86_64-linux 314: 15, aarch64-linux 311: 12, x86_64-windows 311: 15, x86_64-windows 314: 15, aarch64-windows 311: 12, aarch64-windows 314: 12
`);
  });

  test('what a C call destroys, and constants that come from the pool', () => {
    const call = defined(describeStencil(generated, 'call.vector', target('aarch64-linux'), 311), 'call.vector');
    assert.equal(call.clobbers, true);
    assert.deepEqual(call.holes.map((h) => h.symbol), ['LIT0', 'IMM0', 'FN_armature_vectorcall']);
    assert.match(descriptionText(call), /ldr x2, LIT0 {4}; LIT0 literal19\n/);
  });

  test('every stencil of every target can be described', () => {
    for (const t of stencilTargets) {
      for (const layout of [311, 314] as const) {
        for (const name of generated.get(t.name, layout).familyNames) {
          const d = defined(describeStencil(generated, name, t, layout), name);
          assert.equal(d.instructions?.length === 0, d.size === 0, name);
          assert.equal(d.elsewhere.length >= 1, true, name);
        }
      }
    }
    assert.equal(describeStencil(generated, 'no.such', target('x86_64-linux'), 314), undefined);
  });
});

/** A directory with a program of this name that prints one line. */
function fakeTool(t: TestContext, name: string, line: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'armature-tools-'));
  t.after(() => { rmSync(directory, { recursive: true }); });
  writeFileSync(join(directory, name), `#!/bin/sh\necho '${line}'\n`);
  chmodSync(join(directory, name), 0o755);
  return directory;
}

const refusal = (code: string, message: RegExp) => (error: unknown): boolean => ReportedError.is(error) && error.code === code && message.test(error.message);

describe('the compiler', () => {
  const nowhere = '/nonexistent';
  test('is missing', () => {
    assert.throws(() => findLlvmTools(nowhere, { PATH: nowhere }), refusal('clang-not-found', /clang-19, clang-20, clang-21, clang\)/));
  });
  test('is too old, too new, or Apple’s', (t) => {
    for (const [line, shown] of [
      ['Debian clang version 18.1.8', /is clang 18\.1\.8; clang 19 to 21/], ['clang version 22.0.0', /is clang 22\.0\.0/],
      ['Apple clang version 19.0.0 (clang-1900)', /is Apple clang version 19/], ['gcc (Debian) 12.2.0', /is gcc/],
    ] as const) {
      const PATH = fakeTool(t, 'clang', line);
      assert.throws(() => findLlvmTools(nowhere, { PATH }), refusal('clang-version', shown));
    }
  });
  test('comes without its tools', (t) => {
    assert.throws(() => findLlvmTools(nowhere, { PATH: fakeTool(t, 'clang-20', 'clang version 20.1.0') }), refusal('llvm-tool-not-found', /llvm-objcopy-20/));
  });
  test('is named by CLANG', (t) => {
    const directory = fakeTool(t, 'mine', 'clang version 21.1.0');
    for (const tool of ['objcopy', 'objdump']) writeFileSync(join(directory, tool), '');
    const environment = { PATH: nowhere, CLANG: join(directory, 'mine'), OBJCOPY: join(directory, 'objcopy'), OBJDUMP: join(directory, 'objdump') };
    assert.deepEqual(findLlvmTools(nowhere, environment), {
      clang: environment.CLANG, version: 'clang 21.1.0', objcopy: environment.OBJCOPY, objdump: environment.OBJDUMP,
    });
  });
  test('uses the tools beside it before others of its version', (t) => {
    const directory = fakeTool(t, 'clang-21', 'clang version 21.1.0'), elsewhere = fakeTool(t, 'llvm-objcopy-21', '');
    for (const folder of [directory, elsewhere]) for (const tool of ['llvm-objcopy-21', 'llvm-objdump-21']) writeFileSync(join(folder, tool), '');
    const found = findLlvmTools(nowhere, { PATH: elsewhere, CLANG: join(directory, 'clang-21') });
    assert.deepEqual([found.objcopy, found.objdump], [join(directory, 'llvm-objcopy-21'), join(directory, 'llvm-objdump-21')]);
  });
  test('has nothing to compile in an installed package', () => {
    const options = { root: nowhere, targets: stencilTargets, check: true, force: false, progress: () => undefined };
    assert.throws(() => buildTables(options), refusal('no-stencil-templates', /templates are missing/));
  });
});
