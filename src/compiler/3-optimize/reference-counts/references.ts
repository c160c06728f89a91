/** Facts about the objects of a function that counting needs everywhere. */
import type { Graph } from '#ir/graph.ts';
import { instructionWith } from '#ir/builder.ts';
import { immediateAt } from '#ir/immediates.ts';
import { opInfo } from '#ir/ops.ts';
import type { BlockId, Fn, Instruction, ValueId } from '#ir/types.ts';
import { invariant } from '#support/invariant.ts';
import type { HomeState } from './homes.ts';
import { findConstants, findOperands, findSunkInstances, Liveness, type Operands, type SunkInstances } from './uses.ts';

/** Ops after which their object operand is known to be a number. */
const NUMBER_GUARDS = new Set(['unbox.int', 'unbox.integer', 'unbox.float', 'unbox.real', 'unbox.bool', 'unbox.float_known']);
const PLAIN_TYPES = new Set(['@PyLong_Type', '@PyFloat_Type', '@PyBool_Type', '@PyUnicode_Type']);

export class References {
  readonly fn: Fn;
  readonly graph: Graph;
  readonly homes: ReadonlyMap<BlockId, HomeState>;
  readonly operands: Operands;
  readonly sunk: SunkInstances;
  readonly liveness: Liveness;
  readonly #constants: ReadonlySet<ValueId>;
  readonly #definitions = new Map<ValueId, Instruction>();
  /** Objects some guard has looked at. A local that none has looked at may be unbound: there is nothing to count. */
  readonly #examined = new Set<ValueId>();

  constructor(graph: Graph, homes: ReadonlyMap<BlockId, HomeState>) {
    this.fn = graph.fn;
    this.graph = graph;
    this.homes = homes;
    this.operands = findOperands(graph.fn);
    this.sunk = findSunkInstances(graph.fn);
    this.liveness = new Liveness(graph, this.operands, this.sunk);
    this.#constants = findConstants(graph.fn);
    for (const block of graph.order) {
      for (const i of block.instructions) {
        if (i.result !== undefined) this.#definitions.set(i.result, i);
        if (opInfo(i.op).guard && i.args[0] !== undefined) this.#examined.add(i.args[0]);
      }
    }
  }

  isObject(value: ValueId): boolean {
    return this.fn.types.get(value) === 'obj';
  }

  isCounted(value: ValueId): boolean {
    return this.isObject(value) && !this.#constants.has(value);
  }

  /** The values that own a reference at a point. */
  owned(live: Iterable<ValueId>, homes: HomeState, borrowed: ReadonlySet<ValueId>): Set<ValueId> {
    const owned = new Set<ValueId>();
    for (const v of live) if (this.isCounted(v) && !homes.isHeld(v) && !borrowed.has(v)) owned.add(v);
    return owned;
  }

  isBorrowing(i: Instruction): boolean {
    return i.result !== undefined && opInfo(i.op).ownership === 'borrowed' && i.op !== 'home.load' && this.isCounted(i.result);
  }

  incref(value: ValueId, at?: Instruction): Instruction {
    const mayBeNull = this.#definitions.get(value)?.op === 'home.load' && !this.#examined.has(value);
    invariant(!mayBeNull, 'a reference to a local that may be unbound');
    return count('incref', value, at);
  }

  /** `plain`: numbers and strings that guards have proved before this point. */
  decref(value: ValueId, plain: ReadonlySet<ValueId>, at?: Instruction): Instruction {
    return count(this.isPlain(value, plain) ? 'decref_number' : 'decref', value, at);
  }

  isPlain(value: ValueId, plain: ReadonlySet<ValueId>): boolean {
    const op = this.#definitions.get(value)?.op;
    return plain.has(value) || op === 'box.int' || op === 'box.float';
  }

  /** The operand a guard proves to be a number or str. */
  provedPlain(i: Instruction): ValueId | undefined {
    if (NUMBER_GUARDS.has(i.op)) return i.args[0];
    return i.op === 'guard.type' && PLAIN_TYPES.has(String(immediateAt(i, 0))) ? i.args[0] : undefined;
  }
}

function count(op: 'incref' | 'decref' | 'decref_number', value: ValueId, at: Instruction | undefined): Instruction {
  return instructionWith(op, [value], undefined, { origin: at?.origin });
}
