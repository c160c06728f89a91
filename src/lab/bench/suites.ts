import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '#lab/bench/program.ts';

/** A program of a suite that comes with Armature. */
type SuiteProgram = Program & { readonly kind: 'whole' };

interface Suite {
  readonly summary: string;
  readonly programs: (benchmarks: string) => readonly SuiteProgram[];
}

const forms = ['hot_function', 'one_call', 'module_level'];

/** Ten numeric and list programs in three forms each; without a size they run for about two seconds. */
function kernels(suite: string, benchmarks: string, size: 'quick' | 'test' | undefined): readonly SuiteProgram[] {
  const root = join(benchmarks, 'kernels');
  const file = join(root, 'sizes.json');
  if (!existsSync(file)) return [];
  const sizes = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, number>>;
  return Object.entries(sizes).flatMap(([kernel, known]) => forms.map((form): SuiteProgram => ({
    kind: 'whole', name: `${suite}/${kernel}/${form}`, file: join(root, kernel, `${form}.py`), arguments: size === undefined ? [] : [String(known[size])],
  })));
}

function noGain(benchmarks: string): readonly SuiteProgram[] {
  const root = join(benchmarks, 'no_gain');
  const names = existsSync(root) ? readdirSync(root).filter((name) => name.endsWith('.py')).sort() : [];
  return names.map((name) => ({ kind: 'whole', name: `no-gain/${name.slice(0, -3)}`, file: join(root, name), arguments: [] }));
}

export const suites: ReadonlyMap<string, Suite> = new Map([
  ['kernels', { summary: 'numeric and list programs, about two seconds each', programs: (root) => kernels('kernels', root, undefined) }],
  ['kernels-quick', { summary: 'the same with small sizes', programs: (root) => kernels('kernels-quick', root, 'quick') }],
  ['kernels-test', { summary: 'the same as small as can be: start-up counts for more than the program', programs: (root) => kernels('kernels-test', root, 'test') }],
  ['no-gain', { summary: 'programs that a compiler of loops cannot help', programs: noGain }],
]);

/** The programs of `SUITE`, `SUITE/NAME` or `SUITE/NAME/FORM`; none when there is no such suite or program. */
export function suitePrograms(operand: string, benchmarks: string): readonly Program[] {
  const [name = ''] = operand.split('/');
  const programs = suites.get(name)?.programs(benchmarks) ?? [];
  return operand === name ? programs : programs.filter((program) => program.name === operand || program.name.startsWith(`${operand}/`));
}
