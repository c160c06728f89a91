import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metadata } from '#lab/format/metadata.ts';
import { numberOf } from '#lab/format/metadata.ts';
import type { Run } from '#lab/format/pyperf.ts';
import { machineFiles } from '#lab/bench/machine-files.ts';
import { machineMetadata, momentMetadata } from '#lab/bench/machine.ts';
import type { Side } from '#lab/bench/modes.ts';
import type { Program } from '#lab/bench/program.ts';
import type { Shape } from '#lab/bench/shape.ts';
import { defaultMinimumSeconds } from '#lab/bench/shape.ts';
import { calibrationValues, readCalibration } from '#lab/bench/warmup.ts';
import type { Task } from '#lab/bench/worker-command.ts';
import { workerCommand } from '#lab/bench/worker-command.ts';
import type { WorkerOutcome } from '#lab/bench/worker.ts';
import { runWorker } from '#lab/bench/worker.ts';

export interface BenchPlan {
  readonly programs: readonly Program[];
  readonly sides: readonly Side[];
  readonly shape: Shape;
  readonly affinity: readonly number[] | undefined;
  readonly workerFile: string;
  /** Said of every run. */
  readonly metadata: Metadata;
}

export interface Failure {
  readonly program: string;
  readonly side: Side;
  readonly reason: string;
  /** The end of what the process wrote there. */
  readonly stderr: string;
}

/** One benchmark on all sides. What it is called stands in the metadata of its runs: benchmarks of one number of a pyperf script may differ between sides. */
export interface Measured {
  readonly program: string;
  readonly runs: ReadonlyMap<Side, readonly Run[]>;
  /** Two sides printed different things, each the same thing every time. */
  readonly outputDiffers: boolean;
}

export interface BenchResult {
  readonly benchmarks: readonly Measured[];
  readonly failures: readonly Failure[];
  readonly interrupted: boolean;
}

export interface Progress {
  /** Processes, the ones that calibrate included. */
  readonly done: number;
  readonly total: number;
  readonly doing: string;
}

export interface Watch {
  readonly progress?: (progress: Progress) => void;
  /** Told what is known so far. */
  readonly roundFinished?: (result: BenchResult) => void;
}

/** What is known of one benchmark on one side. */
interface Cell {
  readonly side: Side;
  readonly runs: Run[];
  readonly outputs: Set<string>;
  /** Differs from those of all other benchmarks of the side. */
  name: string;
  loops: number;
  /** It failed, or is a benchmark that a pyperf script has not on this side. */
  isOver: boolean;
}

interface Row {
  readonly program: Program;
  readonly cells: readonly Cell[];
  warmups: number;
}

/**
 * Measures all programs on all sides. A round is one process of every program on every side, so that a slow minute of the machine hits all of them, and what was
 * measured up to an interruption is balanced; every other round goes through the sides backwards.
 */
export async function runBenchmarks(plan: BenchPlan, signal: AbortSignal, watch: Watch = {}): Promise<BenchResult> {
  const session = new Session(plan, signal, watch.progress ?? (() => undefined));
  try {
    await session.calibrate();
    for (let round = 0; round < plan.shape.processes && !signal.aborted; round++) {
      await session.measureRound(round);
      watch.roundFinished?.(session.result());
    }
    return session.result();
  } finally {
    session.close();
  }
}

class Session {
  readonly #plan: BenchPlan;
  readonly #signal: AbortSignal;
  readonly #report: (progress: Progress) => void;
  readonly #files = machineFiles();
  readonly #machine: Metadata;
  readonly #directory = mkdtempSync(join(tmpdir(), 'armature-bench-'));
  readonly #outputFile = join(this.#directory, 'output');
  readonly #rows: Row[] = [];
  readonly #failures: Failure[] = [];
  #done = 0;
  #programsAhead: number;

  constructor(plan: BenchPlan, signal: AbortSignal, report: (progress: Progress) => void) {
    this.#plan = plan;
    this.#signal = signal;
    this.#report = report;
    this.#machine = machineMetadata(this.#files, plan.affinity);
    this.#programsAhead = plan.programs.length;
  }

  /** A pyperf script is asked for one benchmark after the other until no side has more, or nothing but failures comes. */
  async calibrate(): Promise<void> {
    for (const program of this.#plan.programs) {
      this.#programsAhead -= 1;
      let found = await this.#calibrateRow(program);
      if (program.kind !== 'pyperf') continue;
      let failed = found === 'failed' ? mostFailures : 0;
      for (let task = 1; found !== 'nothing' && failed < mostFailures && !this.#signal.aborted; task++) {
        found = await this.#calibrateRow({ ...program, task });
        failed = found === 'failed' ? failed + 1 : 0;
      }
    }
  }

