/** What to run, from the environment: everything has a default that suits `npm test`. */
export interface Settings {
  /** Words that select fixtures, modes and Pythons by name; empty selects all. */
  readonly fixtures: readonly string[];
  readonly modes: readonly string[];
  readonly pythons: readonly string[];
  /** Guard N of every unit is made to fail for N of 1..guardLimit, or for a sample of these numbers. */
  readonly guardLimit: number;
  /** How many guards besides 1, 2 and 3 are in the sample. */
  readonly laterGuards: number;
  readonly seed: number;
  /** Every fixture in every mode, not a sample. */
  readonly full: boolean;
}

export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const words = (name: string): readonly string[] => (environment[name] ?? '').split(',').filter((word) => word !== '');
  const full = environment['ARMATURE_TEST_FULL'] === '1';
  const guardLimit = Number(environment['ARMATURE_TEST_GUARD_LIMIT'] ?? 60);
  return {
    fixtures: words('ARMATURE_TEST_FIXTURES'),
    modes: words('ARMATURE_TEST_MODES'),
    pythons: words('ARMATURE_TEST_PYTHONS'),
    guardLimit,
    laterGuards: full ? guardLimit - 3 : 3,
    seed: Number(environment['ARMATURE_TEST_SEED'] ?? 1),
    full,
  };
}

export function isSelected(name: string, words: readonly string[]): boolean {
  return words.length === 0 || words.some((word) => name.includes(word));
}
