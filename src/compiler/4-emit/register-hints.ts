/** Which registers suit a value best. */
import type { ValueId } from '#ir/types.ts';
import type { Liveness } from './compute-live-ranges.ts';
import { FIRST_FLOAT, INTEGER_REGISTERS, NO_VALUE, successors } from './machine.ts';
import { highest, lowest } from './register-file.ts';
import type { MachineFn } from './select-stencils.ts';

export class RegisterHints {
  readonly #crossesCall: Uint8Array;
  readonly #survivors: number;
  /** Parameter that a value becomes at the end of its block, NO_VALUE if none. */
  readonly #flowsTo: Int32Array;
  /** Register that a parameter has, or that its first argument had. */
  readonly #ofParameter: Int8Array;
  /** Register in which a call wants the value. */
  readonly #wanted: Int8Array;

  constructor(fn: MachineFn, liveness: Liveness, calleeSaved: number) {
    this.#crossesCall = liveness.crossesCall;
    this.#survivors = INTEGER_REGISTERS & ((1 << calleeSaved) - 1);
    this.#flowsTo = fn.memory.int32(fn.valueCount, NO_VALUE);
    this.#ofParameter = fn.memory.int8(fn.valueCount, NO_VALUE);
    this.#wanted = fn.memory.int8(fn.valueCount, NO_VALUE);
    for (const { terminator, instructions, isCold } of fn.blocks) {
      if (!isCold) {
        for (const { to, args } of successors(terminator)) {
          for (let i = 0; i < args.length; i++) this.#flowsTo[args[i]!] = to.params[i]!;
        }
      }
      for (const { family, args } of instructions) {
        if (!family.isFixed) continue;
        for (let i = 0; i < args.length; i++) {
          const fixed = family.fixed[i];
          if (fixed !== undefined) this.#wanted[args[i]!] = fixed + (family.operands[i] === 'f' ? FIRST_FLOAT : 0);
        }
      }
    }
  }

  /** The best of some free registers of the value's bank. */
  choose(value: ValueId, free: number): number {
    const param = this.#flowsTo[value]!;
    const after = param === NO_VALUE ? NO_VALUE : this.#ofParameter[param]!;
    if (after !== NO_VALUE && free & (1 << after)) return after;
    const own = this.#ofParameter[value]!;
    if (own !== NO_VALUE && free & (1 << own)) return own;
    if (this.#crossesCall[value]) {
      const safe = free & this.#survivors;
      return safe !== 0 ? lowest(safe) : highest(free);
    }
    const wanted = this.#wanted[value]!;
    return wanted !== NO_VALUE && free & (1 << wanted) ? wanted : highest(free);
  }

  defined(value: ValueId, register: number): void {
    const param = this.#flowsTo[value]!;
    if (param !== NO_VALUE && this.#ofParameter[param] === NO_VALUE) this.#ofParameter[param] = register;
  }

  parameter(param: ValueId, register: number): void {
    this.#ofParameter[param] = register;
  }
}
