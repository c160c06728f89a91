/** gdb, stopped at any instruction of compiled code, names the Python function and finds the way to main. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findCommand } from '../../tools/pythons/targets.ts';
import { script } from '../cli/harness.ts';
import type { AttachedServer } from '../differential/attached-server.ts';
import { availablePythons } from '../harness/pythons.ts';
import { runAttached, startEagerServer } from './run-attached.ts';

/** The timer starts when the map names the loop: from then on it is entered. */
const program = `import os, signal, time
path = "/tmp/perf-%d.map" % os.getpid()
def is_compiled():
    if not os.path.exists(path):
        return False
    with open(path) as file:
        return "busy_loop" in file.read()
def busy_loop(n):
    total = 0
    for i in range(n):
        total += i % 7 + len("text")
    return total
end = time.monotonic() + 60
while not is_compiled() and time.monotonic() < end:
    busy_loop(10000)
os.remove(path)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.02)
busy_loop(10**12)
`;

const STOPS = 12;
/** The program never sees the signal, so that it stays in compiled code. */
const commands = ['handle SIGALRM stop nopass', 'run', ...Array.from({ length: STOPS }, () => ['echo \\n== stop ==\\n', 'backtrace', 'continue']).flat(), 'kill'];

const gdb = findCommand('gdb');
const frame = /^#\d+ .*armature:busy_loop:.*program\.py:\d+ \(\)$/m;

let server: AttachedServer;
before(async () => { server = await startEagerServer(); });
after(async () => { await server.close(); });

for (const python of availablePythons().filter(({ command }) => command.length === 1)) {
  describe(python.name, { skip: gdb === undefined ? 'no gdb' : false }, () => {
    test('backtraces of a compiled loop', async (t) => {
      const words = [gdb ?? '', '-nx', '-batch', ...commands.flatMap((command) => ['-ex', command]), '--args', ...python.command, script(t, program)];
      const { stdout, stderr } = await runAttached(server, words, { ARMATURE_PERF: 'map' });
      const stops = stdout.split('== stop ==').slice(1);
      assert.equal(stops.length, STOPS, stderr);
      const compiled = stops.filter((text) => frame.test(text));
      assert.ok(compiled.length > 0, stdout + stderr);
      for (const text of compiled) assert.match(text, /Py_BytesMain/, text);
      assert.doesNotMatch(stdout, /Backtrace stopped/);
    });
  });
}
