/** Programs whose units once failed the same guard again and again, or were never entered: what `explain` says of them. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { availablePythons, type TestPython } from '../harness/pythons.ts';
import { cleanEnvironment, runArmature, script, temporaryDirectory } from './harness.ts';

interface Place {
  readonly name: string;
  readonly status: string;
  readonly kind: string;
  readonly entries: number;
  readonly nanoseconds: number;
}

interface Report {
  readonly guardsFailed: number;
  readonly places: readonly Place[];
}

async function explain(t: TestContext, python: TestPython, program: string): Promise<Report> {
  const options = { env: cleanEnvironment(temporaryDirectory(t), { ARMATURE_WAIT: '1', ARMATURE_CACHE: 'off' }) };
  const { status, stdout, stderr } = await runArmature(t, ['explain', '--json', '--python', python.command[0] ?? '', script(t, program)], options);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Report;
}

const DIVIDED = `class Seeded:
    def __init__(self): self.seed = 5
    def draw(self):
        self.seed = (self.seed * 1103515245 + 12345) & 0x7fffffff
        return self.seed / 0x7fffffff
def run(s, n):
    t = 0.0
    while n > 0:
        t += s.draw() * 2
        n -= 1
    return t
print(run(Seeded(), 1_500_000))
`;

const NESTED = `points = [(i * 7 % 11 / 4, i * 5 % 13 / 8) for i in range(400)]
total = 0.0
for turn in range(300):
    for p in points:
        best = 1e9
        for i, c in enumerate(points[:8]):
            d = (p[0] - c[0]) ** 2 + (p[1] - c[1]) ** 2
            if d < best: best = d
        total += best
print(total)
`;

const CALLED_BY_GENERATOR = `def f(n):
    s = 0
    while n > 0:
        s += n
        n -= 1
    return s
def values(n):
    for i in range(n): yield f(200)
total = 0
for x in values(40_000): total += x
print(total)
`;

for (const python of availablePythons().filter(({ command }) => command.length === 1)) {
  describe(`what units learn, ${python.name}`, () => {
    test('an int attribute that is divided', async (t) => {
      const { guardsFailed, places } = await explain(t, python, DIVIDED);
      assert.ok(guardsFailed < 200, `${guardsFailed} guards failed`);
      assert.equal(places.find(({ name }) => name === 'run')?.status, 'compiled');
    });

    test('a call of enumerate() between loops of a module', async (t) => {
      const { guardsFailed, places } = await explain(t, python, NESTED);
      assert.ok(guardsFailed < 200, `${guardsFailed} guards failed`);
      assert.ok(places.some(({ name, status, nanoseconds }) => name === '<module>' && status === 'compiled' && nanoseconds > 1e7), JSON.stringify(places));
    });

    // There the interpreter has no door to it but the frame hook, behind which arguments live until the call has returned.
    if (python.layout === 311) return;
    test('a function that a generator calls', async (t) => {
      const { places } = await explain(t, python, CALLED_BY_GENERATOR);
      const entry = places.find(({ name, kind }) => name === 'f' && kind === 'entry');
      assert.ok((entry?.entries ?? 0) > 1000, JSON.stringify(places));
    });
  });
}
