/**
 * Random Python programs, the same for the same seed: a few scenarios, each of them a loop over random statements in a function that is
 * called with changing arguments, or at module level. They end, whatever happens in them, and print checksums on the way.
 */
import { seededRandom } from '../random.ts';
import { expressions, kinds, literals, type Kind } from './expressions.ts';
import { globalCounter, prelude } from './prelude.ts';
import { loopStatements, statements } from './statements.ts';

export function randomProgram(seed: number): string {
  const dice = new Dice(seededRandom(seed));
  const count = dice.between(2, 3);
  const scenarios = Array.from({ length: count }, (_, n) => new Scenario(dice, n).text());
  return [prelude, globalCounter, ...scenarios, 'show("end", shared, flag, cell, Prop.writes)'].join('\n\n');
}

class Dice {
  readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  between(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }

  chance(p: number): boolean {
    return this.random() < p;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)]!;
  }
}

const names: Readonly<Record<Kind, readonly string[]>> = {
  int: ['a', 'b', 'c'], float: ['f', 'g'], num: ['n0', 'n1'], bool: ['p', 'q'], str: ['s', 't'], any: ['m0', 'm1'], ints: ['xs', 'ys'], floats: ['fs'], list: ['ls'],
  dict: ['d'], bytes: ['bs'], bytearray: ['ba'], tuple: ['tp'], set: ['st'], obj: ['o0', 'o1'],
};

const edges = ['2147483647', '2147483648', '4294967296', '1073741824', '9007199254740993', '4611686018427387904', '9223372036854775807', '9223372036854775808', '18446744073709551615', '1000000', '(1 << 100)'];

const placeholder = /<([a-z.-]+)(?: ([a-z]+):([a-z]+\$?))?>/g;

/** What a line may use at its place. */
interface Place {
  readonly depth: number;
  readonly inLoop: boolean;
  readonly catches: boolean;
  /** Variables of loops around: read only, so that loops end. */
  readonly bound: ReadonlyMap<Kind, readonly string[]>;
}

class Scenario {
  readonly #dice: Dice;
  readonly #number: number;
  readonly #kinds: ReadonlySet<Kind>;
  readonly #atModuleLevel: boolean;
  readonly #statements: readonly string[];
  #serial = 0;
  #budget: number;

  constructor(dice: Dice, number: number) {
    this.#dice = dice;
    this.#number = number;
    this.#kinds = new Set<Kind>(['int', ...kinds.filter(() => dice.chance(0.22))]);
    this.#atModuleLevel = dice.chance(0.2);
    this.#budget = dice.between(1, 7);
    this.#statements = statements.filter((text) => this.#fits(text));
  }

