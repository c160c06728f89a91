/** Turns blocks into machine blocks: each op gets its stencil family, each exit its frame state's values. */
import { immediateAt, immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import { opInfo, type OpInfo, type OpName } from '#ir/ops.ts';
import {
  valueId, type BlockId, type Edge, type ExitKind, type Fn, type FrameState, type Instruction, type Origin, type Terminator,
  type ValueId, type ValueType,
} from '#ir/types.ts';
import type { StencilFamily } from '#stencils/table.ts';
import { Bailout } from '#support/bailout.ts';
import { assertExhaustive, defined, invariant } from '#support/invariant.ts';
import type { Emitter } from './emitter.ts';
import type { LinearBlock } from './linearize-blocks.ts';
import { NO_VALUE, successors, type Constant, type ExitPoint, type MachineBlock, type MachineEdge, type MachineTerminator, type Selected } from './machine.ts';
import type { ScratchMemory } from './scratch-memory.ts';
import { hasLogicalForm, logicalImmediate, shortestForm, type Form } from './shortest-form.ts';
import { constantUse, familyName, fitsInt32, fixedOperands, hasOneNumber, immediateOperand, NO_OPERANDS, objectLiteral, operandsOf, type FamilyUse, type KeysOfDict } from './stencil-operands.ts';

/** Exits that say nothing against what the code assumes: code made again would be the same. */
const KIND_OF_CHECK: ReadonlyMap<OpName, ExitKind> = new Map<OpName, ExitKind>([
  ['check.error', 'exception'], ['check.error_int', 'exception'],
  ['safepoint', 'safepoint'], ['check.tracing', 'safepoint'], ['check.written', 'safepoint'],
]);

export interface MachineFn {
  readonly blocks: readonly MachineBlock[];
  /** By value id. */
  readonly constants: readonly (Constant | undefined)[];
  /** By value id; undefined for ids without a value. */
  readonly types: readonly (ValueType | undefined)[];
  /** By value: 1 for those that live in float registers. */
  readonly isFloat: Uint8Array;
  /** One more than the highest value id. */
  readonly valueCount: number;
  /** Of all exits, one after the other. */
  readonly exitValues: readonly ValueId[];
  readonly exitCount: number;
  /** For the tables of the steps that follow. */
  readonly memory: ScratchMemory;
}

export function selectStencils(fn: Fn, linear: readonly LinearBlock[], emitter: Emitter, keysOf: KeysOfDict): MachineFn {
  return new Selector(fn, linear, emitter, keysOf).run();
}

/** What an op becomes, whatever its immediates are. */
export type Recipe = { readonly kind: 'constant' } | StencilRecipe;

interface StencilRecipe {
  readonly kind: 'stencil';
  readonly family: StencilFamily;
  /** Undefined: it depends on the immediates. */
  readonly form: Form | undefined;
  /** By the immediate, for an op that has one number: the forms that were chosen before. */
  readonly formOf: Map<number, Form> | undefined;
  readonly isHelper: boolean;
  readonly result: OpInfo['result'];
  /** Undefined: it does not leave. */
  readonly exitKind: ExitKind | undefined;
  /** Whether the exit reports the type of the first operand, if that is an object. */
  readonly isWatching: boolean;
  /** Which immediates are objects that a helper takes as arguments. */
  readonly objects: readonly number[];
  /** Whether there is a form with a logical immediate instead of the second operand. */
  readonly isLogical: boolean;
}

/** Kept of one op: a program that is full of different numbers must not fill the memory. */
const MOST_FORMS = 256;

class Selector {
  readonly #linear: readonly LinearBlock[];
  readonly #emitter: Emitter;
  readonly #keysOf: KeysOfDict;
  readonly #constants: (Constant | undefined)[];
  readonly #types: (ValueType | undefined)[];
  readonly #exitValues: ValueId[] = [];
  /** By value: where the last exit that has it starts in `exitValues`. */
  readonly #exitOfValue: number[];
  #exitCount = 0;
  #nextValue: number;

  constructor(fn: Fn, linear: readonly LinearBlock[], emitter: Emitter, keysOf: KeysOfDict) {
    this.#keysOf = keysOf;
    this.#linear = linear;
    this.#emitter = emitter;
    this.#types = fn.types.list(fn.nextValue);
    this.#nextValue = fn.nextValue;
    // No holes: they would make every read of the array look further.
    this.#constants = new Array<Constant | undefined>(fn.nextValue).fill(undefined);
    this.#exitOfValue = new Array<number>(fn.nextValue).fill(NO_VALUE);
  }

  run(): MachineFn {
    const machine = this.#linear.map((l, index) => this.#makeBlock(l, index));
    this.#connect(machine);
    const types = this.#types;
    const isFloat = this.#emitter.memory.uint8(types.length);
    for (let v = 0; v < types.length; v++) if (types[v] === 'float') isFloat[v] = 1;
    return {
      blocks: machine, constants: this.#constants, valueCount: this.#nextValue, exitValues: this.#exitValues,
      exitCount: this.#exitCount, types, isFloat, memory: this.#emitter.memory,
    };
  }

  #family(name: string): StencilFamily {
    return this.#emitter.family(name);
  }

  #form(use: FamilyUse): Form {
    return shortestForm(this.#emitter.table, use) ?? { family: this.#family(use.family), operands: use.operands };
  }

  #formOf(instruction: Instruction, { family, formOf }: StencilRecipe): Form {
    const value = formOf && immediateNumber(instruction);
    const known = value === undefined ? undefined : formOf?.get(value);
    if (known) return known;
    const form = this.#form({ family: family.name, operands: operandsOf(instruction, this.#keysOf) });
    if (formOf && value !== undefined && formOf.size < MOST_FORMS) formOf.set(value, form);
    return form;
  }

  #defineConstant(instruction: Instruction): void {
    const result = defined(instruction.result, 'result of a constant');
    const { family, operands } = this.#form(constantUse(instruction));
    this.#constants[result] = { family, operands, source: instruction };
  }

  /** A constant the function itself does not define: an object that a helper takes as an argument. */
  #objectConstant(instruction: Instruction, index: number): ValueId {
    const result = valueId(this.#nextValue++);
    const source: Instruction = { op: 'const.obj', args: [], immediates: [immediateAt(instruction, index)], result };
    this.#types[result] = 'obj';
    this.#constants[result] = {
      family: this.#family('const.obj'), source,
      operands: { immediates: [], literals: [objectLiteral(immediateAt(instruction, index))], calls: [] },
    };
    return result;
  }

  #makeBlock(linear: LinearBlock, index: number): MachineBlock {
    const { from, loop, isHeader, isCold } = linear;
    const instructions: Selected[] = [];
    if (from.kind === 'block') for (const i of from.block.instructions) this.#select(i, instructions);
    return {
      index, loop, isHeader, isCold, instructions,
      id: from.kind === 'block' ? from.block.id : undefined,
      params: from.kind === 'block' ? from.block.params : [],
      // Set by connect, once every block exists.
      terminator: undefined as unknown as MachineTerminator,
      predecessors: [],
    };
  }

  #select(instruction: Instruction, out: Selected[]): void {
    const recipe = this.#recipe(instruction.op);
    if (recipe.kind === 'constant') return this.#defineConstant(instruction);
    const { isHelper } = recipe;
    if (recipe.isLogical && this.#selectLogical(instruction, out)) return;
    const { family, operands } = recipe.form ?? this.#formOf(instruction, recipe);
    const args = recipe.objects.length === 0 ? instruction.args : [...instruction.args, ...recipe.objects.map((i) => this.#objectConstant(instruction, i))];
    const result = recipe.result === 'none' ? undefined : instruction.result;
    invariant(family.operands.length === args.length + (recipe.result === 'none' ? 0 : 1), 'operands of', family.name);
    const exit = recipe.exitKind === undefined ? undefined : this.#exitOf(instruction, recipe.exitKind, recipe.isWatching);
    out.push({ family, args, result, operands, exit: isHelper ? undefined : exit, source: instruction });
    if (!exit || !isHelper) return;
    // A helper that says by NULL that it did nothing: the exit is taken after it.
    invariant(result !== undefined && recipe.result === 'obj', 'a helper that leaves gives NULL:', instruction.op);
    out.push({ family: this.#family('guard.bound'), args: [result], result: undefined, operands: NO_OPERANDS, exit, source: instruction });
  }

  #selectLogical(instruction: Instruction, out: Selected[]): boolean {
    const { op, args, result } = instruction;
    const right = this.#constants[args[1]!]?.source;
    const form = right?.op === 'const.int' ? logicalImmediate(this.#emitter.table, op, immediateBigInt(right)) : undefined;
    if (!form) return false;
    out.push({ ...form, args: [args[0]!], result, exit: undefined, source: instruction });
    return true;
  }

  #recipe(op: OpName): Recipe {
    const { recipes } = this.#emitter;
    let recipe = recipes.get(op);
    if (recipe === undefined) recipes.set(op, recipe = this.#makeRecipe(op));
    return recipe;
  }

  #makeRecipe(op: OpName): Recipe {
    if (op.startsWith('const.')) return { kind: 'constant' };
    const info = opInfo(op);
    const name = familyName(op);
    const isHelper = /^call\.(helper|activation)\./.test(name);
    const family = this.#family(name), operands = fixedOperands(op);
    const exitKind = info.guard ? KIND_OF_CHECK.get(op) ?? 'deopt' : undefined;
    return {
      kind: 'stencil', family, isHelper, form: operands && { family, operands }, formOf: hasOneNumber(info) ? new Map() : undefined, result: info.result,
      // A missing value has no type to report.
      exitKind, isWatching: exitKind === 'deopt' && op !== 'guard.bound',
      objects: isHelper ? [...info.immediates.keys()].filter((i) => info.immediates[i] === 'object') : [],
      isLogical: hasLogicalForm(this.#emitter.table, op),
    };
  }

  #exitOf({ op, args, frameState, ownedAtExit, origin }: Instruction, kind: ExitKind, isWatching: boolean): ExitPoint {
    const first = args[0];
    const watched = isWatching && first !== undefined && this.#types[first] === 'obj' ? first : undefined;
    return this.#exitPoint(kind, op, defined(frameState, 'frame state of', op), ownedAtExit ?? NO_VALUES, origin, watched);
  }

  #exitPoint(kind: ExitKind, reason: string, frameState: FrameState, owned: readonly ValueId[], origin: Origin | undefined, watched: ValueId | undefined): ExitPoint {
    const start = this.#exitValues.length;
    this.#exitCount++;
    for (let state: FrameState | undefined = frameState; state; state = state.caller) {
      for (const v of state.locals) if (typeof v === 'number') this.#addExitValue(v, start);
      for (const v of state.stack) if (typeof v === 'number') this.#addExitValue(v, start);
      for (const { value } of state.globals) this.#addExitValue(value, start);
    }
    for (const v of owned) this.#addExitValue(v, start);
    return { kind, reason, frameState, owned, origin, watched, start, end: this.#exitValues.length, watchedRegister: NO_VALUE };
  }

  /** To the exit whose values begin at `start`. */
  #addExitValue(value: ValueId, start: number): void {
    // An empty exit may have the start of the next one; it has marked nothing.
    if (this.#constants[value] || this.#exitOfValue[value] === start) return;
    this.#exitOfValue[value] = start;
    this.#exitValues.push(value);
  }

  #connect(machine: readonly MachineBlock[]): void {
    const byId = new Map<BlockId, MachineBlock>();
    const splits = new Map<BlockId, MachineBlock[]>();
    this.#linear.forEach(({ from }, i) => {
      if (from.kind === 'block') {
        byId.set(from.block.id, machine[i]!);
        return;
      }
      const list = splits.get(from.source.id) ?? [];
      list[from.position] = machine[i]!;
      splits.set(from.source.id, list);
    });
    const direct = (edge: Edge): MachineEdge => ({ to: defined(byId.get(edge.block), 'target'), args: edge.args });
    this.#linear.forEach(({ from }, i) => {
      const block = machine[i]!;
      const through = (edge: Edge, position: number): MachineEdge => {
        const split = from.kind === 'block' ? splits.get(from.block.id)?.[position] : undefined;
        return split ? { to: split, args: [] } : direct(edge);
      };
      block.terminator = from.kind === 'edge' ? { kind: 'jump', edge: direct(from.edge) } : this.#terminator(from.block.terminator, through);
      for (const edge of successors(block.terminator)) edge.to.predecessors.push({ block, edge });
    });
  }

  #terminator(t: Terminator, edgeOf: (edge: Edge, position: number) => MachineEdge): MachineTerminator {
    switch (t.kind) {
      case 'jump': return { kind: 'jump', edge: edgeOf(t.target, 0) };
      case 'branch':
        return {
          kind: 'branch', args: [t.condition], then: edgeOf(t.then, 0), else: edgeOf(t.else, 1),
          family: this.#family('branch.true'), inverted: this.#family('branch.false'), operands: NO_OPERANDS,
        };
      case 'compare_branch': return { kind: 'branch', then: edgeOf(t.then, 0), else: edgeOf(t.else, 1), ...this.#comparison(t.compare, t.args) };
      case 'exit': return { kind: 'exit', exit: this.#exitPoint(t.exitKind, t.reason, t.frameState, t.ownedAtExit ?? NO_VALUES, t.origin, undefined) };
      case 'for_iter': throw new Bailout('for-iter-left', 'an iterator was not specialised');
      default: return assertExhaustive(t, 'terminator');
    }
  }

  #comparison(compare: string, args: readonly [ValueId, ValueId]): Pick<MachineTerminator & { kind: 'branch' }, 'family' | 'inverted' | 'args' | 'operands'> {
    const [bank, condition] = compare.split('.') as [string, string];
    if (bank === 'float') {
      return { args, operands: NO_OPERANDS, family: this.#family(`branch.float.${condition}`), inverted: this.#family(`branch.float.not_${condition}`) };
    }
    invariant(bank === 'int', `compare_branch on ${compare}`);
    const opposite = defined(opposites.get(condition), compare);
    const right = this.#constants[args[1]]?.source;
    if (right?.op === 'const.int' && fitsInt32(immediateBigInt(right))) {
      const operands = immediateOperand(Number(immediateBigInt(right)));
      const [form, inverted] = [condition, opposite].map((c) => this.#form({ family: `branch_imm.int.${c}`, operands })) as [Form, Form];
      return { args: [args[0]], operands: form.operands, family: form.family, inverted: inverted.family };
    }
    return { args, operands: NO_OPERANDS, family: this.#family(`branch.int.${condition}`), inverted: this.#family(`branch.int.${opposite}`) };
  }
}

const NO_VALUES: readonly ValueId[] = [];

const opposites: ReadonlyMap<string, string> = new Map([
  ['lt', 'ge'], ['ge', 'lt'], ['gt', 'le'], ['le', 'gt'], ['eq', 'ne'], ['ne', 'eq'],
]);
