import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { untestedSystem } from '#cli/attachment.ts';
import { cleanEnvironment, execute, nativePython, runArmature, script, temporaryDirectory } from './harness.ts';

test('arguments, standard streams and exit status are those of the program', async (t) => {
  const path = script(t, 'import sys; print(sys.argv[1:], sys.stdin.read()); print("e", file=sys.stderr); sys.exit(7)');
  const result = await runArmature(t, ['run', path, '--stats', '--', '-x'], { input: 'text' });
  assert.deepEqual(result, { status: 7, signal: null, stdout: "['--stats', '--', '-x'] text\n", stderr: 'e\n' });
});

test('-c, -m and Python options are handed on', async (t) => {
  assert.equal((await runArmature(t, ['run', '-c', 'import sys; print(sys.argv)', 'a'])).stdout, "['-c', 'a']\n");
  assert.equal((await runArmature(t, ['run', '-O', '-c', 'print(__debug__)'])).stdout, 'False\n');
  assert.equal((await runArmature(t, ['run', '-W', 'error', '-X', 'k=v', '-c', 'import sys; print(sys.warnoptions, sys._xoptions)'])).stdout,
    "['error'] {'k': 'v'}\n");
  const module = await runArmature(t, ['run', '-m', 'json.tool'], { input: '[1]' });
  assert.equal(module.stdout, '[\n    1\n]\n');
});

test('what a program can see of itself is the same as in a plain run', async (t) => {
  const path = script(t, 'import sys, os; print(sys.path, sys.argv, __file__, __name__, os.getcwd(), sys.flags, "sitecustomize" in sys.modules)');
  const env = cleanEnvironment(temporaryDirectory(t));
  const plain = await execute([nativePython(), path], { env });
  assert.equal((await runArmature(t, ['run', path])).stdout, plain.stdout);
});

test('PYTHONPATH of the user stays in place', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'mine.py'), 'print("mine")');
  const env = cleanEnvironment(directory, { PYTHONPATH: directory });
  assert.equal((await runArmature(t, ['run', '-c', 'import mine'], { env })).stdout, 'mine\n');
});

test('programs run plain on systems on which nobody has run the agent', () => {
  assert.equal(untestedSystem('linux', {}), undefined);
  assert.equal(untestedSystem('darwin', {}), 'macOS');
  assert.equal(untestedSystem('win32', {}), 'Windows');
  assert.equal(untestedSystem('darwin', { ARMATURE_UNTESTED: '1' }), undefined);
});

for (const [what, text] of [['a syntax error', 'def f(:\n'], ['an exception', 'raise SystemExit("no")'], ['a traceback', '1/0']] as const) {
  test(`${what} is reported by Python itself, with its own exit status`, async (t) => {
    const path = script(t, text);
    const plain = await execute([nativePython(), path], { env: cleanEnvironment(temporaryDirectory(t)) });
    assert.deepEqual(await runArmature(t, ['run', path]), plain);
  });
}

test('so is a missing script', async (t) => {
  const plain = await execute([nativePython(), 'not-there.py'], { env: cleanEnvironment(temporaryDirectory(t)) });
  assert.deepEqual(await runArmature(t, ['run', 'not-there.py']), plain);
});

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGINT', 'SIGABRT'] as const) {
  test(`a program that ${signal} ends makes armature end by ${signal}`, async (t) => {
    const code = `import os, signal; signal.signal(signal.SIGINT, signal.SIG_DFL); os.kill(os.getpid(), signal.${signal})`;
    const result = await runArmature(t, ['run', '-c', code]);
    assert.equal(result.signal, signal);
  });
}

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGINT', 'SIGQUIT'] as const) {
  test(`${signal} sent to armature reaches the program`, async (t) => {
    const path = script(t, [
      'import signal, sys, time',
      `signal.signal(signal.${signal}, lambda *_: sys.exit(9))`,
      'print("ready", flush=True)',
      'time.sleep(30)',
    ].join('\n'));
    // In a session of its own there is no terminal that would send the signal to both.
    const result = await runArmature(t, ['run', path], { detached: true, onOutput: (pid) => process.kill(pid, signal) });
    assert.equal(result.status, 9);
  });
}

