/** Reference counts within one block. */
import { makeInstruction } from '#ir/builder.ts';
import { immediateNumber } from '#ir/immediates.ts';
import { opInfo } from '#ir/ops.ts';
import type { Block, Instruction, ValueId } from '#ir/types.ts';
import { forEachFrameStateValue } from '#ir/visit.ts';
import { defined } from '#support/invariant.ts';
import type { HomeState } from './homes.ts';
import type { References } from './references.ts';
import { consumedBy, forEachPart, handOver, isClobber, isOpaque } from './uses.ts';

export interface BlockResult {
  readonly instructions: Instruction[];
  /** Values that own a reference just before the terminator. */
  readonly owned: ReadonlySet<ValueId>;
  readonly homes: HomeState;
  /** Numbers and strings proved in the block. */
  readonly plain: ReadonlySet<ValueId>;
}

const NOTHING: ReadonlySet<ValueId> = new Set();

export class BlockReferences {
  readonly #references: References;
  readonly #block: Block;
  /** Live before each instruction and before the terminator. */
  readonly #live: readonly ReadonlySet<ValueId>[];
  /** Instructions followed by a decref that may run code. */
  readonly #releasing = new Set<Instruction>();

  /** What obj.ends_quietly was given before this pass. */
  readonly #asked = new Map<Instruction, ValueId>();

  constructor(references: References, block: Block) {
    this.#references = references;
    this.#block = block;
    this.#live = references.liveness.points(block);
  }

  run(): BlockResult {
    // A decref may end what was borrowed from memory: where one turns out to be needed, less may be borrowed.
    for (;;) {
      const before = this.#releasing.size;
      const result = this.#attempt();
      if (this.#releasing.size === before) return result;
    }
  }

  #attempt(): BlockResult {
    const r = this.#references;
    const homes = defined(r.homes.get(this.#block.id), 'homes').copy();
    const out: Instruction[] = [];
    const plain = new Set<ValueId>();
    let borrowed = NOTHING;
    let owned = r.owned(this.#live[0]!, homes, borrowed);
    this.#block.instructions.forEach((i, n) => {
      const exposed = this.#exposed(i, owned, homes);
      this.#countOwn(i, owned, homes, out);
      const homesChanged = homes.step(i);
      const ends = this.#releasing.has(i);
      const borrowedBefore = borrowed;
      if ((isClobber(i) || ends) && borrowed.size > 0) borrowed = NOTHING;
      // What follows may free the very object the result was borrowed from.
      if (r.isBorrowing(i) && !ends) borrowed = new Set([...borrowed, i.result!]);
      const isSame = !homesChanged && borrowed === borrowedBefore && this.#live[n + 1] === this.#live[n];
      const after = isSame ? owned : r.owned(this.#live[n + 1]!, homes, borrowed);
      const proved = r.provedPlain(i);
      if (proved !== undefined) plain.add(proved);
      this.#step(i, { before: owned, after, exposed, plain }, out);
      owned = after;
    });
    return { instructions: out, owned: this.#finish(owned, borrowed, homes, out), homes, plain };
  }

  /** Operands of an opaque op that nothing keeps alive: CPython's callers hold theirs too. */
  #exposed(i: Instruction, owned: ReadonlySet<ValueId>, homes: HomeState): ReadonlySet<ValueId> {
    const r = this.#references;
    if (!isOpaque(i)) return NOTHING;
    const operands = defined(r.operands.get(i), 'operands');
    return new Set(operands.filter((v) => r.isCounted(v) && !owned.has(v) && !homes.isHeld(v) && consumedBy(i, v) === 0));
  }

  /** References that compiled code and homes have of the operand go away as well. */
  #countOwn(i: Instruction, owned: ReadonlySet<ValueId>, homes: HomeState, out: Instruction[]): void {
    if (i.op !== 'obj.ends_quietly') return;
    const value = i.args[0]!;
    const own = (owned.has(value) ? 1 : 0) + homes.count(value);
    const asked = this.#asked.get(i) ?? i.args[1]!;
    this.#asked.set(i, asked);
    i.args[1] = asked;
    if (own === 0) return;
    const dropped = makeInstruction(this.#references.fn, 'const.int', [], { immediates: [BigInt(immediateNumber(i) + own)], origin: i.origin });
    out.push(dropped);
    i.args[1] = dropped.result!;
  }

  /** Emits one instruction with the counting that leads from the point before to the point after. */
  #step(i: Instruction, point: Point, out: Instruction[]): void {
    const r = this.#references;
    const held: ValueId[] = [];
    const dying: ValueId[] = [];
    const borrowedResult: ValueId[] = [];
    for (const v of involved(i, point)) {
      if (!r.isObject(v)) continue;
      const consumed = consumedBy(i, v);
      const produced = v === i.result && opInfo(i.op).ownership === 'owned' && r.isCounted(v) ? 1 : 0;
      const had = point.before.has(v) ? 1 : 0;
      const kept = point.after.has(v) ? 1 : 0;
      const added = v === i.result ? 0 : Math.max(0, kept + consumed - had, point.exposed.has(v) ? 1 : 0);
      for (let n = 0; n < added; n++) out.push(r.incref(v, i));
      for (let n = 0; n < had + added; n++) held.push(v);
      for (let n = had + added + produced - consumed - kept; n > 0; n--) dying.push(v);
      if (v === i.result && kept > produced) borrowedResult.push(v);
    }
    // At a failed call there is no result.
    const atExit = i.op === 'check.error' ? held.filter((v) => v !== i.args[0]) : held;
    if (i.frameState && atExit.length > 0) i.ownedAtExit = atExit;
    out.push(i);
    for (const v of borrowedResult) out.push(r.incref(v, i));
    const left = i.op === 'call.vector' ? handOver(i, defined(r.operands.get(i), 'operands'), dying) : dying;
    for (const v of left) {
      out.push(r.decref(v, point.plain, i));
      if (!r.isPlain(v, point.plain)) this.#releasing.add(i);
    }
  }

  /** What was borrowed and is live in a successor becomes owned; an exit takes over what is owned. */
  #finish(owned: ReadonlySet<ValueId>, borrowed: ReadonlySet<ValueId>, homes: HomeState, out: Instruction[]): Set<ValueId> {
    const r = this.#references;
    const { terminator } = this.#block;
    const atEnd = new Set(owned);
    for (const v of r.liveness.out(this.#block)) {
      if (!borrowed.has(v) || homes.isHeld(v)) continue;
      out.push(r.incref(v));
      atEnd.add(v);
    }
    if (terminator.kind === 'exit') {
      const taken: ValueId[] = [];
      const take = (v: ValueId): void => {
        if (atEnd.has(v) && !taken.includes(v)) taken.push(v);
      };
      forEachFrameStateValue(terminator.frameState, (v) => forEachPart(v, r.sunk, take));
      if (taken.length > 0) terminator.ownedAtExit = taken;
    }
    return atEnd;
  }
}

interface Point {
  readonly before: ReadonlySet<ValueId>;
  readonly after: ReadonlySet<ValueId>;
  readonly exposed: ReadonlySet<ValueId>;
  readonly plain: ReadonlySet<ValueId>;
}

function involved(i: Instruction, { before, after, exposed }: Point): Set<ValueId> {
  return new Set([...before, ...after, ...exposed, ...i.args, ...(i.result === undefined ? [] : [i.result])]);
}
