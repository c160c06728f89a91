import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const fixtureRoot = path.resolve(import.meta.dirname, '../fixtures');
const kernelRoot = path.resolve(import.meta.dirname, '../../benchmarks/kernels');

/** A Python program that has to behave the same with and without the compiler. */
export interface Fixture {
  /** Relative to the fixture folder, which is also the working directory: tracebacks then show a short path. */
  readonly name: string;
  readonly argv: readonly string[];
  /** Where a processor is emulated; the same as `argv` but for programs that take their size from there. */
  readonly emulatedArgv: readonly string[];
  readonly stdin: string;
  /** Why it does not run under an emulator, if it does not. */
  readonly nativeOnly: string | undefined;
  /** Why it is left out of the modes in which programs wait for their units, if it is. */
  readonly notWaiting: string | undefined;
  /** Why it is known to differ at times; it runs, and what it does is printed, but does not fail the run. */
  readonly knownBug: string | undefined;
  /** Upper limit for the size factor of the sampled mode. */
  readonly maxScale: number;
}

const directive = /^# harness: ([a-z-]+)=(.*)$/;

export function loadFixture(name: string): Fixture {
  const settings = new Map<string, string>();
  for (const line of readFileSync(path.join(fixtureRoot, name), 'utf8').split('\n')) {
    const match = directive.exec(line);
    if (match === null) break;
    settings.set(match[1] ?? '', match[2] ?? '');
  }
  const argv = settings.get('argv')?.split(' ') ?? [];
  const fixture: Fixture = {
    name,
    argv,
    emulatedArgv: argv,
    stdin: settings.get('stdin') === 'generated' ? generatedLines() : '',
    nativeOnly: settings.get('native-only'),
    notWaiting: settings.get('not-waiting'),
    knownBug: settings.get('known-bug'),
    maxScale: Number(settings.get('max-scale') ?? 1000),
  };
  for (const key of settings.keys()) {
    if (!['argv', 'stdin', 'native-only', 'not-waiting', 'known-bug', 'max-scale'].includes(key)) throw new Error(`${name}: unknown directive ${key}`);
  }
  return fixture;
}

/** The benchmark kernels are fixtures, too, at sizes that take less than a second. */
function loadKernels(): readonly Fixture[] {
  const sizes = JSON.parse(readFileSync(path.join(kernelRoot, 'sizes.json'), 'utf8')) as Record<string, { readonly quick: number; readonly test: number }>;
  return Object.entries(sizes).flatMap(([kernel, { quick, test }]) => ['hot_function', 'one_call', 'module_level'].map((form) => ({
    name: path.relative(fixtureRoot, path.join(kernelRoot, kernel, `${form}.py`)),
    argv: [String(quick)],
    emulatedArgv: [String(test)],
    stdin: '',
    nativeOnly: undefined,
    notWaiting: undefined,
    knownBug: undefined,
    maxScale: 1,
  })));
}

/** All fixtures whose name contains one of the words (every fixture for no words). */
export function loadFixtures(words: readonly string[] = []): readonly Fixture[] {
  const names = readdirSync(fixtureRoot, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.py'));
  return [...names.toSorted().map(loadFixture), ...loadKernels()]
    .filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
}

function generatedLines(): string {
  const words = ['alpha', 'beta', 'gamma', 'delta', 'épsilon'];
  const lines: string[] = [];
  for (let index = 0; index < 3000; index++) {
    const number = BigInt(index) ** 5n - 7n * BigInt(index);
    lines.push(`${number} ${words[(index * index) % words.length] ?? ''}\n`);
  }
  return lines.join('');
}
