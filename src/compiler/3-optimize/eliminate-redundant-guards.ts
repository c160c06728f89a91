/**
 * Removes checks that cannot fail or do not matter: overflow checks of results that fit by the ranges of their operands or
 * of which only masked bits are used, sign checks of `mod` and `floordiv`, type checks of objects whose type is proved.
 */
import { Graph } from '#ir/graph.ts';
import { immediateBigInt } from '#ir/immediates.ts';
import { Replacements } from '#ir/replacements.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import type { Pass } from '../pass.ts';
import { become, filterInstructions } from './facts.ts';
import { removeKnownTypeGuards } from './known-types.ts';
import { contains, decide, exactRange, fitsWord, type Range } from './range.ts';
import { removeMaskedOverflowChecks } from './masked-overflow.ts';
import { ValueRanges } from './value-ranges.ts';
import { becomeWrapped } from './wrapped.ts';

export const eliminateRedundantGuards: Pass = {
  name: 'eliminate-redundant-guards',
  summary: 'removes overflow, sign and type checks that cannot fail or do not matter',
  run: (fn, context) => {
    const graph = new Graph(fn);
    let changed = removeKnownTypeGuards(graph, context);
    changed = new RangeRewriter(graph).run() || changed;
    return removeMaskedOverflowChecks(graph) || changed;
  },
};

class RangeRewriter {
  readonly #graph: Graph;
  readonly #replaced = new Replacements();
  #changed = false;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  run(): boolean {
    const ranges = new ValueRanges(this.#graph);
    ranges.walk((block, step) => {
      const out: Instruction[] = [];
      for (const i of block.instructions) {
        const made: Instruction[] = [];
        if (i.op.startsWith('int.')) this.#rewrite(i, ranges.ofArgs(i), made);
        for (const constant of made) step(constant);
        step(i);
        out.push(...made, i);
      }
      block.instructions = out;
    });
    if (this.#replaced.apply(this.#graph.fn)) {
      this.#changed = true;
      for (const block of this.#graph.order) {
        filterInstructions(block, (i) => i.result !== undefined && this.#replaced.resolve(i.result) !== i.result);
      }
    }
    return this.#changed;
  }

  #rewrite(i: Instruction, args: readonly Range[], before: Instruction[]): void {
    const same = identityByRange(i, args);
    if (same !== undefined) this.#replaced.set(i.result!, same);
    else if (this.#simplify(i, args, before)) this.#changed = true;
  }

  #simplify(i: Instruction, args: readonly Range[], before: Instruction[]): boolean {
    const exact = exactRange(i, args);
    if (exact && fitsWord(exact) && becomeWrapped(this.#graph.fn, i, before)) return true;
    const [a, b] = args;
    const match = /^int\.(lt|le|eq|ne|gt|ge)$/.exec(i.op);
    if (match) {
      const outcome = decide(match[1]!, a!, b!);
      if (outcome === undefined) return false;
      become(i, 'const.bool', [], [outcome ? 1 : 0]);
      return true;
    }
    return this.#removeSignCheck(i, a!, b);
  }

  #removeSignCheck(i: Instruction, a: Range, b: Range | undefined): boolean {
    switch (i.op) {
      case 'int.mod':
      case 'int.floordiv':
        if (a.lo < 0n || b!.lo <= 0n) return false;
        become(i, i.op === 'int.mod' ? 'int.umod' : 'int.udiv', i.args);
        return true;
      case 'int.to_float_exact':
        if (a.lo < -(1n << 53n) || a.hi > 1n << 53n) return false;
        become(i, 'int.to_float', i.args);
        return true;
      default: return false;
    }
  }
}

/** The operand that the result equals for all values in these ranges. */
function identityByRange(i: Instruction, [a, b]: readonly Range[]): ValueId | undefined {
  switch (i.op) {
    case 'int.abs': return a!.lo >= 0n ? i.args[0] : undefined;
    case 'int.mod':
    case 'int.umod': return a!.lo >= 0n && a!.hi < b!.lo ? i.args[0] : undefined;
    case 'int.and_imm': return fitsMask(a!, immediateBigInt(i)) ? i.args[0] : undefined;
    case 'int.and': return b!.lo === b!.hi && fitsMask(a!, b!.lo) ? i.args[0] : undefined;
    case 'int.min': return a!.hi <= b!.lo ? i.args[0] : b!.hi <= a!.lo ? i.args[1] : undefined;
    case 'int.max': return a!.lo >= b!.hi ? i.args[0] : b!.lo >= a!.hi ? i.args[1] : undefined;
    default: return undefined;
  }
}

/** A mask of ones from bit 0 that covers the range. */
const fitsMask = (a: Range, mask: bigint): boolean => mask >= 0n && (mask & (mask + 1n)) === 0n && contains({ lo: 0n, hi: mask }, a);
