/** Type names that values probably have: what was observed about them, here and in former versions. */
import { immediateNumber } from '#ir/immediates.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import { EITHER, isEitherAndNumber } from './met-types.ts';
import type { Profile } from './profile-interface.ts';
import type { ValueFlow } from './value-flow.ts';

export class TypeHints {
  readonly #flow: ValueFlow;
  readonly #profile: Profile;
  readonly #met: ReadonlyMap<ValueId, string>;
  /** What is assigned to a local probably has the type that the local had when the unit was asked for. */
  readonly #assigned: ReadonlyMap<ValueId, string>;
  readonly #hints: (string | undefined)[] = [];
  #hasChanged = false;

  constructor(flow: ValueFlow, profile: Profile, met: ReadonlyMap<ValueId, string>, assigned: ReadonlyMap<ValueId, string>) {
    this.#flow = flow;
    this.#profile = profile;
    this.#met = met;
    this.#assigned = assigned;
  }

  /** A type name, or `EITHER`. */
  of(value: ValueId): string | undefined {
    return this.#hints[value];
  }

  /** True when some are others than before. `typeOf`: what is known for certain; `isNumbers`: the result is `EITHER`. */
  find(typeOf: (i: Instruction) => string | undefined, isNumbers: (i: Instruction) => boolean): boolean {
    this.#hasChanged = false;
    for (const { instruction: i } of this.#flow.definitions) {
      if (i !== undefined) this.#set(i.result!, typeOf(i) ?? this.#met.get(i.result!) ?? this.#initial(i) ?? (isNumbers(i) ? EITHER : undefined));
    }
    // A parameter takes the hint its arguments agree on; those not visited yet do not vote.
    for (let round = 0; round < 2; round++) {
      for (const { value, incoming } of this.#flow.params) this.#set(value, this.#agreed(incoming) ?? this.#met.get(value) ?? this.#assigned.get(value));
    }
    return this.#hasChanged;
  }

  #set(value: ValueId, hint: string | undefined): void {
    if (this.#hints[value] === hint) return;
    this.#hints[value] = hint;
    this.#hasChanged = true;
  }

  #initial(instruction: Instruction): string | undefined {
    if (instruction.op === 'py.local') return this.#profile.initialType('local', immediateNumber(instruction));
    if (instruction.op === 'py.take_stack') return this.#profile.initialType('stack', immediateNumber(instruction));
    if (instruction.op === 'py.load_global') return this.#profile.globalType(immediateNumber(instruction, 0), immediateNumber(instruction, 2));
    return this.#assigned.get(instruction.result!);
  }

  #agreed(incoming: readonly (ValueId | undefined)[]): string | undefined {
    let agreed: string | undefined;
    for (const v of incoming) {
      const hint = v === undefined ? undefined : this.#hints[v];
      if (hint === undefined || hint === agreed) continue;
      if (agreed !== undefined && !isEitherAndNumber(agreed, hint)) return undefined;
      agreed = agreed === undefined ? hint : EITHER;
    }
    return agreed;
  }
}
