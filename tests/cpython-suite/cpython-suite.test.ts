import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import type { AttachedServer } from '../differential/attached-server.ts';
import { startAttachedServer } from '../differential/attached-server.ts';
import { seededRandom, seedOf } from '../differential/random.ts';
import { isSelected, readSettings } from '../differential/settings.ts';
import type { TestPython } from '../harness/pythons.ts';
import { availablePythons } from '../harness/pythons.ts';
import { parseSkip, suiteModules } from './lists.ts';
import { outcomesOf, regressions, runSuiteModule } from './suite-run.ts';

const eager = { ARMATURE_THRESHOLD_ZERO: '1' };
const asked = (name: string): readonly string[] => (process.env[name] ?? '').split(',').filter((word) => word !== '');

const settings = readSettings();
const isEmulated = (python: TestPython): boolean => python.command.length > 1;

/** The modules asked for, or a seeded sample: all of them take an hour, most of it under an emulator. */
function chosenModules(python: TestPython): readonly string[] {
  const names = asked('ARMATURE_TEST_MODULES');
  if (names.length > 0) return suiteModules().filter((module) => names.includes(module));
  const share = settings.full ? 1 : isEmulated(python) ? 0.05 : 0.4;
  return suiteModules().filter((module) => seededRandom(settings.seed ^ seedOf(`${module} ${python.layout}`))() < share);
}

/** The suite is a package of its own on some systems (Debian: libpython3.N-testsuite). */
function hasSuite(python: TestPython): boolean {
  const [file = '', ...args] = python.command;
  return spawnSync(file, [...args, '-c', 'import test.libregrtest, test.test_int']).status === 0;
}

/** Those that the version has. */
function existingModules(python: TestPython, modules: readonly string[]): readonly string[] {
  const [file = '', ...args] = python.command;
  const code = 'import importlib.util, sys\nfor name in sys.argv[1:]:\n    if importlib.util.find_spec("test." + name): print(name)';
  return spawnSync(file, [...args, '-c', code, ...modules], { encoding: 'utf8' }).stdout.split('\n').filter((name) => name !== '');
}

test('the outcome of each test method is read from the verbose output', () => {
  const output = 'test_a (test.test_x.T.test_a) ... ok\ntest_b (test.test_x.T.test_b)\nWhat it does ... skipped \'no\'\n'
    + 'test_c (test.test_x.T) ... noise\n';
  assert.deepEqual([...outcomesOf(output)], [['test.test_x.T.test_a', 'ok'], ['test.test_x.T.test_b', 'skipped']]);
});

test('a skip without a reason is refused', () => {
  assert.throws(() => parseSkip('test_something'), /does not have a pattern and a reason/);
  assert.deepEqual(parseSkip('test_a.B.c: reads the size of its own stack'), { pattern: 'test_a.B.c', reason: 'reads the size of its own stack' });
});

test('a test that fails only when attached is a regression', () => {
  const result = (outcome: string) => ({ outcomes: new Map([['t', outcome]]), trouble: undefined, output: '' });
  assert.deepEqual(regressions(result('ok'), result('FAIL')), ['t: ok, attached: FAIL']);
  assert.deepEqual(regressions(result('ok'), { ...result('ok'), trouble: 'ended by SIGSEGV' }), ['the run ended by SIGSEGV']);
});

function defineSuite(python: TestPython): void {
  let server: AttachedServer | undefined;
  before(async () => { server = await startAttachedServer(eager); });
  after(async () => server?.close());
  for (const module of existingModules(python, chosenModules(python))) {
    test(module, async () => {
      const seconds = isEmulated(python) ? 300 : 120;
      const plain = await runSuiteModule(python.command, module, {}, seconds);
      const attached = await runSuiteModule(python.command, module, { ...eager, ...server?.environment }, seconds);
      assert.ok(plain.outcomes.size > 0, `no test was seen in the plain run: ${plain.output.slice(-500)}`);
      const found = regressions(plain, attached);
      if (found.length > 0) assert.fail(`${found.slice(0, 20).join('\n')}\n${attached.output.slice(-3000)}`);
    });
  }
}

for (const python of availablePythons(process.env, hasSuite).filter((candidate) => isSelected(candidate.name, settings.pythons))) {
  describe(`CPython's own tests, ${python.name}`, { concurrency: 2 }, () => defineSuite(python));
}
