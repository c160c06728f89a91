/** Runs one suite, counts, and ends it when it takes too long. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { run } from 'node:test';
import { projectRoot } from '../pythons/targets.ts';
import { cpuSeconds, descendants, killDescendants } from './processes.ts';
import type { CommandSuite, Suite, TestSuite } from './suites.ts';

export interface Tally {
  passed: number;
  failed: number;
  readonly skipped: string[];
}

export async function runSuite(suite: Suite, tally: Tally): Promise<void> {
  const start = Date.now();
  const cpuBefore = cpuSeconds();
  const before = { passed: tally.passed, failed: tally.failed, skipped: tally.skipped.length };
  const watch = new Watch(suite, () => `${tally.passed - before.passed} passed, ${tally.failed - before.failed} failed`);
  try {
    if (suite.kind === 'command') await runCommand(suite, tally);
    else await runTests(suite, tally, watch.running);
  } finally {
    watch.stop();
  }
  if (watch.hasExpired) tally.failed += 1;
  const failed = tally.failed - before.failed;
  const skipped = tally.skipped.length - before.skipped;
  console.log(`${failed === 0 ? 'ok  ' : 'FAIL'} ${suite.name}: ${tally.passed - before.passed} passed${failed > 0 ? `, ${failed} failed` : ''}`
    + `${skipped > 0 ? `, ${skipped} skipped` : ''} (${((Date.now() - start) / 1000).toFixed(1)} s, CPU ${(cpuSeconds() - cpuBefore).toFixed(1)} s)`);
}

const reportSeconds = 60;
const killMilliseconds = 500;

/** Says from time to time that a suite is still running, and ends everything it has started when its time is up. */
class Watch {
  readonly running = new Set<string>();
  hasExpired = false;
  readonly #suite: Suite;
  readonly #progress: () => string;
  readonly #start = Date.now();
  readonly #keep = new Set(descendants());
  readonly #timers: NodeJS.Timeout[];

  constructor(suite: Suite, progress: () => string) {
    this.#suite = suite;
    this.#progress = progress;
    this.#timers = [
      setInterval(() => { this.#report(); }, reportSeconds * 1000),
      setTimeout(() => { this.#expire(); }, suite.limitSeconds * 1000),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #report(): void {
    console.log(`     ${this.#suite.name}: ${this.#progress()} after ${Math.round((Date.now() - this.#start) / 1000)} s`);
  }

  /** Again and again: files that were waiting for a processor would start now. */
  #expire(): void {
    this.hasExpired = true;
    console.log(`FAIL ${this.#suite.name}: not finished within ${this.#suite.limitSeconds} s, so it was ended; running then:`
      + ` ${[...this.running].join(', ') || 'unknown'}`);
    killDescendants(this.#keep);
    this.#timers.push(setInterval(() => { killDescendants(this.#keep); }, killMilliseconds));
  }
}

async function runCommand({ words }: CommandSuite, tally: Tally): Promise<void> {
  const [command = '', ...args] = words;
  const child = spawn(command, args, { cwd: projectRoot, stdio: ['ignore', 'inherit', 'inherit'] });
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (status === 0) tally.passed += 1;
  else tally.failed += 1;
}

async function runTests(suite: TestSuite, tally: Tally, running: Set<string>): Promise<void> {
  const stream = run({ files: [...suite.files], concurrency: availableParallelism() });
  stream.on('test:dequeue', ({ name }) => { running.add(name); });
  stream.on('test:pass', ({ name, details, skip }) => {
    running.delete(name);
    if (details.type === 'suite') return;
    if (skip === undefined || skip === false) tally.passed += 1;
    else tally.skipped.push(`${suite.name}: ${name}${skip === true ? '' : ` (${skip})`}`);
  });
  stream.on('test:fail', ({ name, details, file, todo }) => {
    running.delete(name);
    if (isOnlyAboutChildren(details.error)) return;
    if (todo !== undefined && todo !== false) {
      console.log(`KNOWN BUG ${suite.name}: ${name}: ${String(todo)}`);
      return;
    }
    tally.failed += 1;
    console.log(`FAIL ${suite.name}: ${name}  [${file ?? ''}]\n${describeFailure(details.error)}`);
  });
  stream.on('test:stderr', ({ message }) => process.stderr.write(message));
  // Reading the stream is what makes it run.
  for await (const _event of stream) continue;
}

function describeFailure(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return text.split('\n').map((line) => `      ${line}`).join('\n');
}

function isOnlyAboutChildren(error: unknown): boolean {
  return error instanceof Error && 'failureType' in error && error.failureType === 'subtestsFailed';
}
