/**
 * Module-level names that the unit stores: they are variables of the SSA form, not loads and stores.
 *
 * A name that has no entry in its dict yet is not promoted: its store adds a key.
 */
import { fallsThrough, isBackwardJump } from '#compiler/1-decode/jumps.ts';
import type { BytecodeInstruction, DecodedCode } from '#compiler/1-decode/decode.ts';
import type { CodeInfo, CompileRequest } from '#protocol/request.ts';

export interface PromotedName {
  readonly dict: number;
  readonly entry: number;
  /** Object-table index of the name. */
  readonly name: number;
  readonly text: string;
  /** Object-table index of its value when the unit was asked for. */
  readonly value: number;
  /** False when only the outer frame stores it: it keeps its value while a callee runs. */
  readonly isStoredByCallees: boolean;
}

const STORES = new Set(['STORE_GLOBAL', 'STORE_NAME', 'DELETE_GLOBAL', 'DELETE_NAME']);

export class PromotedNames {
  readonly list: readonly PromotedName[];
  readonly #stored = new Set<string>();
  readonly #index = new Map<string, number>();

  constructor(request: CompileRequest, outer: DecodedCode, others: readonly DecodedCode[]) {
    const list: PromotedName[] = [];
    const storedByCallees = new Set(others.flatMap((code) => code.instructions.filter((i) => STORES.has(i.name)).map((i) => key(code.info.globals, code.info.names[i.arg] ?? ''))));
    const add = (info: CodeInfo, i: BytecodeInstruction): void => {
      const text = info.names[i.arg];
      if (!STORES.has(i.name) || text === undefined) return;
      const id = key(info.globals, text);
      if (this.#stored.has(id)) return;
      this.#stored.add(id);
      const found = info.namesValues.find((n) => n.name === i.arg && n.where === 'g' && n.entry >= 0 && n.value >= 0);
      const name = request.objects.findIndex((o) => o.kind === 'str' && o.value === text);
      if (!found || name < 0) return;
      this.#index.set(id, list.length);
      list.push({ dict: info.globals, entry: found.entry, name, text, value: found.value, isStoredByCallees: storedByCallees.has(id) });
    };
    for (const i of reachableFrom(outer, request.offset)) add(outer.info, i);
    for (const code of others) for (const i of code.instructions) add(code.info, i);
    this.list = list;
  }

  /** Position in `list`. */
  indexOf(dict: number, text: string): number | undefined {
    return this.#index.get(key(dict, text));
  }

  isStored(dict: number, text: string): boolean {
    return this.#stored.has(key(dict, text));
  }
}

const key = (dict: number, text: string): string => `${dict}:${text}`;

export function reachableFrom(code: DecodedCode, offset: number): BytecodeInstruction[] {
  const seen = new Set<number>();
  const work = [offset];
  const found: BytecodeInstruction[] = [];
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    const i = code.at(at);
    if (!i || seen.has(at)) continue;
    seen.add(at);
    found.push(i);
    if (i.target !== undefined) work.push(i.target);
    if (fallsThrough(i.name)) work.push(i.end);
  }
  return found;
}

/**
 * Last code unit of each loop, by header. 3.14 puts the way out of a `while`, which may be the back edge of the loop around it,
 * before the body of the `while`: a loop that begins inside another one also ends inside it.
 */
export function findLoops(code: DecodedCode): Map<number, number> {
  const loops = new Map<number, number>();
  for (const i of code.instructions) {
    if (isBackwardJump(i.name) && i.target !== undefined) loops.set(i.target, Math.max(i.offset, loops.get(i.target) ?? 0));
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const [outer, end] of loops) {
      for (const [inner, last] of loops) {
        if (inner <= outer || inner > end || last <= loops.get(outer)!) continue;
        loops.set(outer, last);
        changed = true;
      }
    }
  }
  return loops;
}

/** Code units that some jump of the code leads to, or that follow a jump. */
export function findLeaders(code: DecodedCode): Set<number> {
  const leaders = new Set<number>();
  for (const i of code.instructions) if (i.target !== undefined && i.name !== 'FOR_ITER') leaders.add(i.target);
  for (const i of code.instructions) if (i.name === 'FOR_ITER') leaders.add(i.target!).add(i.offset);
  return leaders;
}

