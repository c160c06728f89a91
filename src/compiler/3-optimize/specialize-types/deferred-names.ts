/**
 * Module-level names whose stores wait: they hold numbers throughout the unit, so their dict is brought up to date where
 * somebody could look (exits and calls that may run Python code), not at every store.
 *
 *   i = i + 1            v2 = int.add v1, 1      (nothing is stored)
 *   print(i)             box v2, dict.entry_store, call
 *
 * What a store would release is a number as well, so nobody notices that it lives a little longer.
 */
import { immediateNumber } from '#ir/immediates.ts';
import type { Fn } from '#ir/types.ts';
import type { TypeInference } from './infer-types.ts';
import { isNumeric } from './kinds.ts';

export const nameKey = (dict: number, name: number): string => `${dict}:${name}`;

/** Dicts whose names are in registers. */
export const namespacesOf = (fn: Fn): ReadonlySet<number> =>
  new Set([...fn.blocks.values()].flatMap((b) => b.instructions.filter((i) => i.op === 'py.store_global').map((i) => immediateNumber(i, 0))));

export function findDeferredNames(fn: Fn, inference: TypeInference): Set<string> {
  const deferred = new Set<string>();
  const eager = new Set<string>();
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) {
      if (i.op !== 'py.store_global') continue;
      const [dict, entry, name] = [immediateNumber(i, 0), immediateNumber(i, 1), immediateNumber(i, 2)];
      const isNumber = isNumeric(inference.kind(i.args[0]!)) && isNumeric(inference.profile.globalType(dict, name));
      (entry >= 0 && isNumber ? deferred : eager).add(nameKey(dict, name));
    }
  }
  for (const key of eager) deferred.delete(key);
  return deferred;
}
