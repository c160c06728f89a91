/**
 * Dominator-based value numbering of pure ops, guards and reads.
 *
 * An instruction goes when the same op on the same operands was executed on every path to it and nothing in between could
 * have changed the outcome. What reads memory is keyed by an epoch: a new one begins where a write or an opaque op may
 * have happened since the dominating instruction.
 */
import { Graph } from '#ir/graph.ts';
import { immediateKey } from '#ir/immediates.ts';
import { opInfo } from '#ir/ops.ts';
import { Replacements } from '#ir/replacements.ts';
import type { Block, BlockId, Instruction, ValueId } from '#ir/types.ts';
import type { Pass, PassContext } from '../pass.ts';
import { dependence, filterInstructions, invalidates, type Dependence } from './facts.ts';

export const eliminateCommonSubexpressions: Pass = {
  name: 'eliminate-common-subexpressions',
  summary: 'reuses results and guards that were computed before',
  run: (fn, context) => {
    const graph = new Graph(fn);
    return new Numbering(graph, context, new Epochs(graph)).run();
  },
};

const KINDS = ['types', 'lengths', 'memory'] as const;
type Kind = (typeof KINDS)[number];
type EpochSet = Record<Kind, number>;

/** Which state of memory each block begins with: equal numbers mean that nothing of that kind was changed in between. */
class Epochs {
  readonly #graph: Graph;
  readonly #in: (EpochSet | undefined)[] = [];
  /** The epoch that begins after an instruction that changes something. */
  readonly #after = new Map<Instruction, number>();
  #next = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    const loopWrites = this.#loopWrites();
    const out: (EpochSet | undefined)[] = [];
    for (const block of graph.order) {
      const state = this.#atEntry(block, out, loopWrites[block.id]);
      this.#in[block.id] = state;
      const after = { ...state };
      for (const i of block.instructions) this.advance(after, i);
      out[block.id] = after;
    }
  }

  atStart(block: BlockId): EpochSet {
    return { ...this.#in[block]! };
  }

  advance(state: EpochSet, instruction: Instruction): void {
    const kinds = invalidates(instruction);
    if (kinds.length === 0) return;
    let epoch = this.#after.get(instruction);
    if (epoch === undefined) this.#after.set(instruction, (epoch = this.#next++));
    for (const kind of kinds) if (isKind(kind)) state[kind] = epoch;
  }

  #atEntry(block: Block, out: readonly (EpochSet | undefined)[], writes: ReadonlySet<Dependence> | undefined): EpochSet {
    const state = {} as EpochSet;
    // A back edge whose loop changes nothing of a kind brings back the state the loop was entered with.
    const forward = this.#graph.predecessors(block.id).map((p) => out[p.block.id]).filter((s) => s !== undefined);
    const irreducible = !writes && forward.length < this.#graph.predecessors(block.id).length;
    for (const kind of KINDS) {
      const first = forward[0]?.[kind];
      const same = first !== undefined && !irreducible && !writes?.has(kind) && forward.every((s) => s[kind] === first);
      state[kind] = same ? first : this.#next++;
    }
    return state;
  }

  /** By header: what the instructions of the loop change. */
  #loopWrites(): (ReadonlySet<Dependence> | undefined)[] {
    const byHeader: (ReadonlySet<Dependence> | undefined)[] = [];
    for (const loop of this.#graph.loops()) {
      const writes = new Set<Dependence>();
      for (const id of loop.blocks) {
        for (const i of this.#graph.fn.blocks.get(id)!.instructions) for (const kind of invalidates(i)) writes.add(kind);
      }
      byHeader[loop.header.id] = writes;
    }
    return byHeader;
  }
}

const isKind = (kind: Dependence): kind is Kind => kind !== 'nothing' && kind !== 'volatile';

class Numbering {
  readonly #graph: Graph;
  readonly #context: PassContext;
  readonly #epochs: Epochs;
  readonly #available = new Map<string, Instruction>();
  readonly #replaced = new Replacements();
  readonly #dropped = new Set<Instruction>();

  constructor(graph: Graph, context: PassContext, epochs: Epochs) {
    this.#graph = graph;
    this.#context = context;
    this.#epochs = epochs;
  }

  run(): boolean {
    this.#walk();
    if (this.#dropped.size === 0) return false;
    for (const block of this.#graph.order) filterInstructions(block, (i) => this.#dropped.has(i));
    // Operands were rewritten on the way down, except along back edges.
    this.#replaced.apply(this.#graph.fn);
    return true;
  }

  /** Preorder over the dominator tree; what a block made available is withdrawn when its subtree is done. */
  #walk(): void {
    const stack: { block: Block; added: string[]; next: number }[] = [];
    const open = (block: Block): void => {
      stack.push({ block, added: this.#visit(block), next: 0 });
    };
    open(this.#graph.order[0]!);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const child = this.#graph.dominatorChildren(top.block.id)[top.next++];
      if (child) open(child);
      else {
        for (const key of top.added) this.#available.delete(key);
        stack.pop();
      }
    }
  }

  #visit(block: Block): string[] {
    const added: string[] = [];
    const state = this.#epochs.atStart(block.id);
    for (const i of block.instructions) {
      this.#replaced.rewriteInstruction(i);
      const key = this.#key(i, state);
      const same = key === undefined ? undefined : this.#available.get(key);
      if (same) {
        if (i.result !== undefined) this.#replaced.set(i.result, same.result as ValueId);
        this.#dropped.add(i);
        continue;
      }
      if (key !== undefined) {
        this.#available.set(key, i);
        added.push(key);
      }
      this.#epochs.advance(state, i);
    }
    this.#replaced.rewriteTerminator(block.terminator);
    return added;
  }

  #key(i: Instruction, state: EpochSet): string | undefined {
    const depends = dependence(i, this.#context);
    if (depends === 'volatile') return undefined;
    const args = opInfo(i.op).commutative && i.args[0]! > i.args[1]! ? [i.args[1]!, i.args[0]!] : i.args;
    const epoch = depends === 'nothing' ? '' : state[depends];
    return `${i.op}(${args.join()}${i.immediates.map((imm) => `;${immediateKey(imm)}`).join('')})${epoch}`;
  }
}
