/** A CPython that something is to be installed for. */
export interface Interpreter {
  /** `3.13` or `3.13t`, as on the command line. */
  readonly id: string;
  readonly minor: number;
  /** `3.13.9`: what markers and `requires-python` are compared with. */
  readonly fullVersion: string;
  readonly isFreeThreaded: boolean;
}

/**
 * The newest bug-fix release of each version (python.org, November 2026): who installs today has it, and requirements such as
 * `python_full_version < "3.11.3"` are made to leave it out.
 */
const newestPatch: Readonly<Record<number, number>> = { 9: 25, 10: 21, 11: 16, 12: 14, 13: 12, 14: 4, 15: 0 };

export const oldestMinor = 9;
export const newestMinor = 15;
/** The first version with free-threaded builds (PEP 703). */
const oldestFreeThreadedMinor = 13;

/** `3.13`, `3.13t` or `3.13.2`; undefined for everything else. */
export function parseInterpreter(text: string): Interpreter | undefined {
  const match = /^3\.(\d{1,2})(?:\.(\d{1,3}))?(t)?$/.exec(text);
  if (match === null) return undefined;
  const minor = Number(match[1]);
  const isFreeThreaded = match[3] !== undefined;
  if (minor < oldestMinor || minor > newestMinor || (isFreeThreaded && minor < oldestFreeThreadedMinor)) return undefined;
  const patch = match[2] ?? String(newestPatch[minor] ?? 0);
  return { id: text, minor, fullVersion: `3.${minor}.${patch}`, isFreeThreaded };
}

/** Every version that can be asked for, oldest first, free-threaded builds after their ordinary ones. */
export function allInterpreters(): readonly Interpreter[] {
  const minors = Array.from({ length: newestMinor - oldestMinor + 1 }, (_, index) => oldestMinor + index);
  return minors.flatMap((minor) => [`3.${minor}`, `3.${minor}t`]).map(parseInterpreter).filter((found) => found !== undefined);
}

/** What people run: versions with bug-fix or security support that are released, with the GIL. */
const usualMinors = [10, 11, 12, 13, 14];

export function usualInterpreters(): readonly Interpreter[] {
  return allInterpreters().filter(({ minor, isFreeThreaded }) => usualMinors.includes(minor) && !isFreeThreaded);
}
