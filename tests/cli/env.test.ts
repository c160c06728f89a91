import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Finished } from './harness.ts';
import { armature, cleanEnvironment, execute, runArmature, temporaryDirectory } from './harness.ts';

/** A user with a shared server of their own, stopped after the test. */
function user(t: TestContext): { env: NodeJS.ProcessEnv; run: (...words: string[]) => Promise<Finished> } {
  // Hooks run in this order: the server must be stopped before its directory is gone.
  t.after(async () => void (await run('--stop')));
  const env = cleanEnvironment(temporaryDirectory(t));
  const run = (...words: string[]): Promise<Finished> => execute([...armature, 'env', ...words], { env });
  return { env, run };
}

test('the shared server is started once, found again, and stopped', async (t) => {
  const { run } = user(t);
  assert.equal((await run('--status')).status, 1);
  const first = await run();
  assert.match(first.stdout, /^export ARMATURE_SOCKET='.*server-\w+\.sock'\nexport PYTHONPATH='.*agent\/python'\n$/);
  assert.equal((await run()).stdout, first.stdout);
  assert.equal((await run('--status')).status, 0);
  assert.equal((await run('--stop')).stdout, 'stopped\n');
  assert.equal((await run('--status')).status, 1);
  assert.equal((await run('--stop')).stdout, 'no shared server was running\n');
});

test('many shells at once get one server', async (t) => {
  const { run } = user(t);
  const answers = await Promise.all([run(), run(), run()]);
  assert.deepEqual(answers.map(({ status }) => status), [0, 0, 0]);
  assert.equal(new Set(answers.map(({ stdout }) => stdout)).size, 1);
  assert.equal((await run('--status')).status, 0);
});

test('what a killed server left behind does not stop the next one', async (t) => {
  const { env, run } = user(t);
  await run();
  const folder = join(env['XDG_RUNTIME_DIR'] ?? '', 'armature');
  const lock = join(folder, readdirSync(folder).find((name) => name.endsWith('.pid')) ?? '');
  process.kill(Number(readFileSync(lock, 'utf8')), 'SIGKILL');
  assert.equal((await run()).status, 0);
  assert.equal((await run('--status')).status, 0);
});

test('in the shell that evaluates it, plain python3 finds the server and its own modules', async (t) => {
  const { env } = user(t);
  const words = `eval "$(${armature.join(' ')} env)" && "$ARMATURE_PYTHON" -c 'import os, json; print(os.path.exists(os.environ["ARMATURE_SOCKET"]))'`;
  assert.equal((await execute(['sh', '-c', words], { env })).stdout, 'True\n');
});

test('--json', async (t) => {
  const { run } = user(t);
  const variables = JSON.parse((await run('--json')).stdout) as Record<string, string>;
  assert.ok(existsSync(variables['ARMATURE_SOCKET'] ?? ''));
  assert.equal((JSON.parse((await run('--status', '--json')).stdout) as { running: boolean }).running, true);
});

test('a second server on the same socket is refused', async (t) => {
  const { env, run } = user(t);
  await run();
  const second = await execute([...armature, 'server'], { env });
  assert.equal(second.status, 1);
  assert.match(second.stderr, /\[server-running\]/);
});

test('the foreground server ends on SIGTERM and takes its socket along', async (t) => {
  const directory = temporaryDirectory(t);
  const socket = join(directory, 'socket');
  const words = `${armature.join(' ')} server --socket ${socket} & sleep 0.1; while [ ! -S ${socket} ]; do sleep 0.05; done; sleep 0.3; kill $!; wait $!; echo $?`;
  const { stdout } = await execute(['sh', '-c', words], { env: cleanEnvironment(directory) });
  assert.equal(stdout, '0\n');
  assert.equal(existsSync(socket), false);
});

test('so does one that is still loading the compiler', async (t) => {
  const directory = temporaryDirectory(t);
  const socket = join(directory, 'socket');
  const words = `${armature.join(' ')} server --socket ${socket} & while [ ! -S ${socket} ]; do sleep 0.005; done; kill $!; wait $!; echo $?`;
  const { stdout } = await execute(['sh', '-c', words], { env: cleanEnvironment(directory) });
  assert.equal(stdout, '0\n');
  assert.equal(existsSync(socket), false);
  assert.equal(existsSync(`${socket}.pid`), false);
});

test('an idle server ends by itself', async (t) => {
  const socket = join(temporaryDirectory(t), 'socket');
  assert.equal((await runArmature(t, ['server', '--socket', socket, '--idle', '0.1'])).status, 0);
});

test('options only', async (t) => {
  assert.match((await runArmature(t, ['env', 'start'])).stderr, /takes no argument 'start' \[unexpected-argument\]/);
});

/** Modules of Node that take milliseconds to load, and that a program which is about to start does not need. */
const heavyModules = ['crypto', 'fs/promises', 'http', 'vm', 'worker_threads', 'zlib'];

test('run loads nothing before the program that it does not need', async (t) => {
  const { env, run } = user(t);
  await run();
  const directory = temporaryDirectory(t);
  const [preload, loaded] = [join(directory, 'preload.cjs'), join(directory, 'loaded')];
  writeFileSync(preload, `const before = new Set(process.moduleLoadList);
    const added = () => process.moduleLoadList.filter((name) => !before.has(name)).join('\\n');
    process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(loaded)}, added()));`);
  const result = await execute([process.execPath, '--require', preload, ...armature.slice(1), 'run', '-c', 'print("hello")'], { env: { ...env, ARMATURE_SERVER: '' } });
  assert.equal(result.stdout, 'hello\n');
  const names = readFileSync(loaded, 'utf8').split('\n').map((line) => line.replace('NativeModule ', ''));
  assert.ok(names.includes('child_process'));
  assert.deepEqual(names.filter((name) => heavyModules.includes(name)), []);
});

test('run starts the shared server and leaves it for the next one', async (t) => {
  const { env, run } = user(t);
  const shared = { ...env, ARMATURE_SERVER: '' };
  const hello = [...armature, 'run', '-c', 'print("hello")'];
  assert.deepEqual(await execute(hello, { env: shared }), { status: 0, signal: null, stdout: 'hello\n', stderr: '' });
  for (const deadline = Date.now() + 10_000; (await run('--status')).status !== 0; ) assert.ok(Date.now() < deadline);
  assert.equal((await execute(hello, { env: shared })).stdout, 'hello\n');
});

test('run leaves no server behind when told so', async (t) => {
  const { env, run } = user(t);
  assert.equal((await execute([...armature, 'run', '--own-server', '-c', 'pass'], { env: { ...env, ARMATURE_SERVER: '' } })).status, 0);
  assert.equal((await run('--status')).status, 1);
});
