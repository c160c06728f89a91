import type { FrameState, Origin } from '#ir/types.ts';

/** An instruction cannot be done as the functions it runs (2-build/restartable.ts): the unit is built anew without that. */
export class NotRestartableHere extends Error {
  readonly place: Origin;
  readonly reason: string;
  constructor(place: Origin, reason: string) {
    super(reason);
    this.place = place;
    this.reason = reason;
  }
}

/** The instruction at this origin is part of a function that the one in its frame state runs. */
export const isRestarting = (state: FrameState | undefined, origin: Origin | undefined): boolean =>
  state !== undefined && origin !== undefined && (state.code !== origin.code || state.offset !== origin.offset);
