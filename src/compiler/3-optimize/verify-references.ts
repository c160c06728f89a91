/**
 * Checks reference counts by abstract interpretation, independently of how they were inserted: on every path each reference is
 * released exactly once, nothing is used that may be gone, and each exit is told of exactly the references that exist.
 */
import { Graph } from '#ir/graph.ts';
import { opInfo } from '#ir/ops.ts';
import { printInstruction } from '#ir/print.ts';
import type { Block, BlockId, Edge, Fn, FrameState, Instruction, ValueId } from '#ir/types.ts';
import { edgesOf, forEachFrameStateValue } from '#ir/visit.ts';
import { analyzeHomes, type HomeState } from './reference-counts/homes.ts';
import { consumedBy, findConstants, findOperands, findSunkInstances, forEachPart, handedOver, isClobber, isOpaque, nullTest, type Operands, type SunkInstances } from './reference-counts/uses.ts';

/** Messages; empty when all is well. */
export function verifyReferences(fn: Fn): string[] {
  return new ReferenceVerifier(fn).run();
}

class ReferenceVerifier {
  readonly #fn: Fn;
  readonly #graph: Graph;
  readonly #homes: ReadonlyMap<BlockId, HomeState>;
  readonly #constants: ReadonlySet<ValueId>;
  readonly #operands: Operands;
  readonly #sunk: SunkInstances;
  readonly #starts = new Map<BlockId, ReadonlyMap<ValueId, number>>();
  /** What is still borrowed where a block with one predecessor begins: an edge may have to own it first. */
  readonly #borrowed = new Map<BlockId, ReadonlySet<ValueId>>();
  readonly #errors: string[] = [];
  #where = '';

  constructor(fn: Fn) {
    this.#fn = fn;
    this.#graph = new Graph(fn);
    this.#homes = analyzeHomes(this.#graph);
    this.#constants = findConstants(fn);
    this.#operands = findOperands(fn);
    this.#sunk = findSunkInstances(fn);
  }

  run(): string[] {
    this.#findParamOwnership();
    this.#starts.set(this.#fn.entry, new Map());
    for (const block of this.#graph.order) this.#checkBlock(block);
    return this.#errors;
  }

  #fail(message: string): void {
    this.#errors.push(`${this.#where}: ${message}`);
  }

  /** A parameter owns a reference unless a home holds it at the start of its block, or it is never touched. */
  readonly #ownedParams = new Set<ValueId>();

  #findParamOwnership(): void {
    const touched = new Set<ValueId>();
    for (const block of this.#graph.order) {
      for (const i of block.instructions) {
        for (const v of i.args) touched.add(v);
        if (i.frameState) forEachFrameStateValue(i.frameState, (v) => touched.add(v));
      }
      for (const e of edgesOf(block.terminator)) for (const v of e.args) touched.add(v);
      if (block.terminator.kind === 'exit') forEachFrameStateValue(block.terminator.frameState, (v) => touched.add(v));
    }
    for (const block of this.#graph.order) {
      for (const p of block.params) {
        if (this.#fn.types.get(p) === 'obj' && touched.has(p) && !this.#homes.get(block.id)!.isHeld(p)) this.#ownedParams.add(p);
      }
    }
  }

  #checkBlock(block: Block): void {
    this.#where = `block${block.id}`;
    const counts = new Map(this.#starts.get(block.id) ?? []);
    const homes = this.#homes.get(block.id)!.copy();
    let borrowed = new Set(this.#borrowed.get(block.id));
    for (const i of block.instructions) {
      this.#where = `block${block.id}: ${printInstruction(this.#fn, i)}`;
      const usable = (v: ValueId): boolean => this.#isAlive(v, counts, homes, borrowed);
      this.#checkUses(i, usable, counts, homes);
      if (i.frameState) this.#checkExit(i.frameState, i.ownedAtExit ?? [], counts, i.op === 'check.error' ? i.args[0] : undefined, usable);
      this.#apply(i, counts);
      homes.step(i);
      if (isClobber(i) && i.op !== 'decref_number') borrowed = new Set();
      if (i.result !== undefined && opInfo(i.op).ownership === 'borrowed' && i.op !== 'home.load') borrowed.add(i.result);
    }
    this.#where = `block${block.id}: end`;
    this.#checkEnd(block, counts, homes, borrowed);
  }

  #isAlive(v: ValueId, counts: ReadonlyMap<ValueId, number>, homes: HomeState, borrowed: ReadonlySet<ValueId>): boolean {
    return this.#fn.types.get(v) !== 'obj' || this.#constants.has(v) || (counts.get(v) ?? 0) > 0 || homes.isHeld(v) || borrowed.has(v);
  }

