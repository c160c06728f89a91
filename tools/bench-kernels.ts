import { cpus } from 'node:os';
import type { BenchOptions, Task } from './bench/arguments.ts';
import { parseArguments, usage, UsageError } from './bench/arguments.ts';
import { measure } from './bench/process.ts';
import type { TaskResult } from './bench/tasks.ts';
import { benchKernels, benchMemory, benchNoGain, benchStartup } from './bench/tasks.ts';

const runners: Readonly<Record<Task, (options: BenchOptions, python: readonly string[]) => Promise<TaskResult>>> = {
  'kernels': benchKernels,
  'no-gain': benchNoGain,
  'startup': benchStartup,
  'memory': benchMemory,
};

async function describePython(python: readonly string[]): Promise<string> {
  const code = 'import platform; print(platform.python_implementation(), platform.python_version(), platform.machine())';
  const { stdout, status, stderr } = await measure([...python, '-c', code]);
  if (status !== 0) throw new UsageError(`${python.join(' ')} does not run: ${stderr.trim()}`);
  return stdout.trim();
}

async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const options = parseArguments(words);
  const documents = [];
  for (const python of options.pythons) {
    const title = await describePython(python);
    const result = await runners[options.task](options, python);
    documents.push({ python: title, task: options.task, size: options.quick ? 'quick' : 'full', result: result.data });
    const other = options.against === undefined ? '' : `, against ${await describePython(options.against)}`;
    if (!options.json) process.stdout.write(`${title}${other}, ${options.quick ? 'quick' : 'full'} size\n${result.text}\n\n`);
  }
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores`;
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, results: documents }, null, 2)}\n`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const text = error instanceof UsageError ? `${error.message}\n${usage}` : error instanceof Error ? error.message : String(error);
  process.stderr.write(`bench-kernels: ${text}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
