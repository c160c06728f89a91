/** A way of running a program attached. The plain run it is compared with has the same size factor. */
export interface Mode {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Size factor of the program: the sampled mode needs loops that last, the others compile at once. */
  readonly scale: number;
  readonly serverDies: boolean;
}

const eager = { ARMATURE_THRESHOLD_ZERO: '1' };

export const sampled: Mode = { name: 'sampled', environment: {}, scale: 20, serverDies: false };
export const eagerMode: Mode = { name: 'eager', environment: eager, scale: 1, serverDies: false };
export const spilled: Mode = {
  name: 'spilled', environment: { ...eager, ARMATURE_SPILL_ALL: '1' }, scale: 1, serverDies: false,
};
export const killed: Mode = { name: 'killed', environment: eager, scale: 4, serverDies: true };

/** Guard number `guard` of every unit fails the first time it is reached, and always. */
export function failingGuard(guard: number): Mode {
  return {
    name: `guard ${guard}`, environment: { ...eager, ARMATURE_FAIL_GUARD: String(guard) }, scale: 1, serverDies: false,
  };
}

export function failingGuardSpilled(guard: number): Mode {
  return {
    name: `guard ${guard} spilled`,
    environment: { ...eager, ARMATURE_FAIL_GUARD: String(guard), ARMATURE_SPILL_ALL: '1' },
    scale: 1,
    serverDies: false,
  };
}
