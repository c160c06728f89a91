import { assertExhaustive } from '#support/invariant.ts';
import type { BenchmarkComparison } from './compare.ts';
import { mostProcesses } from './more-processes.ts';

/** A verdict in words, and what would decide it where it is open. */
export function verdictText({ verdict, moreProcesses }: BenchmarkComparison): string {
  switch (verdict) {
    case 'faster':
    case 'slower':
      return verdict;
    case 'same':
      return 'no change';
    case 'inconclusive':
      if (moreProcesses === undefined) return verdict;
      if (moreProcesses >= mostProcesses) return 'inconclusive: too noisy to tell by more processes';
      return `inconclusive: ${moreProcesses} more process${moreProcesses === 1 ? '' : 'es'}`;
    default:
      return assertExhaustive(verdict, 'verdict');
  }
}
