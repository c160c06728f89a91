import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AgentStatistics, AgentUnit } from '#cli/statistics/agent-statistics.ts';
import { parseAgentStatistics } from '#cli/statistics/agent-statistics.ts';
import { mergeReport } from '#cli/statistics/merge.ts';
import { reportText, summaryText } from '#cli/statistics/report-text.ts';
import { coloursFor } from '#support/colours.ts';
import type { CompileRecord } from '#server/record.ts';
import { runArmature, script } from './harness.ts';

const plain = coloursFor({ isTTY: false } as NodeJS.WriteStream, {});
const place = { code: 'f', file: 'a.py', line: 1, placeLine: 3, kind: 'osr', offset: 9 } as const;
const unit: AgentUnit = {
  ...place, entries: 4, nanoseconds: 2e9, bytes: 500, disabled: false,
  exits: [{ exit: 2, kind: 'deopt', offset: 12, taken: 3, observed: 'float' }],
  text: [{ exit: 2, reason: 'unbox.int', code: 0, offset: 12 }],
};
const record: CompileRecord = {
  pid: 1, name: 'f', filename: 'a.py', firstlineno: 1, kind: 'osr', offset: 9, line: 3, unitBytes: 800, milliseconds: 5, fromCache: false,
  exits: [{ reason: 'unbox.int', name: 'f', line: 4, offset: 12 }], notInlined: [], dumps: [{ pass: 'build', text: 'function f' }],
};

function statistics(changes: Partial<AgentStatistics> = {}): AgentStatistics {
  return { layout: 314, pid: 1, requests: 1, osr_entries: 4, arena_bytes: 4096, unit_list: [unit], refusals: [], ...changes };
}

describe('the report', () => {
  test('joins what the agent and the server know', () => {
    const report = mergeReport(statistics(), [record], 4000);
    assert.equal(report.places.length, 1);
    assert.deepEqual(report.places[0]?.exits, [{ kind: 'deopt', reason: 'unbox.int', name: 'f', line: 4, observed: 'float', count: 3 }]);
    assert.equal(summaryText(report), '1 compiled unit, 0 refusals, 3 guards failed; 2.00 s of 4.00 s in compiled code (50 %)');
    assert.equal(reportText(report, plain), [
      'f  a.py:1',
      '  loop at line 3: compiled',
      '    500 bytes, compiled in 5.0 ms; entered 4 times, 2.00 s in compiled code',
      '    guard failed at line 4 (unbox.int, met float): 3 times',
      '', '; f, osr at line 3, after build', 'function f',
      '', '1 compiled unit, 0 refusals, 3 guards failed; 2.00 s of 4.00 s in compiled code (50 %)', '',
    ].join('\n'));
  });

  test('says why something is not compiled', () => {
    const refused = { ...record, refused: { code: 'generator', detail: 'f is a generator' }, dumps: [] };
    assert.match(reportText(mergeReport(statistics({ unit_list: [] }), [refused], 10), plain),
      /loop at line 3: not compiled: it is a generator or coroutine \(f is a generator\) \[generator\]/);
  });

  test('a request without an answer', () => {
    const waiting = statistics({ unit_list: [], refusals: [{ ...place, reason: 'in flight' }] });
    assert.match(reportText(mergeReport(waiting, [], 10), plain), /hot, but the program ended/);
  });

  test('without the agent the server still has a report', () => {
    assert.equal(mergeReport(undefined, [record], 10).compiledUnits, 1);
  });

  test('text that is not a report is none', () => {
    assert.equal(parseAgentStatistics('{"unit_list": ['), undefined);
    assert.equal(parseAgentStatistics('{}'), undefined);
  });
});

describe('armature explain', () => {
  const loop = 'def f(n):\n    s = 0\n    for i in range(n):\n        s += i\n    return s\nprint(f(20_000_000))\n';

  test('the report goes to standard output, the output of the program to standard error', async (t) => {
    const { status, stdout, stderr } = await runArmature(t, ['explain', script(t, loop)]);
    assert.equal(status, 0);
    assert.match(stderr, /^199999990000000$/m);
    assert.match(stdout, /^f {2}.*program\.py:1\n {2}loop at line 3: /m);
  });

  test('--json is one document', async (t) => {
    const { stdout } = await runArmature(t, ['explain', '--json', script(t, loop)]);
    assert.ok('places' in (JSON.parse(stdout) as object));
  });

  test('--dump=all and --asm print each step', async (t) => {
    const path = script(t, loop);
    const { stdout } = await runArmature(t, ['explain', '--dump=all', path]);
    for (const step of ['build', 'specialize-types', 'emit']) assert.match(stdout, new RegExp(`, after ${step}$`, 'm'));
    assert.match((await runArmature(t, ['explain', '--asm', path])).stdout, /, after emit$/m);
    assert.match((await runArmature(t, ['explain', '--verify', path])).stdout, /, after verify\n\d+ bytes of machine code verified, \d+ of literals: nothing wrong$/m);
  });

  test('an unknown step', async (t) => {
    const { status, stderr } = await runArmature(t, ['explain', '--dump=biuld', 'x.py']);
    assert.equal(status, 2);
    assert.match(stderr, /no compiler pass is called 'biuld'; did you mean 'build'\?/);
  });

  test('the exit status is that of the program', async (t) => {
    assert.equal((await runArmature(t, ['explain', '-c', 'raise SystemExit(5)'])).status, 5);
  });
});