  text(): string {
    const place: Place = { depth: 0, inLoop: false, catches: false, bound: new Map([['int', ['i']]]) };
    const rounds = this.#atModuleLevel ? 1 : this.#dice.pick([2, 6, 10]);
    const size = Math.ceil(this.#dice.between(3000, this.#atModuleLevel ? 9000 : 12000) / rounds);
    const body = [this.#initial(), ...this.#loop(size, place)];
    const all = this.#variables().join(', ');
    if (this.#atModuleLevel) return [...body, `show(${all})`].join('\n').replaceAll('\t', '    ');
    return this.#function(rounds, size, [...body, `return ${all}`].join('\n'));
  }

  // ---- the frame of a scenario ----

  #function(rounds: number, size: number, body: string): string {
    const name = `scenario_${this.#number}`;
    // Objects come first, without defaults: a request that is out holds the defaults of the function, which their reference counts would show.
    const isObject = (v: string): boolean => names.obj.includes(v);
    const chosen = this.#variables().filter(() => this.#dice.chance(0.3));
    const parameters = [...chosen.filter(isObject), ...chosen.filter((v) => !isObject(v))];
    const isRequired = (v: string, i: number): boolean => isObject(v) || i * 2 < parameters.length;
    const closures = this.#dice.chance(0.3)
      ? ['cell = 5', 'def counter(k):', '\tnonlocal cell, a', '\tcell = (cell + k) % 10007', '\ta = (a + cell) % 100003', '\treturn cell', 'def peek():', '\treturn cell * 3 + a'] : [];
    const kept = body.split('\n').filter((line) => !parameters.some((p) => line.startsWith(`${p} = `) && !line.includes('if ')) || line.startsWith('\t'));
    const [first, ...rest] = ['n', ...parameters];
    const head = `def ${name}(${[first, ...rest.map((p, i) => (isRequired(p, i) ? p : `${p}=${this.#literalOf(p)}`))].join(', ')}):`;
    const lines = [head, ...[...closures, ...kept].map((line) => `\t${line}`)];
    const required = rest.filter(isRequired);
    const calls = Array.from({ length: Math.min(rounds, 5) }, () => `\tattempt(${[name, String(size), ...required.map((p) => this.#argument(p))].join(', ')})`);
    return [...lines, '', '', `for round in range(${Math.ceil(rounds / calls.length)}):`, ...calls].join('\n').replaceAll('\t', '    ');
  }

  /** Mostly of the kind that the parameter is meant for. */
  #argument(parameter: string): string {
    return this.#dice.chance(0.93) ? this.#literalOf(parameter) : this.#fillLiteral(this.#dice.pick(literals.any));
  }

  #literalOf(variable: string): string {
    const kind = kinds.find((k) => names[k].includes(variable)) ?? 'int';
    return this.#fillLiteral(this.#dice.pick(literals[kind]));
  }

  #fillLiteral(text: string): string {
    return text.replace(placeholder, (_, name: string) => this.#constant(name) ?? '0');
  }

  #variables(): string[] {
    return [...this.#kinds].flatMap((kind) => names[kind]);
  }

  #initial(): string {
    return [...this.#variables().map((v) => `${v} = ${this.#literalOf(v)}`), 'u = 1', 'guess = 0.0'].join('\n');
  }

  #loop(size: number, place: Place): string[] {
    const count = this.#atModuleLevel ? String(size) : 'n';
    const forms = [[`for i in range(${count}):`], [`for i in range(${count}):`], ['i = 0', `while i < ${count}:`, '\ti += 1'], [`for i in list(range(${count})):`], [`for i, k in enumerate(range(${count})):`], [`for i in range(${count}, 0, -1):`]];
    const lines: string[] = [];
    for (let left = this.#dice.pick([1, 1, 1, 2]); left > 0; left--) {
      const nap = this.#atModuleLevel && this.#dice.chance(0.6) ? ['\tif i % 900 == 0:', '\t\ttime.sleep(0.01)'] : [];
      lines.push(...this.#dice.pick(forms), ...nap, ...indent(this.#block(place, 2, 5)), `\tif i % ${this.#dice.pick([97, 251, 499])} == 7:`, `\t\t${this.#trace()}`);
    }
    return lines;
  }

  // ---- statements ----

  #fits(template: string): boolean {
    return [...template.matchAll(/<[vtu]?\.?([a-z]+)(?: |>)/g)].every(([, name]) => !kinds.includes(name as Kind) || this.#kinds.has(name as Kind));
  }

  #block(place: Place, low: number, high: number): string[] {
    const lines: string[] = [];
    for (let n = this.#dice.between(low, high); n > 0; n--) lines.push(...this.#statement(place));
    return lines.length > 0 ? lines : ['pass'];
  }

  #statement(place: Place): string[] {
    const nested = (text: string): boolean => /<(block|loop|try)/.test(text);
    const choices = place.depth > 0 && this.#dice.chance(0.1) ? loopStatements.slice(0, place.inLoop ? undefined : 2) : this.#statements;
    for (;;) {
      const template = this.#dice.pick(choices);
      if (nested(template) && (place.depth >= 2 || this.#budget-- <= 0)) continue;
      return this.#expand(template, place);
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
    return this.#block({ depth: place.depth + 1, inLoop: place.inLoop || form === 'loop', catches: place.catches || form === 'try', bound }, 1, 2);
  }

  #trace(): string {
    const shown = this.#variables().filter(() => this.#dice.chance(0.5));
    return `show(${[String(this.#serial++), 'i', ...shown].join(', ')})`;
  }

  // ---- expressions ----

  #fill(text: string, place: Place, fixed: Map<string, string>, depth: number): string {
    return text.replace(placeholder, (_, name: string) => {
      if (name === 'trace') return this.#trace();
      const [use = '', of = ''] = name.split('.');
      if (use === 't' || use === 'u') {
        const variable = fixed.get(name) ?? (use === 'u' ? 'u' : this.#dice.pick(names[of as Kind]));
        fixed.set(name, variable);
        return variable;
      }
      if (use === 'v') return this.#dice.pick(names[of as Kind]);
      return this.#constant(name) ?? this.#expression(name as Kind, place, depth);
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

  #expression(kind: Kind, place: Place, depth: number): string {
    const bound = place.bound.get(kind) ?? [];
    if (depth <= 0 || this.#dice.chance(0.15)) {
      if (this.#dice.chance(0.3)) return this.#fillLiteral(this.#dice.pick(literals[kind]));
      return this.#dice.pick(this.#kinds.has(kind) ? [...names[kind], ...bound] : bound.length > 0 ? bound : literals[kind].map((l) => this.#fillLiteral(l)));
    }
    for (let tries = 0; tries < 30; tries++) {
      const template = this.#dice.pick(expressions[kind]);
      const risky = template.startsWith('!');
      if (!this.#fits(template.replaceAll(/<[a-z]+>/g, '')) || (risky && !this.#dice.chance(place.catches ? 0.8 : 0.03))) continue;
      return `(${this.#fill(risky ? template.slice(1) : template, place, new Map(), depth - 1)})`;
    }
    return this.#fillLiteral(this.#dice.pick(literals[kind]));
  }
}

const indent = (lines: readonly string[], by = '\t'): string[] => lines.map((line) => by + line.replaceAll('\n', `\n${by}`));
