import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { availablePythons } from '../harness/pythons.ts';
import { projectRoot } from '../../tools/pythons/targets.ts';
import type { Python, Side } from '#lab/bench/modes.ts';
import { nameSides, pythonProbe } from '#lab/bench/modes.ts';
import { programsOf } from '#lab/bench/program.ts';
import type { BenchPlan } from '#lab/bench/run-benchmarks.ts';
import { defaultShape } from '#lab/bench/shape.ts';

export const program = (name: string): string => join(import.meta.dirname, 'programs', name);
export const standInPath = join(import.meta.dirname, 'worker-protocol');

/** Pythons that run natively here; each is asked what it is, as the command does. */
export const pythons: readonly Python[] = availablePythons().filter(({ command }) => command.length === 1).map(({ command }) => {
  const { stdout } = spawnSync(command[0] ?? '', ['-c', pythonProbe], { encoding: 'utf8' });
  return { ...JSON.parse(stdout) as Omit<Python, 'command'>, command };
});

/** Sides that differ in a variable only, so that a program can tell which one it is. */
export function twoSides(python: Python, more: Readonly<Record<string, string>> = {}): readonly Side[] {
  const environment = { PATH: process.env['PATH'], ...more };
  return nameSides([
    { python, mode: 'plain', environment: { ...environment, SIDE: 'a' } }, { python, mode: 'armature', environment: { ...environment, SIDE: 'b' } },
  ]);
}

/** As little as can be measured. */
export function planOf(files: readonly string[], sides: readonly Side[], more: Partial<BenchPlan['shape']> = {}, words: readonly string[] = []): BenchPlan {
  return {
    programs: files.flatMap((file) => programsOf(program(file), undefined, words)), sides, affinity: undefined, metadata: { said_of_all: 1 },
    shape: { ...defaultShape, processes: 2, values: 2, minimumSeconds: 0.0005, ...more },
    workerFile: join(projectRoot, 'src', 'lab', 'bench', 'python', 'worker.py'),
  };
}
