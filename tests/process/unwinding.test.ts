/** What walks the stack in C gets through compiled code, to the start of the process. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AttachedServer } from '../differential/attached-server.ts';
import { availablePythons } from '../harness/pythons.ts';
import { script } from '../cli/harness.ts';
import { runAttached, startEagerServer } from './run-attached.ts';

/** `look` asks glibc's backtrace() until one of its frames is in the arena. */
const prologue = `import ctypes, time
backtrace = ctypes.CDLL(None).backtrace
frames = (ctypes.c_void_p * 200)()
end = time.monotonic() + 60
found = []

def outermost():
    return frames[backtrace(frames, 200) - 1]

def arena():
    with open("/proc/self/maps") as maps:
        for line in maps:
            if "memfd:armature" in line and line.split()[1][2] == "x":
                return range(*[int(word, 16) for word in line.split()[0].split("-")])
    return range(0)

def look():
    count = backtrace(frames, 200)
    inside = arena()
    if any(address in inside for address in frames[:count]):
        found.append(frames[count - 1])

def wanted():
    return not found and time.monotonic() < end

expected = outermost()
`;

const verdict = 'print("no compiled frame" if not found else "the start" if found[0] == expected else "lost at %x" % found[0])\n';

const programs: Readonly<Record<string, string>> = {
  'a call that compiled code makes': `${prologue}
def busy_loop():
    i = 0
    while wanted():
        for n in range(400):
            i += n & 3
            if n == 399:
                look()
    return i
busy_loop()
${verdict}`,
  // The list's old item goes in the slow path of a stencil, through agent/preserve.c.
  'a finaliser that compiled code sets off': `${prologue}
class Thing:
    def __init__(self):
        self.value = 1
    def __del__(self):
        if calls[0]:
            look()
calls = [0]
def busy_loop(items):
    i = 0
    while wanted():
        for n in range(400):
            i += n & 3
            calls[0] = n == 399
            items[0] = Thing()
    return i
busy_loop([None])
${verdict}`,
};

let server: AttachedServer;
before(async () => { server = await startEagerServer(); });
after(async () => { await server.close(); });

for (const python of availablePythons()) {
  describe(`backtrace() in ${python.name}`, { concurrency: 2 }, () => {
    for (const [name, text] of Object.entries(programs)) {
      test(name, async (t) => {
        const { stdout, stderr } = await runAttached(server, [...python.command, script(t, text)]);
        assert.equal(stdout, 'the start\n', stderr);
      });
    }
  });
}
