/**
 * Runs everything that is tested: lint, types, then each suite. `npm test -- NAME…` runs only the suites of these names.
 * The last line is `N passed, N failed`. With CI=true a skipped test is a failed one.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { missingPythons } from '../tests/harness/pythons.ts';
import { fetchMissing } from './fetch-pythons.ts';
import { projectRoot, toolPath } from './pythons/targets.ts';

interface Tally {
  passed: number;
  failed: number;
  readonly skipped: string[];
}

interface Suite {
  readonly name: string;
  readonly files: readonly string[];
}

/** Quick ones first, so that a mistake shows early; suites that are not named here come between. */
const firstSuites = ['unit', 'architecture', 'filetests'];
const lastSuites = ['differential', 'cpython-suite'];

function testFiles(directory: string): string[] {
  const entries = readdirSync(join(projectRoot, directory), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts')).map((entry) => join(entry.parentPath, entry.name)).sort();
}

/** Tests beside the sources are one suite, each directory of tests/ is another. */
function allSuites(): readonly Suite[] {
  const directories = readdirSync(join(projectRoot, 'tests'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const suites = directories.map(({ name }) => ({ name, files: testFiles(join('tests', name)) }));
  const rank = ({ name }: Suite): number => {
    if (firstSuites.includes(name)) return firstSuites.indexOf(name) - firstSuites.length;
    return lastSuites.indexOf(name) + 1;
  };
  return [{ name: 'unit', files: testFiles('src') }, ...suites]
    .filter((suite) => suite.files.length > 0)
    .sort((left, right) => rank(left) - rank(right));
}

function runCommand(name: string, words: readonly string[], tally: Tally): void {
  const start = Date.now();
  const [command = '', ...args] = words;
  const { status } = spawnSync(command, args, { cwd: projectRoot, stdio: 'inherit' });
  if (status === 0) tally.passed += 1;
  else tally.failed += 1;
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds(start)})`);
}

function seconds(start: number): string {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`;
}

function describeFailure(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return text.split('\n').map((line) => `      ${line}`).join('\n');
}

function isOnlyAboutChildren(error: unknown): boolean {
  return error instanceof Error && 'failureType' in error && error.failureType === 'subtestsFailed';
}

async function runSuite(suite: Suite, tally: Tally): Promise<void> {
  const start = Date.now();
  const before = { passed: tally.passed, failed: tally.failed, skipped: tally.skipped.length };
  const stream = run({ files: [...suite.files], concurrency: availableParallelism() });
  stream.on('test:pass', ({ name, details, skip }) => {
    if (details.type === 'suite') return;
    if (skip === undefined || skip === false) tally.passed += 1;
    else tally.skipped.push(`${suite.name}: ${name}${skip === true ? '' : ` (${skip})`}`);
  });
  stream.on('test:fail', ({ name, details, file }) => {
    if (isOnlyAboutChildren(details.error)) return;
    tally.failed += 1;
    console.log(`FAIL ${suite.name}: ${name}  [${file ?? ''}]\n${describeFailure(details.error)}`);
  });
  stream.on('test:stderr', ({ message }) => process.stderr.write(message));
  // Reading the stream is what makes it run.
  for await (const _event of stream) continue;
  const passed = tally.passed - before.passed;
  const failed = tally.failed - before.failed;
  const skipped = tally.skipped.length - before.skipped;
  console.log(`${failed === 0 ? 'ok  ' : 'FAIL'} ${suite.name}: ${passed} passed${failed > 0 ? `, ${failed} failed` : ''}`
    + `${skipped > 0 ? `, ${skipped} skipped` : ''} (${seconds(start)})`);
}

/** Fetches what the machine lacks; what cannot be fetched counts as skipped. */
function prepareMachine(tally: Tally): void {
  const missingTools = process.env['ARMATURE_OFFLINE'] === '1' ? [] : fetchMissing();
  process.env['PATH'] = toolPath();
  const isTool = (name: string): boolean => !name.startsWith('cp3');
  for (const name of missingTools.filter(isTool)) tally.skipped.push(`everything that needs ${name}`);
  for (const name of missingPythons()) tally.skipped.push(`everything on ${name}`);
}

function printSkipped(skipped: readonly string[]): void {
  if (skipped.length === 0) return;
  console.log(`\nSKIPPED ${skipped.length}:`);
  for (const line of skipped) console.log(`  ${line}`);
}

const commands = ['lint', 'types'];

async function main(names: readonly string[]): Promise<number> {
  const known = [...commands, ...allSuites().map((suite) => suite.name)];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    console.error(`no suite is called '${unknown}': ${known.join(', ')}`);
    return 2;
  }
  const tally: Tally = { passed: 0, failed: 0, skipped: [] };
  const isAsked = (name: string): boolean => names.length === 0 || names.includes(name);
  if (isAsked('lint')) runCommand('lint', ['node_modules/.bin/eslint', '.'], tally);
  if (isAsked('types')) runCommand('types', ['node_modules/.bin/tsc'], tally);
  const suites = allSuites().filter((suite) => isAsked(suite.name));
  if (suites.length > 0) prepareMachine(tally);
  for (const suite of suites) await runSuite(suite, tally);
  printSkipped(tally.skipped);
  const failed = tally.failed + (process.env['CI'] === 'true' ? tally.skipped.length : 0);
  if (process.env['CI'] === 'true' && tally.skipped.length > 0) console.log('With CI=true, what was skipped counts as failed.');
  console.log(`\n${tally.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
