import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { environmentOf, identityChanges } from '#lab/analysis/environment.ts';
import { History } from '#lab/analysis/history.ts';
import type { Night, NightReport } from '#lab/analysis/night.ts';
import { randomFrom } from '#lab/statistics/random.ts';
import type { Quirks } from './made.ts';
import { madeBenchmark, madeNights, madeSuite, quietMachine } from './made.ts';

function judge(nights: readonly Night[]): NightReport[] {
  const history = new History();
  return nights.map((night) => history.add(night));
}

const judgeMade = (quirks: Quirks, { nights = 40, benchmarks = 40, seed = 2 } = {}): NightReport[] => judge(madeNights(nights, benchmarks, randomFrom(seed), quirks));
const kinds = (report: NightReport | undefined): string[] => (report?.alerts ?? []).map(({ kind }) => kind);

describe('quiet nights', () => {
  test('hardly anything is told', () => {
    const reports = judgeMade({});
    assert.deepEqual(new Set(reports.map(({ state }) => state)), new Set(['normal']));
    assert.ok(reports.flatMap(({ changes }) => changes).length <= 2);
  });
});

describe('a step of one benchmark', () => {
  const reports = judgeMade({ extra: (night, benchmark) => (night >= 25 && benchmark === 7 ? 0.06 : 0) });
  const told = reports.filter(({ changes }) => changes.some(({ benchmark }) => benchmark === 'b07'));

  test('is told once, within five nights, with its size and first night', () => {
    assert.equal(told.length, 1);
    assert.ok(reports.indexOf(told[0]!) <= 29);
    const change = told[0]!.changes.find(({ benchmark }) => benchmark === 'b07');
    assert.equal(change?.since, 'night-025');
    assert.equal(change.direction, 'slower');
    assert.ok(change.ratio > 1.045 && change.ratio < 1.08);
  });

  test('is the alert of one benchmark', () => { assert.deepEqual(kinds(told[0]), ['benchmark']); });

  test('one bad night is no step', () => {
    const spike = judgeMade({ extra: (night, benchmark) => (night === 25 && benchmark === 7 ? 0.3 : 0) });
    assert.deepEqual(spike.flatMap(({ changes }) => changes.filter(({ benchmark }) => benchmark === 'b07')), []);
  });

  test('a step that is below the smallest effect is not told', () => {
    const small = judgeMade({ extra: (night, benchmark) => (night >= 20 && benchmark === 7 ? 0.008 : 0) });
    assert.deepEqual(small.flatMap(({ changes }) => changes.filter(({ benchmark }) => benchmark === 'b07')), []);
  });
});

describe('a change that does not last', () => {
  const goesBack = (later: number) => judgeMade({ extra: (night, benchmark) => (benchmark !== 7 ? 0 : night >= 25 && night < 28 ? 0.06 : night >= 38 ? later : 0) }, { nights: 50 });
  const own = (changes: NightReport['changes']): string[] => changes.filter(({ benchmark }) => benchmark === 'b07').map(({ since }) => since);

  test('is taken back, and that it is gone is no change', () => {
    const reports = goesBack(0);
    assert.deepEqual(reports.flatMap(({ changes }) => own(changes)), ['night-025']);
    assert.deepEqual(reports.flatMap(({ withdrawn }) => own(withdrawn)), ['night-025']);
    assert.ok(reports.findIndex(({ withdrawn }) => withdrawn.length > 0) <= 33, 'within five nights of being told');
  });

  test('leaves the level before as the reference: a later step is found, and stays', () => {
    const reports = goesBack(0.045);
    const told = reports.flatMap(({ changes }) => changes.filter(({ benchmark }) => benchmark === 'b07'));
    assert.equal(told.length, 2);
    assert.match(told[1]!.since, /night-03[78]/, 'the first night is found to within a night');
    assert.ok(Math.abs(told[1]!.ratio - 1.046) < 0.012, 'against the level of the nights before');
    assert.deepEqual(reports.flatMap(({ withdrawn }) => own(withdrawn)), ['night-025']);
  });
});

