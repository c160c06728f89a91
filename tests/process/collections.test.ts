/** A loop that makes so many objects that garbage is collected again and again stays in compiled code. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { armature, cleanEnvironment, execute, script, temporaryDirectory } from '../cli/harness.ts';
import { availablePythons } from '../harness/pythons.ts';

const program = `
def pairs(count):
    kept, total = [], 0
    for i in range(count):
        kept.append((i, [i & 7]))
        if len(kept) > 5000:
            total += len(kept)
            kept = []
    return total
for turn in range(4):
    print(pairs(12_000_000))
`;

/**
 * The collections take the rest. Where each of them sent the loop back to the interpreter for milliseconds it was 0. One turn is
 * 1.5 s on a fast machine, in which the code may come too late when other tests run beside.
 */
const LEAST_SHARE = 0.25;

for (const python of availablePythons().filter(({ command }) => command.length === 1)) {
  test(`a loop that makes objects stays compiled, ${python.name}`, async (t) => {
    const directory = temporaryDirectory(t), statistics = join(directory, 'statistics.json');
    const words = [...armature, 'run', '--own-server', '--stats-json', statistics, '--python', python.command[0]!, script(t, program)];
    const result = await execute(words, { env: cleanEnvironment(directory) });
    assert.equal(result.stdout, '11997399\n'.repeat(4), result.stderr);
    const { compiledNanoseconds, wallMilliseconds } = JSON.parse(readFileSync(statistics, 'utf8')) as { compiledNanoseconds: number; wallMilliseconds: number };
    assert.ok(compiledNanoseconds / 1e6 > LEAST_SHARE * wallMilliseconds, `${compiledNanoseconds / 1e6} of ${wallMilliseconds} ms`);
  });
}