  #checkUses(i: Instruction, usable: (v: ValueId) => boolean, counts: ReadonlyMap<ValueId, number>, homes: HomeState): void {
    for (const v of this.#operands.get(i) ?? i.args) {
      if (!usable(v)) this.#fail(`v${v} may be gone`);
      const needsOwner = isOpaque(i) && consumedBy(i, v) === 0 && this.#fn.types.get(v) === 'obj' && !this.#constants.has(v);
      if (needsOwner && !homes.isHeld(v) && (counts.get(v) ?? 0) === 0) this.#fail(`v${v} has no owner during the call`);
    }
  }

  #apply(i: Instruction, counts: Map<ValueId, number>): void {
    if (i.result !== undefined) {
      if ((counts.get(i.result) ?? 0) !== 0) this.#fail(`v${i.result} is defined again before it is released`);
      if (opInfo(i.op).ownership === 'owned' && this.#fn.types.get(i.result) === 'obj') counts.set(i.result, 1);
    }
    if (i.op === 'incref') counts.set(i.args[0]!, (counts.get(i.args[0]!) ?? 0) + 1);
    for (const v of new Set(i.args)) {
      const left = (counts.get(v) ?? 0) - consumedBy(i, v);
      if (left < 0) this.#fail(`v${v} has no reference to give`);
      counts.set(v, Math.max(0, left));
    }
    for (const v of handedOver(i, this.#operands.get(i) ?? [])) {
      const left = (counts.get(v) ?? 0) - 1;
      if (left < 0) this.#fail(`v${v} has no reference to hand over`);
      counts.set(v, Math.max(0, left));
    }
  }

  #checkExit(state: FrameState, owned: readonly ValueId[], counts: ReadonlyMap<ValueId, number>, absent: ValueId | undefined, usable: (v: ValueId) => boolean): void {
    const listed = new Map<ValueId, number>();
    for (const v of owned) listed.set(v, (listed.get(v) ?? 0) + 1);
    for (const v of new Set([...listed.keys(), ...counts.keys()])) {
      const has = v === absent ? 0 : counts.get(v) ?? 0;
      if (has !== (listed.get(v) ?? 0)) this.#fail(`exit: v${v} has ${has} references, ${listed.get(v) ?? 0} listed`);
    }
    forEachFrameStateValue(state, (v) => forEachPart(v, this.#sunk, (part) => {
      if (!usable(part)) this.#fail(`exit: v${part} may be gone`);
    }));
  }

  #checkEnd(block: Block, counts: ReadonlyMap<ValueId, number>, homes: HomeState, borrowed: ReadonlySet<ValueId>): void {
    const { terminator } = block;
    if (terminator.kind === 'exit') {
      const usable = (v: ValueId): boolean => this.#isAlive(v, counts, homes, borrowed);
      this.#checkExit(terminator.frameState, terminator.ownedAtExit ?? [], counts, undefined, usable);
      return;
    }
    for (const e of edgesOf(terminator)) {
      const absent = terminator.kind === 'branch' && terminator.then === e ? nullTest(block) : undefined;
      this.#checkEdge(e, counts, absent);
      if (this.#graph.predecessors(e.block).length === 1) this.#borrowed.set(e.block, borrowed);
    }
  }

  #checkEdge(e: Edge, counts: ReadonlyMap<ValueId, number>, absent: ValueId | undefined): void {
    const after = new Map([...counts].filter(([v, n]) => n > 0 && v !== absent));
    const target = this.#fn.blocks.get(e.block)!;
    target.params.forEach((p, n) => {
      const v = e.args[n]!;
      if (!this.#ownedParams.has(p) || v === absent) return;
      const left = (after.get(v) ?? 0) - 1;
      if (left < 0) this.#fail(`v${v} has no reference for parameter v${p}`);
      if (left > 0) after.set(v, left);
      else after.delete(v);
    });
    for (const p of target.params) if (this.#ownedParams.has(p)) after.set(p, 1);
    const known = this.#starts.get(e.block);
    if (!known) this.#starts.set(e.block, after);
    else if (!sameCounts(known, after)) this.#fail(`edge to block${e.block}: references differ: ${show(known)} and ${show(after)}`);
  }
}

const show = (counts: ReadonlyMap<ValueId, number>): string => [...counts].map(([v, n]) => `v${v}×${n}`).sort().join(' ') || 'none';

const sameCounts = (a: ReadonlyMap<ValueId, number>, b: ReadonlyMap<ValueId, number>): boolean => show(a) === show(b);
