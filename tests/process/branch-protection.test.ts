/** Landing pads of AArch64: on a processor that checks them, in a process that is built for them. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { commandOf, emulatorCommand, findCommand, hostArch, pythonTargets } from '../../tools/pythons/targets.ts';
import { projectRoot, script, temporaryDirectory } from '../cli/harness.ts';
import type { AttachedServer } from '../differential/attached-server.ts';
import { runAttached, startEagerServer } from './run-attached.ts';

type Processor = 'max' | 'neoverse-n1';

/** The emulator's own processor has branch target identification; neoverse-n1 has not. */
const withProcessor = (command: readonly string[], processor: Processor): string[] => command.map((word) => (word === 'neoverse-n1' ? processor : word));

const emulated = hostArch === 'x86_64' && findCommand(emulatorCommand) !== undefined;
const targets = pythonTargets.filter((target) => target.arch === 'aarch64' && commandOf(target) !== undefined);
const skip = emulated && targets.length > 0 ? false : 'needs an emulator, which has processors with and without';

/** Prints the first instruction of a unit; then calls what follows it, which is no landing pad. */
const program = `import ctypes, math, os, resource, sys, time
path = "/tmp/perf-%d.map" % os.getpid()
def busy_loop(n):
    total = 0.0
    for i in range(n):
        total += math.sin(i) + len(str(i))
    return total
def line():
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return next((line for line in file if "busy_loop" in line), None)
end = time.monotonic() + 60
while not line() and time.monotonic() < end:
    busy_loop(100)
print(busy_loop(20000))
start = int(line().split()[0], 16)
os.remove(path)
print("%x" % int.from_bytes(ctypes.string_at(start, 4), "little"), start % 16, flush=True)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
if sys.argv[1:]:
    ctypes.CFUNCTYPE(ctypes.c_int)(start + 4)()
`;

const BTI_C = 'd503245f';

let server: AttachedServer;
before(async () => { server = await startEagerServer(); });
after(async () => { await server.close(); });

for (const target of targets) {
  describe(target.name, { skip, concurrency: 2 }, () => {
    const run = (file: string, processor: Processor, asked: string, words: readonly string[] = []): ReturnType<typeof runAttached> =>
      runAttached(server, [...withProcessor(commandOf(target) ?? [], processor), file, ...words], { ARMATURE_PERF: 'map', ARMATURE_BRANCH_PROTECTION: asked });

    test('a protected process enters units over a landing pad, and only there', async (t) => {
      const file = script(t, program);
      const plain = (await runAttached(server, [...(commandOf(target) ?? []), file], { ARMATURE_PERF: 'map' })).stdout.split('\n')[0];
      const good = await run(file, 'max', '1');
      assert.deepEqual(good.stdout.split('\n'), [plain, `${BTI_C} 12`, ''], good.stderr);
      const wrong = await run(file, 'max', '1', ['beside']);
      assert.equal(wrong.signal, 'SIGILL', wrong.stderr);
    });

    for (const [processor, asked] of [['max', '0'], ['neoverse-n1', '1']] as const) {
      test(`no landing pads on ${processor}, ${asked === '1' ? '' : 'not '}asked for`, async (t) => {
        const [, first = ''] = (await run(script(t, program), processor, asked)).stdout.split('\n');
        assert.match(first, /^[0-9a-f]+ 0$/);
        assert.doesNotMatch(first, new RegExp(BTI_C));
      });
    }
  });
}

/** A program of its own: no interpreter that is built with branch protection can be had here. */
test('whether a process is protected is read from the object that holds the evaluator', { skip }, (t) => {
  const directory = temporaryDirectory(t), root = targets[0]?.directory ?? '';
  const library = join(root, 'lib/aarch64-linux-gnu/libc.so.6');
  for (const [protection, processor, expected] of [['bti', 'max', 11], ['none', 'max', 10], ['bti', 'neoverse-n1', 10]] as const) {
    const file = join(directory, `protected-${protection}`);
    const flags = ['--target=aarch64-linux-gnu', `-mbranch-protection=${protection}`, '-std=gnu2x', '-O1', '-ffreestanding', '-fPIE', '-nostdlibinc', '-DARMATURE_LAYOUT=314', `-I${join(projectRoot, 'agent')}`];
    const link = ['-nostdlib', '-pie', '-fuse-ld=lld', '-Wl,-e,start,--dynamic-linker=/lib/ld-linux-aarch64.so.1'];
    const sources = [join(import.meta.dirname, 'protected-process.c'), join(projectRoot, 'agent/branch-protection-linux.c')];
    execFileSync('clang-19', [...flags, ...link, ...sources, library, '-o', file]);
    const { status, stderr } = spawnSync(emulatorCommand, ['-cpu', processor, '-L', root, file], { encoding: 'utf8' });
    assert.equal(status, expected, `${protection} on ${processor}: ${stderr}`);
  }
});
