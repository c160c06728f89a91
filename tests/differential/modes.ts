import { sampleUpTo, seededRandom } from './random.ts';
import type { Settings } from './settings.ts';

/** A way of running a program attached. The plain run it is compared with has the same size factor. */
export interface Mode {
  readonly name: string;
  /** For the server and for the program. */
  readonly environment: Readonly<Record<string, string>>;
  /** Size factors of the program: its loops must last until the server, which compiles beside them, has answered. */
  readonly scale: number;
  readonly emulatedScale: number;
  /** The server is killed at a random moment of every program. */
  readonly serverDies: boolean;
  /** The program waits for its units, so that they run from its first rounds on. */
  readonly programWaits: boolean;
  /** Shares of the fixtures that run in this mode, natively and under an emulator, where everything takes ten times as long. */
  readonly share: number;
  readonly emulatedShare: number;
}

const eager = { ARMATURE_THRESHOLD_ZERO: '1' };
const waiting = { ...eager, ARMATURE_WAIT: '1' };

/**
 * All modes of a run. Every fixture runs in the eager mode on every Python. Which ones run in the others, and which guards
 * fail one at a time, is a seeded choice, unless everything is asked for.
 */
export function modesFor(settings: Settings): readonly Mode[] {
  const base = { scale: 20, emulatedScale: 3, serverDies: false, programWaits: false, share: settings.full ? 1 : 0.1, emulatedShare: settings.full ? 0.3 : 0.05 };
  const later = sampleUpTo(settings.guardLimit - 3, settings.laterGuards, seededRandom(settings.seed));
  const guards = [1, 2, 3, ...later.map((guard) => guard + 3)];
  return [
    { ...base, name: 'sampled', environment: {}, scale: 40, emulatedShare: 0 },
    { ...base, name: 'eager', environment: eager, share: 1, emulatedShare: 1 },
    { ...base, name: 'waiting', environment: waiting, programWaits: true, share: settings.full ? 1 : 0.5, emulatedShare: 0.05 },
    { ...base, name: 'spilled', environment: { ...waiting, ARMATURE_SPILL_ALL: '1' }, programWaits: true },
    ...guards.map((guard, index) => ({
      ...base,
      name: `guard ${guard}`,
      environment: { ...waiting, ARMATURE_FAIL_GUARD: String(guard) },
      programWaits: true,
      emulatedShare: index === 0 || index === 3 ? base.emulatedShare : 0,
    })),
    {
      ...base,
      name: 'guard 2 spilled',
      environment: { ...waiting, ARMATURE_FAIL_GUARD: '2', ARMATURE_SPILL_ALL: '1' },
      programWaits: true,
      emulatedShare: 0,
    },
    { ...base, name: 'killed', environment: eager, serverDies: true },
  ];
}
