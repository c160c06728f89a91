/** What the profile says about each instruction; inference asks again and again. */
import type { Instruction } from '#ir/types.ts';
import type { Failure, Profile } from './profile-interface.ts';

export interface Observation {
  readonly specialization: string;
  readonly failures: readonly Failure[];
}

export class Observations {
  readonly #profile: Profile;
  readonly #known = new Map<Instruction, Observation>();

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  of(instruction: Instruction): Observation {
    let known = this.#known.get(instruction);
    if (known === undefined) {
      const { origin } = instruction;
      known = { specialization: origin ? this.#profile.specialization(origin) : '', failures: origin ? this.#profile.failed(origin) : [] };
      this.#known.set(instruction, known);
    }
    return known;
  }
}
