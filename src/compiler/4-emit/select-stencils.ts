/** Turns blocks into machine blocks: each op gets its stencil family, each exit its frame state's values. */
import { immediateBigInt, immediateAt } from '#ir/immediates.ts';
import { opInfo, type OpInfo, type OpName } from '#ir/ops.ts';
import {
  valueId, type BlockId, type Edge, type ExitKind, type Fn, type FrameState, type Instruction, type Origin, type Terminator,
  type ValueId, type ValueType,
} from '#ir/types.ts';
import { forEachFrameStateValue } from '#ir/visit.ts';
import type { StencilFamily, StencilTable } from '#stencils/table.ts';
import { Bailout } from '#support/bailout.ts';
import { assertExhaustive, defined, invariant } from '#support/invariant.ts';
import type { LinearBlock } from './linearize-blocks.ts';
import { NO_VALUE, successors, type Constant, type ExitPoint, type MachineBlock, type MachineEdge, type MachineTerminator, type Operands, type Selected } from './machine.ts';
import { hasLogicalForm, logicalImmediate, shortestForm, type Form } from './shortest-form.ts';
import { constantUse, familyName, fitsInt32, fixedOperands, immediateOperand, NO_OPERANDS, objectLiteral, operandsOf, type FamilyUse, type KeysOfDict } from './stencil-operands.ts';

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
}

export function selectStencils(fn: Fn, linear: readonly LinearBlock[], table: StencilTable, keysOf: KeysOfDict): MachineFn {
  return new Selector(fn, linear, table, keysOf).run();
}

/** What an op becomes, whatever its immediates are. */
type Recipe =
  | { readonly kind: 'constant' }
  | {
      readonly kind: 'stencil';
      readonly family: StencilFamily;
      /** Undefined: they depend on the immediates. */
      readonly operands: Operands | undefined;
      readonly isHelper: boolean;
      readonly result: OpInfo['result'];
      readonly isGuard: boolean;
      /** Which immediates are objects that a helper takes as arguments. */
      readonly objects: readonly number[];
      /** Whether there is a form with a logical immediate instead of the second operand. */
      readonly isLogical: boolean;
    };

class Selector {
  readonly #fn: Fn;
  readonly #linear: readonly LinearBlock[];
  readonly #table: StencilTable;
  readonly #keysOf: KeysOfDict;
  readonly #recipes = new Map<OpName, Recipe>();
  readonly #constants: (Constant | undefined)[];
  readonly #madeTypes = new Map<ValueId, ValueType>();
  readonly #exitValues: ValueId[] = [];
  /** By value: where the last exit that has it starts in `exitValues`. */
  readonly #exitOfValue: number[];
  #nextValue: number;

  constructor(fn: Fn, linear: readonly LinearBlock[], table: StencilTable, keysOf: KeysOfDict) {
    this.#keysOf = keysOf;
    this.#fn = fn;
    this.#linear = linear;
    this.#table = table;
    this.#nextValue = fn.nextValue;
    // No holes: they would make every read of the array look further.
    this.#constants = new Array<Constant | undefined>(fn.nextValue).fill(undefined);
    this.#exitOfValue = new Array<number>(fn.nextValue).fill(NO_VALUE);
  }

  run(): MachineFn {
    const machine = this.#linear.map((l, index) => this.#makeBlock(l, index));
    this.#connect(machine);
    const types = typesByValue(this.#fn, this.#madeTypes, this.#nextValue);
    const isFloat = new Uint8Array(types.length);
    for (let v = 0; v < types.length; v++) if (types[v] === 'float') isFloat[v] = 1;
    return {
      blocks: machine, constants: this.#constants, valueCount: this.#nextValue, exitValues: this.#exitValues,
      types, isFloat,
    };
  }

  #family(name: string): StencilFamily {
    const family = this.#table.family(name);
    if (!family) throw new Bailout('no-stencil', name);
    return family;
  }

  #form(use: FamilyUse): Form {
    return shortestForm(this.#table, use) ?? { family: this.#family(use.family), operands: use.operands };
  }

