import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { refusalReasons } from '#cli/statistics/reasons.ts';
import { errorTables, errorsPage } from '../../tools/errors-page.ts';
import { projectRoot } from './harness.ts';

function textOf(directory: string): string {
  return readdirSync(join(projectRoot, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
}

function matches(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))].sort();
}

test('docs/errors.md is what the table says (npm run errors-page)', () => {
  assert.equal(readFileSync(join(projectRoot, 'docs/errors.md'), 'utf8'), errorsPage());
});

/** A command in src/cli reports errors of the part it is for. */
const used = matches(textOf('src'), /(?:\w+Error|warn)\('([a-z-]+)'/g);

for (const [part, table] of errorTables) {
  test(`every row of the table of ${part} is used`, () => {
    assert.deepEqual(Object.keys(table).filter((code) => !used.includes(code)), []);
  });
}

test('every code that is used has a row', () => {
  assert.deepEqual(used.filter((code) => !errorTables.some(([, table]) => code in table)), []);
});

test('no code has two meanings', () => {
  const codes = errorTables.flatMap(([, table]) => Object.keys(table));
  assert.deepEqual(codes.filter((code, index) => codes.indexOf(code) !== index), []);
});

test('every bailout code has a meaning', () => {
  const codes = matches(textOf('src/compiler') + textOf('src/server'), /(?:new Bailout\(|refusedForNow\()'([a-z-]+)'/g);
  assert.deepEqual(codes.filter((code) => !(code in refusalReasons)), []);
});
