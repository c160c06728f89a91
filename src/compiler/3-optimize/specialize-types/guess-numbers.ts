/** Calls of builtins whose arguments say nothing about their type: a guess, until a guard for it has failed. */
import type { Failure } from './profile-interface.ts';
import { isNumeric, isOpen, type Kind } from './kinds.ts';

const CANDIDATES: Readonly<Record<string, readonly ('int' | 'float')[]>> = {
  'builtins.min': ['int', 'float'], 'builtins.max': ['int', 'float'], 'builtins.abs': ['float', 'int'],
};
/** The fewest and the most. */
const ARGUMENTS: Readonly<Record<string, readonly [number, number]>> = { 'builtins.min': [2, 4], 'builtins.max': [2, 4], 'builtins.abs': [1, 1] };

/**
 * The type that all arguments are taken to have, or undefined.
 *
 *   max(table[i][j + 1], table[i + 1][j])     two objects: ints, until `unbox.int` has failed here
 */
export function guessNumber(name: string | undefined, args: readonly Kind[], failures: readonly Failure[]): 'int' | 'float' | undefined {
  const candidates = name === undefined ? undefined : CANDIDATES[name];
  const [fewest, most] = ARGUMENTS[name ?? ''] ?? [0, 0];
  if (candidates === undefined || args.length < fewest || args.length > most || !args.includes('any') || args.includes('unknown')) return undefined;
  const known = new Set(args.filter((kind) => !isOpen(kind)));
  if (known.size > 1 || [...known].some((kind) => !isNumeric(kind) || kind === 'bool')) return undefined;
  const possible = known.size === 0 ? candidates : candidates.filter((type) => known.has(type));
  return possible.find((type) => !failures.some((f) => f.reason === `unbox.${type}`));
}
