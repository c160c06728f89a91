import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import { checkWorkflows } from '#ci/check.ts';
import { portWorkflows } from '#ci/port.ts';
import { checkJson, portJson } from '#ci/report/json.ts';
import { unifiedDiff } from '#ci/report/unified-diff.ts';
import { allRules } from '#ci/rules/all-rules.ts';
import { lint } from './actionlint.ts';

const root = join(import.meta.dirname, '..', '..');
const corpus = join(import.meta.dirname, 'corpus');
const today = '2026-10-01';

test('the workflows of this repository run on Arm: nothing is found, nothing is changed', async () => {
  const { project, findings } = await checkWorkflows(root, { today });
  assert.ok(project.workflows.length > 0);
  assert.deepEqual([project.problems, findings], [[], []]);
  assert.equal(unifiedDiff((await portWorkflows(root, { today })).files), '');
  const directory = join(root, '.github', 'workflows');
  for (const name of readdirSync(directory)) assert.deepEqual(await lint(readFileSync(join(directory, name), 'utf8')), [], name);
});

test('docs/ci.md has every rule, in order, and shows a diff of the corpus', async () => {
  const page = readFileSync(join(root, 'docs', 'ci.md'), 'utf8');
  const table = page.slice(page.indexOf('| rule | finds |'), page.indexOf('## What is read')).trim().split('\n').slice(2);
  assert.deepEqual(table, allRules.map((rule) => `| \`${rule.name}\` | ${rule.summary} |`));
  const { files } = await portWorkflows(join(corpus, 'matrix-flow-list.yml'), { today });
  assert.ok(page.includes(`\`\`\`diff\n${unifiedDiff(files)}\`\`\``));
});

test('--json is as docs/schemas/ci-report.json says', async () => {
  const schema = JSON.parse(readFileSync(join(root, 'docs', 'schemas', 'ci-report.json'), 'utf8')) as object;
  const validate = new Ajv.Ajv({ strict: false, validateFormats: false }).compile(schema);
  for (const name of ['cibuildwheel-pyproject', 'reusable', 'image-left.yml', 'retired-labels.yml', 'already-on-arm.yml']) {
    const { project, findings } = await checkWorkflows(join(corpus, name), { today });
    const ported = await portWorkflows(join(corpus, name), { today });
    for (const document of [checkJson(project, findings, today), portJson(ported, false, today)]) {
      assert.ok(validate(JSON.parse(JSON.stringify(document))), JSON.stringify(validate.errors));
    }
  }
  assert.ok(!validate({ version: 2 }));
});

test('only the systems that are asked for get legs', async () => {
  const { files, added } = await portWorkflows(join(corpus, 'matrix-flow-list.yml'), { today, targets: ['windows'] });
  assert.match(files[0]?.after ?? '', /macos-latest, windows-11-arm\]/);
  assert.deepEqual(added, { linux: 0, windows: 3, macos: 0 });
});
