// Plain JavaScript with no dependencies: what a fresh clone runs before anything is installed.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`armature: Node ${process.versions.node} is too old; version 20.19 or later is needed.`);
  process.exit(2);
}

/** True when every direct dependency is there in the version the lock file names. */
function dependenciesInstalled() {
  const locked = readJson('package-lock.json').packages;
  return Object.keys(readJson('package.json').devDependencies).every((name) => {
    const path = `node_modules/${name}/package.json`;
    return existsSync(join(root, path)) && readJson(path).version === locked[`node_modules/${name}`]?.version;
  });
}

/** Runs a command; resolves with its exit status, 128 + n when a signal ended it. */
function execute(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve(status ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

async function installDependencies() {
  console.error('armature: installing the development packages (npm ci)');
  const start = Date.now();
  const ticker = setInterval(() => console.error(`armature:   still installing, ${Math.round((Date.now() - start) / 1000)} s`), 5000);
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm's own standard output would mix with ours when `armature env` is evaluated by a shell.
  const options = { stdio: ['ignore', 2, 2] };
  const status = await (npm?.endsWith('.js') ? execute(process.execPath, [npm, ...args], options) : execute('npm', args, options));
  clearInterval(ticker);
  if (status !== 0) {
    console.error('armature: npm ci failed. Is the npm registry reachable? Nothing else was changed.');
    process.exit(status);
  }
}

/** So that `npx armature` in this checkout is this checkout, never a package of that name from the registry. */
function linkCommands() {
  const target = join('..', '..', 'bin', 'armature.cjs');
  const directory = join(root, 'node_modules', '.bin');
  mkdirSync(directory, { recursive: true });
  for (const name of Object.keys(readJson('package.json').bin)) {
    const link = join(directory, name);
    try {
      if (readlinkSync(link) === target) continue;
    } catch {
      // not there, or not a link
    }
    rmSync(link, { force: true });
    symlinkSync(target, link);
  }
  chmodSync(join(root, 'bin', 'armature.cjs'), 0o755);
}

/** Everything `armature` needs in a checkout: packages, bundle, command links. */
export async function prepare() {
  checkNode();
  if (!dependenciesInstalled()) await installDependencies();
  linkCommands();
  const { build } = await import('./build.mjs');
  await build();
}

const steps = {
  prepare: async () => 0,
  start: (args) => execute(process.execPath, ['bin/armature.cjs', 'demo', ...args]),
  test: (args) => execute(process.execPath, ['--import', 'tsx', 'tools/run-tests.ts', ...args]),
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [step = 'prepare', ...args] = process.argv.slice(2);
  await prepare();
  process.exitCode = await steps[step](args);
}
