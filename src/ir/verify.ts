/**
 * Checks that a function is well formed. A failure is our own bug.
 *
 * Rules:
 *  1. The entry block exists and has no parameters; nothing jumps to it.
 *  2. Every block is reachable from the entry, and its id is the key it is stored under.
 *  3. Every block has a real terminator; its targets exist.
 *  4. A value is defined once, has a type, and its id is below `nextValue`.
 *  5. A definition dominates every use: operands, edge arguments, frame states (callers included), `ownedAtExit`.
 *  6. Operands match the op table: number and types; so do the immediates; a result exists exactly when the op has one,
 *     with the op's type.
 *  7. Edge arguments match the target's parameters in number and type (the item parameter of a `for_iter` body is a `py`).
 *  8. A branch condition is a `bool` (a `py` before specializeTypes); `compare_branch` names an int or float comparison
 *     and its operands have that type.
 *  9. An instruction that can leave compiled code has a frame state. Exempt are the Python-level ops that only name a value:
 *     py.local, py.take_stack, py.const, py.int, py.is.
 * 10. Only the outermost frame of a frame state has `home` slots; inlined frames name their function object.
 * 11. `ownedAtExit` holds `obj` values (or `py`) and appears only together with a frame state.
 * 12. The target of a back edge is marked as loop header.
 * 13. With `typed`: no value is a `py`, no op is Python level and no terminator is a `for_iter`.
 */
import { InvariantError } from '#support/invariant.ts';
import { isUnterminated } from './builder.ts';
import { Graph } from './graph.ts';
import { opInfo, type ImmediateKind, type OpInfo, type OpName } from './ops.ts';
import { printInstruction } from './print.ts';
import type { Block, Edge, Fn, FrameState, Immediate, Instruction, Terminator, ValueId, ValueType } from './types.ts';
import { edgesOf, forEachTerminatorUse, forEachUse } from './visit.ts';

export interface VerifyOptions {
  /** After specializeTypes: Python-level ops and `py` values are errors. */
  readonly typed?: boolean;
}

const NAMES_A_VALUE: ReadonlySet<OpName> = new Set<OpName>(['py.local', 'py.take_stack', 'py.const', 'py.int', 'py.is']);

/** Messages, each beginning with the block; empty when the function is well formed. */
export function verify(fn: Fn, options: VerifyOptions = {}): string[] {
  return new Verifier(fn, options.typed ?? false).run();
}

export function assertValid(fn: Fn, options: VerifyOptions & { readonly after?: string } = {}): void {
  const errors = verify(fn, options);
  if (errors.length > 0) {
    throw new InvariantError(`invalid IR${options.after === undefined ? '' : ` after ${options.after}`}: ${errors.slice(0, 5).join('; ')}`);
  }
}

class Verifier {
  readonly #fn: Fn;
  readonly #typed: boolean;
  readonly #errors: string[] = [];
  /** Defining block and position (-1: parameter) of each value. */
  readonly #defBlock: (Block | undefined)[] = [];
  readonly #defPosition: number[] = [];
  #where = '';

  constructor(fn: Fn, typed: boolean) {
    this.#fn = fn;
    this.#typed = typed;
  }

  run(): string[] {
    this.#checkBlocks();
    if (this.#errors.length > 0) return this.#errors;
    const graph = new Graph(this.#fn);
    for (const block of this.#fn.blocks.values()) {
      this.#where = `block${block.id}`;
      if (!graph.isReachable(block.id)) this.#error('unreachable');
      this.#collectDefinitions(block);
    }
    if (this.#errors.length > 0) return this.#errors;
    for (const block of graph.order) this.#checkBlock(graph, block);
    return this.#errors;
  }

  #error(message: string): void {
    this.#errors.push(`${this.#where}: ${message}`);
  }

  #checkBlocks(): void {
    const fn = this.#fn;
    this.#where = 'function';
    const entry = fn.blocks.get(fn.entry);
    if (!entry) return this.#error('no entry block');
    if (entry.params.length > 0) this.#error('the entry block has parameters');
    for (const [id, block] of fn.blocks) {
      this.#where = `block${id}`;
      if (block.id !== id) this.#error(`stored under the wrong id: ${block.id}`);
      if (isUnterminated(block)) this.#error('no terminator');
      for (const edge of edgesOf(block.terminator)) {
        if (!fn.blocks.has(edge.block)) this.#error(`target block${edge.block} does not exist`);
        if (edge.block === fn.entry) this.#error('jumps to the entry block');
      }
    }
  }

  #collectDefinitions(block: Block): void {
    for (const v of block.params) this.#define(v, block, -1);
    block.instructions.forEach((i, position) => {
      if (i.result !== undefined) this.#define(i.result, block, position);
    });
  }

