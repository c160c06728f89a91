/**
 * Small functions with random bodies, which the scenarios and each other call: what the compiler inlines, and what it has to rebuild a frame
 * for when a guard inside fails.
 */
import type { Dice } from './dice.ts';
import { kinds, type Kind } from './expressions.ts';
import { indent, names, Writer, type Place } from './writer.ts';

export interface HelperFunctions {
  readonly text: string;
  /** Templates of calls, by the kind of what they return. */
  readonly calls: Readonly<Partial<Record<Kind, readonly string[]>>>;
}

const returned: readonly Kind[] = ['int', 'int', 'float', 'num', 'bool', 'any', 'str'];
const passed: readonly Kind[] = ['int', 'int', 'float', 'num', 'any', 'ints', 'obj', 'bool', 'floats', 'str'];

export function helperFunctions(dice: Dice, count: number): HelperFunctions {
  const calls: Partial<Record<Kind, string[]>> = {};
  const texts: string[] = [];
  for (let n = 0; n < count; n++) {
    const kind = dice.pick(returned);
    const helper = new Helper(dice, `helper_${n}`, kind, calls);
    texts.push(helper.text());
    (calls[kind] ??= []).push(...helper.calls());
  }
  return { text: texts.join('\n\n\n'), calls };
}

class Helper {
  readonly #dice: Dice;
  readonly #name: string;
  readonly #returns: Kind;
  readonly #parameters: readonly Kind[];
  readonly #defaults: number;
  readonly #writer: Writer;

  constructor(dice: Dice, name: string, returns: Kind, calls: Readonly<Partial<Record<Kind, readonly string[]>>>) {
    this.#dice = dice;
    this.#name = name;
    this.#returns = returns;
    // One parameter of a kind: its first variable.
    this.#parameters = [...new Set(Array.from({ length: dice.between(0, 3) }, () => dice.pick(passed)))];
    this.#defaults = dice.chance(0.4) ? dice.between(0, this.#parameters.length) : 0;
    const used = new Set<Kind>(['int', ...this.#parameters, ...kinds.filter(() => dice.chance(0.08))]);
    this.#writer = new Writer(dice, { kinds: used, calls, returns, hasIndex: false, nested: dice.between(0, 2) });
  }

  text(): string {
    const place: Place = { depth: 0, inLoop: false, catches: false, bound: new Map() };
    const parameters = this.#parameters.map((kind) => names[kind][0]!);
    const required = parameters.length - this.#defaults;
    const head = parameters.map((p, n) => (n < required ? p : `${p}=${this.#default(p)}`)).join(', ');
    const others = this.#writer.variables().filter((v) => !parameters.includes(v));
    const body = [...this.#scopes(others), ...others.map((v) => `${v} = ${this.#writer.literalOf(v)}`), 'u = 1', 'guess = 0.0', ...this.#writer.block(place, 0, 3)];
    const result = this.#writer.expression(this.#returns, place, 3);
    return [`def ${this.#name}(${head}):`, ...indent([...this.#prune(body, result), `return ${result}`])].join('\n').replaceAll('\t', '    ');
  }

  /** Reference counts of a default that a request holds would be seen. */
  #default(parameter: string): string {
    return parameter.startsWith('o') ? 'None' : this.#writer.literalOf(parameter);
  }

  #scopes(others: readonly string[]): string[] {
    const globals = others.filter(() => this.#dice.chance(0.05));
    return globals.length === 0 ? [] : [`global ${globals.join(', ')}`];
  }

  /** Without locals that nothing reads: small functions are what is inlined. */
  #prune(body: readonly string[], result: string): string[] {
    const isUsed = (name: string, at: number): boolean => {
      const used = new RegExp(`\\b${name}\\b`);
      return [...body.filter((line, n) => n !== at && !line.startsWith('global ')), result].some((line) => used.test(line));
    };
    return body.filter((line, at) => {
      const name = /^(\w+) = /.exec(line)?.[1];
      return name === undefined || isUsed(name, at);
    });
  }

  calls(): string[] {
    const typed = this.#parameters.map((kind) => `<${kind}>`);
    const shorter = typed.slice(0, typed.length - this.#defaults);
    const named = typed.map((a, n) => (n < typed.length - 1 ? a : `${names[this.#parameters[n]!][0]!}=${a}`));
    return [typed, shorter, named].map((list) => `${this.#name}(${list.join(', ')})`);
  }
}
