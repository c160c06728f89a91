import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { summarise } from '#lab/ingest/summarise.ts';
import { readSuite } from '#lab/format/pyperf.ts';
import { writeSuite } from '#lab/format/write-pyperf.ts';
import { ReportedError } from '#support/reported-error.ts';

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

const run = { values: [0.5, 0.25], warmups: [[1, 0.75]], metadata: { date: '2026-04-22 05:17:29.752027' } };
const file = (change: object = {}, runChange: object = {}): object => ({
  version: '1.0',
  metadata: { hostname: 'box' },
  benchmarks: [{ metadata: { name: 'loop', loops: 4 }, runs: [{ ...run, ...runChange }, run] }],
  ...change,
});

function refusal(input: Uint8Array, limits?: { compressed: number; plain: number }): string {
  try {
    readSuite(input, 'a.json', limits);
  } catch (error) {
    assert.ok(ReportedError.is(error), String(error));
    return `${error.code}: ${error.message}`;
  }
  return 'read';
}

describe('what pyperf writes is read', () => {
  test('metadata of the file and of the benchmark is there in each run', () => {
    const [benchmark] = readSuite(bytes(file()), 'a.json').benchmarks;
    assert.equal(benchmark?.name, 'loop');
    assert.equal(benchmark.unit, 'second');
    assert.deepEqual(benchmark.runs[1], {
      values: [0.5, 0.25], warmups: [[1, 0.75]], metadata: { hostname: 'box', name: 'loop', loops: 4, date: '2026-04-22 05:17:29.752027' },
    });
  });

  test('a file of one benchmark has its name at the root', () => {
    const suite = readSuite(bytes({ version: '1.0', metadata: { name: 'only' }, benchmarks: [{ runs: [{ values: [1] }] }] }), 'a.json');
    assert.equal(suite.benchmarks[0]?.name, 'only');
  });

  test('compressed files', () => {
    assert.deepEqual(readSuite(gzipSync(bytes(file())), 'a.json.gz'), readSuite(bytes(file()), 'a.json'));
  });

  test('versions 5 and 6: warmups were raw times', () => {
    const old = { values: undefined, samples: [2], warmups: [[4, 16]] };
    const five = { version: 5, benchmarks: [{ common_metadata: { name: 'loop', inner_loops: 2 }, runs: [old] }] };
    assert.deepEqual(readSuite(bytes(five), 'a.json').benchmarks[0]?.runs[0], { values: [2], warmups: [[4, 2]], metadata: { name: 'loop', inner_loops: 2 } });
    const six = { version: 6, metadata: { name: 'loop' }, benchmarks: [{ runs: [{ values: [2], warmups: [[4, 16]] }] }] };
    assert.deepEqual(readSuite(bytes(six), 'a.json').benchmarks[0]?.runs[0]?.warmups, [[4, 4]]);
  });

  test('a run without values is a calibration and is kept', () => {
    const suite = readSuite(bytes(file({}, { values: undefined, metadata: { calibrate_loops: 4 } })), 'a.json');
    assert.deepEqual(suite.benchmarks[0]?.runs.map(({ values }) => values.length), [0, 2]);
  });

  test('a boolean is what Python shows of it: pyperf takes it for a number', () => {
    const suite = { version: '1.0', benchmarks: [{ metadata: { name: 'x', verified: true }, runs: [{ values: [1], metadata: { pure: false } }] }] };
    const { runs } = readSuite(Buffer.from(JSON.stringify(suite)), 'x').benchmarks[0] ?? { runs: [] };
    assert.deepEqual(runs[0]?.metadata, { name: 'x', verified: 'True', pure: 'False' });
  });

  test('the memory of a program that was started is not that of the process that started it', () => {
    const [benchmark] = readSuite(bytes(file({}, { metadata: { command_max_rss: 1000, mem_max_rss: 2000 } })), 'a.json').benchmarks;
    assert.equal(benchmark && summarise(benchmark)?.peakMemory, 1000);
  });

  test('a name like __proto__ is only a name', () => {
    const text = '{"version":"1.0","benchmarks":[{"metadata":{"name":"x","__proto__":"y"},"runs":[{"values":[1]}]}]}';
    const metadata = readSuite(bytes(text), 'a.json').benchmarks[0]?.metadata ?? {};
    assert.deepEqual(Object.entries(metadata), [['name', 'x'], ['__proto__', 'y']]);
    assert.equal(Object.getPrototypeOf(metadata), Object.prototype);
  });
});

describe('what is written is read again, and is laid out as pyperf does', () => {
  test('shared metadata stands once, keys are sorted', () => {
    const suite = readSuite(bytes(file()), 'a.json');
    assert.equal(writeSuite(suite.benchmarks), '{"benchmarks":[{"runs":[{"values":[0.5,0.25],"warmups":[[1,0.75]]},{"values":[0.5,0.25],"warmups":[[1,0.75]]}]}],'
      + '"metadata":{"date":"2026-04-22 05:17:29.752027","hostname":"box","loops":4,"name":"loop"},"version":"1.0"}\n');
    assert.deepEqual(readSuite(bytes(writeSuite(suite.benchmarks)), 'b.json'), suite);
  });

  test('what differs stays where it differs', () => {
    const two = { ...file(), benchmarks: [
      { metadata: { name: 'a', tags: ['x', 'y'] }, runs: [{ values: [1], metadata: { loops: 2 } }, { values: [1], metadata: { loops: 4 } }] },
      { metadata: { name: 'b', tags: ['x', 'y'] }, runs: [{ values: [1] }] },
    ] };
    const suite = readSuite(bytes(two), 'a.json');
    assert.deepEqual(suite.metadata, { hostname: 'box', tags: ['x', 'y'] });
    assert.deepEqual(JSON.parse(writeSuite(suite.benchmarks)), {
      version: '1.0', metadata: { hostname: 'box', tags: ['x', 'y'] },
      benchmarks: [
        { metadata: { name: 'a' }, runs: [{ values: [1], metadata: { loops: 2 } }, { values: [1], metadata: { loops: 4 } }] },
        { metadata: { name: 'b' }, runs: [{ values: [1] }] },
      ],
    });
  });
});

