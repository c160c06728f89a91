/** Compares random Python programs with and without Armature; what differs is made small and written to a folder. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FuzzSession, isEmulated, scaleOf, type Finding, type Program } from '../tests/differential/fuzz-session.ts';
import { modesFor, type Mode } from '../tests/differential/modes.ts';
import { randomProgram } from '../tests/differential/random-program/random-program.ts';
import { readSettings } from '../tests/differential/settings.ts';
import { shrinkProgram } from '../tests/differential/shrink-program.ts';
import { availablePythons, type TestPython } from '../tests/harness/pythons.ts';

const usage = `usage: node --import tsx tools/fuzz.ts [--seeds FIRST:COUNT | --minutes N] [--first SEED] [--pythons WORDS]
       [--modes WORDS] [--pack N] [--keep FOLDER] [--no-shrink] [--stop] [FILE.py…]

Runs random programs in plain CPython and in each mode of the differential tests; output, errors and ending must be equal.
Every pack of programs runs eagerly and in one other mode, by turns, unless modes are named.

  --seeds FIRST:COUNT  these programs (default 1:100)
  --minutes N          programs from --first on, until N minutes are over
  --pythons WORDS      parts of names, separated by commas: 3.14,x86_64 (default: all that do not need an emulator)
  --modes WORDS        the same for modes: eager, sampled, spilled, guard 7 (killed is not among them); each pack runs in all of them
  --pack N             programs of one Python process (default 8)
  --keep FOLDER        where programs are kept that differ (default .cache/fuzz)
  --no-shrink          as they are, without making them smaller
  --shrink-seconds N   how long to try (default 180)
  --stop               at the first one
  FILE.py…             these instead of random ones

Ends with 0 when all agree, 1 when some differ, 2 for wrong usage. A program that differs is FOLDER/NAME.py, made small in
FOLDER/NAME-PYTHON-MODE.py.`;

class UsageError extends Error {}

interface Options {
  readonly first: number;
  readonly count: number;
  readonly until: number;
  readonly pythons: readonly TestPython[];
  readonly modes: readonly Mode[];
  readonly areModesNamed: boolean;
  readonly pack: number;
  readonly keep: string;
  readonly shrink: boolean;
  readonly shrinkSeconds: number;
  readonly stop: boolean;
  readonly files: readonly string[];
}

function readOptions(words: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...words], allowPositionals: true,
    options: {
      'seeds': { type: 'string' }, 'minutes': { type: 'string' }, 'first': { type: 'string', default: '1' }, 'pythons': { type: 'string' }, 'modes': { type: 'string' },
      'pack': { type: 'string', default: '8' }, 'keep': { type: 'string', default: '.cache/fuzz' }, 'no-shrink': { type: 'boolean' }, 'shrink-seconds': { type: 'string', default: '180' }, 'stop': { type: 'boolean' },
    },
  });
  const split = (text: string | undefined): readonly string[] => (text ?? '').split(',').filter((word) => word !== '');
  const [first = Number(values.first), count = values.minutes === undefined ? 100 : Infinity] = (values.seeds ?? '').split(':').filter((word) => word !== '').map(Number);
  const pythons = availablePythons().filter((python) => split(values.pythons).every((word) => python.name.includes(word)) && (values.pythons !== undefined || !isEmulated(python)));
  // A mode's name may be the beginning of another's.
  const modes = fuzzModes().filter(({ name }) => values.modes === undefined || split(values.modes).includes(name));
  if (pythons.length === 0 || modes.length === 0) throw new UsageError(`no such ${modes.length === 0 ? 'mode' : 'Python'}`);
  const numbers = [first, count, Number(values.pack), Number(values.minutes ?? 1)];
  if (numbers.some((n) => !(n > 0))) throw new UsageError('numbers are expected to be positive');
  return {
    first, count, until: Date.now() + (values.minutes === undefined ? Infinity : Number(values.minutes) * 60_000), pythons, modes, areModesNamed: values.modes !== undefined,
    pack: Number(values.pack), keep: values.keep, shrink: values['no-shrink'] !== true, shrinkSeconds: Number(values['shrink-seconds']), stop: values.stop === true, files: positionals,
  };
}

function fuzzModes(): readonly Mode[] {
  return modesFor({ ...readSettings({}), full: true, laterGuards: 57 }).filter((mode) => !mode.serverDies).map((mode) => (
    // A program of a pack is short already; to be found by sampling it has to last.
    { ...mode, scale: mode.name === 'sampled' ? 4 : 1, emulatedScale: 1 }
  ));
}

/** Eager and one other, unless somebody knows better. */
function modesOf(options: Options, turn: number): readonly Mode[] {
  if (options.areModesNamed) return options.modes;
  const [eager, others] = [options.modes.filter(({ name }) => name === 'eager'), options.modes.filter(({ name }) => name !== 'eager')];
  // The low guards are in most units.
  const favoured = [...others.slice(0, 12), ...others.filter(({ name }) => name === 'sampled' || name === 'spilled')];
  return [...eager, turn % 3 === 2 ? others[turn % others.length]! : favoured[turn % favoured.length]!];
}

interface Case {
  readonly python: TestPython;
  readonly mode: Mode;
  readonly finding: Finding;
}

class Fuzzer {
  readonly #options: Options;
  readonly #session: FuzzSession;
  readonly #cases: Case[] = [];
  #runs = 0;
  #programs = 0;
  /** Each candidate has a name of its own: the server may still be at work for one that has ended. */
  #candidates = 0;

