/** Turns blocks into machine blocks: each op gets its stencil family, each exit its frame state's values. */
import { instructionWith } from '#ir/builder.ts';
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
import { KnownForms } from './known-forms.ts';
import type { LinearBlock } from './linearize-blocks.ts';
import { isSameState, NO_VALUE, successors, type Constant, type ExitPoint, type MachineBlock, type MachineEdge, type MachineTerminator, type Selected } from './machine.ts';
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
  /** What only exits make (instance.at_exit), by value. */
  readonly instances: ReadonlyMap<ValueId, Instruction>;
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
export type Recipe = ConstantRecipe | StencilRecipe;

interface ConstantRecipe {
  readonly kind: 'constant';
  /** By the number, for an op that has one. */
  readonly formOf: KnownForms<bigint | number, Form> | undefined;
}

interface StencilRecipe {
  readonly kind: 'stencil';
  readonly family: StencilFamily;
  /** Undefined: it depends on the immediates. */
  readonly form: Form | undefined;
  /** By the immediate, for an op that has one number. */
  readonly formOf: KnownForms<number, Form> | undefined;
  readonly isHelper: boolean;
  readonly result: OpInfo['result'];
  /** Undefined: it does not leave. */
  readonly exitKind: ExitKind | undefined;
  /** Whether the exit reports the type of the first operand, if that is an object. */
  readonly isWatching: boolean;
  /** Which immediates are objects that a helper takes as arguments. */
  readonly objects: readonly number[];
  /** By the second operand, for an op that can have a logical immediate instead of it. */
  readonly logicalOf: KnownForms<bigint, Form | undefined> | undefined;
}

/** A jump that depends on something, and the one on the opposite. */
type BranchForm = Pick<MachineTerminator & { kind: 'branch' }, 'family' | 'inverted' | 'operands'>;

type Branch = BranchForm & { readonly args: readonly ValueId[] };

/** Of a comparison with a second operand in a register. */
export interface ComparisonRecipe extends BranchForm {
  /** Undefined: no form has a number instead of that operand. */
  readonly condition: string | undefined;
  readonly formOf: KnownForms<number, BranchForm>;
}

class Selector {
  readonly #linear: readonly LinearBlock[];
  readonly #emitter: Emitter;
  readonly #keysOf: KeysOfDict;
  readonly #constants: (Constant | undefined)[];
  readonly #types: (ValueType | undefined)[];
  readonly #instances = new Map<ValueId, Instruction>();
  readonly #exitValues: ValueId[] = [];
  /** By value: where the last exit that has it starts in `exitValues`. */
  readonly #exitOfValue: number[];
  #exitCount = 0;
  /** Of the block in the making. */
  #lastExit: ExitPoint | undefined;
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
    // Where they are in the order of the code says nothing.
    for (const { from } of this.#linear) {
      if (from.kind === 'block') for (const i of from.block.instructions) if (i.op === 'instance.at_exit') this.#instances.set(i.result!, i);
    }
    const machine = this.#linear.map((l, index) => this.#makeBlock(l, index));
    this.#connect(machine);
    const types = this.#types;
    const isFloat = this.#emitter.memory.uint8(types.length);
    for (let v = 0; v < types.length; v++) if (types[v] === 'float') isFloat[v] = 1;
    return {
      blocks: machine, constants: this.#constants, instances: this.#instances, valueCount: this.#nextValue, exitValues: this.#exitValues,
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
    const make = (): Form => this.#form({ family: family.name, operands: operandsOf(instruction, this.#keysOf) });
    return formOf ? formOf.get(immediateNumber(instruction), make) : make();
  }

