/** How long the compiler takes: the first unit of a fresh process, then all recorded requests again and again. */
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Arch } from '#protocol/request.ts';
import type { Job, Round } from './bench/compile-one-process.ts';

const root = join(import.meta.dirname, '..');
const usage = `usage: npm run bench:compile -- [options]
  --requests FOLDER  recorded requests (default: those of the tests; tools/record-requests.ts makes more)
  --arch NAME        x86_64 or aarch64: the processor to compile for (default: x86_64)
  --rounds N         how often to compile all of them in one process (default: 8)
  --cold N           how many fresh processes to take the first unit of (default: 12)
  --save FILE        write a digest of each unit
  --compare FILE     say which units differ from the saved ones
  --profile FOLDER   write a processor profile of the rounds`;

interface Options {
  readonly requests: string;
  readonly arch: Arch;
  readonly rounds: number;
  readonly cold: number;
  readonly save: string | undefined;
  readonly compare: string | undefined;
  readonly profile: string | undefined;
}

function parseArguments(words: readonly string[]): Options {
  const values = new Map<string, string>();
  for (let index = 0; index < words.length; index += 2) {
    const name = words[index]!, value = words[index + 1];
    if (!/^--(requests|arch|rounds|cold|save|compare|profile)$/.test(name) || value === undefined) throw new Error(usage);
    values.set(name.slice(2), value);
  }
  return {
    requests: values.get('requests') ?? join(root, 'tests', 'build', 'requests'),
    arch: values.get('arch') === 'aarch64' ? 'aarch64' : 'x86_64',
    rounds: Number(values.get('rounds') ?? '8'), cold: Number(values.get('cold') ?? '12'),
    save: values.get('save'), compare: values.get('compare'), profile: values.get('profile'),
  };
}

async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, 'compile.mjs');
  await build({
    absWorkingDir: root, entryPoints: ['tools/bench/compile-one-process.ts'], outfile,
    bundle: true, format: 'esm', platform: 'node', target: 'node20.19', logLevel: 'warning',
  });
  return outfile;
}

function run(program: string, job: Job, flags: readonly string[] = []): Round[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, program], { input: JSON.stringify(job), encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Round[];
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const write = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Each process takes its second unit too: the first pays for the table and for all that is loaded once. */
function reportCold(program: string, job: Job, processes: number): void {
  const first: number[] = [], second: number[] = [];
  const step = Math.max(1, Math.floor(job.files.length / processes));
  for (let n = 0; n < processes; n++) {
    const files = [job.files[n * step % job.files.length]!];
    const [one, two] = run(program, { ...job, files, rounds: 2 });
    first.push(one!.cpuMilliseconds);
    second.push(two!.cpuMilliseconds);
  }
  const show = (values: readonly number[]): string => `median ${quantile(values, 0.5).toFixed(1)}, mean ${(sum(values) / values.length).toFixed(1)}`;
  write(`fresh process, CPU ms: first unit ${show(first)}; the same again ${show(second)} (${processes} processes)`);
}

const emitterSteps = ['select-stencils', 'compute-live-ranges', 'allocate-registers', 'resolve-edges', 'emit-code'];

function reportRound(name: string, { cpuMilliseconds, units }: Round): void {
  const times = units.map((unit) => unit.milliseconds);
  write(`${name}: CPU mean ${(cpuMilliseconds / units.length).toFixed(2)} ms; wall mean ${(sum(times) / times.length).toFixed(2)}, `
    + `median ${quantile(times, 0.5).toFixed(2)}, p95 ${quantile(times, 0.95).toFixed(2)} ms`);
}

function reportSteps({ steps, units }: Round): void {
  const total = sum(Object.values(steps));
  for (const [step, milliseconds] of Object.entries(steps)) {
    write(`  ${step.padEnd(34)} ${(milliseconds / units.length).toFixed(3).padStart(8)} ms ${(100 * milliseconds / total).toFixed(1).padStart(6)} %`);
  }
  const bytes = sum(units.map((unit) => unit.codeBytes));
  const rate = (names: readonly string[]): string => (bytes / 1000 / sum(names.map((name) => steps[name] ?? 0))).toFixed(2);
  write(`emission: ${bytes} bytes of code; ${rate(emitterSteps)} MB/s from stencil choice on, ${rate(['emit-code'])} MB/s writing and patching`);
}

function compare(file: string, { units }: Round): void {
  const saved = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  const different = units.filter((unit) => saved[unit.file] !== unit.digest);
  write(different.length === 0 ? `all ${units.length} units are as saved` : `${different.length} units differ: ${different.slice(0, 5).map((u) => u.file).join(' ')}`);
  if (different.length > 0) process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'armature-bench-compile-'));
  try {
    const program = await bundle(folder);
    const files = readdirSync(options.requests).filter((name) => name.endsWith('.req')).sort().map((name) => join(options.requests, name));
    const job: Job = { root, files, arch: options.arch, rounds: options.rounds };
    if (options.cold > 0) reportCold(program, job, options.cold);
    const flags = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
    const rounds = run(program, job, flags);
    const last = rounds.at(-1)!;
    write(`${files.length} requests, ${options.arch}`);
    reportRound('first round ', rounds[0]!);
    if (rounds.length > 2) reportRound('second round', rounds[1]!);
    reportRound(`round ${options.rounds}`.padEnd(12), last);
    reportSteps(last);
    if (options.save !== undefined) writeFileSync(options.save, JSON.stringify(Object.fromEntries(last.units.map((unit) => [unit.file, unit.digest])), null, 1));
    if (options.compare !== undefined) compare(options.compare, last);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await main(parseArguments(process.argv.slice(2)));
