import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from './arguments.ts';
import type { RatioSummary } from './pairs.ts';
import { geometricMean, median, runPairs, summarize } from './pairs.ts';
import type { Measured } from './process.ts';
import { residentBytes } from './process.ts';
import type { BenchProgram } from './programs.ts';
import { attachedCommand, firstLineProgram, kernelPrograms, noGainPrograms, projectRoot, selfReport } from './programs.ts';
import { formatTable, progressLine } from './table.ts';

/** What a task found for one Python: for programs (`data`) and for people (`text`). */
export interface TaskResult {
  readonly data: unknown;
  readonly text: string;
}

interface Measurement {
  readonly label: string;
  readonly rounds: number;
  readonly watchMemory: boolean;
  readonly values: Readonly<Record<string, (run: Measured) => number>>;
}

async function compareAll(
  options: BenchOptions, python: readonly string[], programs: readonly BenchProgram[], measurement: Measurement,
): Promise<readonly { readonly name: string; readonly summaries: Readonly<Record<string, RatioSummary>> }[]> {
  const results = [];
  for (const [index, program] of programs.entries()) {
    const right = options.against === undefined
      ? attachedCommand(python, program.words) : [...options.against, ...program.words];
    const comparison = { program: program.name, left: [...python, ...program.words], right };
    const pairs = await runPairs(comparison, measurement.rounds, measurement.watchMemory, (round) => {
      progressLine(`${measurement.label} ${index + 1}/${programs.length} ${program.name}, round ${round + 1}/${measurement.rounds}`);
    });
    const summaries = Object.fromEntries(Object.entries(measurement.values).map(([name, value]) => [name, summarize(pairs, value)]));
    results.push({ name: program.name, summaries });
  }
  progressLine('');
  return results;
}

const otherName = (options: BenchOptions): string => (options.against === undefined ? 'armature' : 'other');
const fixed = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : '-');

export async function benchKernels(options: BenchOptions, python: readonly string[]): Promise<TaskResult> {
  const programs = kernelPrograms(options.quick ? 'quick' : 'full', options.only);
  const results = await compareAll(options, python, programs, {
    label: 'kernels', rounds: options.rounds ?? (options.quick ? 3 : 5), watchMemory: false, values: { time: (run) => run.seconds },
  });
  const rows = results.flatMap(({ name, summaries: { time } }) => (time === undefined ? [] : [{ name, ...time }]));
  const ratios = rows.map((row) => row.ratio);
  const mean = geometricMean(ratios);
  const below = ratios.filter((ratio) => ratio < 2).length;
  const other = otherName(options);
  const table = formatTable(['kernel', 'form', 'plain s', `${other} s`, 'ratio', 'min–max'], rows.map((row) => [
    ...row.name.split('/'), fixed(row.left, 2), fixed(row.right, 2), `${fixed(row.ratio, 2)}×`, `${fixed(row.least, 2)}–${fixed(row.most, 2)}`,
  ]), 2);
  return {
    data: { rows, geometricMean: mean, underTwo: below },
    text: `${table}\ngeometric mean ${fixed(mean, 2)}×; ${below} of ${rows.length} under 2×`,
  };
}

export async function benchNoGain(options: BenchOptions, python: readonly string[]): Promise<TaskResult> {
  const results = await compareAll(options, python, noGainPrograms(options.quick, options.only), {
    label: 'no gain', rounds: options.rounds ?? (options.quick ? 3 : 5), watchMemory: false,
    values: { time: (run) => run.seconds, steady: steadyState },
  });
  const rows = results.flatMap(({ name, summaries: { time, steady } }) => (time === undefined || steady === undefined ? [] : [{ name, time, steady }]));
  const other = otherName(options);
  const table = formatTable(['program', 'plain s', `${other} s`, 'ratio', 'steady plain ms', `steady ${other} ms`, 'steady loss', 'min–max'], rows.map(({ name, time, steady }) => [
    name, fixed(time.left, 2), fixed(time.right, 2), `${fixed(time.ratio, 2)}×`, fixed(steady.left * 1000, 2), fixed(steady.right * 1000, 2),
    `${fixed((1 / steady.ratio - 1) * 100, 1)} %`, `${fixed((1 / steady.most - 1) * 100, 1)}–${fixed((1 / steady.least - 1) * 100, 1)}`,
  ]), 1);
  const loss = (1 / geometricMean(rows.map((row) => row.steady.ratio).filter(Number.isFinite)) - 1) * 100;
  return { data: { rows, meanSteadyLossPercent: loss }, text: `${table}\nmean steady-state loss ${fixed(loss, 1)} %` };
}

/** Median of the second half of the rounds (the first half warms up); not a number for a program without rounds. */
function steadyState(run: Measured): number {
  const { rounds } = selfReport(run.stderr);
  return rounds.length < 4 ? Number.NaN : median(rounds.slice(Math.floor(rounds.length / 2)));
}

export async function benchStartup(options: BenchOptions, python: readonly string[]): Promise<TaskResult> {
  const results = await compareAll(options, python, [firstLineProgram()], {
    label: 'start-up', rounds: options.rounds ?? 20, watchMemory: false,
    values: { firstLine: (run) => selfReport(run.stderr).first_line - run.startedAt, whole: (run) => run.seconds },
  });
  const rows = results.flatMap(({ summaries }) => Object.entries(summaries).map(([name, summary]) => ({ name, ...summary })));
  const other = otherName(options);
  const table = formatTable(['start-up', 'plain ms', `${other} ms`, 'more ms'], rows.map((row) => [
    row.name === 'whole' ? 'whole command' : 'to the first line', fixed(row.left * 1000, 1), fixed(row.right * 1000, 1), fixed((row.right - row.left) * 1000, 1),
  ]), 1);
  return { data: { rows }, text: table };
}

export async function benchMemory(options: BenchOptions, python: readonly string[]): Promise<TaskResult> {
  const kernels = kernelPrograms('quick', options.only.length > 0 ? options.only : ['mandelbrot', 'float_records', 'dp_lists']);
  const results = await compareAll(options, python, [firstLineProgram(), ...kernels], {
    label: 'memory', rounds: options.rounds ?? 3, watchMemory: true, values: { resident: (run) => run.maxResidentBytes },
  });
  const rows = results.flatMap(({ name, summaries: { resident } }) => (resident === undefined ? [] : [{ name, ...resident }]));
  const server = options.against === undefined ? await idleServerBytes() : undefined;
  const mebibytes = (bytes: number): string => fixed(bytes / 2 ** 20, 1);
  const other = otherName(options);
  const table = formatTable(['program', 'plain MiB', `${other} MiB`, 'more MiB'], rows.map((row) => [
    row.name, mebibytes(row.left), mebibytes(row.right), mebibytes(row.right - row.left),
  ]), 1);
  const serverLine = server === undefined ? '' : `\nidle server: ${mebibytes(server)} MiB resident`;
  return { data: { rows, idleServerBytes: server }, text: table + serverLine };
}

async function idleServerBytes(): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'armature-bench-'));
  const server = spawn(process.execPath, [path.join(projectRoot, 'bin/armature.cjs'), 'server', '--socket', path.join(folder, 'socket')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => { server.on('close', resolve); });
  try {
    await sleep(1500);
    return server.pid === undefined ? 0 : residentBytes(server.pid, 'VmRSS');
  } finally {
    server.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
