/**
 * A counter of a module whose `+= 1` once failed: build no longer knows what the store overwrites and loads the names again after
 * it, while type inference still knew a number and let the store wait. The count was lost.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { cleanEnvironment, runArmature, script, temporaryDirectory } from '../cli/harness.ts';
import { availablePythons } from '../harness/pythons.ts';

const program = `def show(*values):
    print(repr(values))

def bump(n):
    global shared
    shared = (shared + n) % 1000003
    return shared

def meddle(n):
    global a, c
    a = n & 65535
    c = -n & 4095
    return a

scale = 1
shared = 0
a = 9223372036854775808
b = 13
c = -13
n0 = True
t = 'xyz'
fs = [float("nan"), 1.0]
d = {'a': 1}
i = 0
while True:
    i += 1
    if i > 900 * scale:
        break
    d.setdefault(~int.__add__(1 << 100, 3) & 7, 17)
    b += 4611686018427387904
    if b > 18446744073709551615:
        b = -1000000
    if i % 499 != 1000:
        show(3, i, a, b, c, n0)
for i in range(900 * scale):
    if a % 401 == 0:
        pass
    if i % 97 == 7:
        show(5, i, a, n0, t, fs, d)
`;

/** One of them is the addition's; which one depends on the processor and the version. */
const guards = Array.from({ length: 12 }, (_, i) => 8 + i);

for (const python of availablePythons().filter(({ command }) => command.length === 1)) {
  describe(`names stored midway in ${python.name}`, { concurrency: 2 }, () => {
    for (const guard of guards) {
      test(`guard ${guard} fails`, async (t) => {
        const path = script(t, program), interpreter = python.command[0]!;
        const modes = { ARMATURE_THRESHOLD_ZERO: '1', ARMATURE_WAIT: '1', ARMATURE_FAIL_GUARD: String(guard), ARMATURE_CACHE: 'off' };
        const { stdout, stderr } = await runArmature(t, ['run', '--own-server', '--python', interpreter, path], { env: cleanEnvironment(temporaryDirectory(t), modes) });
        assert.equal(stdout, execFileSync(interpreter, [path], { encoding: 'utf8' }), stderr);
      });
    }
  });
}
