import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { projectRoot } from '../differential/attached-server.ts';
import { difference } from '../differential/compare.ts';
import type { ProgramResult } from '../differential/program-run.ts';
import { cleanEnvironment, runProgram } from '../differential/program-run.ts';
import type { TestPython } from '../harness/pythons.ts';
import { availablePythons } from '../harness/pythons.ts';

const armature = [process.execPath, path.join(projectRoot, 'bin/armature.cjs')];
const work = 'def work(n):\n    t = 0\n    for i in range(n):\n        t += i & 7\n    return t\n\n\nprint(work(300000), flush=True)\n';

const programs: Readonly<Record<string, { readonly args: readonly string[]; readonly stdin?: string }>> = {
  'a script with arguments': { args: ['script.py', 'a', '--stats', '-c'] },
  'a failing script': { args: ['script.py', 'fail'] },
  'an exit status': { args: ['script.py', 'exit'] },
  'a script that ends by a signal': { args: ['script.py', 'signal'] },
  'standard input': { args: ['-c', 'import sys; print(sys.stdin.read()[::-1])'], stdin: 'the input\nhas lines\n' },
  'a module': { args: ['-m', 'script', 'm'] },
  'children': { args: ['script.py', 'children'] },
  'a command': { args: ['-c', work, 'x'] },
};

const script = `import os, signal, subprocess, sys
${work}
print(sys.argv[1:], __name__, flush=True)
if "fail" in sys.argv:
    raise ValueError(work(100000))
if "exit" in sys.argv:
    sys.exit(work(100000) % 100)
if "signal" in sys.argv:
    os.kill(os.getpid(), signal.SIGTERM)
if "children" in sys.argv:
    for _ in range(2):
        print(subprocess.run([sys.executable, __file__, "exit"], capture_output=True, text=True))
`;

function defineRuns(python: TestPython): void {
  /** It cannot start itself: the kernel does not know its format. */
  const isEmulated = python.command.length > 1;
  let folder = '';
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'armature-run-')));
    writeFileSync(path.join(folder, 'script.py'), script);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const run = async (command: readonly string[], args: readonly string[], stdin = ''): Promise<ProgramResult> =>
    runProgram({ command: [...command, ...args], cwd: folder, environment: { XDG_CACHE_HOME: folder }, stdin, timeoutSeconds: 120 });
  const attached = [...armature, 'run', '--python', python.command.join(' ')];

  for (const [name, { args, stdin }] of Object.entries(programs)) {
    if (name === 'children' && isEmulated) continue;
    test(name, async () => {
      const found = difference(await run(python.command, args, stdin), await run(attached, args, stdin));
      if (found !== undefined) assert.fail(found);
    });
  }

  if (!isEmulated) test('a virtual environment', async () => {
    const created = await run(python.command, ['-m', 'venv', '--without-pip', '--copies', 'venv']);
    assert.equal(created.status, 0, created.stderr);
    const code = 'import sys\nt = 0\nfor i in range(300000):\n    t += i\nprint(t, sys.prefix, sys.executable)';
    const inside = [path.join(folder, 'venv/bin/python')];
    const found = difference(await run(inside, ['-c', code]), await run([...armature, 'run', '--python', inside.join(' ')], ['-c', code]));
    if (found !== undefined) assert.fail(found);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    test(`${signal} sent to the command reaches the program`, async () => {
      const code = 'import signal, sys, time\n'
        + `signal.signal(signal.${signal}, lambda *rest: sys.exit(33))\nprint("ready", flush=True)\nx = 0\nwhile True:\n    x = x + 1 & 1023\n`;
      const [file = '', ...rest] = [...attached, '-c', code];
      const child = spawn(file, rest, { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'inherit'], detached: true });
      child.stdout.once('data', () => child.kill(signal));
      const patience = setTimeout(() => { if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL'); }, 60_000);
      const status = await new Promise((resolve) => { child.on('close', resolve); });
      clearTimeout(patience);
      assert.equal(status, 33);
    });
  }
}

for (const python of availablePythons()) {
  describe(`armature run, ${python.name}`, { concurrency: 2 }, () => defineRuns(python));
}
