import type { PlatformTag, WheelTags } from '../archive/wheel-name.ts';
import type { Cpu } from '../instructions/cpus.ts';

/** What a file is checked against. */
export interface CheckContext {
  /** Undefined for a file that belongs to no wheel. */
  readonly tags: Pick<WheelTags, 'pythons' | 'abis' | 'platforms'> | undefined;
  /** Lower-case names of the libraries that come along: files, and what they call themselves. */
  readonly libraries: ReadonlySet<string>;
  /** Asked for by name: what fails there is an error. Empty: all are reported, none is an error. */
  readonly cpus: readonly Cpu[];
}

/** `any` only: pure Python by its own account. */
export function claimsAny({ tags }: CheckContext): boolean {
  return tags !== undefined && tags.platforms.every(({ tag }) => tag === 'any');
}

export function platformsOf({ tags }: CheckContext): readonly PlatformTag[] {
  return tags?.platforms.filter(({ tag }) => tag !== 'any') ?? [];
}

export const quoted = (names: readonly string[]): string => names.join(', ');