describe('a hostile or damaged file is refused and the message says why', () => {
  const text = JSON.stringify(file());
  const cases: readonly (readonly [what: string, input: Uint8Array, expected: RegExp])[] = [
    ['empty', bytes(''), /^result-truncated: .*it is empty/],
    ['cut off', bytes(text.slice(0, 90)), /^result-truncated:/],
    ['cut off when compressed', gzipSync(bytes(text)).subarray(0, 60), /^result-truncated:/],
    ['damaged when compressed', gzipSync(bytes(text)).fill(0, 20, 40), /^result-truncated:/],
    ['NaN', bytes(text.replace('0.25', 'NaN')), /^result-not-json:/],
    ['Infinity by overflow', bytes(text.replace('0.25', '1e999')), /^result-invalid: .*benchmarks\[0\]\.runs\[0\]: each value/],
    ['a negative time', bytes(text.replace('0.25', '-0.25')), /finite number greater than 0/],
    ['a time of zero', bytes(text.replace('0.25', '0')), /finite number greater than 0/],
    ['a time as a text', bytes(text.replace('0.25', '"0.25"')), /finite number greater than 0/],
    ['a negative warmup', bytes(text.replace('0.75', '-1')), /^result-invalid: .*warmup/],
    ['a warmup of no loops', bytes(text.replace('[1,0.75]', '[0,0.75]')), /warmup/],
    ['nested deep', bytes(`${'['.repeat(200_000)}${']'.repeat(200_000)}`), /^result-too-deep:/],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22]), /^result-not-json: .*not UTF-8/],
    ['another version', bytes(file({ version: '7.0' })), /^result-version: .*"7\.0"/],
    ['no version', bytes({}), /^result-invalid: .*no version/],
    ['a list', bytes([]), /^result-invalid:/],
    ['null', bytes('null'), /^result-invalid:/],
    ['no benchmarks', bytes(file({ benchmarks: [] })), /there are none/],
    ['no runs', bytes(file({ benchmarks: [{ metadata: { name: 'a' }, runs: [] }] })), /there are no runs/],
    ['no name', bytes(file({ benchmarks: [{ runs: [run] }] })), /has no name/],
    ['two of one name', bytes(file({ benchmarks: [1, 2].map(() => ({ metadata: { name: 'a' }, runs: [run] })) })), /two called "a"/],
    ['a run without anything', bytes(file({}, { values: [], warmups: [] })), /neither values nor warmups/],
    ['runs of two machines', bytes(file({}, { metadata: { hostname: 'other' } })), /differs from the first in hostname/],
    ['metadata of a wrong type', bytes(file({}, { metadata: { loops: 1.5 } })), /"loops" must be an integer/],
    ['metadata that is an object', bytes(file({}, { metadata: { a: {} } })), /"a" must be a text or a finite number/],
    ['a line end in metadata', bytes(file({}, { metadata: { a: 'x\ny' } })), /line end or a NUL/],
    ['NUL in metadata', bytes(file({}, { metadata: { a: 'x\0y' } })), /line end or a NUL/],
    ['half a character', bytes('{"version":"1.0","metadata":{"a":"\\ud800"},"benchmarks":[]}'), /lone surrogate/],
    ['an unknown unit', bytes(file({}, { metadata: { unit: 'furlong' } })), /"unit" must be one of/],
    ['a tag called all', bytes(file({}, { metadata: { tags: ['all'] } })), /'all'/],
  ];
  for (const [what, input, expected] of cases) test(what, () => { assert.match(refusal(input), expected); });

  test('a bomb of zeros is not unpacked beyond the limit', () => {
    const bomb = gzipSync(Buffer.alloc(100 * 2 ** 20, 0x20));
    assert.ok(bomb.length < 2 ** 20);
    assert.match(refusal(bomb), /^result-too-large: a\.json is larger than 64 MB when decompressed/);
  });

  test('metadata that every run would get a copy of cannot fill the memory', () => {
    const metadata = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`key${index}`, index]));
    const runs = Array.from({ length: 20_000 }, () => ({ values: [1] }));
    assert.match(refusal(bytes({ version: '1.0', metadata, benchmarks: [{ metadata: { name: 'a' }, runs }] })), /all runs together have more than 3000000 metadata/);
    assert.match(refusal(bytes(file({ metadata: Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`key${index}`, index])) }))), /more than 1000 metadata/);
  });

  test('a file over the limit is not parsed', () => {
    assert.match(refusal(bytes(file()), { compressed: 10, plain: 100 }), /^result-too-large: .* of JSON/);
    assert.match(refusal(gzipSync(bytes(file())), { compressed: 10, plain: 1e6 }), /^result-too-large: .* compressed/);
  });
});
