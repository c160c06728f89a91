/** The agent in real Pythons, against a server with hand-made units. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hostArch, pythonTargets } from '../../tools/pythons/targets.ts';
import { availablePythons, type TestPython } from '../harness/pythons.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const programs = readdirSync(join(here, 'programs')).filter((name) => name.endsWith('.py')).sort();

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
interface Stats {
  readonly units: number;
  readonly requests: number;
  readonly unit_list: readonly { readonly placeLine: number; readonly entries: number }[];
  readonly osr_entries: number;
  readonly malformed: number;
}

const isEmulated = (python: TestPython): boolean => python.command.length > 1;
/** How often a program does all it does. Emulated, each entry of a unit takes ten times as long, and there are millions. */
const rounds = (python: TestPython): string => (isEmulated(python) ? '2' : '8');

function run(python: TestPython, args: readonly string[], environment: Record<string, string> = {}): Outcome {
  const [file = '', ...rest] = python.command;
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  const { status, stdout, stderr } = spawnSync(file, [...rest, ...args], { encoding: 'utf8', env, timeout: isEmulated(python) ? 300_000 : 120_000 });
  return { status, stdout, stderr };
}

function includeDirectories(python: TestPython): readonly string[] {
  return run(python, ['-c', 'import sysconfig; print(sysconfig.get_path("include"), sysconfig.get_path("platinclude"), sep=";")']).stdout.trim().split(';');
}

const hasHeaders = (directories: readonly string[]): boolean => directories.some((directory) => existsSync(join(directory, 'internal/pycore_frame.h')));

class FakeServer {
  readonly directory = mkdtempSync(join(tmpdir(), 'armature-agent-test-'));
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;

  constructor(mode: string) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', join(here, 'fake-server.ts'), join(this.directory, 'socket'), mode],
      { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#ready = new Promise((resolve) => this.#child.stdout?.once('data', resolve));
  }

  async environment(): Promise<Record<string, string>> {
    await this.#ready;
    return {
      ARMATURE_SOCKET: join(this.directory, 'socket'), ARMATURE_STATS: join(this.directory, 'stats.json'),
      ARMATURE_REQUIRE_MESSAGE: '1', PYTHONPATH: join(root, 'agent/python'),
    };
  }

  stats(): Stats {
    return JSON.parse(readFileSync(join(this.directory, 'stats.json'), 'utf8')) as Stats;
  }

