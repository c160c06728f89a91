/** One table serves several systems: what makes that right is checked here. And the readers of their object files. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { compareWithTable } from '#stencils/build/compare-systems.ts';
import type { ObjectFile } from '#stencils/object-file.ts';
import { readObject } from '#stencils/read-object.ts';
import { loadStencilTable } from '#stencils/read-table.ts';
import { processors, stencilFromFunction } from '#stencils/stencil-from-function.ts';
import { comparedTargets, fileTarget, layouts, type TargetName } from '#stencils/targets.ts';
import { InvariantError, defined } from '#support/invariant.ts';
import { clang, tablesFolder } from './host.ts';

const root = join(import.meta.dirname, '../..');

const formats: Partial<Record<TargetName, ObjectFile['format']>> = {
  'x86_64-macos': 'mach-o', 'aarch64-macos': 'mach-o', 'x86_64-windows': 'elf', 'aarch64-windows': 'coff',
};

for (const target of comparedTargets) {
  for (const layout of layouts) {
    test(`stencils compiled for ${target.name} as ${formats[target.name]} are those of the table of ${fileTarget(target.name)}, CPython ${layout}`, () => {
      const toolchain = { clang, templates: join(root, 'stencils'), agent: join(root, 'agent') };
      const table = loadStencilTable(tablesFolder, target.name, layout);
      assert.equal(table.target, target.name);
      const { different, compared, format } = compareWithTable(toolchain, target, layout, table);
      assert.deepEqual(different, []);
      assert.ok(compared >= (target.native === undefined ? 120 : 300), `${compared} compared`);
      assert.equal(format, formats[target.name]);
    });
  }
}

const source = `
#define PARAMETERS void *a, long long r0, long long r1, long long r2
__attribute__((preserve_none)) void _HOLE_CONTINUE(PARAMETERS);
__attribute__((preserve_none)) void _HOLE_TARGET(PARAMETERS);
__attribute__((preserve_none)) void guard(PARAMETERS) {
  if (r0 < r1) { __attribute__((musttail)) return _HOLE_TARGET(a, r0, r1, r2); }
  __attribute__((musttail)) return _HOLE_CONTINUE(a, r0, r1, r2);
}
extern long long other;
__attribute__((preserve_none)) long long data(PARAMETERS) { return other; }
`;

const triples: readonly (readonly [string, ObjectFile['format'], ObjectFile['machine']])[] = [
  ['aarch64-linux-gnu', 'elf', 'aarch64'], ['x86_64-linux-gnu', 'elf', 'x86_64'],
  ['aarch64-pc-windows-msvc', 'coff', 'aarch64'], ['x86_64-pc-windows-msvc', 'coff', 'x86_64'],
  ['arm64-apple-macos11', 'mach-o', 'aarch64'], ['x86_64-apple-macos11', 'mach-o', 'x86_64'],
];

function objectOf(triple: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'armature-object-'));
  try {
    const path = join(folder, 'out.o');
    const flags = ['-c', '-x', 'c', '-', '-O2', '-ffreestanding', '-fno-pic', '-fno-asynchronous-unwind-tables', '-fomit-frame-pointer', '-Xclang', '-mframe-pointer=none'];
    const run = spawnSync(clang, [`--target=${triple}`, ...flags, '-o', path], { input: source, encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('readers of object files', () => {
  const guards = new Map<string, string>();
  for (const [triple, format, machine] of triples) {
    test(triple, () => {
      const bytes = objectOf(triple), object = readObject(bytes);
      assert.deepEqual([object.format, object.machine, object.functions.map(({ name }) => name).sort()], [format, machine, ['data', 'guard']]);
      const guard = defined(object.functions.find(({ name }) => name === 'guard'), 'guard');
      assert.deepEqual(guard.relocations.map(({ symbol }) => symbol).sort(), ['_HOLE_CONTINUE', '_HOLE_TARGET']);
      const stencil = stencilFromFunction(guard, processors[machine], format);
      const text = JSON.stringify([Buffer.from(stencil.code).toString('hex'), stencil.holes]);
      assert.equal(guards.get(machine) ?? text, text);
      guards.set(machine, text);
      // What holds an address of data is not known, and never guessed.
      const data = defined(object.functions.find(({ name }) => name === 'data'), 'data');
      assert.throws(() => stencilFromFunction(data, processors[machine], format), /unknown relocation|which is no hole|depends on its place/);
      assert.throws(() => readObject(bytes.subarray(0, 16)), InvariantError);
      assert.throws(() => readObject(bytes.subarray(0, bytes.length >> 1)), (error) => error instanceof InvariantError || error instanceof RangeError);
    });
  }
  test('other files', () => {
    assert.throws(() => readObject(new Uint8Array(64)), /not an object file of a known format/);
  });
});
