/** `armature run --perf`: perf reads the names of compiled code from a file of a fixed form. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import { availablePythons } from '../harness/pythons.ts';
import { armature, cleanEnvironment, execute, script, temporaryDirectory } from '../cli/harness.ts';

/** Runs until the map names its loop, then forks: the child has a map of its own. */
const program = `import os, sys, time
def read(pid):
    try:
        with open("/tmp/perf-%d.map" % pid) as file:
            return file.read()
    except FileNotFoundError:
        return ""
def busy_loop(seconds):
    total, end = 0, time.monotonic() + seconds
    while time.monotonic() < end and "busy_loop" not in read(os.getpid()):
        for i in range(200000):
            total += i % 7
    return total
busy_loop(30)
print(os.getpid(), flush=True)
sys.stdout.write(read(os.getpid()))
sys.stdout.flush()
if os.fork() == 0:
    print("child", os.getpid())
    sys.stdout.write(read(os.getpid()))
    sys.stdout.flush()
    os.remove("/tmp/perf-%d.map" % os.getpid())
    os._exit(0)
os.wait()
`;

const line = /^[0-9a-f]+ [0-9a-f]+ armature:busy_loop:.*program.py:(?:10|11)$/m;

for (const python of availablePythons().filter(({ command }) => command.length === 1)) {
  describe(python.name, () => {
    test('units are named, in a forked child too; without the option there is no map', async (t) => {
      const path = script(t, program);
      const env = cleanEnvironment(temporaryDirectory(t), { ARMATURE_PYTHON: python.command[0] ?? '', ARMATURE_THRESHOLD_ZERO: '1' });
      const { stdout, stderr } = await execute([...armature, 'run', '--perf', path], { env });
      const [parent = '', child = ''] = stdout.split('child');
      rmSync(`/tmp/perf-${parseInt(parent, 10)}.map`, { force: true });
      assert.match(parent, line, stderr);
      assert.match(child, line);
      const plain = await execute([...armature, 'run', '-c', 'import os; print(os.getpid())'], { env });
      assert.equal(existsSync(`/tmp/perf-${plain.stdout.trim()}.map`), false);
    });
  });
}
