/** Type checks of objects whose exact type is proved by what made them or by a check that dominates. */
import type { Graph } from '#ir/graph.ts';
import { immediateAt } from '#ir/immediates.ts';
import type { Block, Immediate, Instruction, ValueId } from '#ir/types.ts';
import type { PassContext } from '../pass.ts';
import { become, isStaticType } from './facts.ts';

export function removeKnownTypeGuards(graph: Graph, context: PassContext): boolean {
  return new KnownTypes(graph, context).run();
}

type NumberKind = 'int' | 'float' | 'bool';
type TypeName = number | string;

const NUMBER_SYMBOLS: Readonly<Record<NumberKind, string>> = { int: '@PyLong_Type', float: '@PyFloat_Type', bool: '@PyBool_Type' };

class KnownTypes {
  readonly #graph: Graph;
  readonly #context: PassContext;
  /** Exact type of a value; only types that instances cannot leave. Builtin number types go by their symbol. */
  readonly #types: (TypeName | undefined)[] = [];
  /** Values known not to be NULL. */
  readonly #bound: (boolean | undefined)[] = [];
  #changed = false;

  constructor(graph: Graph, context: PassContext) {
    this.#graph = graph;
    this.#context = context;
  }

  run(): boolean {
    const stack: { block: Block; undo: (() => void)[]; next: number }[] = [];
    const open = (block: Block): void => {
      const undo: (() => void)[] = [];
      block.instructions = block.instructions.filter((i) => this.#keep(i, undo));
      stack.push({ block, undo, next: 0 });
    };
    open(this.#graph.order[0]!);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const child = this.#graph.dominatorChildren(top.block.id)[top.next++];
      if (child) open(child);
      else {
        for (const undo of top.undo.reverse()) undo();
        stack.pop();
      }
    }
    return this.#changed;
  }

  #keep(i: Instruction, undo: (() => void)[]): boolean {
    if (this.#isProved(i)) {
      this.#changed = true;
      return false;
    }
    if ((i.op === 'unbox.float' || i.op === 'unbox.real') && this.#types[i.args[0]!] === NUMBER_SYMBOLS.float) {
      become(i, 'unbox.float_known', i.args);
      this.#changed = true;
    } else if (i.op === 'unbox.integer' && this.#types[i.args[0]!] === NUMBER_SYMBOLS.int) {
      become(i, 'unbox.int', i.args);
      this.#changed = true;
    }
    this.#learn(i, undo);
    return true;
  }

  #isProved(i: Instruction): boolean {
    if (i.op === 'guard.bound') return this.#bound[i.args[0]!] === true;
    return i.op === 'guard.type' && this.#types[i.args[0]!] === this.#typeName(immediateAt(i, 0));
  }

  /** One name a type: the same type may be given by table index or by symbol. */
  #typeName(type: Immediate): TypeName {
    if (typeof type === 'string') return type;
    const index = Number(type);
    const numbers = this.#context.numberTypes ?? {};
    for (const kind of ['int', 'float', 'bool'] as const) if (numbers[kind] === index) return NUMBER_SYMBOLS[kind];
    return index;
  }

  #learn(i: Instruction, undo: (() => void)[]): void {
    switch (i.op) {
      case 'guard.type': {
        const type = immediateAt(i, 0);
        this.#isBound(i.args[0]!, undo);
        if (isStaticType(type, this.#context)) this.#hasType(i.args[0]!, this.#typeName(type), undo);
        return;
      }
      case 'unbox.int':
      case 'unbox.float':
      case 'unbox.bool':
        this.#isBound(i.args[0]!, undo);
        this.#hasType(i.args[0]!, NUMBER_SYMBOLS[i.op.slice(6) as NumberKind], undo);
        return;
      case 'box.int':
      case 'box.float':
      case 'box.bool':
        this.#isBound(i.result!, undo);
        this.#hasType(i.result!, NUMBER_SYMBOLS[i.op.slice(4) as NumberKind], undo);
        return;
      case 'unbox.integer':
      case 'unbox.real':
      case 'guard.bound':
      case 'guard.type_version':
      case 'guard.is':
      case 'check.error':
        this.#isBound(i.args[0]!, undo);
        return;
      case 'const.obj':
        this.#isBound(i.result!, undo);
        return;
    }
  }

  #isBound(v: ValueId, undo: (() => void)[]): void {
    if (this.#bound[v]) return;
    this.#bound[v] = true;
    undo.push(() => (this.#bound[v] = undefined));
  }

  #hasType(v: ValueId, type: TypeName, undo: (() => void)[]): void {
    const before = this.#types[v];
    if (before === type) return;
    this.#types[v] = type;
    undo.push(() => (this.#types[v] = before));
  }
}
