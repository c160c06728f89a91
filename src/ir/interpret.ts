/**
 * Executes machine-level IR, for tests: the meaning of a function before and after a pass must be the same.
 * It shares no code with the emitter.
 */
import { assertExhaustive, defined, InvariantError } from '#support/invariant.ts';
import { show, toFake, type FakeObject } from './fake-objects.ts';
import { blockOf } from './graph.ts';
import { compare, evaluate, LEAVE, type Machine, type Value } from './interpret-ops.ts';
import type { Edge, ExitKind, Fn, FrameState, Instruction, Terminator, ValueId } from './types.ts';

export interface InterpretOptions {
  /** Homes of the outer frame, as `toFake` takes them. */
  readonly locals?: readonly unknown[];
  readonly stack?: readonly unknown[];
  /** The object table. */
  readonly objects?: readonly unknown[];
  readonly maxSteps?: number;
}

/** How the function left. For a guard, `reason` is the name of its op. */
export interface Outcome {
  readonly exit: ExitKind;
  readonly reason: string;
  readonly frame: FrameState;
  /** The innermost frame's locals and stack as text. */
  readonly locals: readonly string[];
  readonly stack: readonly string[];
  readonly steps: number;
}

export function interpret(fn: Fn, options: InterpretOptions = {}): Outcome {
  return new Interpreter(fn, options).run();
}

class Interpreter {
  readonly #fn: Fn;
  readonly #machine: Machine;
  readonly #values: Value[] = [];
  #stepsLeft: number;
  readonly #maxSteps: number;

  constructor(fn: Fn, options: InterpretOptions) {
    this.#fn = fn;
    this.#maxSteps = this.#stepsLeft = options.maxSteps ?? 1_000_000;
    this.#machine = {
      homes: (options.locals ?? []).map(toFake),
      stack: (options.stack ?? []).map(toFake),
      objects: (options.objects ?? []).map(toFake),
    };
  }

  run(): Outcome {
    let block = blockOf(this.#fn, this.#fn.entry);
    for (;;) {
      for (const instruction of block.instructions) {
        const left = this.#step(instruction);
        if (left) return left;
      }
      const next = this.#follow(block.terminator);
      if (!('block' in next)) return next;
      block = this.#enter(next);
    }
  }

  #step(i: Instruction): Outcome | undefined {
    if (this.#stepsLeft-- === 0) throw new InvariantError('the function does not end');
    const result = evaluate(i.op, i.args.map((v) => this.#value(v)), i, this.#machine);
    if (result === LEAVE) return this.#leave('deopt', i.op, defined(i.frameState, `frame state of ${i.op}`));
    if (i.result !== undefined) this.#values[i.result] = result as Value;
    return undefined;
  }

  #follow(t: Terminator): Edge | Outcome {
    if (this.#stepsLeft-- === 0) throw new InvariantError('the function does not end');
    switch (t.kind) {
      case 'jump': return t.target;
      case 'branch': return this.#value(t.condition) === true ? t.then : t.else;
      case 'compare_branch': {
        const operator = t.compare.slice(t.compare.indexOf('.') + 1);
        return compare(operator, this.#value(t.args[0]), this.#value(t.args[1])) ? t.then : t.else;
      }
      case 'exit': return this.#leave(t.exitKind, t.reason, t.frameState);
      case 'for_iter': throw new InvariantError('the IR interpreter runs machine-level IR only');
      default: return assertExhaustive(t, 'terminator');
    }
  }

  /** All arguments are read before any parameter is written: edges copy in parallel. */
  #enter(edge: Edge): ReturnType<typeof blockOf> {
    const block = blockOf(this.#fn, edge.block);
    const args = edge.args.map((v) => this.#value(v));
    block.params.forEach((param, n) => (this.#values[param] = args[n]!));
    return block;
  }

  #value(v: ValueId): Value {
    const value = this.#values[v];
    if (value === undefined) throw new InvariantError(`v${v} is used before it is computed`);
    return value;
  }

  #leave(exit: ExitKind, reason: string, frame: FrameState): Outcome {
    return {
      exit, reason, frame,
      locals: frame.locals.map((slot, n) => (slot === 'home' ? show(this.#machine.homes[n] ?? null) : this.#show(slot))),
      stack: frame.stack.map((slot) => this.#show(slot)),
      steps: this.#maxSteps - this.#stepsLeft,
    };
  }

  #show(slot: ValueId | 'null' | 'home'): string {
    if (typeof slot === 'string') return 'NULL';
    const value = this.#value(slot);
    return show(typeof value === 'object' ? (value as FakeObject | null) : this.#boxed(slot, value));
  }

  #boxed(v: ValueId, value: bigint | number | boolean): FakeObject {
    return this.#fn.types.get(v) === 'float' ? toFake({ float: value }) : toFake(value);
  }
}