  #defineConstant(instruction: Instruction): void {
    const result = defined(instruction.result, 'result of a constant');
    this.#constants[result] = { ...this.#form(constantUse(instruction)), source: instruction };
  }

  /** A constant the function itself does not define: an object that a helper takes as an argument. */
  #objectConstant(instruction: Instruction, index: number): ValueId {
    const result = valueId(this.#nextValue++);
    const source: Instruction = { op: 'const.obj', args: [], immediates: [immediateAt(instruction, index)], result };
    this.#madeTypes.set(result, 'obj');
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
    const { family, operands } = recipe.operands ? { family: recipe.family, operands: recipe.operands }
      : this.#form({ family: recipe.family.name, operands: operandsOf(instruction, this.#keysOf) });
    const args = recipe.objects.length === 0 ? instruction.args : [...instruction.args, ...recipe.objects.map((i) => this.#objectConstant(instruction, i))];
    const result = recipe.result === 'none' ? undefined : instruction.result;
    invariant(family.operands.length === args.length + (recipe.result === 'none' ? 0 : 1), 'operands of', family.name);
    const exit = recipe.isGuard ? this.#exitOf(instruction) : undefined;
    out.push({ family, args, result, operands, exit: isHelper ? undefined : exit, source: instruction });
    if (!exit || !isHelper) return;
    // A helper that says by NULL that it did nothing: the exit is taken after it.
    invariant(result !== undefined && recipe.result === 'obj', 'a helper that leaves gives NULL:', instruction.op);
    out.push({ family: this.#family('guard.bound'), args: [result], result: undefined, operands: NO_OPERANDS, exit, source: instruction });
  }

  #selectLogical(instruction: Instruction, out: Selected[]): boolean {
    const { op, args, result } = instruction;
    const right = this.#constants[args[1]!]?.source;
    const form = right?.op === 'const.int' ? logicalImmediate(this.#table, op, immediateBigInt(right)) : undefined;
    if (!form) return false;
    out.push({ ...form, args: [args[0]!], result, exit: undefined, source: instruction });
    return true;
  }

  #recipe(op: OpName): Recipe {
    let recipe = this.#recipes.get(op);
    if (recipe === undefined) this.#recipes.set(op, recipe = this.#makeRecipe(op));
    return recipe;
  }

  #makeRecipe(op: OpName): Recipe {
    if (op.startsWith('const.')) return { kind: 'constant' };
    const info = opInfo(op);
    const name = familyName(op);
    const isHelper = name.startsWith('call.helper.');
    return {
      kind: 'stencil', family: this.#family(name), operands: fixedOperands(op), isHelper, result: info.result, isGuard: info.guard,
      objects: isHelper ? [...info.immediates.keys()].filter((i) => info.immediates[i] === 'object') : [],
      isLogical: hasLogicalForm(this.#table, op),
    };
  }

  #exitOf(instruction: Instruction): ExitPoint {
    const frameState = defined(instruction.frameState, 'frame state of', instruction.op);
    const { op } = instruction;
    const kind = KIND_OF_CHECK.get(op) ?? 'deopt';
    const first = instruction.args[0];
    // A missing value has no type to report.
    const isObject = first !== undefined && kind === 'deopt' && op !== 'guard.bound' && this.#fn.types.get(first) === 'obj';
    return this.#exitPoint(kind, op, frameState, instruction.ownedAtExit ?? [], instruction.origin, isObject ? first : undefined);
  }

  #exitPoint(kind: ExitKind, reason: string, frameState: FrameState, owned: readonly ValueId[], origin: Origin | undefined, watched: ValueId | undefined): ExitPoint {
    const start = this.#exitValues.length;
    const add = (v: ValueId): void => {
      // An empty exit may have the start of the next one; it has marked nothing.
      if (this.#constants[v] || this.#exitOfValue[v] === start) return;
      this.#exitOfValue[v] = start;
      this.#exitValues.push(v);
    };
    forEachFrameStateValue(frameState, add);
    for (const v of owned) add(v);
    return { kind, reason, frameState, owned, origin, watched, start, end: this.#exitValues.length, watchedRegister: NO_VALUE };
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
      case 'exit': return { kind: 'exit', exit: this.#exitPoint(t.exitKind, t.reason, t.frameState, t.ownedAtExit ?? [], t.origin, undefined) };
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

function typesByValue(fn: Fn, made: ReadonlyMap<ValueId, ValueType>, count: number): (ValueType | undefined)[] {
  const types: (ValueType | undefined)[] = [];
  for (let v = 0; v < count; v++) types.push(fn.types.get(valueId(v)) ?? made.get(valueId(v)));
  return types;
}

const opposites: ReadonlyMap<string, string> = new Map([
  ['lt', 'ge'], ['ge', 'lt'], ['gt', 'le'], ['le', 'gt'], ['eq', 'ne'], ['ne', 'eq'],
]);
