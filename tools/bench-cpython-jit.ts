/**
 * Compares machine code: what CPython's own JIT holds after each kernel, and all units that we made for it, those that were
 * replaced included. A Python with that JIT is needed, such as Debian's 3.14. `npm run bench:cpython-jit -- [--python COMMAND] [NAME…]`
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './bench/process.ts';
import type { BenchProgram } from './bench/programs.ts';
import { kernelPrograms, projectRoot } from './bench/programs.ts';
import { formatTable, progressLine } from './bench/table.ts';

interface TheirCode {
  readonly executors: number;
  readonly held: number;
  readonly code: number;
}

async function run(command: readonly string[]): Promise<void> {
  const { status, stderr } = await measure(command);
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${String(status)}: ${stderr.slice(-500)}`);
}

async function theirCode(python: readonly string[], program: BenchProgram, directory: string): Promise<TheirCode> {
  const report = join(directory, 'theirs.json');
  await run(['/usr/bin/env', 'PYTHON_JIT=1', ...python, join(projectRoot, 'tools/bench/cpython-jit-code.py'), report, ...program.words]);
  return JSON.parse(readFileSync(report, 'utf8')) as TheirCode;
}

async function ourCode(python: readonly string[], program: BenchProgram, directory: string): Promise<number> {
  const report = join(directory, 'ours.json');
  await run([process.execPath, join(projectRoot, 'bin/armature.mjs'), 'run', '--own-server', '--stats-json', report, '--python', python.join(' '), '--', ...program.words]);
  const { places } = JSON.parse(readFileSync(report, 'utf8')) as { readonly places: readonly { readonly bytes: number }[] };
  return places.reduce((sum, { bytes }) => sum + bytes, 0);
}

const geometricMean = (ratios: readonly number[]): number => Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { python: { type: 'string', default: 'python3.14' } }, allowPositionals: true });
  const python = values.python.split(' ');
  const directory = mkdtempSync(join(tmpdir(), 'armature-jit-'));
  const ratios: { readonly code: number; readonly held: number }[] = [];
  const rows: string[][] = [];
  try {
    for (const program of kernelPrograms('full', positionals)) {
      const theirs = await theirCode(python, program, directory);
      if (theirs.code === 0) {
        console.error(`${program.name}: this Python has no JIT, or it compiled nothing`);
        return 1;
      }
      const ours = await ourCode(python, program, directory);
      progressLine(program.name);
      const ratio = { code: ours / theirs.code, held: ours / theirs.held };
      ratios.push(ratio);
      rows.push([program.name, ...[theirs.executors, theirs.held, theirs.code, ours].map(String), ratio.code.toFixed(2), ratio.held.toFixed(2)]);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  progressLine('');
  console.log(formatTable(['kernel', 'executors', 'held', 'code', 'ours', 'ours/code', 'ours/held'], rows, 1));
  console.log(`geometric mean: ${geometricMean(ratios.map(({ code }) => code)).toFixed(2)} of its code, ${geometricMean(ratios.map(({ held }) => held)).toFixed(2)} of what it holds`);
  return 0;
}

process.exitCode = await main();
