/**
 * Overflow checks of results of which only low bits are used: `(x * a + c) & m` is the same modulo 2^64.
 *
 * Python's ints are exact, so the mask of the exact value equals the mask of the wrapped one as long as the mask is a
 * non-negative constant and nothing in between, exits included, sees the unmasked value.
 */
import type { Graph } from '#ir/graph.ts';
import { immediateBigInt } from '#ir/immediates.ts';
import { opInfo, type OpName } from '#ir/ops.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import { forEachExitUse, forEachTerminatorUse } from '#ir/visit.ts';
import { constantInt, definitions } from './facts.ts';
import { becomeWrapped } from './wrapped.ts';

/** Low bits of the result depend on low bits of the operands only. */
const LOW_BITS: ReadonlySet<OpName> = new Set<OpName>([
  'int.add', 'int.sub', 'int.mul', 'int.neg', 'int.add_imm', 'int.mul_imm', 'int.shl_imm',
  'int.add_wrap', 'int.sub_wrap', 'int.mul_wrap', 'int.add_imm_wrap', 'int.and', 'int.or', 'int.xor', 'int.invert',
]);

export function removeMaskedOverflowChecks(graph: Graph): boolean {
  return new MaskedOverflow(graph).run();
}

class MaskedOverflow {
  readonly #graph: Graph;
  readonly #defs: (Instruction | undefined)[];
  readonly #users: (Instruction[] | undefined)[];
  /** Uses by frame states and terminators, which want the exact value. */
  readonly #exactUses: number[];
  /** Values of which only masked bits are used. */
  readonly #masked: (boolean | undefined)[] = [];

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#defs = definitions(graph.fn);
    this.#users = new Array(graph.fn.nextValue);
    this.#exactUses = new Array<number>(graph.fn.nextValue).fill(0);
    for (const block of graph.order) {
      for (const i of block.instructions) {
        for (const v of i.args) (this.#users[v] ??= []).push(i);
        forEachExitUse(i, (v) => this.#exactUses[v]!++);
      }
      forEachTerminatorUse(block.terminator, (v) => this.#exactUses[v]!++);
    }
  }

  /** Users before definitions: an add that loses its check also loses the frame state that kept its operands exact. */
  run(): boolean {
    let changed = false;
    for (const block of [...this.#graph.order].reverse()) {
      const out: Instruction[] = [];
      for (const i of [...block.instructions].reverse()) {
        const before: Instruction[] = [];
        changed = this.#visit(i, before) || changed;
        out.push(i, ...before.reverse());
      }
      block.instructions = out.reverse();
    }
    return changed;
  }

  #visit(i: Instruction, before: Instruction[]): boolean {
    if (i.result === undefined || !LOW_BITS.has(i.op) || !this.#isMasked(i.result)) return false;
    this.#masked[i.result] = true;
    if (!opInfo(i.op).guard) return false;
    forEachExitUse(i, (v) => this.#exactUses[v]!--);
    return becomeWrapped(this.#graph.fn, i, before);
  }

  #isMasked(v: ValueId): boolean {
    const users = this.#users[v];
    return users !== undefined && this.#exactUses[v] === 0 && users.every((user) => this.#isMasking(user, v));
  }

  #isMasking(user: Instruction, v: ValueId): boolean {
    if (user.op === 'int.and_imm') return immediateBigInt(user) >= 0n;
    if (user.op === 'int.and') {
      const mask = constantInt(this.#defs, user.args[0] === v ? user.args[1]! : user.args[0]!);
      if (mask !== undefined && mask >= 0n) return true;
    }
    return LOW_BITS.has(user.op) && user.result !== undefined && this.#masked[user.result] === true;
  }
}
