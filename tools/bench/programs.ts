import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const projectRoot = path.resolve(import.meta.dirname, '../..');
const kernelRoot = path.join(projectRoot, 'benchmarks/kernels');
const noGainRoot = path.join(projectRoot, 'benchmarks/no_gain');

export const forms = ['hot_function', 'one_call', 'module_level'] as const;

export interface BenchProgram {
  readonly name: string;
  readonly words: readonly string[];
}

/** `less`, `more` and `most` are for counting instructions: about 1, 2 and 8 parts of work. */
export function kernelPrograms(size: 'full' | 'quick' | 'test' | 'less' | 'more' | 'most', only: readonly string[]): readonly BenchProgram[] {
  const sizes = JSON.parse(readFileSync(path.join(kernelRoot, 'sizes.json'), 'utf8')) as Record<string, Record<string, number>>;
  return Object.entries(sizes)
    .flatMap(([kernel, small]) => forms.map((form) => ({
      name: `${kernel}/${form}`,
      words: [path.join(kernelRoot, kernel, `${form}.py`), ...(size === 'full' ? [] : [String(small[size])])],
    })))
    .filter((program) => matches(program.name, only));
}

export function noGainPrograms(quick: boolean, only: readonly string[]): readonly BenchProgram[] {
  return readdirSync(noGainRoot).filter((file) => file.endsWith('.py') && file !== 'first_line.py').toSorted()
    .map((file) => ({ name: file.slice(0, -3), words: [path.join(noGainRoot, file), ...(quick ? ['6'] : [])] }))
    .filter((program) => matches(program.name, only));
}

export function firstLineProgram(): BenchProgram {
  return { name: 'first_line', words: [path.join(noGainRoot, 'first_line.py')] };
}

function matches(name: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some((word) => name.includes(word));
}

/** The command that runs a program attached; a Python of several words (an emulator) is handed over as one. */
export function attachedCommand(python: readonly string[], words: readonly string[]): readonly string[] {
  return [process.execPath, path.join(projectRoot, 'bin/armature.cjs'), 'run', '--python', python.join(' '), '--', ...words];
}

/** What a no-gain program says about itself in the last line of its error output. */
export interface SelfReport {
  readonly first_line: number;
  readonly rounds: readonly number[];
}

export function selfReport(stderr: string): SelfReport {
  const line = stderr.trimEnd().split('\n').findLast((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`no report in the error output: ${stderr.slice(-300)}`);
  return JSON.parse(line) as SelfReport;
}
