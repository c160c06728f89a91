/**
 * Compares machine code with that of CPython's own JIT, on both processors: how long it is and how many instructions the
 * program executes in an iteration. docs/cpython-jit.md tells how. `npm run bench:cpython-jit -- [--arch ARCH] [--rows FILE] [--page] [NAME…]`
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

type Runner = (program: BenchProgram) => Promise<Run>;

async function execute(command: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await measure(command);
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${String(status)}: ${stderr.slice(-500)}`);
  return stdout;
}

/** How often the loops of a program go round, which is the same on both processors. */
class Iterations {
  readonly #directory: string;
  readonly #known = new Map<string, Promise<number>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  of(program: BenchProgram): Promise<number> {
    const key = program.words.join(' ');
    let known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, (known = this.#count(program, join(this.#directory, `iterations-${this.#known.size}`))));
    return known;
  }

  async #count(program: BenchProgram, report: string): Promise<number> {
    const python = commandOf(pythonTargets.find(({ layout, arch }) => layout === 314 && arch === hostArch)!);
    if (python === undefined) throw new Error('no Python 3.14: npm run pythons');
    await execute([...python, join(projectRoot, 'tools/bench/count-iterations.py'), report, ...program.words]);
    return Number(readFileSync(report, 'utf8'));
  }
}

/** There is nothing to compare with. */
class NothingCompiled extends Error {}

class Comparison {
  readonly #directory: string;
  readonly #arch: MachineArch;
  readonly #counter: InstructionCounter;
  readonly #iterations: Iterations;

  constructor(directory: string, arch: MachineArch, counter: InstructionCounter, iterations: Iterations) {
    this.#directory = directory;
    this.#arch = arch;
    this.#counter = counter;
    this.#iterations = iterations;
  }

  async row([less, more, most]: readonly [BenchProgram, BenchProgram, BenchProgram]): Promise<ComparisonRow> {
    return { program: more.name, arch: this.#arch, theirs: await this.#theirSide(less, more), ours: await this.#ourSide(more, most) };
  }

  async #theirSide(less: BenchProgram, more: BenchProgram): Promise<Side> {
    const short = await this.#theirs(less), long = await this.#theirs(more);
    const [few, many] = [await this.#iterations.of(less), await this.#iterations.of(more)];
    const perIteration = (of: (counts: Counts) => number): number => (of(long.counts) - of(short.counts)) / (many - few);
    return {
      bytes: long.bytes, hotBytes: long.counts.hotBytes(many / 1000),
      instructions: perIteration(({ total }) => total), made: perIteration(({ made }) => made),
    };
  }

  /**
   * Our code comes when the server is ready, and until then an unknown number of iterations is interpreted. So only what comes
   * after the first code of the hot loops is counted; what that code executes tells how many iterations those were. They
   * run longer than theirs, which makes the unknown number small.
   */
  async #ourSide(less: BenchProgram, more: BenchProgram): Promise<Side> {
    const short = await this.#ours(less), long = await this.#ours(more);
    const [few, many] = [await this.#iterations.of(less), await this.#iterations.of(more)];
    const made = (long.counts.made - short.counts.made) / (many - few);
    return { bytes: long.bytes, hotBytes: long.counts.hotBytes(many / 1000), instructions: long.counts.since(many / 1000) / long.counts.made * made, made };
  }

  readonly #theirs: Runner = async (program) => {
    const counts = join(this.#directory, `${this.#arch}.counts`), report = join(this.#directory, `${this.#arch}.report`);
    await execute(['/usr/bin/env', 'PYTHON_JIT=1', ...this.#counter.python(this.#arch, counts), join(projectRoot, 'tools/bench/cpython-jit-code.py'), report, ...program.words]);
    const { code } = JSON.parse(readFileSync(report, 'utf8')) as { readonly code: number };
    if (code === 0) throw new NothingCompiled(`${program.name}: this Python has no JIT, or it compiled nothing`);
    return { counts: readCounts(counts), bytes: code };
  };

  readonly #ours: Runner = async (program) => {
    const counts = join(this.#directory, `${this.#arch}.counts`), report = join(this.#directory, `${this.#arch}.report`);
    const python = this.#counter.python(this.#arch, counts).join(' ');
    await execute(['/usr/bin/env', `XDG_CACHE_HOME=${this.#directory}`, process.execPath, join(projectRoot, 'bin/armature.cjs'), 'run', '--own-server', '--stats-json', report, '--python', python, '--', ...program.words]);
    const { places } = JSON.parse(readFileSync(report, 'utf8')) as { readonly places: readonly { readonly bytes: number }[] };
    return { counts: readCounts(counts), bytes: places.reduce((sum, { bytes }) => sum + bytes, 0) };
  };
}

/** What is known so far; kept in a file, so that a long measurement can be interrupted and goes on where it was. */
class Rows {
  readonly #path: string | undefined;
  readonly #rows: ComparisonRow[];

  constructor(path: string | undefined) {
    this.#path = path;
    this.#rows = path !== undefined && existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) as ComparisonRow[] : [];
  }

  has(program: string, arch: MachineArch): boolean {
    return this.#rows.some((row) => row.program === program && row.arch === arch);
  }

  add(row: ComparisonRow): void {
    this.#rows.push(row);
    if (this.#path !== undefined) writeFileSync(this.#path, JSON.stringify(this.#rows, null, 1));
  }

  text(): string {
    const order = kernelPrograms('full', []).map(({ name }) => name);
    return (['x86_64', 'aarch64'] as const).flatMap((arch) => {
      const own = this.#rows.filter((row) => row.arch === arch).toSorted((a, b) => order.indexOf(a.program) - order.indexOf(b.program));
      return own.length === 0 ? [] : [`## ${arch}\n\n${comparisonTable(own)}\n\n${own.length} of ${order.length} programs. ${verdict(own)}\n`];
    }).join('\n');
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
  const rows = new Rows(values.rows);
  try {
    const counter = new InstructionCounter(), iterations = new Iterations(directory);
    await Promise.all((values.arch as MachineArch[]).map(async (arch) => {
      const comparison = new Comparison(directory, arch, counter, iterations);
      const sizes = (['less', 'more', 'most'] as const).map((size) => kernelPrograms(size, positionals));
      for (const [index, { name }] of sizes[0]!.entries()) {
        if (rows.has(name, arch)) continue;
        try {
          rows.add(await comparison.row(sizes.map((programs) => programs[index]!) as [BenchProgram, BenchProgram, BenchProgram]));
          progressLine(`${name} ${arch}`);
        } catch (error) {
          if (!(error instanceof NothingCompiled)) throw error;
          console.error(`left out, ${arch}: ${error.message}`);
        }
      }
    }));
  } finally {
    rmSync(directory, { recursive: true });
  }
  progressLine('');
  const text = rows.text();
  console.log(text);
  if (values.page === true) writeFileSync(page, readFileSync(page, 'utf8').replace(region, (_, start: string, end: string) => `${start}${text}${end}`));
}

await main();
