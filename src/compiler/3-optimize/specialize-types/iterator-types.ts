/** What a loop iterates over, as far as the profile says. */
import type { ForIter } from '#ir/types.ts';
import type { Profile } from './profile-interface.ts';

export type IteratorType = 'range_iterator' | 'list_iterator' | 'tuple_iterator' | 'bytes_iterator';

/** Type of the iterator of a loop, when the specialisation says it and it did not fail. */
export function iteratorType(loop: ForIter, profile: Profile): IteratorType | undefined {
  if (!loop.origin || profile.failed(loop.origin).some((f) => f.reason === 'guard.type')) return undefined;
  switch (profile.specialization(loop.origin)) {
    case 'FOR_ITER_RANGE': return 'range_iterator';
    case 'FOR_ITER_LIST': return 'list_iterator';
    case 'FOR_ITER_TUPLE': return 'tuple_iterator';
    case 'FOR_ITER_BYTES': return 'bytes_iterator';
    default: return undefined;
  }
}

/** An iterator that runs no Python code, as far as is known. */
export function isPlainIteration(loop: ForIter, profile: Profile): boolean {
  if (!loop.origin || profile.failed(loop.origin).length > 0) return false;
  return profile.specialization(loop.origin) === 'FOR_ITER_PLAIN';
}

export const isIntIterator = (type: string | undefined): boolean => type === 'range_iterator' || type === 'bytes_iterator';