  #defineConstant(instruction: Instruction, { formOf }: ConstantRecipe, out: Selected[]): void {
    const result = defined(instruction.result, 'result of a constant');
    const make = (): Form => this.#form(constantUse(instruction));
    const value = immediateAt(instruction, 0);
    // A map takes -0 for 0.
    const { family, operands } = formOf && typeof value !== 'string' && !Object.is(value, -0) ? formOf.get(value, make) : make();
    // An exit names objects by their place in the table of the request, where this one has none: it stays in a register, as other values do.
    if (instruction.op === 'const.obj' && typeof value === 'string') out.push({ family, args: NO_VALUES, result, operands, exit: undefined, source: instruction });
    else this.#constants[result] = { family, operands, source: instruction };
  }

  /** A constant the function itself does not define: an object that a helper takes as an argument. */
  #objectConstant(instruction: Instruction, index: number): ValueId {
    const result = valueId(this.#nextValue++);
    const source = instructionWith('const.obj', [], result, { immediates: [immediateAt(instruction, index)] });
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
    this.#lastExit = undefined;
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
    if (instruction.op === 'instance.at_exit') return;
    const recipe = this.#recipe(instruction.op);
    if (recipe.kind === 'constant') return this.#defineConstant(instruction, recipe, out);
    const { isHelper } = recipe;
    if (recipe.logicalOf && this.#selectLogical(instruction, recipe.logicalOf, out)) return;
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

  #selectLogical(instruction: Instruction, logicalOf: KnownForms<bigint, Form | undefined>, out: Selected[]): boolean {
    const { op, args, result } = instruction;
    const right = this.#constants[args[1]!]?.source;
    if (right?.op !== 'const.int') return false;
    const value = immediateBigInt(right);
    const form = logicalOf.get(value, () => logicalImmediate(this.#emitter.table, op, value));
    if (!form) return false;
    const { family, operands } = form;
    out.push({ family, args: [args[0]!], result, operands, exit: undefined, source: instruction });
    return true;
  }

  #recipe(op: OpName): Recipe {
    const { recipes } = this.#emitter;
    let recipe = recipes.get(op);
    if (recipe === undefined) recipes.set(op, recipe = this.#makeRecipe(op));
    return recipe;
  }

  #makeRecipe(op: OpName): Recipe {
    if (op.startsWith('const.')) return { kind: 'constant', formOf: op === 'const.int' || op === 'const.float' ? new KnownForms() : undefined };
    const info = opInfo(op);
    const name = familyName(op);
    const isHelper = /^call\.(helper|activation)\./.test(name);
    const family = this.#family(name), operands = fixedOperands(op);
    const exitKind = info.guard ? KIND_OF_CHECK.get(op) ?? 'deopt' : undefined;
    return {
      kind: 'stencil', family, isHelper, form: operands && { family, operands }, formOf: hasOneNumber(info) ? new KnownForms() : undefined, result: info.result,
      // A missing value has no type to report.
      exitKind, isWatching: exitKind === 'deopt' && op !== 'guard.bound',
      objects: isHelper ? [...info.immediates.keys()].filter((i) => info.immediates[i] === 'object') : [],
      logicalOf: hasLogicalForm(this.#emitter.table, op) ? new KnownForms() : undefined,
    };
  }

  #exitOf({ op, args, frameState, ownedAtExit, origin }: Instruction, kind: ExitKind, isWatching: boolean): ExitPoint {
    const first = args[0];
    const watched = isWatching && first !== undefined && this.#types[first] === 'obj' ? first : undefined;
    return this.#exitPoint(kind, op, defined(frameState, 'frame state of', op), ownedAtExit ?? NO_VALUES, origin, watched);
  }

  #exitPoint(kind: ExitKind, reason: string, frameState: FrameState, owned: readonly ValueId[], origin: Origin | undefined, watched: ValueId | undefined): ExitPoint {
    const start = this.#exitValues.length, last = this.#lastExit;
    this.#exitCount++;
    if (last && isSameState(last, frameState, owned)) {
      // Most instructions that can leave in two ways, or follow each other in one expression.
      for (let i = last.start; i < last.end; i++) this.#exitValues.push(this.#exitValues[i]!);
      last.isRepeated = true;
    } else {
      this.#addExitValues(frameState, owned, start);
    }
    return this.#lastExit = { kind, reason, frameState, owned, origin, watched, start, end: this.#exitValues.length, isRepeated: false, watchedRegister: NO_VALUE };
  }

  #addExitValues(frameState: FrameState, owned: readonly ValueId[], start: number): void {
    for (let state: FrameState | undefined = frameState; state; state = state.caller) {
      for (const v of state.locals) if (typeof v === 'number') this.#addExitValue(v, start);
      for (const v of state.stack) if (typeof v === 'number') this.#addExitValue(v, start);
      for (const { value } of state.globals) this.#addExitValue(value, start);
    }
    for (const v of owned) this.#addExitValue(v, start);
  }

  /** To the exit whose values begin at `start`. */
  #addExitValue(value: ValueId, start: number): void {
    // An empty exit may have the start of the next one; it has marked nothing.
    if (this.#constants[value] || this.#exitOfValue[value] === start) return;
    this.#exitOfValue[value] = start;
    const instance = this.#instances.size === 0 ? undefined : this.#instances.get(value);
    if (instance) {
      for (const v of instance.args) this.#addExitValue(v, start);
      return;
    }
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
      this.#lastExit = undefined;
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
      case 'compare_branch': {
        const { family, inverted, operands, args } = t.kind === 'branch' ? this.#condition(t.condition) : this.#comparison(t.compare, t.args);
        return { kind: 'branch', args, then: edgeOf(t.then, 0), else: edgeOf(t.else, 1), family, inverted, operands };
      }
      case 'exit': return { kind: 'exit', exit: this.#exitPoint(t.exitKind, t.reason, t.frameState, t.ownedAtExit ?? NO_VALUES, t.origin, undefined) };
      case 'for_iter': throw new Bailout('for-iter-left', 'an iterator was not specialised');
      default: return assertExhaustive(t, 'terminator');
    }
  }

  #condition(value: ValueId): Branch {
    return { args: [value], family: this.#family('branch.true'), inverted: this.#family('branch.false'), operands: NO_OPERANDS };
  }

  #comparison(compare: string, args: readonly [ValueId, ValueId]): Branch {
    const { comparisons } = this.#emitter;
    let recipe = comparisons.get(compare);
    if (recipe === undefined) comparisons.set(compare, recipe = this.#makeComparison(compare));
    const right = recipe.condition === undefined ? undefined : this.#constants[args[1]]?.source;
    const isNumber = right?.op === 'const.int' && fitsInt32(immediateBigInt(right));
    const { family, inverted, operands } = isNumber ? this.#comparisonWith(Number(immediateBigInt(right)), recipe) : recipe;
    return { args: isNumber ? [args[0]] : args, family, inverted, operands };
  }

  #comparisonWith(value: number, { condition, formOf }: ComparisonRecipe): BranchForm {
    return formOf.get(value, () => {
      const form = (name: string | undefined): Form => this.#form({ family: `branch_imm.int.${name}`, operands: immediateOperand(value) });
      const { family, operands } = form(condition);
      return { family, operands, inverted: form(opposites.get(condition!)).family };
    });
  }

  #makeComparison(compare: string): ComparisonRecipe {
    const [bank, name] = compare.split('.') as [string, string];
    const isFloat = bank === 'float', opposite = isFloat ? `not_${name}` : opposites.get(name);
    invariant(isFloat || (bank === 'int' && opposite !== undefined), 'compare_branch on', compare);
    const family = (condition: string | undefined): StencilFamily => this.#family(`branch.${bank}.${condition}`);
    return { family: family(name), inverted: family(opposite), operands: NO_OPERANDS, condition: isFloat ? undefined : name, formOf: new KnownForms() };
  }
}

const NO_VALUES: readonly ValueId[] = [];

const opposites: ReadonlyMap<string, string> = new Map([
  ['lt', 'ge'], ['ge', 'lt'], ['gt', 'le'], ['le', 'gt'], ['eq', 'ne'], ['ne', 'eq'],
]);
