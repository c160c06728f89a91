/** Reads the text form of the IR that `print` writes. Meant for tests and tools: errors name the line. */
import { exitAt, instructionWith } from './builder.ts';
import { emptyFrameState } from './frame-states.ts';
import { ops, type ImmediateKind, type OpName } from './ops.ts';
import {
  blockId, valueId,
  type Block, type Edge, type ExitKind, type Fn, type FrameState, type Immediate, type Instruction, type Origin,
  type Terminator, type ValueId, type ValueType,
} from './types.ts';
import { ValueTypes } from './value-types.ts';

export class ParseError extends Error {
  override readonly name = 'ParseError';
  readonly line: number;
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.line = line;
  }
}

/** Comments run from `;` to the end of the line. */
export function parse(text: string): Fn {
  return new Parser(text).function();
}

const TOKEN = /\s+|;[^\n]*|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|-inf)|([A-Za-z_][\w.]*)|([{}()=:,@#*?.])/y;
const VALUE = /^v(\d+)$/;
const BLOCK = /^block(\d+)$/;
const TYPES: readonly string[] = ['py', 'obj', 'int', 'float', 'bool'];
const EXIT_KINDS: readonly string[] = ['deopt', 'exception', 'safepoint', 'return', 'unsupported'];
const TERMINATORS: ReadonlySet<string> = new Set(['jump', 'branch', 'compare_branch', 'for_iter', 'exit']);

interface Token {
  readonly text: string;
  readonly line: number;
}

interface Tail {
  frameState: FrameState | undefined;
  ownedAtExit: ValueId[] | undefined;
  origin: Origin | undefined;
}

class Parser {
  readonly #tokens: Token[] = [];
  #at = 0;
  readonly #fn: Fn = { name: '', entry: blockId(0), blocks: new Map(), types: new ValueTypes(), nextValue: 0, nextBlock: 0 };

  constructor(text: string) {
    let line = 1;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const match = TOKEN.exec(text);
      if (!match) throw new ParseError(line, 'unexpected character');
      const token = match[1] ?? match[2] ?? match[3] ?? match[4];
      if (token !== undefined) this.#tokens.push({ text: token, line });
      line += match[0].split('\n').length - 1;
    }
  }

  function(): Fn {
    this.#expect('function');
    const fn: Fn = Object.assign(this.#fn, { name: this.#string() });
    this.#expect('{');
    while (!this.#accept('}')) this.#block();
    if (this.#at < this.#tokens.length) this.#fail('text after the function');
    const first = fn.blocks.values().next().value;
    if (!first) return this.#fail('no blocks');
    fn.entry = first.id;
    return fn;
  }

  #block(): void {
    const block: Block = {
      id: this.#blockName(), params: [], instructions: [], isLoopHeader: false,
      terminator: undefined as unknown as Terminator,
    };
    if (this.#fn.blocks.has(block.id)) this.#fail(`block${block.id} is defined twice`);
    this.#fn.blocks.set(block.id, block);
    this.#fn.nextBlock = Math.max(this.#fn.nextBlock, block.id + 1);
    this.#expect('(');
    block.params = this.#listUntil(')', () => this.#definition());
    block.isLoopHeader = this.#accept('loop');
    this.#expect(':');
    while (!TERMINATORS.has(this.#peek())) block.instructions.push(this.#instruction());
    block.terminator = this.#terminator();
  }

  #instruction(): Instruction {
    let result: ValueId | undefined;
    if (VALUE.test(this.#peek())) {
      result = this.#definition();
      this.#expect('=');
    }
    const op = this.#opName();
    const instruction = instructionWith(op, [], result);
    this.#operands(instruction);
    return Object.assign(instruction, this.#tail());
  }

  /** Operands: values first, then immediates. The line ends them. */
  #operands(instruction: Instruction): void {
    const line = this.#tokens[this.#at - 1]!.line;
    const more = (): boolean => this.#tokens[this.#at]?.line === line && !this.#atTail();
    if (!more()) return;
    do {
      if (VALUE.test(this.#peek()) && instruction.immediates.length === 0) instruction.args.push(this.#value());
      else instruction.immediates.push(this.#immediate(instruction));
    } while (this.#accept(','));
  }

  #atTail(): boolean {
    return ['@', '#', 'owned'].includes(this.#peek());
  }

  #immediate(instruction: Instruction): Immediate {
    const kind: ImmediateKind | undefined = ops[instruction.op].immediates[instruction.immediates.length];
    const text = this.#next();
    if (text.startsWith('"')) return JSON.parse(text) as string;
    if (kind === 'float') {
      if (text === 'nan') return NaN;
      if (text === 'inf' || text === '-inf') return text === 'inf' ? Infinity : -Infinity;
    }
    if (/^[A-Za-z_]/.test(text)) return text;
    if (!/^-?\d/.test(text)) return this.#fail(`not an immediate: ${text}`);
    if (kind === 'float') return Number(text);
    const number = Number(text);
    // i64 constants are exact; everything else is small.
    return instruction.op === 'const.int' || instruction.op === 'py.int' || !Number.isSafeInteger(number) ? BigInt(text) : number;
  }

  #terminator(): Terminator {
    const kind = this.#next() as Terminator['kind'];
    switch (kind) {
      case 'jump': return { kind, target: this.#edge() };
      case 'branch': return { kind, condition: this.#valueThen(','), ...this.#twoEdges() };
      case 'compare_branch': {
        const compare = this.#opName();
        const args: [ValueId, ValueId] = [this.#valueThen(','), this.#valueThen(',')];
        return { kind, compare, args, ...this.#twoEdges() };
      }
      case 'for_iter': {
        const iterator = this.#valueThen(',');
        const { then: body, else: exhausted } = this.#twoEdges();
        const { frameState, origin } = this.#tail();
        if (!frameState) return this.#fail('for_iter without frame state');
        return { kind, iterator, body, exhausted, frameState, origin };
      }
      case 'exit': {
        const exitKind = this.#next();
        if (!EXIT_KINDS.includes(exitKind)) this.#fail(`not an exit kind: ${exitKind}`);
        const reason = this.#string();
        const { frameState, ...tail } = this.#tail();
        if (!frameState) return this.#fail('exit without frame state');
        return exitAt(exitKind as ExitKind, reason, frameState, tail);
      }
      default: return this.#fail(`not a terminator: ${String(kind)}`);
    }
  }

  #twoEdges(): { then: Edge; else: Edge } {
    const then = this.#edge();
    this.#expect(',');
    return { then, else: this.#edge() };
  }

  #edge(): Edge {
    const block = this.#blockName();
    this.#expect('(');
    return { block, args: this.#listUntil(')', () => this.#value()) };
  }

  #tail(): Tail {
    const tail: Tail = { frameState: undefined, ownedAtExit: undefined, origin: undefined };
    if (this.#peek() === '@') tail.frameState = this.#frameState();
    if (this.#accept('owned')) {
      this.#expect('(');
      tail.ownedAtExit = this.#listUntil(')', () => this.#value());
    }
    if (this.#accept('#')) tail.origin = this.#position();
    return tail;
  }

  #frameState(): FrameState {
    this.#expect('@');
    const state: { -readonly [K in keyof FrameState]: FrameState[K] } = { ...emptyFrameState(), ...this.#position() };
    if (this.#accept('locals')) state.locals = this.#slots();
    if (this.#accept('stack')) state.stack = this.#slots() as FrameState['stack'];
    if (this.#accept('globals')) {
      this.#expect('(');
      state.globals = this.#listUntil(')', () => this.#globalStore());
    }
    if (this.#accept('function')) state.functionObject = this.#integer();
    if (this.#accept('caller')) {
      this.#expect('{');
      state.caller = this.#frameState();
      this.#expect('}');
    }
    return state;
  }

  /** `dict.name=value`; the tokenizer sees "dict.name" as one number. */
  #globalStore(): FrameState['globals'][number] {
    const match = /^(\d+)\.(\d+)$/.exec(this.#next());
    if (!match) return this.#fail('expected dict.name');
    this.#expect('=');
    return { dict: Number(match[1]), name: Number(match[2]), value: this.#value() };
  }

  #slots(): FrameState['locals'] {
    this.#expect('(');
    return this.#listUntil(')', () => {
      const text = this.#peek();
      if (text !== 'home' && text !== 'null') return [this.#value()];
      this.#next();
      return Array<'home' | 'null'>(this.#accept('*') ? this.#integer() : 1).fill(text);
    }).flat();
  }

  #position(): { code: number; offset: number } {
    const code = this.#integer();
    this.#expect(':');
    return { code, offset: this.#integer() };
  }

  #definition(): ValueId {
    const id = this.#value();
    this.#expect(':');
    const type = this.#next();
    if (!TYPES.includes(type)) this.#fail(`not a type: ${type}`);
    this.#fn.types.set(id, type as ValueType);
    return id;
  }

  #valueThen(separator: string): ValueId {
    const value = this.#value();
    this.#expect(separator);
    return value;
  }

  #value(): ValueId {
    const text = this.#next();
    const match = VALUE.exec(text);
    if (!match) return this.#fail(`expected a value, found ${text}`);
    const id = valueId(Number(match[1]));
    this.#fn.nextValue = Math.max(this.#fn.nextValue, id + 1);
    return id;
  }

  #blockName(): Block['id'] {
    const text = this.#next();
    const match = BLOCK.exec(text);
    return match ? blockId(Number(match[1])) : this.#fail(`expected a block, found ${text}`);
  }

  #opName(): OpName {
    const text = this.#next();
    return Object.hasOwn(ops, text) ? (text as OpName) : this.#fail(`unknown op ${text}`);
  }

  #string(): string {
    const text = this.#next();
    return text.startsWith('"') ? (JSON.parse(text) as string) : this.#fail(`expected a string, found ${text}`);
  }

  #integer(): number {
    const text = this.#next();
    return /^-?\d+$/.test(text) ? Number(text) : this.#fail(`expected an integer, found ${text}`);
  }

  #listUntil<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.#accept(close)) return items;
    do items.push(item());
    while (this.#accept(','));
    this.#expect(close);
    return items;
  }

  #peek(): string {
    return this.#tokens[this.#at]?.text ?? '';
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (!token) return this.#fail('unexpected end');
    this.#at++;
    return token.text;
  }

  #accept(text: string): boolean {
    if (this.#peek() !== text) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#fail(`expected ${text}, found ${this.#peek() || 'the end'}`);
  }

  #fail(message: string): never {
    const token = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)];
    throw new ParseError(token?.line ?? 1, message);
  }
}
