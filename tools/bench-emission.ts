/** `npm run bench:emission`: megabytes of machine code a second, from the choice of stencils to patched bytes, and each step of the emitter. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultOptions } from '#compiler/options.ts';
import { Emitter } from '#compiler/4-emit/emitter.ts';
import { compileToIr, emitFn } from '#compiler/pipeline.ts';
import type { Fn } from '#ir/types.ts';
import { readRequest } from '#protocol/read-request.ts';
import type { Arch, CompileRequest } from '#protocol/request.ts';
import { loadStencilTable } from '#stencils/read-table.ts';
import { Bailout } from '#support/bailout.ts';

const root = join(import.meta.dirname, '..');
const arch: Arch = process.argv.includes('x86_64') ? 'x86_64' : 'aarch64';
const ROUNDS = 60;
const WARMING_ROUNDS = 20;
/** Runs of one unit on end: in use a function is emitted right after it was optimized, while it is in the processor's caches. */
const RUNS_IN_A_ROW = 5;

interface Program {
  readonly request: CompileRequest;
  readonly fn: Fn;
}

function compile(request: CompileRequest): Program[] {
  try {
    return [{ request, fn: compileToIr(request, { ...defaultOptions, evenWithoutProfit: true }) }];
  } catch (error) {
    if (error instanceof Bailout) return [];
    throw error;
  }
}

const folder = join(root, 'tests', 'build', 'requests');
const files = readdirSync(folder).filter((name) => name.endsWith('.314.req')).sort();
const programs = files.flatMap((name) => compile(readRequest(readFileSync(join(folder, name)), { layout: 314, arch })));
const emitter = new Emitter(loadStencilTable(join(root, 'stencils', 'generated'), `${arch}-linux`, 314));

interface Run {
  readonly bytes: number;
  readonly milliseconds: number;
  readonly steps: ReadonlyMap<string, number>;
}

/** A unit takes less than a millisecond, so the best of many runs is one that nothing interrupted. */
function run({ request, fn }: Program): Run {
  const steps = new Map<string, number>();
  const start = performance.now();
  let last = start;
  const finished = (step: string): void => {
    const now = performance.now();
    steps.set(step, now - last);
    last = now;
  };
  const { code } = emitFn(fn, request, emitter, { spillEverything: false, failGuard: 0, listing: false, finished });
  return { bytes: code.length, milliseconds: performance.now() - start, steps };
}

/** Of each unit all runs, the fastest first; the first rounds, in which the engine compiles the emitter, are not among them. */
function sortedRuns(): Run[][] {
  const runs: Run[][] = programs.map(() => []);
  for (let round = -WARMING_ROUNDS; round < ROUNDS; round++) {
    programs.forEach((program, i) => {
      for (let n = 0; n < RUNS_IN_A_ROW; n++) {
        const made = run(program);
        if (round >= 0) runs[i]!.push(made);
      }
    });
  }
  return runs.map((of) => of.sort((a, b) => a.milliseconds - b.milliseconds));
}

/** Milliseconds of processor time for one unit after the other, each of which finds the caches full of the others. */
function oneAfterTheOther(): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (const { request, fn } of programs) emitFn(fn, request, emitter, { spillEverything: false, failGuard: 0, listing: false });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

function main(): void {
  const sorted = sortedRuns();
  const best = sorted.map((runs) => runs[0]!);
  const median = sorted.reduce((total, runs) => total + runs[Math.floor(runs.length / 2)]!.milliseconds, 0);
  const sum = (pick: (run: Run) => number): number => best.reduce((total, made) => total + pick(made), 0);
  const bytes = sum((made) => made.bytes);
  const rate = (milliseconds: number): string => `${(bytes / 1e3 / milliseconds).toFixed(1).padStart(6)} MB/s`;
  process.stdout.write(`${arch}: ${programs.length} units, ${bytes} bytes; of each unit the best of ${ROUNDS * RUNS_IN_A_ROW} runs\n`);
  process.stdout.write(`${rate(sum((made) => made.milliseconds))}  emission: from the choice of stencils to patched bytes\n`);
  for (const step of best[0]?.steps.keys() ?? []) {
    const time = sum((made) => made.steps.get(step) ?? 0);
    process.stdout.write(`${rate(time)}  ${step}, ${time.toFixed(2)} ms\n`);
  }
  process.stdout.write(`${rate(median)}  emission: the median of each unit's runs\n`);
  process.stdout.write(`${rate(oneAfterTheOther())}  emission, one unit after the other: best of ${ROUNDS} rounds, processor time\n`);
}

main();
