import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { compare } from '#cli/bench/compare.ts';
import { benchRequest } from '#cli/bench/request.ts';
import type { BenchRequest } from '#cli/bench/request.ts';
import { prepareSides } from '#cli/bench/sides.ts';
import { parseArguments } from '#cli/options.ts';
import { packageRoot } from '#cli/package-root.ts';
import { bench as benchVerb, benchOptions, compareVerb } from '#cli/verbs/bench.ts';
import { BenchError } from '#lab/bench/errors.ts';
import { machineFiles } from '#lab/bench/machine-files.ts';
import { machineNotes } from '#lab/bench/machine-notes.ts';
import type { Side } from '#lab/bench/modes.ts';
import { progressBar } from '#lab/bench/progress-bar.ts';
import { notOfBench } from '#lab/bench/pyperf-options.ts';
import { reportJson, reportText } from '#lab/bench/report.ts';
import { existingPath, makeDirectories, removeEmpty, resultPaths, writeResults } from '#lab/bench/result-files.ts';
import type { BenchResult } from '#lab/bench/run-benchmarks.ts';
import { runBenchmarks } from '#lab/bench/run-benchmarks.ts';
import { goOnWithoutReader } from '#support/closed-output.ts';
import { coloursFor } from '#support/colours.ts';
import { reasonOf } from '#support/system-reason.ts';

/** What a shell says of a program that Ctrl-C ended: 128 and the number of the signal. */
const interruptedStatus = 130;

export async function bench(words: readonly string[]): Promise<number> {
  goOnWithoutReader();
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  const isComparison = words[0] === 'compare';
  // Before a program `-h` is nothing of ours, but an option that pyperf scripts have.
  if (own.includes('--help') || (isComparison && own.includes('-h'))) return (await import('#cli/help.ts')).printVerb(isComparison ? compareVerb : benchVerb);
  if (isComparison) return compare(words.slice(1));
  const ofPyperf = notOfBench(own, benchOptions.map(({ name }) => name));
  if (ofPyperf !== undefined) throw new BenchError('bench-pyperf-option', { ...ofPyperf });
  const parsed = parseArguments('bench', benchOptions, own);
  const request = benchRequest(parsed, end < 0 ? [] : words.slice(end + 1));
  const prepared = await prepareSides(request.pythons, request.modes);
  try {
    const status = await measure(request, prepared.sides);
    if (!(await prepared.isServed())) process.stderr.write(new BenchError('bench-server-gone', {}).line());
    return status;
  } finally {
    await prepared.close();
  }
}

async function measure(request: BenchRequest, sides: readonly Side[]): Promise<number> {
  const paths = resultPaths(request.output, sides);
  const existing = existingPath(paths);
  if (existing !== undefined) throw new BenchError('bench-output-exists', { path: existing });
  const directories = writing(() => makeDirectories(paths));
  introduce(request, sides);
  // A machine that fails in the last round must not take the others with it.
  const result = await runInterruptibly(request, sides, ({ benchmarks }) => void writing(() => writeResults(benchmarks, paths)));
  const written = writing(() => writeResults(result.benchmarks, paths));
  removeEmpty(directories);
  if (request.json) process.stdout.write(`${JSON.stringify(reportJson(result, sides, paths), null, 2)}\n`);
  else process.stdout.write(reportText(result, sides, coloursFor(process.stdout)));
  if (written.length > 0) process.stderr.write(`Results: ${written.join(', ')}\n`);
  return complain(result);
}

function introduce({ programs, shape, pinning }: BenchRequest, sides: readonly Side[]): void {
  for (const python of new Set(sides.map((side) => side.python))) {
    const own = sides.filter((side) => side.python === python);
    process.stderr.write(`${own[0]?.pythonName ?? ''} (${python.command.join(' ')}): ${own.map((side) => side.mode).join(', ')}\n`);
  }
  process.stderr.write(`${programs.length} program${programs.length === 1 ? '' : 's'}, ${shape.processes} process${shape.processes === 1 ? '' : 'es'} each; ${pinning.reason}.\n`);
  for (const note of machineNotes(machineFiles(), pinning.cpus)) process.stderr.write(`Note: ${note}.\n`);
}

/** Ctrl-C ends the process that runs and the rounds, not us: what was measured is written and shown. */
async function runInterruptibly(request: BenchRequest, sides: readonly Side[], roundFinished: (result: BenchResult) => void): Promise<BenchResult> {
  const { programs, shape, pinning } = request;
  const abort = new AbortController();
  const bar = progressBar(process.stderr);
  const interrupt = (): void => abort.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    const workerFile = join(packageRoot(), 'src', 'lab', 'bench', 'python', 'worker.py');
    const plan = { programs, sides, shape, affinity: pinning.cpus, workerFile, metadata: { armature_version: ownVersion() } };
    return await runBenchmarks(plan, abort.signal, { progress: bar.show, roundFinished });
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    bar.clear();
  }
}

function ownVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** Places that cannot be written to are found out before the measurement, as far as that can be known. */
function writing<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw new BenchError('bench-cannot-write', { path: (error as NodeJS.ErrnoException).path ?? '', reason: reasonOf(error) });
  }
}

/** The end of a traceback says what happened; `--json` has more of it. */
const shownLines = 20;

function complain({ benchmarks, failures, interrupted }: BenchResult): number {
  for (const { program, outputDiffers } of benchmarks) {
    if (outputDiffers) process.stderr.write(new BenchError('bench-output-differs', { program }).line());
  }
  for (const { program, side, reason, stderr } of failures) {
    process.stderr.write(new BenchError('bench-program-failed', { program, side: side.label, reason }).line());
    const lines = stderr.trimEnd().split('\n');
    const shown = lines.length > shownLines ? ['…', ...lines.slice(-shownLines)] : lines;
    if (stderr.trim() !== '') process.stderr.write(`${shown.map((line) => `    ${line}`).join('\n')}\n`);
  }
  const isKept = benchmarks.some(({ runs }) => [...runs.values()].flat().some(({ values }) => values.length > 0));
  if (interrupted) process.stderr.write(`armature: interrupted; ${isKept ? 'what was measured so far was kept' : 'nothing was measured yet, and nothing written'}\n`);
  return interrupted ? interruptedStatus : failures.length > 0 ? 1 : 0;
}
