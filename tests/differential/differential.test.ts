import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TestPython } from '../harness/pythons.ts';
import { availablePythons } from '../harness/pythons.ts';
import type { AttachedServer } from './attached-server.ts';
import { startAttachedServer } from './attached-server.ts';
import { difference } from './compare.ts';
import type { Fixture } from './fixture.ts';
import { fixtureRoot, loadFixtures } from './fixture.ts';
import type { Mode } from './modes.ts';
import { modesFor } from './modes.ts';
import type { ProgramResult } from './program-run.ts';
import { runProgram } from './program-run.ts';
import { seededRandom, seedOf } from './random.ts';
import { isSelected, readSettings } from './settings.ts';

const settings = readSettings();
const fixtures = loadFixtures(settings.fixtures);
/** Plain results by Python, fixture and size: every mode of the same size shares one. */
const plainResults = new Map<string, Promise<ProgramResult>>();

const isEmulated = (python: TestPython): boolean => python.command.length > 1;

async function runFixture(
  python: TestPython, fixture: Fixture, scale: number, environment: Readonly<Record<string, string>>, started?: () => void,
): Promise<ProgramResult> {
  return runProgram({
    command: [...python.command, fixture.name, ...(isEmulated(python) ? fixture.emulatedArgv : fixture.argv)],
    cwd: fixtureRoot,
    environment: { ...environment, FIXTURE_SCALE: String(Math.min(scale, fixture.maxScale)) },
    stdin: fixture.stdin,
    timeoutSeconds: isEmulated(python) ? 180 : 60,
    ...(started === undefined ? {} : { started }),
  });
}

async function plainResult(python: TestPython, fixture: Fixture, scale: number): Promise<ProgramResult> {
  const key = JSON.stringify([python.command, fixture.name, Math.min(scale, fixture.maxScale)]);
  const known = plainResults.get(key) ?? runFixture(python, fixture, scale, {});
  plainResults.set(key, known);
  return known;
}

async function compareFixture(python: TestPython, fixture: Fixture, mode: Mode, server: AttachedServer, started?: () => void): Promise<void> {
  const scale = isEmulated(python) ? mode.emulatedScale : mode.scale;
  const plain = await plainResult(python, fixture, scale);
  const attached = await runFixture(python, fixture, scale, { ...mode.environment, ...server.environment }, started);
  const found = difference(plain, attached);
  if (found !== undefined) assert.fail(`${fixture.name}, ${mode.name}, ${python.name}: ${found}`);
}

/** A server of its own that dies while the program runs, at a moment that depends on the seed and the fixture. */
async function compareWithDyingServer(python: TestPython, fixture: Fixture, mode: Mode): Promise<void> {
  const server = await startAttachedServer(mode.environment);
  const random = seededRandom(settings.seed ^ seedOf(fixture.name));
  const delay = random() * (isEmulated(python) ? 2000 : 300);
  let timer: NodeJS.Timeout | undefined;
  try {
    await compareFixture(python, fixture, mode, server, () => { timer = setTimeout(() => server.kill(), delay); });
  } finally {
    clearTimeout(timer);
    await server.close();
  }
}

function applies(python: TestPython, fixture: Fixture, mode: Mode): boolean {
  if (isEmulated(python) && fixture.nativeOnly !== undefined) return false;
  if (mode.programWaits && fixture.notWaiting !== undefined) return false;
  const share = isEmulated(python) ? mode.emulatedShare : mode.share;
  // Who asks for fixtures by name wants them in every mode.
  return settings.fixtures.length > 0 || seededRandom(settings.seed ^ seedOf(`${fixture.name} ${mode.name} ${python.layout}`))() < share;
}

const unitsIn = (log: string): number => log.match(/ \d+ bytes/g)?.length ?? 0;

function defineMode(python: TestPython, mode: Mode): void {
  const chosen = fixtures.filter((fixture) => applies(python, fixture, mode));
  if (chosen.length === 0) return;
  describe(`${python.name}, ${mode.name}`, { concurrency: 2 }, () => {
    let server: AttachedServer | undefined;
    if (!mode.serverDies) before(async () => { server = await startAttachedServer({ ...mode.environment, ARMATURE_LOG: 'stderr' }); });
    after(async () => {
      const log = server?.log();
      await server?.close();
      // Equal output proves nothing unless programs were compiled. Those that do not wait may end before their units come, on a busy machine many.
      assert.doesNotMatch(log ?? '', /internal error/);
      const expected = chosen.length / (mode.programWaits ? 1 : 10);
      if (log !== undefined) assert.ok(unitsIn(log) >= expected, `${unitsIn(log)} units for ${chosen.length} programs`);
    });
    for (const fixture of chosen) {
      test(`${fixture.name}, ${mode.name}`, fixture.knownBug === undefined ? {} : { todo: fixture.knownBug }, async () => {
        if (server === undefined) await compareWithDyingServer(python, fixture, mode);
        else await compareFixture(python, fixture, mode, server);
      });
    }
  });
}

for (const python of availablePythons().filter((candidate) => isSelected(candidate.name, settings.pythons))) {
  for (const mode of modesFor(settings)) {
    if (isSelected(mode.name, settings.modes)) defineMode(python, mode);
  }
}
