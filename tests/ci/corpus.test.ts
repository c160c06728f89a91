import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync, cpSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { checkWorkflows } from '#ci/check.ts';
import type { AskDependencies } from '#ci/dependencies.ts';
import { portWorkflows } from '#ci/port.ts';
import type { PortedFile } from '#ci/port.ts';
import { hunksOf, unifiedDiff } from '#ci/report/unified-diff.ts';
import { findingsText } from '#ci/report/text.ts';
import { allRules } from '#ci/rules/all-rules.ts';
import { coloursFor } from '#support/colours.ts';
import { applyPatch } from 'diff';
import { lint } from './actionlint.ts';

/**
 * Each workflow of corpus/ (NAME.yml, or a directory that is a project) has beside it NAME.expected: what `check` says, the diff
 * of `port`, and what `port` leaves. UPDATE_EXPECTED=1 accepts new output.
 */
const corpus = join(import.meta.dirname, 'corpus');
const today = '2026-10-01';
const plain = coloursFor(process.stdout, { NO_COLOR: '1' });
const names = readdirSync(corpus).filter((name) => !name.endsWith('.expected')).sort();
const scratch = mkdtempSync(join(tmpdir(), 'armature-ci-'));
const seen = new Set<string>();
after(() => { rmSync(scratch, { recursive: true, force: true }); });

/** Stands for `armature check` in the cases whose name says so: numpy has no Windows Arm wheel for Python 3.12. */
const ask: AskDependencies = (question) => Promise.resolve(question.os === 'windows' && question.python === '3.12'
  ? { kind: 'blocked', packages: [{ name: 'torch 2.6.0', reason: 'no win_arm64 wheel and no source distribution' }] } : { kind: 'installable' });

const optionsOf = (name: string) => ({ today, ...(name.startsWith('dependencies') ? { ask } : {}) });
const expectedOf = (name: string): string => join(corpus, `${name.replace(/\.yml$/, '')}.expected`);

/** A copy of the case with the changes written, to look at what comes out. */
function written(name: string, files: readonly PortedFile[]): string {
  const target = join(scratch, name);
  cpSync(join(corpus, name), target, { recursive: true });
  for (const file of files) {
    const location = statSync(target).isDirectory() ? join(target, file.path) : target;
    mkdirSync(dirname(location), { recursive: true });
    writeFileSync(location, file.after);
  }
  return target;
}

describe('corpus', () => {
  for (const name of names) {
    test(name, async () => {
      const path = join(corpus, name);
      const { project, findings } = await checkWorkflows(path, optionsOf(name));
      assert.deepEqual(project.problems.map((problem) => problem.message), []);
      const ported = await portWorkflows(path, optionsOf(name));
      const text = `## check\n${findingsText(findings, plain)}\n## port\n${unifiedDiff(ported.files)}\n## left\n${findingsText(ported.left, plain)}`;
      if (process.env['UPDATE_EXPECTED'] === '1') writeFileSync(expectedOf(name), text);
      assert.equal(text, existsSync(expectedOf(name)) ? readFileSync(expectedOf(name), 'utf8') : '', 'UPDATE_EXPECTED=1 node --import tsx --test tests/ci/corpus.test.ts accepts this');

      const target = written(name, ported.files);
      const again = await portWorkflows(target, optionsOf(name));
      assert.equal(unifiedDiff(again.files), '', 'a second run changes nothing');
      for (const file of ported.files) await verifyFile(file);
      for (const { rule } of [...findings, ...ported.left, ...ported.files.flatMap((file) => file.marks)]) seen.add(rule);
    });
  }

  test('there are at least 40 workflows, and a case for every rule', () => {
    assert.ok(names.length >= 40, String(names.length));
    assert.deepEqual(allRules.map((rule) => rule.name).filter((rule) => !seen.has(rule)), []);
  });
});

async function verifyFile(file: PortedFile): Promise<void> {
  assert.equal(applyPatch(file.before, unifiedDiff([file]), { autoConvertLineEndings: false }), file.after, 'the diff is the change');
  for (const hunk of hunksOf(file)) assert.ok(hunk.reasons.length > 0 && hunk.reasons.every((each) => each.link.startsWith('https://')), `a reason for ${hunk.header} of ${file.path}`);
  assert.equal(outsideOf(file, 'before'), outsideOf(file, 'after'), 'bytes outside the hunks are the same');
  if (!/\.ya?ml$/.test(file.path) || /^action\.ya?ml$/.test(basename(file.path))) return;
  const errors = parseWorkflow({ name: file.path, content: file.after }, new NoOperationTraceWriter()).context.errors.getErrors();
  assert.deepEqual(errors.map((error) => error.message), []);
  assert.deepEqual(await lint(file.after), [], 'actionlint has nothing to say');
}

/** The lines that no hunk touches, with their line ends. */
function outsideOf(file: PortedFile, side: 'before' | 'after'): string {
  const lines = file[side].split('\n');
  for (const hunk of hunksOf(file).toReversed()) {
    const match = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/.exec(hunk.header);
    const [start, count] = side === 'before' ? [match?.[1], match?.[2]] : [match?.[3], match?.[4]];
    lines.splice(Number(start) - 1, Number(count ?? 1));
  }
  return lines.join('\n');
}
