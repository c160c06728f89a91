/** Random functions in machine-level IR: nested loops and branches over numbers, guards, C calls, exits with many values. */

type Kind = 'int' | 'float' | 'bool';

interface Variable {
  readonly name: string;
  readonly kind: Kind;
}

/** A small generator of its own: a seed gives the same function on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2654435761 + 12345) >>> 0;
  }

  below(n: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % n;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const intTotal = ['int.add_wrap', 'int.sub_wrap', 'int.mul_wrap', 'int.and', 'int.or', 'int.xor', 'int.min', 'int.max'];
const intGuarded = ['int.add', 'int.sub', 'int.mul', 'int.floordiv', 'int.mod', 'int.shl', 'int.shr'];
const floatTotal = ['float.add', 'float.sub', 'float.mul'];
const conditions = ['lt', 'le', 'eq', 'ne', 'gt', 'ge'];

export function randomFunction(seed: number, size: number): string {
  return new Generator(new Random(seed), size).text();
}

class Generator {
  readonly #random: Random;
  readonly #lines: string[] = [];
  #values = 0;
  #blocks = 1;
  #offset = 10;
  #budget: number;
  /** Loops around the current place. */
  readonly #open: { readonly header: number; readonly counter: Variable; readonly params: readonly Variable[] }[] = [];

  constructor(random: Random, size: number) {
    this.#random = random;
    this.#budget = size;
  }

  text(): string {
    this.#lines.push('function "random" {', 'block0():');
    const scope: Variable[] = [];
    for (const n of ['0', '1', '-7', '4611686018427387904', '100']) scope.push(this.#define('int', `const.int ${n}`));
    for (const n of ['0.5', '-3.25', '0']) scope.push(this.#define('float', `const.float ${n}`));
    scope.push(this.#define('bool', 'const.bool 1'));
    const end = this.#region(scope, 0);
    this.#lines.push(`  exit return "end" ${this.#frameState(end, 8)}`, '}');
    return this.#lines.join('\n');
  }

  /** Code that goes on in the last block written; the variables that can be used there. */
  #region(scope: readonly Variable[], depth: number): Variable[] {
    let now = [...scope];
    const length = 2 + this.#random.below(7);
    for (let i = 0; i < length && this.#budget > 0; i++) {
      const what = this.#random.below(12);
      if (what === 0 && depth < 3) now = this.#loop(now, depth);
      else if (what <= 2 && depth < 4) now = this.#conditional(now, depth);
      else if (what === 3 && this.#open.length > 0) now = this.#continue(now);
      else now.push(...this.#operation(now));
    }
    return now;
  }

  #loop(scope: Variable[], depth: number): Variable[] {
    const zero = this.#define('int', 'const.int 0'), limit = this.#define('int', `const.int ${1 + this.#random.below(5)}`);
    const carried = this.#some(scope, this.#random.below(12));
    const header = this.#blocks++, body = this.#blocks++, after = this.#blocks++;
    this.#jump(header, [zero, ...carried]);
    const counter = this.#name('int'), params = carried.map((v) => this.#name(v.kind));
    this.#block(header, [counter, ...params], true);
    const inside = [...scope, counter, ...params];
    this.#lines.push(`  compare_branch int.lt ${counter.name}, ${limit.name}, block${body}(), block${after}()`);
    this.#block(body, []);
    this.#open.push({ header, counter, params });
    const end = this.#region(inside, depth + 1);
    this.#lines.push(`  jump ${this.#backEdge(end)}`);
    this.#open.pop();
    this.#block(after, []);
    return inside;
  }

  /** The next round of some loop around here; by default the innermost. */
  #backEdge(scope: readonly Variable[], loop = this.#open.at(-1)!): string {
    const next = this.#define('int', `int.add_imm ${loop.counter.name}, 1 ${this.#frameState(scope, 6)}`);
    return `block${loop.header}(${[next, ...loop.params.map((p) => this.#oneOf(scope, p.kind))].map((v) => v.name).join(', ')})`;
  }

  /** A branch that goes on with some loop around here, often not the innermost. */
  #continue(scope: Variable[]): Variable[] {
    const edge = this.#backEdge(scope, this.#random.pick(this.#open));
    const after = this.#blocks++;
    if (this.#random.below(2) === 0) this.#branch(scope, edge, `block${after}()`);
    else this.#branch(scope, `block${after}()`, edge);
    this.#block(after, []);
    return scope;
  }

  #conditional(scope: Variable[], depth: number): Variable[] {
    const merged = this.#some(scope, this.#random.below(5));
    const then = this.#blocks++, otherwise = this.#blocks++, join = this.#blocks++;
    const half = this.#random.below(4) === 0;
    const elseEdge = half ? `block${join}(${merged.map((v) => this.#oneOf(scope, v.kind).name).join(', ')})` : `block${otherwise}()`;
    this.#branch(scope, `block${then}()`, elseEdge);
    this.#block(then, []);
    const a = this.#region(scope, depth + 1);
    this.#jump(join, merged.map((v) => this.#oneOf(a, v.kind)));
    if (!half) {
      this.#block(otherwise, []);
      const b = this.#region(scope, depth + 1);
      if (this.#random.below(6) === 0) this.#lines.push(`  exit unsupported "side" ${this.#frameState(b, 5)}`);
      else this.#jump(join, merged.map((v) => this.#oneOf(b, v.kind)));
    }
    const params = merged.map((v) => this.#name(v.kind));
    this.#block(join, params);
    return [...scope, ...params];
  }

  #branch(scope: Variable[], then: string, otherwise: string): void {
    const kind = this.#random.pick(['bool', 'int', 'float'] as const);
    if (kind === 'bool') {
      this.#lines.push(`  branch ${this.#oneOf(scope, 'bool').name}, ${then}, ${otherwise}`);
      return;
    }
    const [x, y] = [this.#oneOf(scope, kind), this.#oneOf(scope, kind)];
    this.#lines.push(`  compare_branch ${kind}.${this.#random.pick(conditions)} ${x.name}, ${y.name}, ${then}, ${otherwise}`);
  }

  #operation(scope: Variable[]): Variable[] {
    this.#budget--;
    const r = this.#random;
    const int = (): string => this.#oneOf(scope, 'int').name;
    const float = (): string => this.#oneOf(scope, 'float').name;
    const state = (): string => this.#frameState(scope, 1 + r.below(10));
    switch (r.below(14)) {
      case 0: case 1: case 2: return [this.#define('int', `${r.pick(intTotal)} ${int()}, ${int()}`)];
      case 3: case 4: case 5: return [this.#define('float', `${r.pick(floatTotal)} ${float()}, ${float()}`)];
      case 6: return r.below(3) === 0 ? [this.#define('int', `${r.pick(intGuarded)} ${int()}, ${int()} ${state()}`)] : [this.#small(int())];
      case 7: return [this.#define('bool', `int.${r.pick(conditions)} ${int()}, ${int()}`)];
      case 8: return [this.#define('bool', `float.${r.pick(conditions)} ${float()}, ${float()}`)];
      case 9: return [this.#define('float', `int.to_float ${int()}`)];
      case 10: return [this.#define('int', `int.from_bool ${this.#oneOf(scope, 'bool').name}`)];
      case 11: return this.#call(int(), state());
      case 12: {
        const small = this.#small(int());
        return [small, this.#define('int', `int.add_imm ${small.name}, ${r.below(1000)} ${state()}`)];
      }
      default: return [this.#define('float', `${r.pick(['float.neg', 'float.abs'])} ${float()}`)];
    }
  }

  #small(from: string): Variable {
    return this.#define('int', `int.and_imm ${from}, ${255 + this.#random.below(10_000)}`);
  }

  /** The host computes these exactly for small whole numbers. */
  #call(from: string, state: string): Variable[] {
    const small = this.#small(from);
    const a = this.#define('float', `int.to_float ${small.name}`);
    const b = this.#define('float', `const.float ${1 + this.#random.below(9)}`);
    return [small, a, this.#define('float', `${this.#random.pick(['float.mod', 'float.floordiv'])} ${a.name}, ${b.name} ${state}`)];
  }

  #frameState(scope: readonly Variable[], count: number): string {
    const names = (n: number): string => this.#some(scope, n).map((v) => v.name).join(', ');
    return `@0:${this.#offset++} locals(${names(count)}) stack(${names(this.#random.below(4))})`;
  }

  /** Late variables are likelier: they are what a real program still needs. */
  #some(scope: readonly Variable[], count: number): Variable[] {
    return Array.from({ length: count }, () => scope[Math.max(this.#random.below(scope.length), this.#random.below(scope.length))]!);
  }

  #oneOf(scope: readonly Variable[], kind: Kind): Variable {
    const fitting = scope.filter((v) => v.kind === kind);
    return fitting[Math.max(this.#random.below(fitting.length), this.#random.below(fitting.length))]!;
  }

  #name(kind: Kind): Variable {
    return { name: `v${this.#values++}`, kind };
  }

  #define(kind: Kind, text: string): Variable {
    const v = this.#name(kind);
    this.#lines.push(`  ${v.name}:${kind} = ${text}`);
    return v;
  }

  #block(id: number, params: readonly Variable[], isLoop = false): void {
    this.#lines.push(`block${id}(${params.map((p) => `${p.name}:${p.kind}`).join(', ')})${isLoop ? ' loop' : ''}:`);
  }

  #jump(target: number, args: readonly Variable[]): void {
    this.#lines.push(`  jump block${target}(${args.map((a) => a.name).join(', ')})`);
  }
}