  async #calibrateRow(program: Program): Promise<'measured' | 'failed' | 'nothing'> {
    const cells = this.#plan.sides.map((side): Cell => ({ side, runs: [], outputs: new Set(), name: provisionalName(program), loops: 1, isOver: false }));
    const row: Row = { program, cells, warmups: this.#plan.shape.warmups ?? (program.kind === 'whole' ? 0 : 1) };
    this.#rows.push(row);
    const outcomes = new Map<Cell, WorkerOutcome>();
    for (const cell of cells) outcomes.set(cell, await this.#calibrateCell(row, cell));
    const kinds = [...outcomes.values()].map(({ kind }) => kind);
    if (isBeyondFirst(program) && [...outcomes.values()].every(isWithoutBenchmark)) {
      for (const cell of cells) cell.isOver = true;
      return 'nothing';
    }
    for (const [cell, outcome] of outcomes) if (outcome.kind === 'failed') this.#note(row, cell, outcome);
    if (kinds.includes('measured')) return 'measured';
    return isBeyondFirst(program) && kinds.includes('nothing') ? 'nothing' : 'failed';
  }

  /** A pyperf script that sets the number of loops itself refuses to calibrate, and is taken at its word. */
  async #calibrateCell(row: Row, cell: Cell): Promise<WorkerOutcome> {
    let outcome = await this.#runOne(row, cell, { kind: 'calibrate', values: calibrationValues });
    const isRefused = outcome.kind === 'failed' && row.program.kind === 'pyperf' && outcome.stderr.includes('--calibrate-loops');
    if (isRefused) {
      outcome = await this.#runOne(row, cell, { kind: 'own-loops' });
      if (outcome.kind === 'measured') outcome = { ...outcome, run: asCalibration(outcome.run) };
    }
    if (outcome.kind === 'measured') this.#adopt(row, cell, outcome, isRefused);
    if (outcome.kind !== 'failed') this.#note(row, cell, outcome);
    return outcome;
  }