describe('a faulty environment is told, and nobody is blamed', () => {
  test('frequency governor: also in the very first night', () => {
    const reports = judgeMade({
      environment: (night) => ({ ...quietMachine, governor: night === 0 || night === 20 ? 'powersave' : 'performance' }),
      extra: (night) => (night === 0 || night === 20 ? 1.1 : 0),
    });
    for (const night of [0, 20]) {
      assert.equal(reports[night]?.state, 'faulty');
      assert.deepEqual(kinds(reports[night]), ['environment']);
    }
    assert.ok(Math.abs(Math.log(reports[20]?.suiteRatio ?? 1) - 1.1) < 0.02, 'how far the suite was off is said');
    assert.ok(reports.flatMap(({ changes }) => changes).length <= 2);
    assert.ok(reports.filter(({ state }) => state !== 'normal').length === 2, 'and the nights after it are as before');
  });

  test('a machine that always runs another governor gets used to it', () => {
    const reports = judgeMade({ environment: () => ({ ...quietMachine, governor: 'powersave' }) }, { nights: 20 });
    assert.deepEqual(reports.map(({ state }) => state === 'faulty'), reports.map((_, night) => night < 3));
  });

  test('load, and what was odd for six nights is usual', () => {
    const reports = judgeMade({ environment: (night) => ({ ...quietMachine, load: night >= 15 ? 7 : 1.1 }) }, { nights: 30 });
    const faulty = reports.flatMap(({ state, id }) => (state === 'faulty' ? [id] : []));
    assert.equal(faulty[0], 'night-015');
    assert.ok(faulty.length >= 4 && faulty.length <= 6, String(faulty));
  });

  test('isolation lost', () => {
    const reports = judgeMade({ environment: (night) => ({ ...quietMachine, isolated: night !== 12 }) }, { nights: 20 });
    assert.deepEqual(reports.flatMap(({ state, id }) => (state === 'faulty' ? [id] : [])), ['night-012']);
  });

  test('a benchmark that alone saw a load is left out for that night', () => {
    const reports = judgeMade({
      level: (night, benchmark, level) => (night >= 20 && night < 26 && benchmark === 3 ? { ...level, log: level.log + 0.2, load: 9 } : level),
    }, { nights: 30 });
    assert.deepEqual(reports.flatMap(({ changes }) => changes.filter(({ benchmark }) => benchmark === 'b03')), []);
  });
});

describe('the suite shifts', () => {
  test('and comes back: told once, and no benchmark is blamed', () => {
    const reports = judgeMade({ extra: (night) => (night >= 20 && night < 23 ? 0.07 : 0) });
    assert.deepEqual(reports.flatMap(({ state, id }) => (state === 'shifted' ? [id] : [])), ['night-020', 'night-021', 'night-022']);
    assert.deepEqual(kinds(reports[20]), ['suite']);
    assert.deepEqual([kinds(reports[21]), kinds(reports[22])], [[], []]);
    assert.ok(Math.abs((reports[20]?.shift?.ratio ?? 0) - Math.exp(0.07)) < 0.01);
  });

  test('and stays: after four nights that is the level, and a later step is found', () => {
    const reports = judgeMade({ extra: (night, benchmark) => (night >= 15 ? 0.07 : 0) + (night >= 30 && benchmark === 4 ? 0.06 : 0) });
    assert.deepEqual(reports.flatMap(({ state, id }) => (state === 'shifted' ? [id] : [])), ['night-015', 'night-016', 'night-017', 'night-018']);
    assert.equal(reports[18]?.shift?.settled, true);
    assert.ok(reports.some(({ changes }) => changes.some(({ benchmark, since }) => benchmark === 'b04' && since === 'night-030')));
  });

  test('a part of it moves: which benchmarks is said, the median is not what tells it', () => {
    const reports = judgeMade({ extra: (night, benchmark) => (night >= 20 && benchmark < 6 ? 0.2 : 0) });
    assert.deepEqual(reports[20]?.shift?.moved.map(({ benchmark }) => benchmark).sort(), ['b00', 'b01', 'b02', 'b03', 'b04', 'b05']);
    assert.ok(Math.abs((reports[20].shift.ratio) - 1) < 0.02);
    assert.deepEqual(reports.slice(20).flatMap(({ alerts }) => alerts.filter(({ kind }) => kind === 'benchmark')).length, 0);
  });
});

