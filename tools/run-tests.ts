/**
 * Runs everything that is tested: lint, types, then each suite. `npm test -- NAME…` runs only the suites of these names.
 * The last line is `N passed, N failed`. With CI=true a skipped test is a failed one.
 */
import { missingPythons } from '../tests/harness/pythons.ts';
import { fetchMissing } from './fetch-pythons.ts';
import { toolPath } from './pythons/targets.ts';
import type { Tally } from './testing/run-suite.ts';
import { runSuite } from './testing/run-suite.ts';
import { allSuites, defaultSuites } from './testing/suites.ts';

const isContinuousIntegration = process.env['CI'] === 'true';

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
  if (isContinuousIntegration) console.log('With CI=true, what was skipped counts as failed.');
}

async function main(names: readonly string[]): Promise<number> {
  const known = allSuites();
  const unknown = names.find((name) => !known.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    console.error(`no suite is called '${unknown}': ${known.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const suites = names.length === 0 ? defaultSuites(known, isContinuousIntegration) : known.filter(({ name }) => names.includes(name));
  const tally: Tally = { passed: 0, failed: 0, skipped: [] };
  let isPrepared = false;
  for (const suite of suites) {
    if (suite.needsTools && !isPrepared) {
      prepareMachine(tally);
      isPrepared = true;
    }
    await runSuite(suite, tally);
  }
  printSkipped(tally.skipped);
  const failed = tally.failed + (isContinuousIntegration ? tally.skipped.length : 0);
  console.log(`\n${tally.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
