/**
 * Compares machine code with that of CPython's own JIT, on both processors: how long it is and how many instructions the
 * program executes in an iteration. docs/cpython-jit.md tells how. `npm run bench:cpython-jit -- [--arch ARCH] [--json] [--page] [NAME…]`
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

  async row(arch: MachineArch, less: BenchProgram, more: BenchProgram): Promise<ComparisonRow> {
    const iterations = [await this.#iterationsOf(less), await this.#iterationsOf(more)] as const;
    const side = async (run: Runner): Promise<Side> => {
      const small = await run(arch, less), large = await run(arch, more);
      const perIteration = (of: (counts: Counts) => number): number => (of(large.counts) - of(small.counts)) / (iterations[1] - iterations[0]);
      return {
        bytes: large.bytes, hotBytes: large.counts.hotBytes(iterations[1] / 1000),
        instructions: perIteration(({ total }) => total), made: perIteration(({ made }) => made),
      };
    };
    return { program: more.name, arch, theirs: await side(this.#theirs), ours: await side(this.#ours) };
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
    await execute([process.execPath, join(projectRoot, 'bin/armature.mjs'), 'run', '--own-server', '--stats-json', report, '--python', python, '--', ...program.words]);
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
    options: { arch: { type: 'string', multiple: true, default: ['x86_64', 'aarch64'] }, json: { type: 'boolean' }, page: { type: 'boolean' } },
    allowPositionals: true,
  });
  const directory = mkdtempSync(join(tmpdir(), 'armature-jit-'));
  const rows: ComparisonRow[] = [];
  try {
    const comparison = new Comparison(directory);
    const smaller = kernelPrograms('half', positionals);
    for (const arch of values.arch as MachineArch[]) {
      for (const [index, program] of kernelPrograms('quick', positionals).entries()) {
        progressLine(`${program.name} ${arch}`);
        rows.push(await comparison.row(arch, smaller[index]!, program));
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
  console.log(values.json === true ? JSON.stringify(rows, null, 1) : text);
  if (values.page === true) writeFileSync(page, readFileSync(page, 'utf8').replace(region, (_, start: string, end: string) => `${start}${text}${end}`));
}

await main();
