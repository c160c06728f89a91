/** What failed guards of former versions say about numbers where they are made. */
import type { Graph } from '#ir/graph.ts';
import type { OpName } from '#ir/ops.ts';
import type { Origin, ValueId } from '#ir/types.ts';
import type { Failure, Profile } from './profile-interface.ts';

/** The type of a value that was an int as well as a float. */
export const EITHER = 'int or float';

/** Their guards are about what they take, not about what they make. */
const ARITHMETIC: ReadonlySet<OpName> = new Set(['py.binary', 'py.unary', 'py.compare', 'py.compare_truth']);

/**
 * By value: the type that came where another was expected, or `EITHER`.
 *
 *   self.seed / 1000      was taken for a float where the attribute is read; `unbox.float` met an int there
 */
export function findMet(graph: Graph, origins: ReadonlyMap<ValueId, Origin>, profile: Profile): Map<ValueId, string> {
  const results = graph.order.flatMap((block) => block.instructions).filter((i) => ARITHMETIC.has(i.op)).map((i) => i.result);
  const operations = new Set(results);
  const met = new Map<ValueId, string>();
  for (const [value, origin] of origins) {
    const type = operations.has(value) ? undefined : metType(profile.failed(origin));
    if (type !== undefined) met.set(value, type);
  }
  return met;
}

function metType(failures: readonly Failure[]): string | undefined {
  const isInt = failures.some((f) => f.reason === 'unbox.float' && f.observed === 'int');
  const isFloat = failures.some((f) => f.reason === 'unbox.int' && f.observed === 'float');
  if (isInt && isFloat) return EITHER;
  return isInt ? 'int' : isFloat ? 'float' : undefined;
}
