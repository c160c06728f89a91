import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareSuites } from '#lab/analysis/compare.ts';
import type { Comparison } from '#lab/analysis/compare.ts';
import { codeOf, quantityOf } from '#lab/report/markdown.ts';
import { markdownLimit, pullRequestReport } from '#lab/report/pull-request.ts';
import { randomFrom } from '#lab/statistics/random.ts';
import { madeBenchmark, madeSuite } from './made.ts';

function compareMade(changes: Readonly<Record<string, number>>, spread = 0.002): Comparison {
  const random = randomFrom(3);
  const side = (sign: number) => madeSuite(Object.entries(changes).map(([name, change]) => madeBenchmark(name, 0.01 * (1 + sign * change), spread, random)));
  return compareSuites(side(0), side(1), { draws: 20 });
}

const options = { reference: 'main', changed: 'abc1234', marker: 'pr-7' };

describe('the report of a pull request', () => {
  test('slower: failure, and the largest change comes first', () => {
    const report = pullRequestReport(compareMade({ small: 0.02, large: 0.2, better: -0.1, calm: 0 }), options);
    assert.equal(report.conclusion, 'failure');
    assert.match(report.title, /^2 slower, 1 faster, 1 same; geometric mean \+/);
    assert.ok(report.markdown.startsWith('<!-- armature-lab:pr-7 -->\n### 2 slower'));
    assert.deepEqual([...report.markdown.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name), ['large', 'better', 'small', 'calm']);
    assert.match(report.markdown, /\| `large` \| [\d.]+ ms \| 12.0 ms \| \+\d\d\.\d % \| \+1\d\.\d % to \+2\d\.\d % \| slower \| 1\.20x slower \|/);
  });

  test('nothing slower, all decided: success', () => {
    assert.equal(pullRequestReport(compareMade({ a: 0, b: -0.1 }), options).conclusion, 'success');
  });

  test('inconclusive: neutral, and how many processes would decide it', () => {
    const report = pullRequestReport(compareMade({ a: 0, b: 0.01 }, 0.05), options);
    assert.equal(report.conclusion, 'neutral');
    assert.match(report.markdown, /inconclusive: \d+ more processes/);
  });

  test('after a fault of the environment there is no verdict', () => {
    const report = pullRequestReport(compareMade({ a: 0.5 }), { ...options, faults: ['frequency governor powersave'] });
    assert.equal(report.conclusion, 'neutral');
    assert.match(report.title, /faulty environment/);
    assert.match(report.markdown, /frequency governor powersave/);
    assert.match(report.markdown, /\n- \*\*`frequency governor powersave`\*\*\n\nWhat is called changed below may be .*\n\n`/, 'a list ends with an empty line');
  });

  test('quantities have three digits and the unit they round to; no change has no direction', () => {
    assert.deepEqual([0.99997, 1.6, 0.0999999, 0.0123, 5e-7, 272].map((value) => quantityOf(value, 'second')), ['1.00 s', '1.60 s', '100 ms', '12.3 ms', '500 ns', '272 s']);
    assert.equal(quantityOf(2 ** 20 * 1.5, 'byte'), '1.50 MiB');
    const { markdown } = pullRequestReport(compareMade({ a: 0 }, 0.00001), options);
    assert.match(markdown, /`a` \| .* \| 0\.0 % \| 0\.0 % to 0\.0 % \| no change/);
    assert.doesNotMatch(markdown, /[+−]0\.0 %/);
  });

  test('a benchmark that got another unit is named', () => {
    const side = (unit: string) => madeSuite([{ ...madeBenchmark('a', 1, 0.01, randomFrom(1)), unit }, madeBenchmark('b', 1, 0.01, randomFrom(2))]);
    assert.match(pullRequestReport(compareSuites(side('second'), side('byte'), { draws: 20 }), options).markdown, /\nNot compared, since the units differ: `a`/);
  });

  test('nothing in common', () => {
    const report = pullRequestReport(compareMade({}), options);
    assert.deepEqual([report.title, report.conclusion], ['No benchmark in common', 'neutral']);
  });

  test('thousands of benchmarks fit into a comment of GitHub', () => {
    const names = Array.from({ length: 2000 }, (_, index) => [`${'benchmark_with_a_long_name_'.repeat(3)}${index}`, index % 2 === 0 ? 0.1 : 0] as const);
    const { markdown } = pullRequestReport(compareMade(Object.fromEntries(names)), options);
    assert.ok(Buffer.byteLength(markdown) <= markdownLimit);
    assert.ok(Buffer.byteLength(markdown) > markdownLimit / 2);
    assert.match(markdown, /… and \d+ more/);
    assert.equal(markdown.split('<details>').length, markdown.split('</details>').length);
  });

  test('names cannot become markup, mentions or links', () => {
    const hostile = ['<img src=x>', 'a|b', '`x`', '@everyone', '[x](http://evil)', 'a\u0007b', '-->'];
    const { markdown } = pullRequestReport(compareMade(Object.fromEntries(hostile.map((name) => [name, 0.1]))), { ...options, marker: 'a --> <b>', reference: '<script>' });
    const [first = '', ...rest] = markdown.split('\n');
    assert.equal(first, '<!-- armature-lab:a--b -->');
    assert.doesNotMatch(rest.join('\n'), /<img|<script|@everyone|http:|`x`|-->|\u0007/);
    // Every row keeps its seven cells.
    for (const line of markdown.split('\n').filter((text) => text.startsWith('| <code>'))) assert.equal(line.split('|').length, 9, line);
  });
});

test('names', () => {
  assert.equal(codeOf('async_tree_io'), '`async_tree_io`');
  assert.equal(codeOf('a b'), '`a b`');
  assert.equal(codeOf('é<'), '<code>&#233;&#60;</code>');
  assert.equal(codeOf(''), '<code></code>');
});

test('quantities', () => {
  assert.deepEqual([1.23456, 0.00123456, 1.5e-6, 2e-10].map((value) => quantityOf(value, 'second')), ['1.23 s', '1.23 ms', '1.50 µs', '0.200 ns']);
  assert.deepEqual([512, 1536, 5 * 2 ** 20].map((value) => quantityOf(value, 'byte')), ['512 B', '1.50 KiB', '5.00 MiB']);
  assert.equal(quantityOf(12345.678, 'integer'), '12350');
});
