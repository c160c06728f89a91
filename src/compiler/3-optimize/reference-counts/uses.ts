/** What instructions do to references, and which objects are live. */
import type { Graph } from '#ir/graph.ts';
import { immediateNumber } from '#ir/immediates.ts';
import { opInfo, type OpName } from '#ir/ops.ts';
import type { Block, BlockId, Fn, Instruction, ValueId } from '#ir/types.ts';
import { edgesOf, forEachFrameStateValue, terminatorArgs } from '#ir/visit.ts';

/** Writes that change no field an object was borrowed from. */
const HARMLESS_WRITES = new Set([
  'box.int', 'box.float', 'stack.take', 'incref', 'frame.position', 'range_iter.next', 'bytes_iter.next', 'list_iter.next', 'tuple_iter.next', 'list.append',
  'instance.make',
]);

export const isOpaque = (i: Instruction): boolean => opInfo(i.op).effect === 'opaque';

/** True when borrowed objects may be gone afterwards. */
export const isClobber = (i: Instruction): boolean =>
  isOpaque(i) || (opInfo(i.op).effect === 'write' && !HARMLESS_WRITES.has(i.op));

/** Objects an instruction works on: operands, and the arguments stored for a call. */
export type Operands = ReadonlyMap<Instruction, readonly ValueId[]>;

export function findOperands(fn: Fn): Operands {
  const operands = new Map<Instruction, readonly ValueId[]>();
  for (const block of fn.blocks.values()) {
    let stored: ValueId[] = [];
    for (const i of block.instructions) {
      if (i.op === 'arg.store') stored.push(i.args[0]!);
      if (i.op === 'call.vector' || i.op === 'call.arguments_o' || i.op === 'instance.make') {
        operands.set(i, i.op === 'instance.make' ? [...i.args, ...stored] : stored);
        stored = [];
      } else operands.set(i, i.op === 'instance.at_exit' ? [] : i.args);
    }
  }
  return operands;
}

/** How often an instruction takes each reference over. */
export function consumedBy(i: Instruction, value: ValueId): number {
  return opInfo(i.op).consumes.filter((n) => i.args[n] === value).length;
}

/** Positions of a call that can be handed over: what fits beside the count in 16 bits. */
const HANDED_OVER_POSITIONS = 12;

/**
 * The interpreter's calls hand arguments over, so that a temporary dies when the callee lets go of it, not when the call returns.
 * Marks what would die after a call as handed over, where it is passed once, and returns what is left to die.
 */
export function handOver(call: Instruction, operands: readonly ValueId[], dying: readonly ValueId[]): ValueId[] {
  let positions = 0;
  const left = [...dying];
  operands.slice(0, HANDED_OVER_POSITIONS).forEach((v, n) => {
    const at = left.indexOf(v);
    if (at < 0 || operands.indexOf(v) !== operands.lastIndexOf(v)) return;
    left.splice(at, 1);
    positions |= 1 << n;
  });
  call.immediates = [...call.immediates.slice(0, 2), positions];
  return left;
}

/** Operands whose reference a call hands over. */
export function handedOver(i: Instruction, operands: readonly ValueId[]): ValueId[] {
  return i.op === 'call.vector' ? operands.filter((_, n) => (immediateNumber(i, 2) >> n & 1) === 1) : [];
}

/** Objects that only exits make, by value. They have no references; what they hold has, as long as an exit may need it. */
export type SunkInstances = ReadonlyMap<ValueId, Instruction>;

export function findSunkInstances(fn: Fn): SunkInstances {
  const sunk = new Map<ValueId, Instruction>();
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) if (i.op === 'instance.at_exit') sunk.set(i.result!, i);
  }
  return sunk;
}

/** The value itself, or what an exit makes it of. */
export function forEachPart(value: ValueId, sunk: SunkInstances, visit: (value: ValueId) => void): void {
  const instance = sunk.get(value);
  if (instance === undefined) visit(value);
  else for (const part of instance.args) forEachPart(part, sunk, visit);
}

/** Values of type obj that stand for the same object for ever, or for none that has been made. */
export function findConstants(fn: Fn): Set<ValueId> {
  const constants = new Set<ValueId>();
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) {
      if (i.result !== undefined && COUNTS_NOTHING.has(i.op)) constants.add(i.result);
    }
  }
  return constants;
}

const COUNTS_NOTHING: ReadonlySet<OpName> = new Set<OpName>(['const.obj', 'box.bool', 'instance.at_exit']);

