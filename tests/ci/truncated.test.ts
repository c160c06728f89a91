import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { portWorkflows } from '#ci/port.ts';

const corpus = join(import.meta.dirname, 'corpus');
const scratch = mkdtempSync(join(tmpdir(), 'armature-ci-cut-'));
after(() => { rmSync(scratch, { recursive: true, force: true }); });

/** Cuts at a few places of each workflow, different ones in each. */
const cuts = readdirSync(corpus).filter((name) => name.endsWith('.yml')).flatMap((name, index) => {
  const text = readFileSync(join(corpus, name), 'utf8');
  return [0.31, 0.47, 0.68, 0.83].map((part) => ({ name, text: text.slice(0, Math.floor(text.length * part) + (index % 7)) }));
});

test('a workflow that is cut off is reported with its place, or is whole as far as it goes; a second run changes nothing', async () => {
  let broken = 0;
  const path = join(scratch, 'ci.yml');
  for (const { name, text } of cuts) {
    writeFileSync(path, text);
    const { project, files } = await portWorkflows(path, { today: '2026-10-01' });
    const [problem] = project.problems;
    if (problem !== undefined) {
      broken += 1;
      assert.match(problem.message, /^ci\.yml:\d+:\d+: \S/, name);
      assert.deepEqual(files, []);
      continue;
    }
    for (const file of files) writeFileSync(path, file.after);
    assert.deepEqual((await portWorkflows(path, { today: '2026-10-01' })).files, [], `${name} cut to ${String(text.length)}`);
  }
  assert.ok(broken > 20 && broken < cuts.length, String(broken));
});
