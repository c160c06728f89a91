/** What to run, from the environment: everything has a default that suits `npm test`. */
export interface Settings {
  /** Words that select fixtures, modes and Pythons by name; empty selects all. */
  readonly fixtures: readonly string[];
  readonly modes: readonly string[];
  readonly pythons: readonly string[];
  /** How many guards of each fixture are failed; all of them in the full run. */
  readonly guardsPerFixture: number;
  readonly emulatedGuardsPerFixture: number;
  /** Guards beyond this number are not tried even in the full run. */
  readonly guardLimit: number;
  readonly seed: number;
}

export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const words = (name: string): readonly string[] => (environment[name] ?? '').split(',').filter((word) => word !== '');
  const full = environment['ARMATURE_TEST_FULL'] === '1';
  return {
    fixtures: words('ARMATURE_TEST_FIXTURES'),
    modes: words('ARMATURE_TEST_MODES'),
    pythons: words('ARMATURE_TEST_PYTHONS'),
    guardsPerFixture: full ? Number.POSITIVE_INFINITY : 3,
    emulatedGuardsPerFixture: full ? 20 : 1,
    guardLimit: 400,
    seed: Number(environment['ARMATURE_TEST_SEED'] ?? 1),
  };
}

export function isSelected(name: string, words: readonly string[]): boolean {
  return words.length === 0 || words.some((word) => name.includes(word));
}
