import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { availablePythons } from '../harness/pythons.ts';
import type { AttachedServer } from './attached-server.ts';
import { startAttachedServer } from './attached-server.ts';
import { difference } from './compare.ts';
import { runProgram, type ProgramResult } from './program-run.ts';
import { randomProgram } from './random-program/random-program.ts';
import { isSelected, readSettings } from './settings.ts';

/** FIRST:COUNT, for example 1000:500; the programs that differ are kept in the folder of ARMATURE_TEST_RANDOM_KEEP. */
const [first = 1, count = 4] = (process.env['ARMATURE_TEST_RANDOM'] ?? '').split(':').filter((word) => word !== '').map(Number);
const keep = process.env['ARMATURE_TEST_RANDOM_KEEP'];
const settings = readSettings();
const pythons = availablePythons().filter(({ name, command }) => command.length === 1 && isSelected(name, settings.pythons));

const eager = { ARMATURE_THRESHOLD_ZERO: '1' };
/** How a seed is run besides the eager mode, by turns. */
const others: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  spilled: { ...eager, ARMATURE_SPILL_ALL: '1' },
  ...Object.fromEntries([1, 2, 3, 5, 8, 13].map((guard) => [`guard ${guard}`, { ...eager, ARMATURE_FAIL_GUARD: String(guard) }])),
};
const modes = Object.entries({ eager, ...others }).map(([name, environment]) => ({ name, environment }));

describe('random programs', { concurrency: 2 }, () => {
  const servers = new Map<string, Promise<AttachedServer>>();
  const folder = keep ?? mkdtempSync(path.join(tmpdir(), 'armature-random-'));
  const server = (mode: (typeof modes)[number]): Promise<AttachedServer> => {
    const known = servers.get(mode.name) ?? startAttachedServer({ ...mode.environment, ARMATURE_LOG: 'stderr', ARMATURE_VERIFY: '1' });
    servers.set(mode.name, known);
    return known;
  };
  before(async () => {
    mkdirSync(folder, { recursive: true });
    await server(modes[0]!);
  });
  after(async () => {
    const log = (await servers.get('eager'))?.log() ?? '';
    await Promise.all([...servers.values()].map(async (running) => (await running).close()));
    if (keep === undefined) rmSync(folder, { recursive: true, force: true });
    assert.doesNotMatch(log, /reference counts:|internal error|InvariantError/);
    // Equal output proves nothing unless programs were compiled.
    assert.ok((log.match(/ \d+ bytes/g)?.length ?? 0) >= count * pythons.length / 2, 'too little was compiled');
  });
  for (let seed = first; seed < first + count; seed++) {
    test(`seed ${seed}`, async () => {
      const file = path.join(folder, `seed_${seed}.py`);
      writeFileSync(file, randomProgram(seed));
      const found: string[] = [];
      for (const python of pythons) {
        const run = (environment: Readonly<Record<string, string>>): Promise<ProgramResult> =>
          runProgram({ command: [...python.command, path.basename(file)], cwd: folder, environment, timeoutSeconds: 60 });
        const plain = await run({});
        for (const mode of [modes[0]!, modes[1 + seed % (modes.length - 1)]!]) {
          const different = difference(plain, await run({ ...mode.environment, ...(await server(mode)).environment }));
          if (different !== undefined) found.push(`${python.name}, ${mode.name}: ${different}`);
        }
      }
      if (found.length === 0) rmSync(file);
      assert.ok(found.length === 0, found.join('\n'));
    });
  }
});
