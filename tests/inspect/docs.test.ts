import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { extensionTitles } from '#check/binary/checks/baseline.ts';
import { findingKinds } from '#check/binary/finding.ts';
import { cpus } from '#check/binary/instructions/cpus.ts';
import { extensionNames } from '#check/binary/instructions/scan.ts';
import { inspectOptions } from '#cli/verbs/inspect.ts';
import { projectRoot } from '../../tools/pythons/targets.ts';

const page = readFileSync(join(projectRoot, 'docs/inside-wheels.md'), 'utf8');

test('docs/inside-wheels.md lists every finding as the program words it, and no other', () => {
  const rows = Object.entries(findingKinds).map(([code, { severity, meaning, remedy }]) => `| \`${code}\` | ${severity} | ${meaning} | ${remedy} |`);
  assert.deepEqual(page.split('\n').filter((line) => /^\| `[a-z0-9-]+` \| (error|warning|note) \|/.test(line)), rows);
});

test('and every processor, extension and option', () => {
  for (const { name, title } of cpus) assert.ok(page.includes(`| \`${name}\` | ${title} |`), name);
  for (const extension of extensionNames) assert.ok(page.includes(extensionTitles[extension].replace(' atomics', '').replace(' loads', '')), extension);
  for (const { name } of inspectOptions) assert.ok(page.includes(name), name);
});
