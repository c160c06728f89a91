import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { availablePythons } from '../harness/pythons.ts';
import { FuzzSession, isEmulated, type Program } from './fuzz-session.ts';
import { modesFor } from './modes.ts';
import { randomProgram } from './random-program/random-program.ts';
import { isSelected, readSettings } from './settings.ts';

/** A few seeds, always the same; tools/fuzz.ts runs any number. */
const seeds = [1, 2, 3];

const settings = readSettings();
const pythons = availablePythons().filter((python) => !isEmulated(python) && isSelected(python.name, settings.pythons));
const modes = modesFor(settings).filter(({ name }) => name === 'eager' || name === 'guard 2').map((mode) => ({ ...mode, scale: 1 }));

describe('random programs', { concurrency: 2 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'armature-random-'));
  const session = new FuzzSession(folder);
  const programs: readonly Program[] = seeds.map((seed) => ({ name: `seed_${seed}.py`, text: randomProgram(seed) }));
  session.write(programs);
  after(async () => {
    const units = await session.units();
    await session.close();
    rmSync(folder, { recursive: true, force: true });
    // Equal output proves nothing unless programs were compiled.
    assert.ok(units >= pythons.length * modes.length * seeds.length, `${units} units`);
  });
  for (const python of pythons) {
    test(python.name, async () => {
      const plain = await session.plain(python, programs, 1);
      const found = await Promise.all(modes.map(async (mode) => (await session.compare(python, mode, programs, plain)).map(({ program, what }) => `${program.name}, ${mode.name}: ${what}`)));
      assert.ok(found.flat().length === 0, found.flat().join('\n'));
    });
  }
});
