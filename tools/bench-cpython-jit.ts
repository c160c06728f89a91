/**
 * Compares machine code with that of CPython's own JIT, on both processors: how long it is and how many instructions the
 * program executes in an iteration. docs/cpython-jit.md tells how. `npm run bench:cpython-jit -- [--arch ARCH] [--rows FILE] [--page] [NAME…]`
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { InstructionCounter, readCounts, type Counts } from './bench/instruction-counter.ts';
import { comparisonTable, verdict, type ComparisonRow, type Side } from './bench/jit-comparison.ts';
import { measure } from './bench/process.ts';
import { kernelPrograms, projectRoot, type BenchProgram } from './bench/programs.ts';
import { progressLine } from './bench/table.ts';
import { commandOf, hostArch, pythonTargets, type MachineArch } from './pythons/targets.ts';

/** A run of a program at one of its two sizes. */
interface Run {
  readonly counts: Counts;
  readonly bytes: number;
}

type Runner = (arch: MachineArch, program: BenchProgram) => Promise<Run>;

async function execute(command: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await measure(command);
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${String(status)}: ${stderr.slice(-500)}`);
  return stdout;
}

class Comparison {
  readonly #directory: string;
  readonly #counter = new InstructionCounter();
  readonly #iterations = new Map<string, number>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async row(arch: MachineArch, [half, quick, long]: readonly [BenchProgram, BenchProgram, BenchProgram]): Promise<ComparisonRow> {
    return { program: quick.name, arch, theirs: await this.#theirSide(arch, half, quick), ours: await this.#ourSide(arch, quick, long) };
  }

  async #theirSide(arch: MachineArch, half: BenchProgram, quick: BenchProgram): Promise<Side> {
    const [less, more] = [await this.#theirs(arch, half), await this.#theirs(arch, quick)];
    const iterations = await this.#iterationsOf(quick);
    const added = iterations - await this.#iterationsOf(half);
    return {
      bytes: more.bytes, hotBytes: more.counts.hotBytes(iterations / 1000),
      instructions: (more.counts.total - less.counts.total) / added, made: (more.counts.made - less.counts.made) / added,
    };
  }

  /**
   * Our code comes when the server is ready, and until then an unknown number of iterations is interpreted. So only what comes
   * after the first code of the hot loops is counted; what that code executes tells how many iterations those were. They
   * run longer than theirs, which makes the unknown number small.
   */
  async #ourSide(arch: MachineArch, quick: BenchProgram, long: BenchProgram): Promise<Side> {
    const [less, more] = [await this.#ours(arch, quick), await this.#ours(arch, long)];
    const [few, many] = [await this.#iterationsOf(quick), await this.#iterationsOf(long)];
    const made = (more.counts.made - less.counts.made) / (many - few);
    return { bytes: more.bytes, hotBytes: more.counts.hotBytes(many / 1000), instructions: more.counts.since(many / 1000) / more.counts.made * made, made };
  }

  readonly #theirs: Runner = async (arch, program) => {
    const counts = join(this.#directory, 'counts'), report = join(this.#directory, 'report');
    await execute(['/usr/bin/env', 'PYTHON_JIT=1', ...this.#counter.python(arch, counts), join(projectRoot, 'tools/bench/cpython-jit-code.py'), report, ...program.words]);
    const { code } = JSON.parse(readFileSync(report, 'utf8')) as { readonly code: number };
    if (code === 0) throw new Error(`${program.name}: this Python has no JIT, or it compiled nothing`);
    return { counts: readCounts(counts), bytes: code };
  };

  readonly #ours: Runner = async (arch, program) => {
    const counts = join(this.#directory, 'counts'), report = join(this.#directory, 'report');
    const python = this.#counter.python(arch, counts).join(' ');
    await execute(['/usr/bin/env', `XDG_CACHE_HOME=${this.#directory}`, process.execPath, join(projectRoot, 'bin/armature.mjs'), 'run', '--own-server', '--stats-json', report, '--python', python, '--', ...program.words]);
    const { places } = JSON.parse(readFileSync(report, 'utf8')) as { readonly places: readonly { readonly bytes: number }[] };
    return { counts: readCounts(counts), bytes: places.reduce((sum, { bytes }) => sum + bytes, 0) };
  };

  async #iterationsOf(program: BenchProgram): Promise<number> {
    const key = program.words.join(' ');
    let known = this.#iterations.get(key);
    if (known === undefined) {
      const python = commandOf(pythonTargets.find(({ layout, arch }) => layout === 314 && arch === hostArch)!);
      if (python === undefined) throw new Error('no Python 3.14: npm run pythons');
      const report = join(this.#directory, 'iterations');
      await execute([...python, join(projectRoot, 'tools/bench/count-iterations.py'), report, ...program.words]);
      this.#iterations.set(key, (known = Number(readFileSync(report, 'utf8'))));
    }
    return known;
  }
}

const page = join(projectRoot, 'docs', 'cpython-jit.md');
const region = /(<!-- comparison -->\n)[\s\S]*(<!-- \/comparison -->)/;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { arch: { type: 'string', multiple: true, default: ['x86_64', 'aarch64'] }, rows: { type: 'string' }, page: { type: 'boolean' } },
    allowPositionals: true,
  });
  const directory = mkdtempSync(join(tmpdir(), 'armature-jit-'));
  const rows: ComparisonRow[] = [];
  try {
    const comparison = new Comparison(directory);
    const [half, quick, long] = (['half', 'quick', 'long'] as const).map((size) => kernelPrograms(size, positionals)) as [BenchProgram[], BenchProgram[], BenchProgram[]];
    for (const arch of values.arch as MachineArch[]) {
      for (const [index, program] of quick.entries()) {
        progressLine(`${program.name} ${arch}`);
        rows.push(await comparison.row(arch, [half[index]!, program, long[index]!]));
        if (values.rows !== undefined) writeFileSync(values.rows, JSON.stringify(rows, null, 1));
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  progressLine('');
  const text = [...new Set(rows.map(({ arch }) => arch))].map((arch) => {
    const own = rows.filter((row) => row.arch === arch);
    return `## ${arch}\n\n${comparisonTable(own)}\n\n${verdict(own)}\n`;
  }).join('\n');
  console.log(text);
  if (values.page === true) writeFileSync(page, readFileSync(page, 'utf8').replace(region, (_, start: string, end: string) => `${start}${text}${end}`));
}

await main();
