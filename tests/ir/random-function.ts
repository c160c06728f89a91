/** Random machine-level functions on two ints, with nested counted loops, for tests of passes. */
import { addBlock, Builder, createFunction, edge } from '#ir/builder.ts';
import { emptyFrameState } from '#ir/frame-states.ts';
import type { OpName } from '#ir/ops.ts';
import type { Fn, FrameState, Immediate, ValueId } from '#ir/types.ts';

/** Deterministic generator (mulberry32). */
export function randomSource(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const BINARY: readonly OpName[] = [
  'int.add', 'int.sub', 'int.mul', 'int.and', 'int.or', 'int.xor', 'int.min', 'int.max', 'int.mod', 'int.floordiv', 'int.shr',
];
const COMPARE: readonly OpName[] = ['int.lt', 'int.le', 'int.eq', 'int.ne', 'int.gt', 'int.ge'];
const CONSTANTS = [0n, 1n, 2n, 3n, 8n, 10n, 255n, 1023n, -1n, -7n, 1103515245n, (1n << 62n)];

export function randomFunction(seed: number): Fn {
  return new Generator(randomSource(seed)).function(`random${seed}`);
}

class Generator {
  readonly #random: (below: number) => number;
  readonly #fn: Fn = createFunction('random');
  readonly #b = new Builder(this.#fn);
  #offset = 0;

  constructor(random: (below: number) => number) {
    this.#random = random;
  }

  function(name: string): Fn {
    const inputs = [0, 1].map((n) => {
      const home = this.#b.value('home.load', [], { immediates: [n] });
      return this.#b.value('unbox.int', [home], { frameState: this.#state([]) });
    });
    const values = this.#region([...inputs, this.#constant()], 2);
    this.#b.exit('return', 'return', { ...this.#state([]), stack: values.slice(-3) });
    return { ...this.#fn, name };
  }

  #state(values: readonly ValueId[]): FrameState {
    return { ...emptyFrameState(), offset: this.#offset++, locals: ['home', 'home', ...values.slice(-2)] };
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random(items.length)]!;
  }

  #constant(): ValueId {
    return this.#b.value('const.int', [], { immediates: [this.#pick(CONSTANTS)] });
  }

  #emit(op: OpName, args: readonly ValueId[], values: readonly ValueId[], immediates: Immediate[] = []): ValueId {
    return this.#b.value(op, args, { immediates, frameState: this.#state(values) });
  }

  /** Straight code, diamonds and loops; gives back the values visible after it. */
  #region(before: readonly ValueId[], depth: number): ValueId[] {
    let values = [...before];
    for (let n = 3 + this.#random(5); n > 0; n--) {
      const kind = this.#random(10);
      if (kind === 0 && depth > 0) values = this.#loop(values, depth - 1);
      else if (kind === 1 && depth > 0) values = this.#diamond(values, depth - 1);
      else if (kind === 2) values.push(this.#constant());
      else if (kind === 3) values.push(this.#emit('int.and_imm', [this.#pick(values)], values, [this.#pick([1, 7, 255, 6])]));
      else if (kind === 4) values.push(this.#emit(this.#pick(['int.neg', 'int.abs', 'int.invert'] as const), [this.#pick(values)], values));
      else values.push(this.#emit(this.#pick(BINARY), [this.#pick(values), this.#pick(values)], values));
    }
    return values;
  }

  #diamond(values: readonly ValueId[], depth: number): ValueId[] {
    const condition = this.#b.value(this.#pick(COMPARE), [this.#pick(values), this.#pick(values)]);
    const [then, otherwise, after] = [addBlock(this.#fn), addBlock(this.#fn), addBlock(this.#fn, ['int'])];
    this.#b.branch(condition, edge(then.id), edge(otherwise.id));
    for (const block of [then, otherwise]) {
      this.#b.switchTo(block);
      this.#b.jump(after.id, [this.#region(values, depth).at(-1)!]);
    }
    this.#b.switchTo(after);
    return [...values, after.params[0]!];
  }

  #loop(values: readonly ValueId[], depth: number): ValueId[] {
    const zero = this.#b.value('const.int', [], { immediates: [0n] });
    const limit = this.#b.value('const.int', [], { immediates: [BigInt(this.#random(6))] });
    const one = this.#b.value('const.int', [], { immediates: [1n] });
    const header = addBlock(this.#fn, ['int', 'int']);
    header.isLoopHeader = true;
    const [body, after] = [addBlock(this.#fn), addBlock(this.#fn)];
    this.#b.jump(header.id, [zero, this.#pick(values)]);
    const [counter, carried] = header.params as [ValueId, ValueId];
    this.#b.switchTo(header);
    if (this.#random(2) === 0) this.#b.emit('safepoint', [], { frameState: this.#state([counter, carried]) });
    const more = this.#b.value('int.lt', [counter, limit]);
    this.#b.branch(more, edge(body.id), edge(after.id));
    this.#b.switchTo(body);
    const inner = this.#region([...values, counter, carried], depth);
    const next = this.#emit('int.add', [counter, one], inner);
    this.#b.jump(header.id, [next, inner.at(-1)!]);
    this.#b.switchTo(after);
    return [...values, counter, carried];
  }
}
