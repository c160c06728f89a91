/**
 * What a frame has still to translate. Two kinds of places come last, and only while the unit is small; else compiled code ends
 * before them.
 *
 * Loops behind those that an OSR unit begins in: they are often ones that have not run yet, of whose types nothing is known, and
 * the loop that is hot now would wait for their code. They get units of their own.
 *
 *   def main():
 *       for x in xs: …      hot now
 *       for y in ys: …      not reached yet
 *
 * What follows a loop that has not turned once, inside another loop: whether its variable is bound is part of the state, and so
 * each loop of a nest would double the versions of all that is inside the next round. A unit that often leaves there is made anew
 * with what follows.
 *
 *   for y in ys:
 *       for x in y: …       empty the first time
 */
import type { Block, ExitKind } from '#ir/types.ts';
import { LOOP_NEVER_TURNED } from './profile.ts';
import type { State } from './state.ts';

/**
 * A loop being run, and which version of its header it was entered by. Two versions of a header share no block of their
 * bodies: so every loop has one entry, and passes can hoist out of it.
 *
 *   unit begins in "for j" of   for i: for j: BODY
 *   entry → copy of "for j" → rest of "for i" → for i (for j …)
 */
export interface LoopContext {
  readonly header: number;
  readonly last: number;
  readonly version: string;
}

/** Code from a place on, for one shape of the state there. */
export interface Version {
  readonly offset: number;
  readonly context: readonly LoopContext[];
  readonly block: Block;
  readonly state: State;
}

/** How compiled code ends before a place that comes last, when the unit is large by then. */
export interface Later {
  readonly reason: string;
  readonly kind: ExitKind;
}

export const LATER_LOOP: Later = { reason: 'later-loop', kind: 'unsupported' };
export const NEVER_TURNED: Later = { reason: LOOP_NEVER_TURNED, kind: 'deopt' };

/** Instructions translated, each as often as it was. */
const MOST_BEFORE_LATER = 250;

export class Worklist {
  readonly #work: Version[] = [];
  readonly #later = new Map<Version, Later>();

  add(version: Version): void {
    this.#work.push(version);
  }

  addLater(version: Version, later: Later): void {
    this.#later.set(version, later);
  }

  /** It is reached in another way too. */
  isWanted(version: Version): void {
    if (this.#later.delete(version)) this.#work.push(version);
  }

  /** `leaves`: nothing but this exit is to be made there. */
  next(translated: number): { readonly version: Version; readonly leaves: Later | undefined } | undefined {
    const version = this.#work.shift();
    if (version) return { version, leaves: undefined };
    const [first] = this.#later;
    if (!first) return undefined;
    this.#later.delete(first[0]);
    return { version: first[0], leaves: translated > MOST_BEFORE_LATER ? first[1] : undefined };
  }
}

/** The last jump back of the loops around a place; undefined: there is none. `loops`: by header, the last jump back. */
export function loopsEndAt(loops: ReadonlyMap<number, number>, offset: number): number | undefined {
  const ends = [...loops].filter(([header, last]) => header <= offset && offset <= last).map(([, last]) => last);
  return ends.length === 0 ? undefined : Math.max(...ends);
}