describe('several benchmarks', () => {
  test('that change in one night are one alert', () => {
    const reports = judgeMade({ extra: (night, benchmark) => (night >= 20 && benchmark < 4 ? 0.07 : 0) }, { benchmarks: 80 });
    const groups = reports.flatMap(({ alerts }) => alerts.flatMap((alert) => (alert.kind === 'group' ? [alert] : [])));
    assert.deepEqual(groups.flatMap(({ changes }) => changes.map(({ benchmark }) => benchmark)).sort(), ['b00', 'b01', 'b02', 'b03']);
  });

  test('at most two alerts of single benchmarks are told in a night', () => {
    const reports = judgeMade({ extra: (night, benchmark) => (night >= 12 + benchmark && benchmark % 2 === 0 ? 0.05 : 0) }, { benchmarks: 25, nights: 60 });
    assert.ok(reports.every(({ alerts }) => alerts.filter(({ kind }) => kind === 'benchmark').length <= 2));
  });
});

describe('epochs', () => {
  test('another compiler begins one: levels before and after are not compared', () => {
    const newer = { ...quietMachine, identity: { ...quietMachine.identity, compiler: 'GCC 14' } };
    const reports = judgeMade({ environment: (night) => (night < 20 ? quietMachine : newer), extra: (night) => (night >= 20 ? 0.1 : 0) });
    assert.deepEqual(reports.map(({ epoch }) => epoch), reports.map((_, night) => (night < 20 ? 0 : 1)));
    assert.deepEqual(reports[20]?.epochReasons, ['compiler: GCC 13 → GCC 14']);
    assert.deepEqual(kinds(reports[20]), ['epoch']);
    assert.deepEqual(new Set(reports.map(({ state }) => state)), new Set(['normal']));
  });

  test('another number of processes begins a new series, and is noted', () => {
    const reports = judgeMade({ level: (night, benchmark, level) => (night >= 20 && benchmark === 2 ? { ...level, shape: '6x10', log: level.log + 0.1 } : level) });
    assert.deepEqual(reports[20]?.issues, [{ kind: 'shape', severity: 'note', detail: 'processes x values changed: b02 20x3 → 6x10' }]);
    assert.deepEqual(reports.flatMap(({ changes }) => changes.filter(({ benchmark }) => benchmark === 'b02')), []);
  });

  test('a reboot and missing benchmarks are noted', () => {
    const nights = madeNights(3, 10, randomFrom(1), { environment: (night) => (night < 2 ? quietMachine : { ...quietMachine, bootTime: '2026-02-01 10:00:00' }) });
    const [, second, third] = nights;
    const without = { ...third!, levels: new Map([...third!.levels].slice(1)) };
    assert.deepEqual(judge([nights[0]!, second!, without])[2]?.issues.map(({ kind }) => kind), ['missing-benchmarks', 'reboot']);
  });
});

describe('what a file says of its environment', () => {
  const metadata = {
    hostname: 'box', cpu_config: '0-3=driver:cppc_cpufreq, governor:performance, isolated; 4=driver:cppc_cpufreq, governor:powersave; idle:acpi_idle', cpu_count: 8,
    load_avg_1min: 1.5, boot_time: '2026-01-01 10:00:00', platform: 'Linux',
  };
  const environment = environmentOf(madeSuite([madeBenchmark('a', 1, 0.01, randomFrom(1), 2, metadata)]));

  test('groups of CPUs with different governors', () => {
    assert.deepEqual([environment.governor, environment.isolated, environment.load, environment.cpuCount], ['performance+powersave', false, 1.5, 8]);
    assert.deepEqual(environment.identity, { host: 'box', platform: 'Linux', cpus: '8', driver: 'cppc_cpufreq' });
  });

  test('a file that says nothing', () => {
    const silent = environmentOf(madeSuite([madeBenchmark('a', 1, 0.01, randomFrom(1), 2)]));
    assert.deepEqual(silent, { identity: {}, governor: undefined, isolated: undefined, bootTime: undefined, load: undefined, cpuCount: undefined });
    assert.deepEqual(identityChanges(silent, environment)[0], 'host: unknown → box');
  });
});