/** Value whose being NULL a branch tests: NULL where the branch is taken. */
export function nullTest(block: Block): ValueId | undefined {
  const { terminator } = block;
  if (terminator.kind !== 'branch') return undefined;
  const test = block.instructions.find((i) => i.result === terminator.condition);
  return test?.op === 'obj.is_null' ? test.args[0] : undefined;
}

interface Summary {
  /** From the objects live at the end of a block to those live into it. */
  applyTo(live: Set<ValueId>): void;
}

export class Liveness {
  readonly #fn: Fn;
  readonly #operands: Operands;
  readonly #sunk: SunkInstances;
  readonly #liveIn = new Map<BlockId, Set<ValueId>>();
  readonly #summaries = new Map<BlockId, Summary>();

  constructor(graph: Graph, operands: Operands, sunk: SunkInstances) {
    this.#fn = graph.fn;
    this.#sunk = sunk;
    this.#operands = operands;
    for (let changed = true; changed; ) {
      changed = false;
      for (const block of [...graph.order].reverse()) {
        const live = this.atEnd(block);
        this.#summaryOf(block).applyTo(live);
        if (this.#liveIn.get(block.id)?.size !== live.size) changed = true;
        this.#liveIn.set(block.id, live);
      }
    }
  }

  /** What a block does to the live objects as a whole, so that the rounds above look at each instruction once. */
  #summaryOf(block: Block): Summary {
    const known = this.#summaries.get(block.id);
    if (known) return known;
    const used = new Set<ValueId>();
    for (let n = block.instructions.length - 1; n >= 0; n--) this.stepBack(block.instructions[n]!, used);
    const defined: ValueId[] = [...block.params];
    for (const { result } of block.instructions) if (result !== undefined) defined.push(result);
    const summary = {
      applyTo: (live: Set<ValueId>): void => {
        for (const v of defined) live.delete(v);
        for (const v of used) live.add(v);
        for (const p of block.params) live.delete(p);
      },
    };
    this.#summaries.set(block.id, summary);
    return summary;
  }

  /** Objects live into a block, its parameters excepted. */
  into(block: BlockId): ReadonlySet<ValueId> {
    return this.#liveIn.get(block) ?? new Set();
  }

  /** Objects live on some edge out of a block, edge arguments excepted. */
  out(block: Block): Set<ValueId> {
    const live = new Set<ValueId>();
    for (const e of edgesOf(block.terminator)) for (const v of this.into(e.block)) live.add(v);
    return live;
  }

  /** Objects live just before the terminator. */
  atEnd(block: Block): Set<ValueId> {
    const live = this.out(block);
    const { terminator } = block;
    const use = (v: ValueId): void => this.#use(v, live);
    for (const v of terminatorArgs(terminator)) use(v);
    for (const e of edgesOf(terminator)) e.args.forEach(use);
    if (terminator.kind === 'exit') forEachFrameStateValue(terminator.frameState, use);
    // A value that may be NULL is released where it is known.
    const tested = nullTest(block);
    if (tested !== undefined) use(tested);
    return live;
  }

  /**
   * The objects live before each instruction of a block and, last, before its terminator. Points between which nothing
   * changes share a set.
   */
  points(block: Block): readonly ReadonlySet<ValueId>[] {
    const { instructions } = block;
    const points: ReadonlySet<ValueId>[] = new Array(instructions.length + 1);
    let live = this.atEnd(block);
    points[instructions.length] = live;
    for (let n = instructions.length - 1; n >= 0; n--) {
      if (this.#changes(instructions[n]!, live)) {
        live = new Set(live);
        this.stepBack(instructions[n]!, live);
      }
      points[n] = live;
    }
    return points;
  }

  #changes(i: Instruction, live: ReadonlySet<ValueId>): boolean {
    if (i.result !== undefined && live.has(i.result)) return true;
    let found = false;
    const look = (v: ValueId): void => {
      if (!found && !live.has(v) && this.#fn.types.get(v) === 'obj') found = true;
    };
    const use = (v: ValueId): void => forEachPart(v, this.#sunk, look);
    for (const v of this.#operands.get(i) ?? i.args) use(v);
    if (i.frameState && !found) forEachFrameStateValue(i.frameState, use);
    return found;
  }

  stepBack(i: Instruction, live: Set<ValueId>): void {
    if (i.result !== undefined) live.delete(i.result);
    for (const v of this.#operands.get(i) ?? i.args) this.#use(v, live);
    if (i.frameState) forEachFrameStateValue(i.frameState, (v) => this.#use(v, live));
  }

  #use(value: ValueId, live: Set<ValueId>): void {
    if (this.#fn.types.get(value) !== 'obj') return;
    if (this.#sunk.has(value)) forEachPart(value, this.#sunk, (part) => this.#use(part, live));
    else live.add(value);
  }
}