  #define(v: ValueId, block: Block, position: number): void {
    if (this.#defBlock[v]) this.#error(`v${v} is defined twice`);
    if (!this.#fn.types.has(v)) this.#error(`v${v} has no type`);
    if (v >= this.#fn.nextValue) this.#error(`v${v} is not below nextValue`);
    if (this.#typed && this.#fn.types.get(v) === 'py') this.#error(`v${v} is a py after specializeTypes`);
    this.#defBlock[v] = block;
    this.#defPosition[v] = position;
  }

  #checkBlock(graph: Graph, block: Block): void {
    block.instructions.forEach((instruction, position) => {
      this.#where = `block${block.id}: ${printInstruction(this.#fn, instruction)}`;
      const use = (v: ValueId): void => this.#checkUse(graph, v, block, position);
      forEachUse(instruction, use);
      this.#checkInstruction(instruction);
    });
    this.#where = `block${block.id}: ${block.terminator.kind}`;
    forEachTerminatorUse(block.terminator, (v) => this.#checkUse(graph, v, block, block.instructions.length));
    this.#checkTerminator(block.terminator);
    for (const edge of edgesOf(block.terminator)) {
      if (graph.dominates(edge.block, block.id) && !this.#fn.blocks.get(edge.block)!.isLoopHeader) {
        this.#error(`block${edge.block} is the target of a back edge but not marked as loop header`);
      }
    }
  }

  #checkUse(graph: Graph, v: ValueId, block: Block, position: number): void {
    const at = this.#defBlock[v];
    if (!at) this.#error(`v${v} is not defined`);
    else if (at === block ? this.#defPosition[v]! >= position : !graph.dominates(at.id, block.id)) {
      this.#error(`v${v} does not dominate its use`);
    }
  }

  #type(v: ValueId): ValueType | undefined {
    return this.#fn.types.get(v);
  }

  #checkInstruction(i: Instruction): void {
    const info = opInfo(i.op);
    this.#checkOperands(i, info);
    if (info.result === 'none' ? i.result !== undefined : i.result === undefined) {
      this.#error(info.result === 'none' ? 'the op has no result' : 'the result is missing');
    } else if (i.result !== undefined && this.#type(i.result) !== info.result) {
      this.#error(`the result is a ${this.#type(i.result)}, not a ${info.result}`);
    }
    if (info.guard && !i.frameState && !NAMES_A_VALUE.has(i.op)) this.#error('a guard without frame state');
    if (i.frameState) this.#checkFrameState(i.frameState);
    if (i.ownedAtExit) this.#checkOwned(i.ownedAtExit, i.frameState);
    if (this.#typed && i.op.startsWith('py.')) this.#error('Python-level op after specializeTypes');
  }

  #checkOperands(i: Instruction, info: OpInfo): void {
    if (info.args === 'any' || info.args === 'attributes') {
      const isPython = info.args === 'any';
      for (const v of i.args) if ((this.#type(v) === 'py') !== isPython) this.#error(`v${v} is ${isPython ? 'not ' : ''}a py`);
    } else if (i.args.length !== info.args.length) {
      this.#error(`takes ${info.args.length} operands, has ${i.args.length}`);
    } else {
      i.args.forEach((v, n) => {
        const wanted = info.args[n];
        if (this.#type(v) !== wanted) this.#error(`operand ${n} is a ${this.#type(v)}, not a ${wanted}`);
      });
    }
    if (i.immediates.length !== info.immediates.length) {
      this.#error(`takes ${info.immediates.length} immediates, has ${i.immediates.length}`);
    } else {
      i.immediates.forEach((value, n) => {
        if (!immediateFits(value, info.immediates[n]!)) this.#error(`immediate ${n} is not a ${info.immediates[n]}`);
      });
    }
  }

  #checkTerminator(t: Terminator): void {
    if (t.kind === 'branch') {
      const type = this.#type(t.condition);
      if (type !== 'bool' && !(type === 'py' && !this.#typed)) this.#error(`the condition is a ${type}`);
    } else if (t.kind === 'compare_branch') {
      const match = /^(int|float)\.(lt|le|eq|ne|gt|ge)$/.exec(t.compare);
      if (!match) this.#error(`${t.compare} is not a comparison`);
      else for (const v of t.args) if (this.#type(v) !== match[1]) this.#error(`v${v} is a ${this.#type(v)}, not a ${match[1]}`);
    } else if (t.kind === 'for_iter') {
      if (this.#typed) this.#error('for_iter after specializeTypes');
      this.#checkFrameState(t.frameState);
      const item = this.#fn.blocks.get(t.body.block)!.params[0];
      if (item === undefined || this.#type(item) !== 'py') this.#error('the body has no item parameter');
    } else if (t.kind === 'exit') {
      this.#checkFrameState(t.frameState);
      if (t.ownedAtExit) this.#checkOwned(t.ownedAtExit, t.frameState);
    }
    for (const edge of edgesOf(t)) this.#checkEdge(edge, t.kind === 'for_iter' && edge === t.body ? 1 : 0);
  }

  #checkEdge(edge: Edge, implicit: number): void {
    const params = this.#fn.blocks.get(edge.block)!.params.slice(implicit);
    if (params.length !== edge.args.length) {
      this.#error(`block${edge.block} takes ${params.length} arguments, gets ${edge.args.length}`);
      return;
    }
    edge.args.forEach((v, n) => {
      const wanted = this.#type(params[n]!);
      if (this.#type(v) !== wanted) this.#error(`argument ${n} of block${edge.block} is a ${this.#type(v)}, not a ${wanted}`);
    });
  }

  #checkFrameState(state: FrameState): void {
    for (let s: FrameState | undefined = state; s; s = s.caller) {
      if (!s.caller) continue;
      if (s.locals.includes('home')) this.#error('an inlined frame has a home slot');
      if (s.functionObject === undefined) this.#error('an inlined frame has no function object');
    }
  }

  #checkOwned(owned: readonly ValueId[], state: FrameState | undefined): void {
    if (!state) this.#error('ownedAtExit without frame state');
    for (const v of owned) {
      const type = this.#type(v);
      if (type !== 'obj' && type !== 'py') this.#error(`ownedAtExit holds a ${type}`);
    }
  }
}

function immediateFits(value: Immediate, kind: ImmediateKind): boolean {
  switch (kind) {
    case 'operator':
    case 'symbol':
      return typeof value === 'string';
    case 'name':
      return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value));
    case 'float':
      return typeof value === 'number';
    case 'object':
      // An object of CPython's own, by its C symbol.
      if (typeof value === 'string') return value.startsWith('@');
      return typeof value === 'bigint' || Number.isSafeInteger(value);
    default:
      return typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  }
}
