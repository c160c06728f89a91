import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scrubFor } from '#lab/server/scrub.ts';

const seen = (text: string): unknown => scrubFor(undefined, text);

test('no path of any form reaches those without a token', () => {
  for (const text of [
    '/home/maria/x', '-I/home/maria/include -O2', '-L/scratch/maria/lib', 'CFLAGS=/work/maria/x', 'file:///home/maria/x', "'--prefix=/scratch/maria/py'", 'C:\\Users\\maria', 'c:/Users/maria/x',
    '\\\\server\\maria\\x', '~/maria/x', '~maria/x', 'x=/opt/maria', 'in /__w/maria/build:', 'a\n/tmp/maria',
  ]) assert.doesNotMatch(String(seen(text)), /maria/, text);
});

test('what only looks like a path stays', () => {
  for (const text of [
    'https://github.com/org/repo/actions/runs/1', 'a/b/c', 'and/or', 'n/a', '/', '/b', 'Linux-6.8.0-aarch64', '183-191=driver:cppc_cpufreq, governor:performance', 'python 3.15.0 (main, 2026/05/01)', 'async_tree/io',
  ]) assert.equal(seen(text), text);
});

test('fields that name a computer or a person are hidden, however deep', () => {
  assert.deepEqual(scrubFor(undefined, { a: [{ hostname: 'kite', load: 1, github_actor: null }] }), { a: [{ hostname: '…', load: 1, github_actor: null }] });
});
