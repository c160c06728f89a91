/**
 * Finds the structure in the register variants of a family.
 *
 * Register numbers sit in fixed bits of the instructions, so most variants are `base XOR c1[register of operand 1] XOR
 * c2[register of operand 2] …`. Variants of one length and the same holes give linear equations over GF(2) in the
 * unknown byte strings base, c1[0], c1[1], …; those that contradict each other go into different groups.
 */
import { defined, invariant } from '#support/invariant.ts';
import type { Hole, Stencil } from './table.ts';

export interface VariantGroup {
  readonly length: number;
  readonly holes: readonly Hole[];
  readonly base: Uint8Array;
  /** contributions[operand][register], as long as `base`. */
  readonly contributions: readonly (readonly Uint8Array[])[];
}

export interface CompressedVariants {
  readonly groups: readonly VariantGroup[];
  /** Index of the group, by variant. */
  readonly groupOf: readonly number[];
}

interface Variant {
  readonly index: number;
  readonly tuple: readonly number[];
  readonly stencil: Stencil;
}

const REGISTERS = 8;

/** Linear equations `XOR of the unknowns in mask = bytes`, in reduced form: one row per pivot bit. */
class LinearSystem {
  readonly #rows = new Map<number, { mask: number; bytes: Uint8Array }>();
  readonly members: Variant[] = [];

  /** False, and unchanged, when the equation contradicts the others. */
  add(variant: Variant): boolean {
    let mask = maskOf(variant.tuple);
    const bytes = variant.stencil.code.slice();
    for (const [pivot, row] of this.#rows) {
      if ((mask & (1 << pivot)) === 0) continue;
      mask ^= row.mask;
      xorInto(bytes, row.bytes);
    }
    if (mask === 0) {
      if (bytes.some((b) => b !== 0)) return false;
    } else {
      this.#insert(mask, bytes);
    }
    this.members.push(variant);
    return true;
  }

  #insert(mask: number, bytes: Uint8Array): void {
    const pivot = 31 - Math.clz32(mask);
    for (const row of this.#rows.values()) {
      if ((row.mask & (1 << pivot)) === 0) continue;
      row.mask ^= mask;
      xorInto(row.bytes, bytes);
    }
    this.#rows.set(pivot, { mask, bytes });
  }

  /** A solution: unknowns without a row are zero. */
  solve(operands: number): VariantGroup {
    const first = defined(this.members[0], 'member').stencil;
    const unknown = (bit: number): Uint8Array => this.#rows.get(bit)?.bytes ?? new Uint8Array(first.code.length);
    return {
      length: first.code.length, holes: first.holes, base: unknown(0),
      contributions: Array.from({ length: operands }, (_, o) =>
        Array.from({ length: REGISTERS }, (_unused, r) => unknown(1 + REGISTERS * o + r))),
    };
  }
}

function maskOf(tuple: readonly number[]): number {
  return tuple.reduce((mask, register, operand) => mask | (1 << (1 + REGISTERS * operand + register)), 1);
}

function xorInto(target: Uint8Array, source: Uint8Array): void {
  for (let i = 0; i < target.length; i++) target[i] = defined(target[i], 'byte') ^ defined(source[i], 'byte');
}

export function compressVariants(tuples: readonly (readonly number[])[], stencils: readonly Stencil[]): CompressedVariants {
  const variants = stencils.map((stencil, index): Variant => ({ index, tuple: defined(tuples[index], 'tuple'), stencil }));
  const operands = defined(tuples[0], 'tuple').length;
  invariant(operands <= 3, 'more than three operands');
  const candidates = [shapeKey, (v: Variant) => `${shapeKey(v)} ${equalityPattern(v.tuple)}`].map((key) => splitBy(variants, key));
  const systems = candidates.reduce((best, next) => (next.length < best.length ? next : best));
  const groupOf = new Array<number>(variants.length).fill(-1);
  systems.forEach((system, group) => system.members.forEach((v) => (groupOf[v.index] = group)));
  const result = { groups: systems.map((s) => s.solve(operands)), groupOf };
  verify(variants, result);
  return result;
}

const shapeKey = (v: Variant): string => JSON.stringify([v.stencil.code.length, v.stencil.holes]);

/** Which operands share a register: `010` when the first and the last do. */
const equalityPattern = (tuple: readonly number[]): string => tuple.map((r) => tuple.indexOf(r)).join('');

function splitBy(variants: readonly Variant[], key: (v: Variant) => string): LinearSystem[] {
  const systems = new Map<string, LinearSystem[]>();
  for (const variant of variants) {
    const k = key(variant);
    const list = systems.get(k) ?? [];
    systems.set(k, list);
    if (list.some((system) => system.add(variant))) continue;
    const fresh = new LinearSystem();
    fresh.add(variant);
    list.push(fresh);
  }
  return [...systems.values()].flat();
}

/** The code of one variant out of its group. */
export function expandVariant(group: VariantGroup, tuple: readonly number[]): Uint8Array {
  const code = group.base.slice();
  tuple.forEach((register, operand) => xorInto(code, defined(group.contributions[operand]?.[register], 'contribution')));
  return code;
}

function verify(variants: readonly Variant[], compressed: CompressedVariants): void {
  for (const v of variants) {
    const group = defined(compressed.groups[defined(compressed.groupOf[v.index], 'group index')], 'group');
    const code = expandVariant(group, v.tuple);
    invariant(Buffer.compare(code, v.stencil.code) === 0, `variant ${v.tuple.join('')} does not come back`);
  }
}
