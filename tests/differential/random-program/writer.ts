/** Statements and expressions made from the templates, at random. */
import type { Dice } from './dice.ts';
import { expressions, kinds, literals, type Kind } from './expressions.ts';
import { loopStatements, returnStatements, statements } from './statements.ts';

export const names: Readonly<Record<Kind, readonly string[]>> = {
  int: ['a', 'b', 'c'], float: ['f', 'g'], num: ['n0', 'n1'], bool: ['p', 'q'], str: ['s', 't'], any: ['m0', 'm1'], ints: ['xs', 'ys'], floats: ['fs'], list: ['ls'],
  dict: ['d'], bytes: ['bs'], bytearray: ['ba'], tuple: ['tp'], set: ['st'], obj: ['o0', 'o1'],
};

const edges = ['2147483647', '2147483648', '4294967296', '1073741824', '9007199254740993', '4611686018427387904', '9223372036854775807', '9223372036854775808', '18446744073709551615', '1000000', '(1 << 100)'];

const placeholder = /<([a-z.-]+)(?: ([a-z]+):([a-z]+\$?))?>/g;

/** A loop that always comes by one of these is not compiled. */
const uncompiled = /^(!?with|assert|match|import)\b|\*rest|lambda|[[({,] ?\*{1,2}[<a-z]|\bnext\(|super|:=|(^|\n)\tdel |^!?del |= \+|\(\+|^\+/;

/** What a line may use at its place. */
export interface Place {
  readonly depth: number;
  readonly inLoop: boolean;
  readonly catches: boolean;
  /** Variables of loops around: read only, so that loops end. */
  readonly bound: ReadonlyMap<Kind, readonly string[]>;
}

export interface Vocabulary {
  readonly kinds: ReadonlySet<Kind>;
  /** Calls of functions that the program defines, besides the expressions of the table. */
  readonly calls: Readonly<Partial<Record<Kind, readonly string[]>>>;
  /** What a function returns; undefined outside functions that may return early. */
  readonly returns?: Kind;
  /** There is a loop whose variable is `i`. */
  readonly hasIndex: boolean;
  /** How many statements may have blocks. */
  readonly nested: number;
}

export class Writer {
  readonly #dice: Dice;
  readonly #vocabulary: Vocabulary;
  readonly #statements: readonly string[];
  #serial = 0;
  #budget: number;

  constructor(dice: Dice, vocabulary: Vocabulary) {
    this.#dice = dice;
    this.#vocabulary = vocabulary;
    this.#budget = vocabulary.nested;
    this.#statements = statements.filter((text) => this.#fits(text) && (vocabulary.hasIndex || !/\bi\b|<trace>/.test(text)));
  }

  variables(): string[] {
    return [...this.#vocabulary.kinds].flatMap((kind) => names[kind]);
  }

  literalOf(variable: string): string {
    return this.literal(kinds.find((k) => names[k].includes(variable)) ?? 'int');
  }

  literal(kind: Kind): string {
    return this.#dice.pick(literals[kind]).replace(placeholder, (_, name: string) => this.#constant(name) ?? '0');
  }

  trace(): string {
    const shown = this.variables().filter(() => this.#dice.chance(0.5));
    return `show(${[String(this.#serial++), 'i', ...shown].join(', ')})`;
  }

  // ---- statements ----

  #fits(template: string): boolean {
    return [...template.matchAll(/<[vtu]?\.?([a-z]+)(?: |>)/g)].every(([, name]) => !kinds.includes(name as Kind) || this.#vocabulary.kinds.has(name as Kind));
  }

  block(place: Place, low: number, high: number): string[] {
    const lines: string[] = [];
    for (let n = this.#dice.between(low, high); n > 0; n--) lines.push(...this.#statement(place));
    return lines.length > 0 ? lines : ['pass'];
  }

  #choices(place: Place): readonly string[] {
    if (place.depth > 0 && this.#vocabulary.returns !== undefined && this.#dice.chance(0.12)) return returnStatements;
    if (place.depth > 0 && (place.inLoop || this.#vocabulary.hasIndex) && this.#dice.chance(0.1)) return loopStatements.slice(0, place.inLoop ? undefined : 2);
    return this.#statements;
  }

  #statement(place: Place): string[] {
    const nested = (text: string): boolean => /<(block|loop|try)/.test(text);
    const choices = this.#choices(place);
    for (;;) {
      const template = this.#dice.pick(choices);
      if (uncompiled.test(template) && !this.#dice.chance(0.2)) continue;
      if (nested(template) && (place.depth >= 2 || this.#budget-- <= 0)) continue;
      if (!template.startsWith('!')) return this.#expand(template, place);
      if (this.#dice.chance(place.catches ? 0.8 : 0.03)) return this.#expand(template.slice(1), place);
    }
  }

  #expand(template: string, place: Place): string[] {
    const serial = this.#serial++;
    const fixed = new Map<string, string>();
    const lines: string[] = [];
    for (const line of template.replaceAll('$', String(serial)).split('\n')) {
      const nested = /^(\t*)<(block|loop|try)(?: ([a-z]+):([a-z]+\d*))?>$/.exec(line);
      if (nested === null) lines.push(this.#fill(line, place, fixed, 2));
      else lines.push(...indent(this.#nested(nested, place), nested[1]!));
    }
    return lines;
  }

  #nested([, , form, kind, variable]: RegExpExecArray, place: Place): string[] {
    const bound = new Map(place.bound);
    if (kind !== undefined && variable !== undefined) bound.set(kind as Kind, [...(bound.get(kind as Kind) ?? []), variable]);
    return this.block({ depth: place.depth + 1, inLoop: place.inLoop || form === 'loop', catches: place.catches || form === 'try', bound }, 1, 2);
  }

  // ---- expressions ----

  #fill(text: string, place: Place, fixed: Map<string, string>, depth: number): string {
    return text.replace(placeholder, (_, name: string) => {
      if (name === 'trace') return this.trace();
      if (name === 'result') return this.expression(this.#vocabulary.returns ?? 'int', place, 2);
      const [use = '', of = ''] = name.split('.');
      if (use === 't' || use === 'u') {
        const variable = fixed.get(name) ?? (use === 'u' ? 'u' : this.#dice.pick(names[of as Kind]));
        fixed.set(name, variable);
        return variable;
      }
      if (use === 'v') return this.#dice.pick(names[of as Kind]);
      return this.#constant(name) ?? this.expression(name as Kind, place, depth);
    });
  }

  #constant(name: string): string | undefined {
    switch (name) {
      case 'small': return String(this.#dice.pick([1, 2, 3, 5, 7, 10, 13, 17]));
      case 'edge': return this.#dice.pick(edges);
      case 'mod': return this.#dice.pick(['97', '1000003', '2147483647', '4611686018427387847', '-1013']);
      case 'mask': return this.#dice.pick(['255', '0xFFFF', '0xFFFFFFFF', '0x7FFFFFFFFFFFFFFF', '0xFFFFFFFFFFFFFFFF']);
      case 'period': return this.#dice.pick(['37', '101', '333', '480', '777']);
      case 'method': return this.#dice.pick(['other_get', 'former_get']);
      case 'any-number': return this.#dice.pick(['3', '2.5', 'True', '1 << 64']);
      default: return undefined;
    }
  }

  expression(kind: Kind, place: Place, depth: number): string {
    const bound = place.bound.get(kind) ?? [];
    if (depth <= 0 || this.#dice.chance(0.15)) {
      if (this.#dice.chance(0.3)) return this.literal(kind);
      const isKnown = this.#vocabulary.kinds.has(kind);
      return this.#dice.pick(isKnown ? [...names[kind], ...bound] : bound.length > 0 ? bound : [this.literal(kind)]);
    }
    const calls = this.#vocabulary.calls[kind] ?? [];
    if (calls.length > 0 && this.#dice.chance(0.15)) return this.#fill(this.#dice.pick(calls), place, new Map(), depth - 1);
    for (let tries = 0; tries < 30; tries++) {
      const template = this.#dice.pick(expressions[kind]);
      const risky = template.startsWith('!');
      if (uncompiled.test(template) && !this.#dice.chance(0.2)) continue;
      if (!this.#fits(template.replaceAll(/<[a-z]+>/g, '')) || (risky && !this.#dice.chance(place.catches ? 0.8 : 0.03))) continue;
      return `(${this.#fill(risky ? template.slice(1) : template, place, new Map(), depth - 1)})`;
    }
    return this.literal(kind);
  }
}

export const indent = (lines: readonly string[], by = '\t'): string[] => lines.map((line) => by + line.replaceAll('\n', `\n${by}`));
