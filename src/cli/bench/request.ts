import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ParsedArguments } from '#cli/options.ts';
import { packageRoot } from '#cli/package-root.ts';
import { pythonCommand } from '#cli/python.ts';
import { suggestion } from '#cli/suggest.ts';
import type { Pinning } from '#lab/bench/affinity.ts';
import { choosePinning } from '#lab/bench/affinity.ts';
import { formatCpuList, parseCpuList } from '#lab/bench/cpu-list.ts';
import { BenchError } from '#lab/bench/errors.ts';
import { machineFiles } from '#lab/bench/machine-files.ts';
import { onlineCpus } from '#lab/bench/machine.ts';
import type { Mode } from '#lab/bench/modes.ts';
import { modes } from '#lab/bench/modes.ts';
import type { Program } from '#lab/bench/program.ts';
import { programsOf } from '#lab/bench/program.ts';
import { refusedByWorkers } from '#lab/bench/pyperf-options.ts';
import type { Shape } from '#lab/bench/shape.ts';
import { defaultShape, fastShape, rigorousShape } from '#lab/bench/shape.ts';
import { suitePrograms, suites } from '#lab/bench/suites.ts';
import { reasonOf, systemReason } from '#support/system-reason.ts';

/** What the words after `armature bench` ask for. */
export interface BenchRequest {
  readonly programs: readonly Program[];
  readonly pythons: readonly (readonly string[])[];
  readonly modes: readonly Mode[];
  readonly shape: Shape;
  readonly pinning: Pinning;
  readonly output: string;
  readonly json: boolean;
}

type Values = ParsedArguments['values'];

export function benchRequest({ values, operands }: ParsedArguments, programArguments: readonly string[]): BenchRequest {
  const pythons = values.get('--python') ?? [undefined];
  return {
    programs: readPrograms(operands, programArguments),
    pythons: pythons.map((option) => pythonCommand(option)),
    modes: readModes(values.get('--with')),
    shape: readShape(values),
    pinning: readPinning(last(values, '--affinity')),
    output: last(values, '--output') ?? `bench-${new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}`,
    json: values.has('--json'),
  };
}

function last(values: Values, name: string): string | undefined {
  return values.get(name)?.at(-1);
}

const defaultSuite = 'kernels-quick';

function readPrograms(operands: readonly string[], words: readonly string[]): readonly Program[] {
  if (words.length > 0 && operands.length !== 1) throw new BenchError('bench-arguments', { count: String(operands.length) });
  const programs = (operands.length > 0 ? operands : [defaultSuite]).flatMap((operand) => readOperand(operand, words));
  const refused = programs.some(({ kind }) => kind === 'pyperf') ? refusedByWorkers(words) : undefined;
  if (refused !== undefined) throw new BenchError('bench-pyperf-option', { ...refused });
  return withUniqueNames(programs);
}

function readOperand(operand: string, words: readonly string[]): readonly Program[] {
  const [path = '', called] = operand.split('::', 2);
  const kind = called === '' ? undefined : statSync(path, { throwIfNoEntry: false });
  if (kind?.isFile() === true) {
    try {
      return programsOf(resolve(path), called, words);
    } catch (error) {
      throw new BenchError('bench-unreadable-program', { file: path, reason: reasonOf(error) });
    }
  }
  const benchmarks = join(packageRoot(), 'benchmarks');
  const found = suitePrograms(operand, benchmarks);
  if (found.length > 0) return found;
  if (kind !== undefined) throw new BenchError('bench-unreadable-program', { file: path, reason: kind.isDirectory() ? systemReason('EISDIR') : 'it is not a file' });
  throw unknownProgram(operand, benchmarks);
}

function unknownProgram(operand: string, benchmarks: string): BenchError {
  if (operand.includes('\ufffd')) return new BenchError('bench-undecodable-name', { name: operand });
  const [suite = '', kernel] = operand.split('/');
  const programs = [...new Set(suitePrograms(suite, benchmarks).map(({ name }) => name.split('/').slice(0, 2).join('/')))];
  if (programs.length > 0 && kernel !== undefined) {
    return new BenchError('bench-unknown-suite-program', { suite, name: operand, suggestion: suggestion(operand, programs), programs: programs.join(', ') });
  }
  const names = [...suites.keys()];
  return new BenchError('bench-unknown-program', { name: operand, suggestion: suggestion(operand, [...names, 'compare']), suites: names.join(', ') });
}

/** Two files may have the same name in different directories; benchmarks of one file of results may not. */
function withUniqueNames(programs: readonly Program[]): readonly Program[] {
  const seen = new Map<string, number>();
  return programs.map((program) => {
    const count = (seen.get(program.name) ?? 0) + 1;
    seen.set(program.name, count);
    return count === 1 ? program : { ...program, name: `${program.name} #${count}` };
  });
}

function readModes(options: readonly string[] | undefined): readonly Mode[] {
  if (options === undefined) return ['plain', 'armature'];
  const words = options.flatMap((option) => option.split(',')).map((word) => word.trim()).filter((word) => word !== '');
  if (words.length === 0) throw new BenchError('bench-unknown-mode', { mode: options.join(','), suggestion: '' });
  const asked = words.map((word) => {
    const mode = modes.find((candidate) => candidate === word);
    if (mode === undefined) throw new BenchError('bench-unknown-mode', { mode: word, suggestion: suggestion(word, modes) });
    return mode;
  });
  return [...new Set(asked)];
}

function readShape(values: Values): Shape {
  if (values.has('--rigorous') && values.has('--fast')) throw new BenchError('bench-fast-rigorous', {});
  const base = values.has('--rigorous') ? rigorousShape : values.has('--fast') ? fastShape : defaultShape;
  return {
    processes: wholeNumber(values, '--processes', 1) ?? base.processes,
    values: wholeNumber(values, '--values', 1) ?? base.values,
    warmups: wholeNumber(values, '--warmups', 0),
    minimumSeconds: seconds(values, '--min-time'),
    timeoutSeconds: seconds(values, '--timeout'),
  };
}

function wholeNumber(values: Values, option: string, least: number): number | undefined {
  const value = last(values, option);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= least && number <= 100_000) return number;
  throw new BenchError('bench-number', { option, value, wanted: `a whole number of at least ${least}` });
}

function seconds(values: Values, option: string): number | undefined {
  const value = last(values, option);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new BenchError('bench-number', { option, value, wanted: 'a number of seconds greater than 0' });
}

function readPinning(value: string | undefined): Pinning {
  const files = machineFiles();
  if (value === undefined) return choosePinning(files);
  if (value === 'all') return { cpus: undefined, reason: 'not pinned' };
  const cpus = parseCpuList(value);
  if (cpus === undefined) throw new BenchError('bench-affinity', { value, reason: 'it is not a list of CPUs' });
  const online = onlineCpus(files);
  const missing = cpus.find((cpu) => !online.includes(cpu));
  if (missing !== undefined) throw new BenchError('bench-affinity', { value, reason: `there is no CPU ${missing} (there are ${formatCpuList(online)})` });
  return { cpus, reason: `pinned to CPU ${formatCpuList(cpus)}` };
}