  constructor(options: Options, session: FuzzSession) {
    this.#options = options;
    this.#session = session;
  }

  async run(): Promise<number> {
    const { files, count, pack, until, stop } = this.#options;
    const total = files.length > 0 ? files.length : count;
    for (let turn = 0; turn * pack < total && Date.now() < until && !(stop && this.#cases.length > 0); turn++) {
      await this.#pack(this.#programsOf(turn * pack, Math.min(pack, total - turn * pack)), turn);
    }
    const units = await this.#session.units();
    console.log(`${this.#programs} programs, ${this.#runs} runs attached, ${units} units, ${this.#cases.length} differ`);
    return this.#cases.length > 0 ? 1 : 0;
  }

  #programsOf(start: number, count: number): readonly Program[] {
    const { files, first } = this.#options;
    if (files.length > 0) return files.slice(start, start + count).map((file) => ({ name: path.basename(file), text: readFileSync(file, 'utf8') }));
    return Array.from({ length: count }, (_, n) => ({ name: `seed_${first + start + n}.py`, text: randomProgram(first + start + n) }));
  }

  async #pack(programs: readonly Program[], turn: number): Promise<void> {
    this.#session.write(programs);
    this.#programs += programs.length;
    // Most of the time they wait for units: all at once.
    const found = await Promise.all(this.#options.pythons.map((python) => this.#compare(python, programs, modesOf(this.#options, turn))));
    for (const one of found.flat()) await this.#found(one);
    await this.#session.closeExcept(this.#options.areModesNamed ? this.#options.modes.map(({ name }) => name) : ['eager']);
    for (const { name } of programs) rmSync(path.join(this.#session.folder, name), { force: true });
  }

  async #compare(python: TestPython, programs: readonly Program[], modes: readonly Mode[]): Promise<readonly Case[]> {
    const plain = new Map<number, ReturnType<FuzzSession['plain']>>();
    const found = await Promise.all(modes.map(async (mode) => {
      const scale = scaleOf(python, mode);
      const expected = plain.get(scale) ?? this.#session.plain(python, programs, scale);
      plain.set(scale, expected);
      const findings = await this.#session.compare(python, mode, programs, await expected);
      this.#runs += programs.length;
      this.#progress(`${programs.at(-1)!.name}, ${python.name}, ${mode.name}`);
      return findings.map((finding) => ({ python, mode, finding }));
    }));
    return found.flat();
  }

  #progress(text: string): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${this.#programs} programs, ${this.#runs} runs, ${this.#cases.length} differ: ${text}`);
  }

  async #found(found: Case): Promise<void> {
    this.#cases.push(found);
    const { python, mode, finding: { program, what } } = found;
    const { keep, shrink } = this.#options;
    if (process.stderr.isTTY) process.stderr.write('\n');
    console.log(`${program.name}, ${python.name}, ${mode.name}: ${what}`);
    mkdirSync(keep, { recursive: true });
    writeFileSync(path.join(keep, program.name), program.text);
    if (!shrink) return;
    const tries = await this.#triesNeeded(found);
    if (tries === undefined) return console.log('  did not fail again');
    const until = Date.now() + this.#options.shrinkSeconds * 1000;
    const small = await shrinkProgram(program.text, (candidates) => this.#firstFailing(found, candidates, tries), () => Date.now() < until);
    const file = path.join(keep, `${program.name.replace('.py', '')}-${python.layout}-${python.arch}-${mode.name.replaceAll(' ', '_')}.py`);
    writeFileSync(file, small);
    console.log(`  ${small.split('\n').length} lines in ${file}`);
  }

  /** Whether a program fails may depend on when its unit comes. */
  async #triesNeeded(found: Case): Promise<number | undefined> {
    const copies = new Array<string>(8).fill(found.finding.program.text);
    const failures = (await this.#failing(found, copies)).length;
    return failures === 0 ? undefined : Math.min(4, Math.ceil(8 / failures));
  }

  async #firstFailing(found: Case, candidates: readonly string[], tries: number): Promise<number | undefined> {
    for (let left = tries; left > 0; left--) {
      const [first] = await this.#failing(found, candidates);
      if (first !== undefined) return first;
    }
    return undefined;
  }

  /** Positions of those that fail as the program did; a crash is not an internal error. */
  async #failing({ python, mode, finding }: Case, candidates: readonly string[]): Promise<readonly number[]> {
    const programs = candidates.map((text) => ({ name: `candidate_${this.#candidates++}.py`, text }));
    this.#session.write(programs);
    const packs = [0, 1, 2, 3].map((n) => programs.filter((_, at) => at % 4 === n)).filter((pack) => pack.length > 0);
    const findings = await Promise.all(packs.map(async (pack) => this.#session.compare(python, mode, pack, await this.#session.plain(python, pack, scaleOf(python, mode)))));
    const sameKind = findings.flat().filter(({ what }) => what.startsWith('internal error') === finding.what.startsWith('internal error'));
    return programs.flatMap(({ name }, n) => (sameKind.some(({ program }) => program.name === name) ? [n] : []));
  }
}

async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    console.log(usage);
    return 0;
  }
  const options = readOptions(words);
  const folder = mkdtempSync(path.join(tmpdir(), 'armature-fuzz-'));
  const session = new FuzzSession(folder);
  try {
    return await new Fuzzer(options, session).run();
  } finally {
    await session.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isWrongUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = isWrongUsage ? 2 : 1;
}
