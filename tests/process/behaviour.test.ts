import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AttachedServer } from '../differential/attached-server.ts';
import { startAttachedServer } from '../differential/attached-server.ts';
import { difference } from '../differential/compare.ts';
import { runProgram } from '../differential/program-run.ts';
import type { TestPython } from '../harness/pythons.ts';
import { availablePythons } from '../harness/pythons.ts';

const eager = { ARMATURE_THRESHOLD_ZERO: '1' };

/** Files the programs below consist of. */
const files: Readonly<Record<string, string>> = {
  'identity.py': `import sys
def show():
    main = sys.modules["__main__"]
    spec = None if main.__spec__ is None else (main.__spec__.name, main.__spec__.origin)
    print(sys.argv, sys.path[:1], main.__name__, getattr(main, "__file__", "no file"), spec, main.__package__, __name__)
    print(sys.orig_argv[-1:], sys.flags.dont_write_bytecode, "sitecustomize" in sys.modules, type(main.__loader__).__name__)
    print([name for name in sorted(sys.modules) if "armature" in name and not name.startswith("_armature")])
    print(sorted(name for name in vars(main) if not name.startswith("__")), [p for p in sys.path if "agent" in p])
show()
for i in range(5000):
    total = i * 2
print(total)
`,
  'loop.py': 'def work(n):\n    t = 0\n    for i in range(n):\n        t += i & 7\n    return t\n',
  'package/__init__.py': 'print("package", __name__)\n',
  'package/__main__.py': 'import sys\nfrom . import part\nprint(__name__, __package__, sys.argv, __spec__.name, part.total)\n',
  'package/part.py': 'total = 0\nfor i in range(5000):\n    total += i\n',
  'custom/sitecustomize.py': 'import builtins\nbuiltins.customized = "yes"\nprint("the user\'s sitecustomize runs")\n',
  'custom/usercustomize.py': 'print("usercustomize runs")\n',
};

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const hot = 'import sys\nsys.path.insert(0, "")\nfrom loop import work\nprint(work(20000))\n';

