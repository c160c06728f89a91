/** `npm run bench:emission`: megabytes of machine code a second, from the choice of stencils to patched bytes, and each step of the emitter. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultOptions } from '#compiler/options.ts';
import { compileToIr, emitFn } from '#compiler/pipeline.ts';
import type { Fn } from '#ir/types.ts';
import { readRequest } from '#protocol/read-request.ts';
import type { Arch, CompileRequest } from '#protocol/request.ts';
import { loadStencilTable } from '#stencils/read-table.ts';
import { Bailout } from '#support/bailout.ts';

const root = join(import.meta.dirname, '..');
const arch: Arch = process.argv.includes('x86_64') ? 'x86_64' : 'aarch64';
const ROUNDS = 30;

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
const table = loadStencilTable(join(root, 'stencils', 'generated'), `${arch}-linux`, 314);

/** Milliseconds of processor time: other programs on the machine do not count. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function main(): void {
  let best = Infinity, bytes = 0;
  let bestSteps = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const steps = new Map<string, number>();
    let last = processorTime();
    const finished = (step: string): void => {
      const now = processorTime();
      steps.set(step, (steps.get(step) ?? 0) + now - last);
      last = now;
    };
    bytes = 0;
    for (const { request, fn } of programs) {
      last = processorTime();
      bytes += emitFn(fn, request, table, { spillEverything: false, failGuard: 0, listing: false, finished }).code.length;
    }
    const time = steps.get('emit-code') ?? NaN;
    if (time >= best) continue;
    best = time;
    bestSteps = steps;
  }
  const rate = (milliseconds: number): string => `${(bytes / 1e3 / milliseconds).toFixed(1).padStart(6)} MB/s`;
  process.stdout.write(`${arch}: ${programs.length} units, ${bytes} bytes; best of ${ROUNDS} rounds, processor time\n`);
  process.stdout.write(`${rate(best)}  emission: stencils chosen, copied and patched (step emit-code)\n`);
  for (const [step, time] of bestSteps) process.stdout.write(`${rate(time)}  ${step}, ${time.toFixed(2)} ms\n`);
  process.stdout.write(`${rate([...bestSteps.values()].reduce((sum, time) => sum + time, 0))}  the whole emitter\n`);
}

main();
