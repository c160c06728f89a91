/**
 * Records the compile requests of real programs: every kernel in its small sizes, and the fixtures of the tests.
 * usage: node --import tsx tools/record-requests.ts FOLDER PYTHON…
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codec } from '#server/codec.ts';
import { JitServer } from '#server/jit-server.ts';
import { openSocket } from '#server/listen.ts';
import { loadCompiler } from '#server/load-compiler.ts';
import type { Modes } from '#server/replies.ts';
import { noModes } from '#server/replies.ts';
import type { Codec } from '#server/session.ts';
import { UnitCache } from '#server/unit-cache.ts';

const root = join(import.meta.dirname, '..');
/** A program that waits for input or runs on is of no use here. */
const longestMilliseconds = 30_000;

interface Program {
  readonly name: string;
  readonly words: readonly string[];
  readonly modes: Modes;
}

function kernels(): Program[] {
  const folder = join(root, 'benchmarks', 'kernels');
  const sizes = JSON.parse(readFileSync(join(folder, 'sizes.json'), 'utf8')) as Record<string, { quick: number }>;
  return Object.entries(sizes).flatMap(([name, { quick }]) => readdirSync(join(folder, name)).map((file) => (
    { name: `${name}-${file.replace('.py', '')}`, words: [join(folder, name, file), String(quick)], modes: noModes }
  )));
}

/** Short programs, so everything in them is compiled. */
function fixtures(): Program[] {
  const folder = join(root, 'tests', 'fixtures');
  return readdirSync(folder).flatMap((kind) => readdirSync(join(folder, kind)).filter((file) => file.endsWith('.py')).map((file) => (
    { name: `${kind}-${file.replace('.py', '')}`, words: [join(folder, kind, file)], modes: { ...noModes, thresholdZero: true } }
  )));
}

class Recorder {
  readonly #folder: string;
  readonly #seen = new Set<string>();
  readonly #socket: string;

  constructor(folder: string, socket: string) {
    this.#folder = folder;
    this.#socket = socket;
    mkdirSync(folder, { recursive: true });
  }

  async record(program: Program, python: string): Promise<number> {
    const before = this.#seen.size;
    const { compiler } = loadCompiler({ root, verify: false, disabled: [] });
    const recording: Codec = {
      ...codec,
      compile: (payload, client) => {
        this.#save(program.name, payload, client.layout);
        return codec.compile(payload, client);
      },
    };
    const server = new JitServer(openSocket(this.#socket), {
      codec: recording, compiler, cache: new UnitCache([]), modes: program.modes, log: () => undefined,
    });
    const environment = { ...process.env, ARMATURE_SOCKET: this.#socket, PYTHONPATH: join(root, 'agent', 'python') };
    const child = spawn(python, program.words, { env: environment, stdio: 'ignore', timeout: longestMilliseconds });
    await new Promise((resolve) => child.on('close', resolve));
    server.close();
    return this.#seen.size - before;
  }

  #save(name: string, payload: Uint8Array, layout: number): void {
    const digest = createHash('sha256').update(payload).digest('hex');
    if (this.#seen.has(digest)) return;
    this.#seen.add(digest);
    const path = (n: number): string => join(this.#folder, `${name}-${String(n).padStart(2, '0')}.${layout}.req`);
    let number = 0;
    while (existsSync(path(number))) number++;
    writeFileSync(path(number), payload);
  }
}

async function main([folder, ...pythons]: readonly string[]): Promise<void> {
  if (folder === undefined || pythons.length === 0) throw new Error('usage: record-requests.ts FOLDER PYTHON…');
  const temporary = mkdtempSync(join(tmpdir(), 'armature-record-'));
  const recorder = new Recorder(folder, join(temporary, 'socket'));
  for (const python of pythons) {
    for (const program of [...kernels(), ...fixtures()]) {
      const count = await recorder.record(program, python);
      process.stdout.write(`${program.name}: ${count} requests\n`);
    }
  }
  rmSync(temporary, { recursive: true });
}

await main(process.argv.slice(2));
