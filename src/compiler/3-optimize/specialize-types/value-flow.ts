/** Which values decide which: what inference looks at again when the kind of a value changes. */
import type { Graph, Predecessor } from '#ir/graph.ts';
import type { Block, Instruction, ValueId } from '#ir/types.ts';
import { isNumeric, type Kind } from './kinds.ts';

export interface Param {
  readonly value: ValueId;
  /** What each edge into the block passes; undefined for the item of a for_iter. */
  readonly incoming: readonly (ValueId | undefined)[];
  /** Where each of those comes from. */
  readonly sources: readonly Block[];
}

/** A definition: a parameter, or the result of an instruction. */
export type Definition =
  | { readonly param: Param; readonly instruction: undefined }
  | { readonly param: undefined; readonly instruction: Instruction };

const NOTHING: readonly never[] = [];

export class ValueFlow {
  /** In the order of the blocks, parameters first. */
  readonly definitions: Definition[] = [];
  readonly params: Param[] = [];
  readonly #paramOf: (Param | undefined)[];
  /** By value: positions in `definitions` of those that look at it. */
  readonly #users: (number[] | undefined)[];

  constructor(graph: Graph) {
    this.#paramOf = new Array<undefined>(graph.fn.nextValue).fill(undefined);
    this.#users = new Array<undefined>(graph.fn.nextValue).fill(undefined);
    for (const block of graph.order) {
      const predecessors = graph.predecessors(block.id);
      const sources = predecessors.map((p) => p.block);
      block.params.forEach((value, index) => this.#addParam({ value, incoming: predecessors.map((p) => argument(p, index)), sources }));
      for (const instruction of block.instructions) {
        if (instruction.result === undefined) continue;
        for (const v of instruction.args) this.#addUser(v);
        this.definitions.push({ param: undefined, instruction });
      }
    }
  }

  #addParam(param: Param): void {
    for (const v of param.incoming) if (v !== undefined) this.#addUser(v);
    this.#paramOf[param.value] = param;
    this.params.push(param);
    this.definitions.push({ param, instruction: undefined });
  }

  /** The definition about to be added looks at this value. */
  #addUser(value: ValueId): void {
    const users = this.#users[value];
    if (users === undefined) this.#users[value] = [this.definitions.length];
    else users.push(this.definitions.length);
  }

  users(value: ValueId): readonly number[] {
    return this.#users[value] ?? NOTHING;
  }

  /** What a parameter is given; nothing for other values. */
  incoming(value: ValueId): readonly (ValueId | undefined)[] {
    return this.#paramOf[value]?.incoming ?? NOTHING;
  }
}

function argument(p: Predecessor, index: number): ValueId | undefined {
  const shift = isBodyEdge(p) ? 1 : 0;
  return index < shift ? undefined : p.edge.args[index - shift];
}

export const isBodyEdge = (p: Predecessor): boolean =>
  p.block.terminator.kind === 'for_iter' && p.block.terminator.body === p.edge;

/**
 * Numbers in locals at entry that only go into parameters which are objects: a guard for their type would make the unit leave, and
 * nothing would come of it.
 */
export function findPassedOn(flow: ValueFlow, kind: (value: ValueId) => Kind): ReadonlySet<ValueId> {
  const found = new Set<ValueId>();
  for (const { instruction } of flow.definitions) {
    if (instruction?.op !== 'py.local' || !isNumeric(kind(instruction.result!))) continue;
    const users = flow.users(instruction.result!).map((at) => flow.definitions[at]!);
    if (users.length > 0 && users.every(({ param }) => param !== undefined && kind(param.value) === 'any')) found.add(instruction.result!);
  }
  return found;
}
