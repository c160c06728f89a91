/** The text form of the IR; docs/ir.md describes it. `parse` reads it back. */
import { assertExhaustive } from '#support/invariant.ts';
import { opInfo, type ImmediateKind } from './ops.ts';
import type { Block, Edge, Fn, FrameState, Immediate, Instruction, Origin, Terminator, ValueId } from './types.ts';

export interface PrintOptions {
  /** Number values in the order of the text (default), or keep their ids. */
  readonly renumber?: boolean;
}

export function print(fn: Fn, options: PrintOptions = {}): string {
  return new Printer(fn, options.renumber ?? true).function();
}

/** One instruction with the ids it has, for messages. */
export function printInstruction(fn: Fn, instruction: Instruction): string {
  return new Printer(fn, false).instruction(instruction);
}

/** The entry, then the other blocks in the order of the map. */
export function blocksInTextOrder(fn: Fn): Block[] {
  const blocks = [...fn.blocks.values()];
  const entry = fn.blocks.get(fn.entry);
  return entry ? [entry, ...blocks.filter((b) => b !== entry)] : blocks;
}

class Printer {
  readonly #fn: Fn;
  readonly #names: (string | undefined)[] = [];
  readonly #renumber: boolean;
  #next = 0;

  constructor(fn: Fn, renumber: boolean) {
    this.#fn = fn;
    this.#renumber = renumber;
  }

  function(): string {
    const blocks = blocksInTextOrder(this.#fn);
    for (const block of blocks) {
      for (const v of block.params) this.#name(v);
      for (const { result } of block.instructions) if (result !== undefined) this.#name(result);
    }
    return [`function ${JSON.stringify(this.#fn.name)} {`, ...blocks.flatMap((b) => this.#block(b)), '}', ''].join('\n');
  }

  instruction(i: Instruction): string {
    const operands = [...i.args.map((v) => this.#name(v)), ...i.immediates.map((imm, n) => this.#immediate(i, imm, n))];
    const define = i.result === undefined ? '' : `${this.#defined(i.result)} = `;
    return define + i.op + (operands.length > 0 ? ` ${operands.join(', ')}` : '') + this.#tail(i.frameState, i.ownedAtExit, i.origin);
  }

  #block(block: Block): string[] {
    const params = block.params.map((v) => this.#defined(v)).join(', ');
    return [
      `block${block.id}(${params})${block.isLoopHeader ? ' loop' : ''}:`,
      ...block.instructions.map((i) => `  ${this.instruction(i)}`),
      `  ${this.#terminator(block.terminator)}`,
    ];
  }

  #terminator(t: Terminator): string {
    switch (t.kind) {
      case 'jump': return `jump ${this.#edge(t.target)}`;
      case 'branch': return `branch ${this.#name(t.condition)}, ${this.#edge(t.then)}, ${this.#edge(t.else)}`;
      case 'compare_branch':
        return `compare_branch ${t.compare} ${this.#list(t.args)}, ${this.#edge(t.then)}, ${this.#edge(t.else)}`;
      case 'for_iter':
        return `for_iter ${this.#name(t.iterator)}, ${this.#edge(t.body)}, ${this.#edge(t.exhausted)}${this.#tail(t.frameState, undefined, t.origin)}`;
      case 'exit':
        return `exit ${t.exitKind} ${JSON.stringify(t.reason)}${this.#tail(t.frameState, t.ownedAtExit, t.origin)}`;
      default: return assertExhaustive(t, 'terminator');
    }
  }

  #edge(edge: Edge): string {
    return `block${edge.block}(${this.#list(edge.args)})`;
  }

  #tail(state: FrameState | undefined, owned: readonly ValueId[] | undefined, origin: Origin | undefined): string {
    let text = state ? ` ${this.#frameState(state)}` : '';
    if (owned && owned.length > 0) text += ` owned(${this.#list(owned)})`;
    if (origin) text += ` #${origin.code}:${origin.offset}`;
    return text;
  }

  #frameState(s: FrameState): string {
    const parts = [`@${s.code}:${s.offset}`];
    if (s.locals.length > 0) parts.push(`locals(${this.#slots(s.locals)})`);
    if (s.stack.length > 0) parts.push(`stack(${this.#slots(s.stack)})`);
    if (s.globals.length > 0) {
      parts.push(`globals(${s.globals.map((g) => `${g.dict}.${g.name}=${this.#name(g.value)}`).join(', ')})`);
    }
    if (s.functionObject !== undefined) parts.push(`function ${s.functionObject}`);
    if (s.caller) parts.push(`caller{${this.#frameState(s.caller)}}`);
    return parts.join(' ');
  }

  /** Runs of `home` and `null` are written `home*3`. */
  #slots(slots: readonly (ValueId | 'home' | 'null')[]): string {
    const out: string[] = [];
    for (let i = 0; i < slots.length; ) {
      const slot = slots[i]!;
      let run = 1;
      if (typeof slot === 'string') while (slots[i + run] === slot) run++;
      out.push((typeof slot === 'string' ? slot : this.#name(slot)) + (run > 1 ? `*${run}` : ''));
      i += run;
    }
    return out.join(', ');
  }

  #immediate(i: Instruction, value: Immediate, index: number): string {
    return printImmediate(value, opInfo(i.op).immediates[index]);
  }

  #list(values: readonly ValueId[]): string {
    return values.map((v) => this.#name(v)).join(', ');
  }

  #defined(v: ValueId): string {
    return `${this.#name(v)}:${this.#fn.types.get(v) ?? '?'}`;
  }

  #name(v: ValueId): string {
    return (this.#names[v] ??= `v${this.#renumber ? this.#next++ : v}`);
  }
}

export function printImmediate(value: Immediate, kind: ImmediateKind | undefined): string {
  if (typeof value === 'string') return /^(?!v\d)[A-Za-z_]\w*$/.test(value) ? value : JSON.stringify(value);
  if (kind !== 'float') return String(value);
  const n = Number(value);
  if (Number.isNaN(n)) return 'nan';
  if (!Number.isFinite(n)) return n > 0 ? 'inf' : '-inf';
  if (Object.is(n, -0)) return '-0.0';
  const text = String(n);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
