/** Environment markers (PEP 508, https://packaging.python.org/en/latest/specifications/dependency-specifiers/): text to a tree. */

export type MarkerOperator = '===' | '==' | '!=' | '<=' | '>=' | '<' | '>' | '~=' | 'in' | 'not in';

export interface MarkerLiteral {
  readonly kind: 'literal';
  readonly value: string;
  /** Of the opening quote, from the start of the marker. */
  readonly offset: number;
}

export type MarkerOperand = { readonly kind: 'variable'; readonly name: string } | MarkerLiteral;

export interface MarkerComparison {
  readonly kind: 'comparison';
  readonly left: MarkerOperand;
  readonly operator: MarkerOperator;
  readonly right: MarkerOperand;
}

export type Marker = MarkerComparison | { readonly kind: 'and' | 'or'; readonly terms: readonly Marker[] };

/** `os.name` and the like are spellings of setuptools that PEP 508 keeps. */
const aliases: Readonly<Record<string, string>> = {
  'os.name': 'os_name', 'sys.platform': 'sys_platform', 'platform.version': 'platform_version', 'platform.machine': 'platform_machine',
  'platform.python_implementation': 'platform_python_implementation', python_implementation: 'platform_python_implementation',
};
const variables = new Set([
  'python_version', 'python_full_version', 'os_name', 'sys_platform', 'platform_release', 'platform_system', 'platform_version',
  'platform_machine', 'platform_python_implementation', 'implementation_name', 'implementation_version', 'extra', 'extras', 'dependency_groups',
]);

/** What is wrong with a marker or requirement, and where. */
export class MarkerSyntaxError extends Error {
  override readonly name = 'MarkerSyntaxError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Deeper nesting is an attack on the stack, not a marker. */
const deepest = 100;

class MarkerParser {
  readonly #text: string;
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Marker {
    const marker = this.#alternatives();
    this.#blanks();
    if (this.#position < this.#text.length) this.#fail('`and`, `or` or the end');
    return marker;
  }

  #fail(expected: string): never {
    throw new MarkerSyntaxError(`expected ${expected} at '${this.#text.slice(this.#position, this.#position + 20)}'`, this.#position);
  }

  #blanks(): void {
    this.#take(/[ \t]*/y);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#position += match[0].length;
    return match[0];
  }

  #alternatives(): Marker {
    return this.#sequence('or', () => this.#sequence('and', () => this.#term()));
  }

  #sequence(kind: 'and' | 'or', next: () => Marker): Marker {
    const terms = [next()];
    for (;;) {
      this.#blanks();
      if (this.#take(kind === 'and' ? /and\b/y : /or\b/y) === undefined) break;
      terms.push(next());
    }
    return terms.length === 1 ? terms[0]! : { kind, terms };
  }

  #term(): Marker {
    this.#blanks();
    if (this.#take(/\(/y) === undefined) return this.#comparison();
    this.#depth += 1;
    if (this.#depth > deepest) this.#fail(`at most ${deepest} nested parentheses`);
    const marker = this.#alternatives();
    this.#blanks();
    if (this.#take(/\)/y) === undefined) this.#fail('`)`');
    this.#depth -= 1;
    return marker;
  }

  #comparison(): Marker {
    const left = this.#operand();
    this.#blanks();
    const operator = this.#take(/===|==|~=|!=|<=|>=|<|>|in\b|not[ \t]+in\b/y);
    if (operator === undefined) this.#fail('an operator');
    const right = this.#operand();
    if (left.kind === right.kind) this.#fail('a variable on one side and a text on the other');
    return { kind: 'comparison', left, operator: operator.replace(/\s+/, ' ') as MarkerOperator, right };
  }

  #operand(): MarkerOperand {
    this.#blanks();
    const offset = this.#position;
    const quoted = this.#take(/'[^']*'|"[^"]*"/y);
    if (quoted !== undefined) return { kind: 'literal', value: quoted.slice(1, -1), offset };
    const word = this.#take(/[A-Za-z_][\w.]*/y);
    const name = word === undefined ? undefined : aliases[word] ?? word;
    if (name !== undefined && variables.has(name)) return { kind: 'variable', name };
    this.#position = offset;
    return this.#fail('a variable of the environment or a quoted text');
  }
}

export function parseMarker(text: string): Marker {
  return new MarkerParser(text).parse();
}

/** Both must hold. */
export function conjunction(left: Marker | undefined, right: Marker | undefined): Marker | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return { kind: 'and', terms: [left, right] };
}

const opposites: Readonly<Partial<Record<MarkerOperator, MarkerOperator>>> = {
  '==': '!=', '!=': '==', 'in': 'not in', 'not in': 'in', '<': '>=', '>=': '<', '>': '<=', '<=': '>',
};

/** A marker that holds where this one does not; undefined where no operator says the opposite (`~=`, `===`). */
export function negation(marker: Marker): Marker | undefined {
  if (marker.kind === 'comparison') {
    const operator = opposites[marker.operator];
    return operator === undefined ? undefined : { ...marker, operator };
  }
  const terms = marker.terms.map(negation).filter((term) => term !== undefined);
  return terms.length < marker.terms.length ? undefined : { kind: marker.kind === 'and' ? 'or' : 'and', terms };
}