  /** All sides warm up equally long: as long as the one that needs it most. */
  #adopt(row: Row, cell: Cell, { name, run }: WorkerOutcome & { kind: 'measured' }, hasOwnLoops: boolean): void {
    cell.name = this.#uniqueName(name, cell);
    cell.loops = numberOf(run.metadata, 'loops') ?? 1;
    if (row.program.kind === 'whole' || hasOwnLoops) return;
    const { minimumSeconds, warmups } = this.#plan.shape;
    // A worker of pyperf knows the minimum of its script, and doubles for every value that is below it, the last one too.
    const calibration = readCalibration(run.warmups, row.program.kind === 'pyperf' ? 0 : minimumSeconds ?? defaultMinimumSeconds);
    cell.loops = calibration.loops;
    if (warmups === undefined) row.warmups = Math.max(row.warmups, calibration.warmups);
  }

  /** Two pyperf scripts may name a benchmark alike; a file of results may not. */
  #uniqueName(name: string, cell: Cell): string {
    const taken = new Set(this.#rows.flatMap(({ cells }) => cells).filter((other) => other !== cell && other.side === cell.side && other.runs.length > 0).map((other) => other.name));
    let unique = name;
    for (let number = 2; taken.has(unique); number++) unique = `${name} #${number}`;
    return unique;
  }

  async measureRound(round: number): Promise<void> {
    for (const row of this.#rows) {
      for (const cell of round % 2 === 0 ? row.cells : [...row.cells].reverse()) {
        if (cell.isOver || this.#signal.aborted) continue;
        const values = row.program.kind === 'whole' ? 1 : this.#plan.shape.values;
        this.#note(row, cell, await this.#runOne(row, cell, { kind: 'measure', loops: cell.loops, warmups: row.warmups, values }));
      }
    }
  }

  async #runOne(row: Row, cell: Cell, task: Task): Promise<WorkerOutcome> {
    const { affinity, workerFile, shape } = this.#plan;
    const prefix = task.kind === 'measure' ? '' : 'calibrating ';
    this.#report({ done: this.#done, total: this.#done + this.#ahead(), doing: `${prefix}${cell.name}, ${cell.side.label}` });
    const setting = { workerFile, affinity, outputFile: this.#outputFile, minimumSeconds: shape.minimumSeconds, timeoutSeconds: shape.timeoutSeconds };
    const outcome = await runWorker(workerCommand(row.program, cell.side, task, setting), this.#signal);
    this.#done += 1;
    return outcome;
  }

  #note(row: Row, cell: Cell, outcome: WorkerOutcome): void {
    if (outcome.kind === 'measured') {
      cell.runs.push(this.#completed(outcome.run, cell));
      if (row.program.kind === 'whole') cell.outputs.add(digestOf(this.#outputFile));
    } else if (outcome.kind === 'failed') {
      this.#fail(cell, outcome.reason, outcome.stderr);
    } else if (outcome.kind === 'nothing') {
      if (isBeyondFirst(row.program)) cell.isOver = true;
      else this.#fail(cell, 'it ended without a result', '');
    }
  }

  #completed(run: Run, { side, name }: Cell): Run {
    const moment = momentMetadata(this.#files, this.#plan.affinity);
    // An emulator runs a program of another machine than the one described.
    const emulated = side.python.command.length > 1 ? { python_command: side.python.command.join(' ') } : {};
    return { ...run, metadata: { ...this.#machine, ...moment, ...this.#plan.metadata, ...emulated, bench_mode: side.mode, ...run.metadata, name } };
  }

  #fail(cell: Cell, reason: string, stderr: string): void {
    cell.isOver = true;
    this.#failures.push({ program: cell.name, side: cell.side, reason, stderr });
  }

  /** Processes still to run: of what is calibrated already, and of programs that are not. */
  #ahead(): number {
    const { sides, shape } = this.#plan;
    const cells = this.#rows.flatMap((row) => row.cells).filter((cell) => !cell.isOver);
    const known = cells.reduce((sum, cell) => sum + Math.max(0, shape.processes + 1 - cell.runs.length), 0);
    return known + this.#programsAhead * sides.length * (shape.processes + 1);
  }

  result(): BenchResult {
    const benchmarks = this.#rows.filter(({ cells }) => cells.some(({ runs }) => runs.length > 0)).map(({ program, cells }) => ({
      program: program.name, runs: new Map(cells.filter(({ runs }) => runs.length > 0).map(({ side, runs }) => [side, runs])), outputDiffers: outputsDiffer(cells),
    }));
    return { benchmarks, failures: this.#failures, interrupted: this.#signal.aborted };
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A script that fails for one benchmark may go on to the next; one that fails for two in a row does not get there. */
const mostFailures = 2;

/** What a benchmark is called until it has said its name. */
function provisionalName(program: Program): string {
  return isBeyondFirst(program) ? `${program.name} (benchmark ${program.task + 1})` : program.name;
}

/** A pyperf script has as many benchmarks as it has; only the first must be there. */
function isBeyondFirst(program: Program): program is Program & { kind: 'pyperf' } {
  return program.kind === 'pyperf' && program.task > 0;
}

/** The first process does not count, whoever knows the number of loops: what it measured warms up. */
function asCalibration(run: Run): Run {
  const loops = numberOf(run.metadata, 'loops') ?? 1;
  return { values: [], warmups: [...run.warmups, ...run.values.map((value) => [loops, value] as const)], metadata: { ...run.metadata, calibrate_loops: loops } };
}

/**
 * Whether a process says that the script has no benchmark of its number. pyperf itself never asks for one that is not there, so that a script may use what
 * bench_func() returns; here that is None in the end, and the script fails in a line of its own. A benchmark that fails does so below pyperf.
 */
function isWithoutBenchmark(outcome: WorkerOutcome): boolean {
  if (outcome.kind !== 'failed') return outcome.kind === 'nothing';
  return outcome.stderr.includes('Traceback (most recent call last)') && !/^ +File ".*[/\\]pyperf[/\\](?:_\w+|__init__)\.py", line/m.test(outcome.stderr);
}

/** In pieces: a program may print more than fits into memory. */
function digestOf(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(2 ** 20);
  const file = openSync(path, 'r');
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) hash.update(buffer.subarray(0, length));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

/** A program that prints its own timing, or random numbers, differs from itself and tells nothing. */
function outputsDiffer(cells: readonly Cell[]): boolean {
  const ran = cells.filter(({ outputs }) => outputs.size > 0);
  return ran.every(({ outputs }) => outputs.size === 1) && new Set(ran.flatMap(({ outputs }) => [...outputs])).size > 1;
}
