/**
 * Which integers each `int` value can be: abstract interpretation over intervals.
 *
 * The function is swept in dominator-tree order. Conditions of branches narrow their operands in the blocks they dominate.
 * Parameters of loop headers grow from sweep to sweep and are widened to the end of i64 when they do not settle; one more
 * sweep after that narrows them again. A function that settles too slowly has its loop parameters taken as unbounded.
 */
import type { Graph } from '#ir/graph.ts';
import type { Block, Edge, Instruction, ValueId } from '#ir/types.ts';
import { edgesOf } from '#ir/visit.ts';
import { definitions } from './facts.ts';
import { contains, FULL, intersect, INVERSE, join, MAX, MIN, refine, resultRange, single, type Range } from './range.ts';

const WIDEN_AFTER = 2;
const MAX_SWEEPS = 12;
const INDEX: Range = { lo: -(1n << 60n), hi: (1n << 60n) - 1n };

export type VisitBlock = (block: Block, step: (i: Instruction) => void) => void;

export class ValueRanges {
  readonly #graph: Graph;
  readonly #defs: (Instruction | undefined)[];
  readonly #current: (Range | undefined)[];
  /** Ranges to restore when the walk leaves a block: pairs of value and range. */
  readonly #undo: [ValueId, Range | undefined][] = [];
  /** Ranges of edge arguments when their edge was last seen. */
  readonly #onEdge = new Map<Edge, (Range | undefined)[]>();
  readonly #header: (Range | undefined)[] = [];
  #mode: 'grow' | 'widen' | 'narrow' | 'unbounded' = 'grow';
  #changed = false;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#defs = definitions(graph.fn);
    this.#current = new Array(graph.fn.nextValue);
    let sweeps = 0;
    do {
      if (sweeps === WIDEN_AFTER) this.#mode = 'widen';
      if (sweeps === MAX_SWEEPS) this.#mode = 'unbounded';
      this.#changed = false;
      this.#sweep();
    } while (this.#changed && sweeps++ < MAX_SWEEPS);
    if (this.#mode !== 'unbounded' && this.#header.length > 0) {
      this.#mode = 'narrow';
      this.#sweep();
    }
  }

  /** Visits every block in dominator order; `of` answers for the point after the last instruction stepped over. */
  walk(visit: VisitBlock): void {
    this.#sweep(visit);
  }

  of(v: ValueId): Range {
    return this.#current[v] ?? FULL;
  }

  ofArgs(i: Instruction): Range[] {
    return i.args.map((v) => this.of(v));
  }