test('an interpreter that is not there', async (t) => {
  const result = await runArmature(t, ['run', '--python', 'python-of-nowhere', '-c', '1']);
  assert.equal(result.status, 127);
  assert.match(result.stderr, /^armature: python 'python-of-nowhere' was not found \[python-not-found\]\n {2}Name an interpreter with `--python PATH` or the variable ARMATURE_PYTHON\.\n$/);
});

test('an interpreter that cannot be executed', async (t) => {
  const path = script(t, '');
  const result = await runArmature(t, ['run', '--python', path, '-c', '1']);
  assert.equal(result.status, 126);
  assert.match(result.stderr, /cannot be started: EACCES \[python-not-executable\]/);
});

test('with -I the program runs plain, and one line says so', async (t) => {
  const result = await runArmature(t, ['run', '-I', '-c', 'print(1)']);
  assert.equal(result.stdout, '1\n');
  assert.match(result.stderr, /^armature: python option '-I' .*\[python-ignores-environment\]\n$/);
});

test('a planted runtime directory is not used; the program runs, and one line says so', async (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, 'armature'));
  chmodSync(join(directory, 'armature'), 0o777);
  const result = await runArmature(t, ['run', '-c', 'print(1)'], { env: cleanEnvironment(directory) });
  assert.equal(result.stdout, '1\n');
  assert.equal(result.status, 0);
  assert.match(result.stderr, /^armature: the directory .* may be entered by other users .*\[runtime-directory\]\n$/);
});

test('no socket and no process is left behind', async (t) => {
  const directory = temporaryDirectory(t);
  const code = 'import os; print(os.path.exists(os.environ["ARMATURE_SOCKET"]))';
  // The cache is elsewhere: a server that has time to warm up writes to it.
  const result = await runArmature(t, ['run', '-c', code], { env: cleanEnvironment(directory, { XDG_CACHE_HOME: join(directory, 'cache') }) });
  assert.equal(result.stdout, 'True\n');
  assert.deepEqual(readdirSync(join(directory, 'armature')), []);
});

test('an inner run uses the server of the outer one', async (t) => {
  const inner = 'import os; print(os.environ["ARMATURE_SOCKET"])';
  const outer = `import os, subprocess, sys; print(os.environ["ARMATURE_SOCKET"], flush=True); subprocess.run([*sys.argv[1:], "run", "-c", ${JSON.stringify(inner)}])`;
  const { stdout } = await runArmature(t, ['run', '-c', outer, process.execPath, join(import.meta.dirname, '../../bin/armature.cjs')]);
  const [first, second] = stdout.trim().split('\n');
  assert.equal(first, second);
});

test('a dead server in the environment is replaced by one of our own', async (t) => {
  const directory = temporaryDirectory(t);
  const dead = join(directory, 'dead.sock');
  const env = cleanEnvironment(directory, { ARMATURE_SOCKET: dead });
  const { stdout } = await runArmature(t, ['run', '-c', 'import os; print(os.environ["ARMATURE_SOCKET"])'], { env });
  assert.notEqual(stdout.trim(), dead);
  assert.equal(existsSync(dead), false);
});

test('--stats says what was compiled, --stats-json writes it down', async (t) => {
  const file = join(temporaryDirectory(t), 'stats.json');
  const result = await runArmature(t, ['run', '--stats', '--stats-json', file, '-c', 'print(1)']);
  assert.equal(result.stdout, '1\n');
  assert.match(result.stderr, /^armature: 0 compiled units, 0 refusals/);
  assert.ok(existsSync(file));
});

test('--stats-json to a file that cannot be written', async (t) => {
  const result = await runArmature(t, ['run', '--stats-json', '/nowhere/stats.json', '-c', 'print(1)']);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /\[cannot-write\]/);
});
