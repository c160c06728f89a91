import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import type { Colours } from '#support/colours.ts';
import { coloursFor } from '#support/colours.ts';
import { UserError, warn } from '#cli/errors.ts';
import { parseOptionsOnly } from '#cli/options.ts';
import { packageRoot } from '#cli/package-root.ts';
import { pythonCommand } from '#cli/python.ts';
import { demoOptions } from '#cli/verbs.ts';

interface DemoRow {
  readonly program: string;
  readonly plainSeconds: number;
  readonly armatureSeconds: number;
  readonly speedUp: number;
  readonly compiledUnits: number;
  readonly guardsFailed: number;
  readonly sameOutput: boolean;
}

interface TimedRun {
  readonly seconds: number;
  readonly output: string;
  readonly status: number | null;
}

export function demo(words: readonly string[]): Promise<number> {
  const values = parseOptionsOnly('demo', demoOptions, words);
  const python = pythonCommand(values.get('--python'));
  const programs = samplePrograms(values.get('--only') ?? '');
  const json = values.has('--json');
  checkPython(python);
  const colours = coloursFor(process.stdout);
  if (!json) process.stdout.write(colours.bold(tableLine(['program', 'plain', 'armature', 'speed-up', 'units', 'guards failed', 'output'])));
  const rows: DemoRow[] = [];
  for (const program of programs) {
    const row = compareProgram(python, program);
    rows.push(row);
    if (!json) process.stdout.write(rowLine(row, colours));
  }
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : lastLines());
  const different = rows.find((row) => !row.sameOutput);
  if (different !== undefined) throw new UserError('sample-differs', { program: different.program });
  return Promise.resolve(0);
}

function samplePrograms(only: string): readonly string[] {
  const directory = join(packageRoot(), 'samples');
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.py') && name.includes(only)).sort() : [];
  if (names.length === 0) throw new UserError('no-samples', { path: directory });
  return names.map((name) => join(directory, name));
}

/** What the figures are, so that nobody takes them for more. */
function lastLines(): string {
  const sample = relative('', join(packageRoot(), 'samples', 'NAME.py'));
  return '\nTimes are those of whole commands: the start of everything is in them, and compiling, from nothing each time.\n'
    + 'Programs gain where they calculate. Text, dicts and heaps (words, routes) gain little: most of that time is in functions of CPython.\n'
    + `What was compiled of a program, what was not, and why: npx armature explain ${sample}\n`;
}

/** One line beforehand, instead of one for each program, when nothing can be compiled. */
function checkPython([file = '', ...args]: readonly string[]): void {
  const code = 'import sys; print("%d.%d" % sys.version_info[:2], getattr(sys, "abiflags", ""))';
  const { error, stdout } = spawnSync(file, [...args, '-c', code], { encoding: 'utf8' });
  if (error !== undefined) throw new UserError('python-not-found', { python: file });
  const [version = '', flags = ''] = stdout.trim().split(' ');
  process.stderr.write(`Python ${version} (${file}); each program runs once plain and once under Armature.\n`);
  if (!['3.11', '3.14'].includes(version) || flags.includes('t')) warn('unsupported-python', { version: version + flags });
}

/** The environment is the user's, less any attachment of the shell; each run compiles from nothing. */
function timeRun(command: readonly string[]): TimedRun {
  const [file = '', ...args] = command;
  const { ARMATURE_SOCKET: _socket, ...environment } = process.env;
  const start = performance.now();
  const { stdout, status } = spawnSync(file, args, { encoding: 'utf8', env: { ...environment, ARMATURE_CACHE: 'off' }, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 });
  return { seconds: (performance.now() - start) / 1000, output: stdout, status };
}

/** The report counts what was compiled; --stats-json goes through a file, so the timed run is an ordinary one. */
function compareProgram(python: readonly string[], program: string): DemoRow {
  const directory = mkdtempSync(join(tmpdir(), 'armature-demo-'));
  try {
    const file = join(directory, 'stats.json');
    const plain = timeRun([...python, program]);
    const armature = timeRun([
      process.execPath, join(packageRoot(), 'bin', 'armature.cjs'), 'run', `--python=${python.join(' ')}`, `--stats-json=${file}`, program,
    ]);
    const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { compiledUnits: number; guardsFailed: number }) : undefined;
    return {
      program: basename(program, '.py'),
      plainSeconds: plain.seconds,
      armatureSeconds: armature.seconds,
      speedUp: plain.seconds / armature.seconds,
      compiledUnits: report?.compiledUnits ?? 0,
      guardsFailed: report?.guardsFailed ?? 0,
      sameOutput: plain.output === armature.output && plain.status === armature.status,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const widths = [16, 9, 10, 10, 7, 15, 8];

function tableLine(cells: readonly string[]): string {
  return `${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0))).join('')}\n`;
}

function rowLine(row: DemoRow, colours: Colours): string {
  const line = tableLine([
    row.program, `${row.plainSeconds.toFixed(2)} s`, `${row.armatureSeconds.toFixed(2)} s`, `${row.speedUp.toFixed(2)} x`,
    String(row.compiledUnits), String(row.guardsFailed), row.sameOutput ? 'same' : 'DIFFERS',
  ]);
  return row.sameOutput ? line : colours.red(line);
}
