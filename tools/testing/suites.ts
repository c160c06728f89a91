/** What a full test run consists of, in which order, and how long each part may take. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../pythons/targets.ts';

interface Common {
  readonly name: string;
  /** Several times what it takes on two idle processors: who gets there hangs. */
  readonly limitSeconds: number;
  /** It runs the Pythons or tools that a machine may lack. */
  readonly needsTools: boolean;
}

export interface TestSuite extends Common {
  readonly kind: 'tests';
  readonly files: readonly string[];
}

/** A program whose exit status is its result. */
export interface CommandSuite extends Common {
  readonly kind: 'command';
  readonly words: readonly string[];
}

export type Suite = TestSuite | CommandSuite;

const commands: readonly CommandSuite[] = [
  { kind: 'command', name: 'lint', words: ['node_modules/.bin/eslint', '.'], limitSeconds: 240, needsTools: false },
  { kind: 'command', name: 'types', words: ['node_modules/.bin/tsc'], limitSeconds: 240, needsTools: false },
];

/** Whether what is built from C and checked in is what its sources give. */
const rebuilds: readonly CommandSuite[] = [
  { name: 'prebuilt-agent', script: 'tools/build-agent.ts', limitSeconds: 240 },
  { name: 'generated-stencils', script: 'tools/build-stencils.ts', limitSeconds: 900 },
].map(({ name, script, limitSeconds }) => ({
  kind: 'command', name, words: [process.execPath, '--import', 'tsx', script, '--check'], limitSeconds, needsTools: true,
}));

const limits: Readonly<Record<string, number>> = { agent: 600, process: 600, differential: 2700, 'cpython-suite': 1200 };

/** Quick ones first, so that a mistake shows early; suites that are not named here come between. */
const firstSuites = ['unit', 'architecture', 'filetests'];
const lastSuites = ['agent', 'process', 'cpython-suite', 'differential'];

function testFiles(directory: string): string[] {
  const entries = readdirSync(join(projectRoot, directory), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts')).map((entry) => join(entry.parentPath, entry.name)).sort();
}

function testSuite(name: string, directory: string): TestSuite {
  return { kind: 'tests', name, files: testFiles(directory), limitSeconds: limits[name] ?? 300, needsTools: !firstSuites.includes(name) };
}

/** Tests beside the sources are one suite, each directory of tests/ is another. */
export function allSuites(): readonly Suite[] {
  const directories = readdirSync(join(projectRoot, 'tests'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const rank = ({ name }: Suite): number => {
    if (firstSuites.includes(name)) return firstSuites.indexOf(name) - firstSuites.length;
    return lastSuites.indexOf(name) + 1;
  };
  const suites = [testSuite('unit', 'src'), ...directories.map(({ name }) => testSuite(name, join('tests', name)))]
    .filter((suite) => suite.files.length > 0)
    .sort((left, right) => rank(left) - rank(right));
  return [...commands, ...suites.slice(0, firstSuites.length), ...rebuilds, ...suites.slice(firstSuites.length)];
}

/** Only continuous integration rebuilds what is checked in, unless it is asked for: it takes minutes. */
export function defaultSuites(suites: readonly Suite[], isContinuousIntegration: boolean): readonly Suite[] {
  const rebuildNames = new Set(rebuilds.map(({ name }) => name));
  return suites.filter(({ name }) => isContinuousIntegration || !rebuildNames.has(name));
}