  close(): void {
    this.#child.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

for (const python of availablePythons()) {
  describe(`agent in ${python.name}`, () => {
    // The emulated agent is the same C code, and each program takes ten times as long.
    for (const mode of isEmulated(python) ? ['leave', 'return', 'die'] : ['leave', 'return', 'garbage', 'refuse', 'silent', 'die']) {
      describe(`server mode ${mode}`, () => {
        let server: FakeServer;
        before(() => { server = new FakeServer(mode); });
        after(() => { server.close(); });
        for (const program of programs) {
          it(`${program} does not notice`, async () => {
            const path = join(here, 'programs', program);
            const expected = run(python, [path, rounds(python)]);
            const environment = await server.environment();
            assert.deepEqual(run(python, [path, rounds(python)], environment), expected);
            if (mode !== 'leave' && mode !== 'garbage') return;
            const happened = (): number => (mode === 'leave' ? server.stats().osr_entries : server.stats().malformed);
            // The first runs may have ended before clang had made their units, if other tests keep the processors busy.
            for (let again = 0; again < 5 && happened() === 0; again++) assert.deepEqual(run(python, [path, rounds(python)], environment), expected);
            assert.ok(happened() > 0, mode === 'leave' ? 'no loop was entered' : 'nothing malformed came');
          });
        }
      });
    }

    if (!isEmulated(python)) describe('units that are worth their memory', () => {
      async function statsOf(mode: string, lines: readonly string[]): Promise<Stats> {
        const server = new FakeServer(mode);
        try {
          const path = join(server.directory, 'program.py');
          writeFileSync(path, `${lines.join('\n')}\n`);
          const environment = await server.environment();
          // The very first run may have ended before clang had made its units.
          if (mode !== 'sampled') run(python, [path], environment);
          assert.equal(run(python, [path], environment).stderr, '');
          return server.stats();
        } finally {
          server.close();
        }
      }
      const loop = (name: string, indent: string): string[] => [`${indent}for ${name} in range(50000):`, `${indent}    total += ${name}`];

      it('two loops in a third: while the unit of one is on its way, none is asked for that it contains', async () => {
        const stats = await statsOf('sampled', ['total = 0', 'for k in range(300):', ...loop('i', '    '), ...loop('j', '    ')]);
        assert.equal(stats.requests, 1);
      });

      it('a unit that ends before it comes to the other loop does not keep that from a unit of its own', async () => {
        const stats = await statsOf('ends', ['total = 0', 'for k in range(500):', ...loop('i', '    '), ...loop('j', '    ')]);
        assert.ok(stats.requests >= 2, String(stats.requests));
      });

      it('loops one after the other have a unit each', async () => {
        const stats = await statsOf('sampled', ['total = 0', ...loop('i', '').map((line) => line.replace('50000', '10000000')), ...loop('j', '').map((line) => line.replace('50000', '10000000'))]);
        assert.equal(stats.requests, 2);
      });

      it('a unit that comes when its loop has ended is given back', async () => {
        const until = (seconds: number): string[] => [`end = perf_counter() + ${seconds}`, 'while perf_counter() < end:', '    n += 1'];
        const { requests, unit_list: units } = await statsOf('late', ['from time import perf_counter', 'n = 0', ...until(0.3), ...until(2.5)]);
        assert.equal(requests, 2);
        assert.deepEqual(units.map(({ placeLine, entries }) => [placeLine > 6, entries > 0]), [[true, true]]);
      });
    });

    it('without a server, and with a socket that is not ours', () => {
      const path = join(here, 'programs', 'threads.py');
      const expected = run(python, [path]);
      const environment = { PYTHONPATH: join(root, 'agent/python'), ARMATURE_REQUIRE_MESSAGE: '1' };
      assert.deepEqual(run(python, [path], { ...environment, ARMATURE_SOCKET: '/nowhere/socket' }), expected);
      assert.deepEqual(run(python, [path], environment), expected);
    });

    it('leaves no trace in sys', () => {
      const code = 'import sys; print(sys.path, sorted(sys.modules), sys.argv)';
      const directory = mkdtempSync(join(tmpdir(), 'armature-agent-test-'));
      const environment = { ARMATURE_SOCKET: join(directory, 'socket'), PYTHONPATH: join(root, 'agent/python') };
      assert.deepEqual(run(python, ['-c', code, 'a', 'b'], environment), run(python, ['-c', code, 'a', 'b']));
      rmSync(directory, { recursive: true });
    });

    it("gives way to the user's own sitecustomize", () => {
      const environment = { ARMATURE_SOCKET: '/nowhere/socket', PYTHONPATH: `${join(root, 'agent/python')}:${join(here, 'fixtures')}` };
      const code = 'import sys; print(sys.modules["sitecustomize"].marker, __import__("sitecustomize").__file__)';
      const found = run(python, ['-c', code], environment);
      assert.equal(found.stdout, `user's ${join(here, 'fixtures/sitecustomize.py')}\n`);
    });
  });
}

describe('layout.h', () => {
  const native = pythonTargets.filter((target) => target.arch === hostArch);
  const withHeaders = availablePythons(process.env, (python) => hasHeaders(includeDirectories(python)));
  for (const { layout } of native) {
    const python = withHeaders.find((candidate) => candidate.layout === layout && candidate.command.length === 1);
    it(`agrees with the headers of CPython ${layout}`, { skip: python === undefined && 'no headers' }, () => {
      assert.ok(python !== undefined);
      // The parent directory last: pyconfig.h may be found from there, but the C library's headers are the compiler's own.
      const includes = includeDirectories(python).flatMap((directory) => ['-I', directory, '-I', join(directory, 'internal'), '-idirafter', dirname(directory)]);
      const { status, stderr } = spawnSync('clang-19', ['-w', `-DARMATURE_LAYOUT=${python.layout}`, '-I', join(root, 'agent'), ...includes, '-fsyntax-only', join(here, 'layout-check.c')], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    });
  }
});
