/**
 * Where a type of which nothing is known may be guessed: the guard that fails says what it is instead. What runs Python code as far as
 * build knows needs no guess; elsewhere build has promised that none runs, and without a guess the code would have to end there.
 */
import type { Instruction, Terminator } from '#ir/types.ts';

export class Guesses {
  readonly #opaque: ReadonlySet<Instruction | Terminator>;
  readonly #namesInRegisters: boolean;

  constructor(opaque: ReadonlySet<Instruction | Terminator> = new Set(), namesInRegisters = false) {
    this.#opaque = opaque;
    this.#namesInRegisters = namesInRegisters;
  }

  isAllowed(instruction: Instruction): boolean {
    return !this.#opaque.has(instruction);
  }

  /** The instruction cannot become a call that may run Python code. */
  isNeeded(instruction: Instruction): boolean {
    return this.isAllowed(instruction) && (this.#namesInRegisters || instruction.frameState?.caller !== undefined);
  }
}
