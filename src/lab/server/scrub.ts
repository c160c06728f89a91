import type { Token } from '#lab/store/tokens.ts';

/** Fields that name a computer or a person. */
const privateKeys = new Set(['hostname', 'github_actor', 'python_executable', 'updatedBy', 'decidedBy']);

/**
 * Absolute paths, in any text: user names are in them. `-I/home/maria/include` and `file:///home/maria/x` have one too; the addresses of pages stay.
 * A text like `/b` alone may be anything, so that a path has two parts or begins where homes and systems do.
 */
const pathPattern = new RegExp([
  String.raw`(?<address>\bhttps?:\/\/[^\s'"]+)`,
  String.raw`(?:(?<![\w.:/])|(?<=(?<!\w)-[A-Z]))\/(?:[\w.+@~-]+\/)+[^\s'",;:]*`,
  String.raw`\/(?:home|Users|root|tmp|var|opt|usr|mnt|srv|private|etc)\/[^\s'",;:]+`,
  String.raw`~\w*\/[^\s'",;:]+`,
  String.raw`(?<!\w)[A-Za-z]:[\\/][^\s'",;]+`,
  String.raw`\\\\[\w.-]+\\[^\s'",;]+`,
].join('|'), 'g');

const withoutPaths = (text: string): string => text.replace(pathPattern, (_found, address: string | undefined) => address ?? hidden);

/** Stands for what a reader may not see. */
export const hidden = '…';

/** What a reader may see: everything with a token, no host names, people and paths without. */
export function scrubFor<T>(token: Token | undefined, value: T): T {
  return token === undefined ? scrub(value) as T : value;
}

function scrub(value: unknown): unknown {
  if (typeof value === 'string') return withoutPaths(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(scrub);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, privateKeys.has(key) && item !== null ? hidden : scrub(item)]));
}
