/** A loop whose unit fails each time it is entered gets the next version while it is still being entered. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AttachedServer } from '../differential/attached-server.ts';
import { startAttachedServer } from '../differential/attached-server.ts';
import { runProgram } from '../differential/program-run.ts';
import { availablePythons } from '../harness/pythons.ts';

/** With the threshold at zero, no unit is given up for being left too soon: only the next version ends it. */
const eager = { ARMATURE_THRESHOLD_ZERO: '1' };

/** Ints until there is a unit for them, then floats for as long. */
const program = `import time
def work(items, seconds):
    end = time.monotonic() + seconds
    total = 0
    while time.monotonic() < end:
        for i in range(1000):
            total += items[i & 3]
    return total
work([1, 2, 3, 4], 1)
work([0.5, 1.5, 2.5, 3.5], 2)
`;

interface Stats {
  readonly unit_list: readonly {
    readonly placeLine: number; readonly kind: string; readonly retired: boolean;
    readonly exits: readonly { readonly kind: string; readonly taken: number }[];
  }[];
}

for (const python of availablePythons().filter(({ command }) => command.length === 1)) {
  describe(python.name, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'armature-failing-unit-'));
    let server: AttachedServer;
    before(async () => { server = await startAttachedServer(eager); });
    after(async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    });
    test('the unit that fails is replaced', async () => {
      const script = path.join(folder, 'changes.py'), statistics = path.join(folder, 'stats.json');
      writeFileSync(script, program);
      const { status, stderr } = await runProgram({
        command: [...python.command, script], cwd: folder, stdin: '', timeoutSeconds: 60,
        environment: { ...eager, ...server.environment, ARMATURE_STATS: statistics },
      });
      assert.deepEqual([status, stderr], [0, '']);
      const { unit_list: units } = JSON.parse(readFileSync(statistics, 'utf8')) as Stats;
      const last = units.find(({ placeLine, kind, retired }) => placeLine === 6 && kind === 'osr' && !retired);
      assert.ok(last !== undefined, 'the inner loop has a unit');
      const failures = last.exits.filter(({ kind }) => kind === 'deopt').reduce((sum, { taken }) => sum + taken, 0);
      assert.ok(failures < 200, `the last version has failed ${failures} times`);
    });
  });
}