  #sweep(visit?: VisitBlock): void {
    const stack: { block: Block; undo: number; next: number }[] = [];
    const open = (block: Block): void => {
      stack.push({ block, undo: this.#undo.length, next: 0 });
      this.#enter(block);
      if (visit) visit(block, (i) => this.#step(i));
      else for (const i of block.instructions) this.#step(i);
      for (const edge of edgesOf(block.terminator)) this.#leave(block, edge);
    };
    open(this.#graph.order[0]!);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const child = this.#graph.dominatorChildren(top.block.id)[top.next++];
      if (child) open(child);
      else {
        this.#rewind(top.undo);
        stack.pop();
      }
    }
  }

  #rewind(mark: number): void {
    while (this.#undo.length > mark) {
      const [v, range] = this.#undo.pop()!;
      this.#current[v] = range;
    }
  }

  #enter(block: Block): void {
    const into = this.#graph.predecessors(block.id);
    const implicit = into.some((p) => p.block.terminator.kind === 'for_iter' && p.edge === p.block.terminator.body) ? 1 : 0;
    const loops = into.some((p) => this.#isRetreating(p.block, p.edge));
    block.params.forEach((param, n) => {
      if (this.#graph.fn.types.get(param) !== 'int') return;
      let range: Range | undefined;
      for (const { edge } of into) {
        const given = this.#onEdge.get(edge)?.[n - implicit];
        if (given) range = range ? join(range, given) : given;
      }
      this.#current[param] = loops ? this.#headerRange(param, range ?? FULL) : (range ?? FULL);
    });
    // A condition holds in a block only if its edge is the only way in.
    if (into.length === 1) this.#assume(into[0]!.block, into[0]!.edge);
  }

  #headerRange(param: ValueId, found: Range): Range {
    const before = this.#header[param];
    let range = found;
    if (this.#mode === 'unbounded') range = FULL;
    else if (before && this.#mode !== 'narrow') {
      if (contains(before, found)) return before;
      range = this.#mode === 'grow'
        ? join(before, found)
        : { lo: found.lo < before.lo ? MIN : before.lo, hi: found.hi > before.hi ? MAX : before.hi };
    }
    if (this.#mode !== 'narrow') this.#changed = true;
    return (this.#header[param] = range);
  }

  #leave(block: Block, edge: Edge): void {
    const mark = this.#undo.length;
    this.#assume(block, edge);
    const ranges = edge.args.map((v) => this.#current[v]);
    this.#rewind(mark);
    this.#onEdge.set(edge, ranges);
    if (this.#isRetreating(block, edge)) this.#checkBackEdge(edge, ranges);
  }

  #isRetreating(from: Block, edge: Edge): boolean {
    return this.#graph.position(edge.block) <= this.#graph.position(from.id);
  }

  /** The last sweep must have seen nothing on a back edge that its header did not know. */
  #checkBackEdge(edge: Edge, ranges: readonly (Range | undefined)[]): void {
    if (this.#mode === 'narrow' || this.#mode === 'unbounded') return;
    const { params } = this.#graph.fn.blocks.get(edge.block)!;
    ranges.forEach((range, n) => {
      const header = this.#header[params[n]!];
      if (range && header && !contains(header, range)) this.#changed = true;
    });
  }

  #step(i: Instruction): void {
    if (i.result !== undefined && this.#graph.fn.types.get(i.result) === 'int') {
      this.#current[i.result] = resultRange(i, this.ofArgs(i));
    }
    // What holds after an instruction that did not leave.
    switch (i.op) {
      case 'guard.true':
      case 'guard.false':
        this.#assumeCondition(i.args[0]!, i.op === 'guard.true');
        break;
      case 'list.item':
      case 'list.store':
      case 'list.store_float':
      case 'list.store_int':
      case 'tuple.item':
        this.#narrow(i.args[1]!, INDEX);
        break;
    }
  }

  #narrow(v: ValueId, range: Range): void {
    const before = this.of(v);
    this.#set(v, intersect(before, range));
  }

  #set(v: ValueId, range: Range): void {
    this.#undo.push([v, this.#current[v]]);
    this.#current[v] = range;
  }

  #assume(from: Block, edge: Edge): void {
    const t = from.terminator;
    if (t.kind === 'branch') {
      if (t.then.block !== t.else.block) this.#assumeCondition(t.condition, edge === t.then);
    } else if (t.kind === 'compare_branch' && t.then.block !== t.else.block) {
      this.#assumeComparison(t.compare, t.args, edge === t.then);
    }
  }

  #assumeCondition(condition: ValueId, holds: boolean): void {
    const def = this.#defs[condition];
    if (!def) return;
    if (def.op === 'bool.not') this.#assumeCondition(def.args[0]!, !holds);
    else if (def.op === 'int.to_bool') {
      this.#narrowPair('ne', holds, def.args[0]!, undefined);
    } else this.#assumeComparison(def.op, def.args, holds);
  }

  #assumeComparison(op: string, args: readonly ValueId[], holds: boolean): void {
    const match = /^int\.(lt|le|eq|ne|gt|ge)$/.exec(op);
    if (match) this.#narrowPair(match[1]!, holds, args[0]!, args[1]);
  }

  /** `b` undefined stands for zero. */
  #narrowPair(operator: string, holds: boolean, a: ValueId, b: ValueId | undefined): void {
    if (a === b) return;
    const [ra, rb] = refine(holds ? operator : INVERSE[operator]!, this.of(a), b === undefined ? single(0n) : this.of(b));
    this.#set(a, ra);
    if (b !== undefined) this.#set(b, rb);
  }
}
