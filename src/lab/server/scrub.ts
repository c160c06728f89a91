import type { Token } from '#lab/store/tokens.ts';

/** Fields that name a computer or a person. */
const privateKeys = new Set(['hostname', 'github_actor', 'python_executable', 'updatedBy', 'decidedBy']);

/** Absolute paths of a home or of the system, in any text: user names are in them. */
const pathPattern = /(?<![\w.:/])(?:\/(?:home|Users|root|tmp|var|opt|usr|mnt|srv|data|build|private|etc)\/[^\s'",;:]+|[A-Za-z]:\\[^\s'",;]+)/g;

/** Stands for what a reader may not see. */
export const hidden = '…';

/** What a reader may see: everything with a token, no host names, people and paths without. */
export function scrubFor<T>(token: Token | undefined, value: T): T {
  return token === undefined ? scrub(value) as T : value;
}

function scrub(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(pathPattern, hidden);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(scrub);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, privateKeys.has(key) && item !== null ? hidden : scrub(item)]));
}