const cases: readonly Case[] = [
  { name: 'a script', args: ['identity.py', 'one', '--two'] },
  { name: 'a script by absolute path', args: ['@identity.py'] },
  { name: 'a module', args: ['-m', 'identity', 'x'] },
  { name: 'a package', args: ['-m', 'package', '-v'] },
  { name: 'a folder', args: ['package'] },
  { name: 'a command', args: ['-c', 'import identity, sys; print(sys.argv, sys.path[0], __name__)', 'a', '-b'] },
  { name: 'a program on standard input', args: ['-', 'x'], stdin: `${hot}import sys\nprint(sys.argv)\n` },
  { name: 'standard input is passed through', args: ['-c', 'import sys\nprint(sum(int(line) for line in sys.stdin))'], stdin: '1\n2\n39\n' },
  { name: 'a missing script', args: ['missing.py'] },
  { name: 'a syntax error', args: ['-c', 'x = = 1'] },
  { name: 'a missing module', args: ['-m', 'missing_module'] },
  { name: 'sys.exit with a number', args: ['-c', `${hot}sys.exit(3)`] },
  { name: 'sys.exit with a message', args: ['-c', `${hot}sys.exit("message")`] },
  { name: 'an uncaught exception', args: ['-c', `${hot}{}["key"]`] },
  { name: 'os._exit without clean-up', args: ['-c', `${hot}import os\nprint("lost", end="")\nos._exit(7)`] },
  { name: 'SIGTERM', args: ['-c', `${hot}import os, signal\nsys.stdout.flush()\nos.kill(os.getpid(), signal.SIGTERM)`] },
  { name: 'SIGINT', args: ['-c', `${hot}import os, signal\nsys.stdout.flush()\nos.kill(os.getpid(), signal.SIGINT)\nwork(10**9)`] },
  { name: 'SIGKILL', args: ['-c', `${hot}import os, signal\nsys.stdout.flush()\nos.kill(os.getpid(), signal.SIGKILL)`] },
  { name: 'abort', args: ['-c', `${hot}import os, resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\nsys.stdout.flush()\nos.abort()`] },
  { name: 'a SIGTERM handler', args: ['-c', `${hot}import os, signal\nsignal.signal(signal.SIGTERM, lambda *a: sys.exit(9))\nos.kill(os.getpid(), signal.SIGTERM)\nwork(10**9)`] },
  { name: 'signal dispositions are untouched', args: ['-c', 'import signal\nprint([(s.name, str(signal.getsignal(s))) for s in (signal.SIGINT, signal.SIGPIPE, signal.SIGTERM, signal.SIGALRM, signal.SIGPROF, signal.SIGVTALRM, signal.SIGUSR1, signal.SIGSEGV, signal.SIGCHLD)])\nprint(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.getitimer(signal.ITIMER_REAL), signal.getitimer(signal.ITIMER_PROF))'] },
  { name: 'a broken pipe', args: ['-c', `${hot}import os\nr, w = os.pipe()\nos.close(r)\ntry:\n    os.write(w, b"x")\nexcept BrokenPipeError as error:\n    print(error)`] },
  { name: 'isolated mode', args: ['-I', '@identity.py'] },
  { name: 'no site', args: ['-S', '-c', hot] },
  { name: 'ignored environment', args: ['-E', 'identity.py'] },
  { name: 'optimized', args: ['-OO', 'identity.py'] },
  { name: 'warnings as errors', args: ['-W', 'error', 'identity.py'] },
  { name: 'development mode', args: ['-X', 'dev', 'identity.py'] },
  { name: 'a user\'s sitecustomize', args: ['-c', 'print(customized)\nimport sitecustomize\nprint(sitecustomize.__name__)'], environment: { EXTRA_PATH: 'custom' } },
  { name: 'threads at exit', args: ['-c', `${hot}import threading\nthreading.Thread(target=lambda: print(work(50000))).start()\nthreading.Thread(target=lambda: work(10**9), daemon=True).start()`] },
  { name: 'no more threads than plain, as Python sees them', args: ['-c', `${hot}import threading\nprint(threading.active_count(), len(sys._current_frames()))`] },
  { name: 'file descriptors of a child', args: ['-c', `${hot}import os, subprocess\nprint(subprocess.run(["sh", "-c", "ls /proc/self/fd | wc -l"], capture_output=True, text=True, close_fds=False).stdout)`] },
  { name: 'resource limits on memory', args: ['-c', `import resource\nresource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n${hot}`] },
  { name: 'a closed standard error', args: ['-c', `import os\nos.close(2)\n${hot}`] },
  { name: 'a changed working directory', args: ['-c', `import os\nimport sys\nsys.path[0] = os.getcwd()\nfrom loop import work\nos.chdir("/")\nprint(work(50000))`] },
  { name: 'exec of another program', args: ['-c', `${hot}import os\nsys.stdout.flush()\nos.execv("/bin/echo", ["echo", "replaced"])`] },
  { name: 'a long sleep is not interrupted', args: ['-c', `${hot}import time\nb = time.monotonic()\ntime.sleep(0.2)\nprint(time.monotonic() - b >= 0.2, os.name if "os" in dir() else "")`] },
];

function argumentsOf(given: Case, folder: string): readonly string[] {
  return given.args.map((word) => (word.startsWith('@') ? path.join(folder, word.slice(1)) : word));
}

function joined(paths: readonly (string | undefined)[]): Record<string, string> {
  const text = paths.filter((entry) => entry !== undefined).join(':');
  return text === '' ? {} : { PYTHONPATH: text };
}

function defineCases(python: TestPython): void {
  let folder = '';
  let server: AttachedServer | undefined;
  before(async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'armature-process-')));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    server = await startAttachedServer(eager);
  });
  after(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const given of cases) {
    test(given.name, async () => {
      const extra = given.environment?.['EXTRA_PATH'];
      const variables = server?.environment ?? {};
      const run = {
        command: [...python.command, ...argumentsOf(given, folder)],
        cwd: folder,
        timeoutSeconds: python.command.length > 1 ? 120 : 20,
        ...(given.stdin === undefined ? {} : { stdin: given.stdin }),
      };
      const plain = await runProgram({ ...run, environment: joined([extra]) });
      const attached = await runProgram({ ...run, environment: { ...eager, ...variables, ...joined([variables['PYTHONPATH'], extra]) } });
      const found = difference(plain, attached);
      if (found !== undefined) assert.fail(found);
    });
  }
}

for (const python of availablePythons()) {
  describe(`process behaviour, ${python.name}`, { concurrency: 2 }, () => defineCases(python));
}
