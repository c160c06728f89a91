/** The comparison with CPython's JIT: what is made of the counts, and that its page is complete and adds up. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCounts } from '../../tools/bench/instruction-counter.ts';
import { comparisonTable, verdict, type ComparisonRow } from '../../tools/bench/jit-comparison.ts';
import { geometricMean } from '../../tools/bench/pairs.ts';
import { kernelPrograms, projectRoot } from '../../tools/bench/programs.ts';

test('instructions outside of files are those of a JIT', () => {
  const directory = mkdtempSync(join(tmpdir(), 'armature-counts-'));
  try {
    const path = join(directory, 'counts');
    writeFileSync(path, [
      'total 1000',
      '1000-2000 r--p 00000000 08:01 42                         /usr/bin/python3.14',
      '5000-6000 rw-s 00000000 00:01 43                         /memfd:armature (deleted)',
      '7000-8000 rw-p 00000000 00:00 0 ',
      '1010 8 2 100 0', // of the program
      '5000 16 4 50 300', // hot
      '5008 16 4 25 350', // overlaps the one before
      '7000 4 1 2 100', // not hot
    ].join('\n'));
    const counts = readCounts(path);
    assert.equal(counts.total, 1000);
    assert.equal(counts.made, 4 * 50 + 4 * 25 + 2);
    assert.equal(counts.hotBytes(25), 24);
    assert.equal(counts.hotBytes(1), 28);
    assert.equal(counts.since(25), 700);
    assert.equal(counts.since(1000), 0);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('the mean of ratios is geometric', () => {
  const side = (value: number): ComparisonRow['ours'] => ({ bytes: value, hotBytes: value, instructions: value, made: value });
  const rows: ComparisonRow[] = [
    { program: 'a', arch: 'x86_64', theirs: side(100), ours: side(10) }, { program: 'b', arch: 'x86_64', theirs: side(100), ours: side(40) },
  ];
  assert.match(comparisonTable(rows), /\| geometric mean \|  \|  \| 0\.20 \|/);
  assert.match(verdict(rows), /0\.20 of the bytes of machine code \(0\.20 of those/);
});

test('docs/cpython-jit.md has kernels on both processors, and its means are those of its rows (npm run bench:cpython-jit -- --page)', () => {
  const page = readFileSync(join(projectRoot, 'docs', 'cpython-jit.md'), 'utf8');
  for (const arch of ['x86_64', 'aarch64']) {
    const section = page.split(`## ${arch}\n`)[1]?.split('\n## ')[0] ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
    const kernels = rows.filter(([name]) => name?.includes('/'));
    const all = kernelPrograms('full', []).map(({ name }) => name);
    assert.deepEqual(kernels.map(([name]) => name), all.filter((name) => kernels.some(([known]) => known === name)), arch);
    assert.ok(kernels.length > 0 && section.includes(`${kernels.length} of ${all.length} programs.`), arch);
    const means = rows.find(([name]) => name === 'geometric mean') ?? [];
    for (const column of [3, 6, 9, 12]) {
      const mean = geometricMean(kernels.map((cells) => Number(cells[column - 1]) / Number(cells[column - 2])));
      assert.ok(Math.abs(Number(means[column]) - mean) < 0.006, `${arch}, column ${column}: ${means[column]} for ${mean}`);
    }
  }
});
