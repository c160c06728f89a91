/**
 * Evaluates ops on constants, applies identities that hold for every operand, and decides branches on constants.
 *
 * An op that would leave (overflow, division by zero) is not folded. Float identities are limited to those that are exact
 * for NaN, infinities and signed zeros.
 */
import { evaluate, compare, LEAVE, type Value } from '#ir/interpret-ops.ts';
import { immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import { opInfo, type OpName } from '#ir/ops.ts';
import { Replacements } from '#ir/replacements.ts';
import type { Block, Edge, Fn, Instruction, ValueId } from '#ir/types.ts';
import { Graph } from '#ir/graph.ts';
import type { Pass } from '../pass.ts';
import { become, definitions, filterInstructions } from './facts.ts';
import { markLoopHeaders, removeUnreachable } from './merge-blocks.ts';

export const foldConstants: Pass = {
  name: 'fold-constants',
  summary: 'evaluates ops and branches on constants and applies identities',
  run: (fn) => new Folder(fn).run(),
};

/** Ops whose meaning the interpreter and the stencils share bit for bit. Library calls (float.pow, libm) are not among them. */
const FOLDABLE = /^(int\.|bool\.|float\.(add|sub|mul|div|neg|abs|sqrt|to_int|floor|ceil|to_bool|lt|le|eq|ne|gt|ge)$)/;

function isFoldable(op: OpName, args: readonly (Value | undefined)[]): args is Value[] {
  if (!FOLDABLE.test(op) || args.length === 0 || args.includes(undefined)) return false;
  // Code that is never reached may break the promises these ops rest on.
  const [a, b] = args as bigint[];
  if (op === 'int.umod' || op === 'int.udiv') return a! >= 0n && b! > 0n;
  return op !== 'int.ushr_wrap' || (b! >= 0n && b! <= 63n);
}

class Folder {
  readonly #fn: Fn;
  readonly #defs: (Instruction | undefined)[];
  readonly #replaced = new Replacements();
  #changed = false;

  constructor(fn: Fn) {
    this.#fn = fn;
    this.#defs = definitions(fn);
  }

  run(): boolean {
    let cut = false;
    for (const block of new Graph(this.#fn).order) {
      for (const i of block.instructions) this.#fold(i);
      this.#replaced.rewriteTerminator(block.terminator);
      cut = this.#decide(block) || cut;
    }
    this.#replaced.apply(this.#fn);
    for (const block of this.#fn.blocks.values()) {
      const gone = filterInstructions(block, (i) => this.#isGone(i));
      this.#changed ||= gone;
    }
    if (cut) {
      removeUnreachable(this.#fn);
      markLoopHeaders(this.#fn);
    }
    return this.#changed || cut;
  }

  #isGone(i: Instruction): boolean {
    if (i.result !== undefined) return this.#replaced.resolve(i.result) !== i.result;
    if (i.op !== 'guard.true' && i.op !== 'guard.false') return false;
    return this.#constant(i.args[0]!) === (i.op === 'guard.true');
  }

  #constant(v: ValueId): Value | undefined {
    const def = this.#defs[v];
    switch (def?.op) {
      case 'const.int': return immediateBigInt(def);
      case 'const.float': return immediateNumber(def);
      case 'const.bool': return immediateNumber(def) !== 0;
      default: return undefined;
    }
  }

  #fold(i: Instruction): void {
    this.#replaced.rewriteInstruction(i);
    if (i.result === undefined || i.op.startsWith('const.')) return;
    const args = i.args.map((v) => this.#constant(v));
    if (isFoldable(i.op, args)) {
      const value = evaluate(i.op, args, i, { homes: [], stack: [], objects: [] });
      if (value !== LEAVE && value !== undefined) this.#becomeConstant(i, value);
      return;
    }
    const same = identity(i, args, this.#defs);
    if (same !== undefined) this.#replaced.set(i.result, same);
    else this.#simplify(i, args);
  }

  #becomeConstant(i: Instruction, value: Value): void {
    const type = opInfo(i.op).result;
    if (type === 'int') become(i, 'const.int', [], [value as bigint]);
    else if (type === 'float') become(i, 'const.float', [], [value as number]);
    else if (type === 'bool') become(i, 'const.bool', [], [value === true ? 1 : 0]);
    else return;
    this.#changed = true;
  }

  /** Results that are constants although an operand is not. */
  #simplify(i: Instruction, args: readonly (Value | undefined)[]): void {
    const [a, b] = i.args;
    if (SELF_ZERO.has(i.op) && a === b) this.#becomeConstant(i, 0n);
    else if (COMPARE_INT.test(i.op) && a === b) this.#becomeConstant(i, /eq|le|ge/.test(i.op));
    else if ((i.op === 'int.mul' || i.op === 'int.mul_wrap' || i.op === 'int.and') && args.includes(0n)) this.#becomeConstant(i, 0n);
    else if (i.op === 'bool.not') this.#invertComparison(i);
  }

  /** not (a < b) is a >= b for ints; not for floats, where NaN makes both false. */
  #invertComparison(i: Instruction): void {
    const def = this.#defs[i.args[0]!];
    const match = def && /^int\.(lt|le|eq|ne|gt|ge)$/.exec(def.op);
    if (!match) return;
    const inverse = { lt: 'ge', le: 'gt', eq: 'ne', ne: 'eq', gt: 'le', ge: 'lt' }[match[1]!];
    become(i, `int.${inverse}` as OpName, def.args);
    this.#changed = true;
  }

  #decide(block: Block): boolean {
    const t = block.terminator;
    let outcome: Value | undefined;
    if (t.kind === 'branch') outcome = this.#constant(t.condition);
    else if (t.kind === 'compare_branch') {
      const [a, b] = [this.#constant(t.args[0]), this.#constant(t.args[1])];
      if (a !== undefined && b !== undefined) outcome = compare(t.compare.split('.')[1]!, a, b);
    }
    if (outcome === undefined || (t.kind !== 'branch' && t.kind !== 'compare_branch')) return false;
    const target: Edge = outcome === true ? t.then : t.else;
    block.terminator = { kind: 'jump', target };
    return true;
  }
}

const SELF_ZERO: ReadonlySet<OpName> = new Set<OpName>(['int.sub', 'int.sub_wrap', 'int.xor']);
const COMPARE_INT = /^int\.(lt|le|eq|ne|gt|ge)$/;

/** The operand that the result always equals. */
function identity(i: Instruction, args: readonly (Value | undefined)[], defs: readonly (Instruction | undefined)[]): ValueId | undefined {
  const [a, b] = i.args;
  switch (i.op) {
    case 'int.add':
    case 'int.add_wrap':
    case 'int.or':
    case 'int.xor':
      return args[1] === 0n ? a : args[0] === 0n ? b : i.op === 'int.or' && a === b ? a : undefined;
    case 'int.sub':
    case 'int.sub_wrap':
    case 'int.shl':
    case 'int.shr':
    case 'int.ushr_wrap':
      return args[1] === 0n ? a : undefined;
    case 'int.mul':
    case 'int.mul_wrap':
      return args[1] === 1n ? a : args[0] === 1n ? b : undefined;
    case 'int.floordiv':
    case 'int.udiv':
      return args[1] === 1n ? a : undefined;
    case 'int.and':
      return a === b || args[1] === -1n ? a : args[0] === -1n ? b : undefined;
    case 'int.min':
    case 'int.max':
      return a === b ? a : undefined;
    case 'int.add_imm':
    case 'int.add_imm_wrap':
    case 'int.shl_imm':
    case 'int.shr_imm':
      return immediateBigInt(i) === 0n ? a : undefined;
    case 'int.mul_imm':
      return immediateBigInt(i) === 1n ? a : undefined;
    case 'bool.not':
    case 'int.invert':
    case 'float.neg':
      return defs[a!]?.op === i.op ? defs[a!]!.args[0] : undefined;
    case 'int.to_bool':
      return defs[a!]?.op === 'int.from_bool' ? defs[a!]!.args[0] : undefined;
    // x*1.0 and x/1.0 are exact; x+0.0 is not (-0.0 + 0.0 is 0.0). A signalling NaN would be quieted, but no Python op makes one.
    case 'float.mul':
      return args[1] === 1 ? a : args[0] === 1 ? b : undefined;
    case 'float.div':
      return args[1] === 1 ? a : undefined;
    case 'unbox.int':
    case 'unbox.integer':
    case 'unbox.float':
    case 'unbox.float_known':
    case 'unbox.bool':
      return unboxed(i, defs[a!]);
    case 'box.int':
    case 'box.float':
      return boxed(i, defs[a!], defs);
    default: return undefined;
  }
}

/** Boxing what was unboxed from a local or constant gives that object back: Python can see which one it is. */
function boxed(i: Instruction, def: Instruction | undefined, defs: readonly (Instruction | undefined)[]): ValueId | undefined {
  const kind = i.op.slice('box.'.length);
  if (def?.op !== `unbox.${kind}`) return undefined;
  const object = def.args[0]!;
  return ['home.load', 'const.obj'].includes(defs[object]?.op ?? '') ? object : undefined;
}

/** Unboxing what was just boxed. */
function unboxed(i: Instruction, def: Instruction | undefined): ValueId | undefined {
  const kind = i.op.replace('_known', '').replace('integer', 'int').slice('unbox.'.length);
  return def?.op === `box.${kind}` ? def.args[0] : undefined;
}
