/** A loop over random statements, in a function that is called with changing arguments, or at module level. */
import type { Dice } from './dice.ts';
import { kinds, type Kind } from './expressions.ts';
import { indent, names, Writer, type Place, type Vocabulary } from './writer.ts';

export class Scenario {
  readonly #dice: Dice;
  readonly #number: number;
  readonly #atModuleLevel: boolean;
  readonly #writer: Writer;

  constructor(dice: Dice, number: number, calls: Vocabulary['calls']) {
    this.#dice = dice;
    this.#number = number;
    const used = new Set<Kind>(['int', ...kinds.filter(() => dice.chance(0.22))]);
    this.#atModuleLevel = dice.chance(0.35);
    this.#writer = new Writer(dice, { kinds: used, calls, hasIndex: true, nested: dice.between(0, 4) });
  }

  text(): string {
    const place: Place = { depth: 0, inLoop: false, catches: false, bound: new Map([['int', ['i']]]) };
    const rounds = this.#atModuleLevel ? 1 : this.#dice.pick([2, 4, 6]);
    const size = Math.ceil(this.#dice.between(4000, this.#atModuleLevel ? 6000 : 12000) / rounds);
    const body = [this.#initial(), ...this.#loop(size, place)];
    const all = this.#writer.variables().join(', ');
    if (this.#atModuleLevel) return [...body, `show(${all})`].join('\n').replaceAll('\t', '    ');
    return this.#function(rounds, size, [...body, `return ${all}`].join('\n'));
  }

  #function(rounds: number, size: number, body: string): string {
    const name = `scenario_${this.#number}`;
    // Objects come first, without defaults: a request that is out holds the defaults of the function, which their reference counts would show.
    const isObject = (v: string): boolean => names.obj.includes(v);
    const chosen = this.#writer.variables().filter(() => this.#dice.chance(0.3));
    const parameters = [...chosen.filter(isObject), ...chosen.filter((v) => !isObject(v))];
    const isRequired = (v: string, i: number): boolean => isObject(v) || i * 2 < parameters.length;
    const kept = body.split('\n').filter((line) => !parameters.some((p) => line.startsWith(`${p} = `) && !line.includes('if ')) || line.startsWith('\t'));
    const [first, ...rest] = ['n', ...parameters];
    const head = `def ${name}(${[first, ...rest.map((p, i) => (isRequired(p, i) ? p : `${p}=${this.#writer.literalOf(p)}`))].join(', ')}):`;
    const lines = [head, ...[...this.#scopes(parameters), ...kept].map((line) => `\t${line}`)];
    const required = rest.filter(isRequired);
    const calls = Array.from({ length: rounds }, () => this.#call(name, [`${size} * scale`, ...required.map((p) => this.#argument(p))].join(', ')));
    return [...lines, '', '', ...calls].join('\n').replaceAll('\t', '    ');
  }

  /** Called from bytecode, its loops can be entered; called from C, only its beginning. */
  #call(name: string, args: string): string {
    if (this.#dice.chance(0.3)) return `attempt(${name}, ${args})`;
    return ['try:', `\tshow("${name}", ${name}(${args}))`, 'except Exception as error:', '\tcaught(error)'].join('\n');
  }

  /** Variables that others see as well: of the module, or in cells. */
  #scopes(parameters: readonly string[]): string[] {
    if (this.#dice.chance(0.3)) {
      return ['cell = 5', 'def counter(k):', '\tnonlocal cell, a', '\tcell = (cell + k) % 10007', '\ta = (a + cell) % 100003', '\treturn cell', 'def peek():', '\treturn cell * 3 + a'];
    }
    const globals = this.#dice.chance(0.25) ? this.#writer.variables().filter((v) => !parameters.includes(v) && this.#dice.chance(0.4)) : [];
    return globals.length === 0 ? [] : [`global ${globals.join(', ')}`];
  }

  /** Mostly of the kind that the parameter is meant for. */
  #argument(parameter: string): string {
    return names.obj.includes(parameter) || this.#dice.chance(0.93) ? this.#writer.literalOf(parameter) : this.#writer.literal('any');
  }

  #initial(): string {
    return [...this.#writer.variables().map((v) => `${v} = ${this.#writer.literalOf(v)}`), 'u = 1', 'guess = 0.0'].join('\n');
  }

  #loop(size: number, place: Place): string[] {
    const count = this.#atModuleLevel ? `${size} * scale` : 'n';
    const forms = [
      [`for i in range(${count}):`], [`for i in range(${count}):`], ['i = 0', `while i < ${count}:`, '\ti += 1'], [`for i in list(range(${count})):`], [`for i, k in enumerate(range(${count})):`],
      [`for i in range(${count}, 0, -1):`], [`for i in range(0, ${count} * 3, 3):`], [`for i, k in zip(range(${count}), ${this.#iterated()} * ${count}):`], [`for i in numbered(${count}):`],
      [`for i in range(5 - ${count}, 5):`], [`for i in tuple(range(${count})):`], ['i = 0', 'while True:', '\ti += 1', `\tif i > ${count}:`, '\t\tbreak'], [`for i in dict.fromkeys(range(${count})):`], [`for i in range(1 << 80):`, `\tif i >= ${count}:`, '\t\tbreak'],
    ];
    const lines: string[] = [];
    for (let left = this.#dice.pick([1, 1, 1, 2]); left > 0; left--) {
      lines.push(...this.#dice.pick(forms), ...indent(this.#writer.block(place, 1, 3)), `\tif i % ${this.#dice.pick([97, 251, 499])} == 7:`, `\t\t${this.#writer.trace()}`);
    }
    return lines;
  }

  #iterated(): string {
    return `[${Array.from({ length: 2 }, () => this.#writer.literal(this.#dice.pick(['int', 'float', 'num', 'any'] as const))).join(', ')}]`;
  }
}

