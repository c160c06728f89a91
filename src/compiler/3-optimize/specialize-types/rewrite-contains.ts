/** Membership. */
import type { Instruction, ValueId } from '#ir/types.ts';
import type { ObjectInfo } from '#protocol/request.ts';
import { isGuardable } from './guardable-types.ts';
import { fitsI64 } from './kinds.ts';
import { guardKey, plainKey } from './rewrite-containers.ts';
import type { Rewriter } from './rewriter.ts';

/** More are better looked for by CPython. */
const MAX_COMPARISONS = 6;

export function rewriteContains(r: Rewriter, i: Instruction): void {
  const [container, key] = i.args as [ValueId, ValueId];
  const type = r.provedType(container) ?? (r.typeFailed() ? undefined : r.inference.hint(container));
  if (type === 'dict' && plainKey(r, key)) {
    const object = r.guardType(container, 'dict');
    r.define(i.result, r.value('dict.contains', [object, guardKey(r, key)]));
    return;
  }
  const items = plainItems(r, container);
  if (items !== undefined && inConstants(r, i, items)) return;
  // Whatever is looked for in a text, no method of it is asked.
  const isPlain = type === 'str';
  const call = { op: 'call.oo_i' as const, args: [isPlain ? r.guardType(container, type) : r.obj(container), r.obj(key)], immediates: ['PySequence_Contains'] };
  r.define(i.result, r.value('int.to_bool', [isPlain ? r.plainCall(call) : r.opaque(call)]));
}

/** Of a constant tuple of numbers, texts and None. */
function plainItems(r: Rewriter, container: ValueId): readonly ObjectInfo[] | undefined {
  const object = r.inference.constantObject(container);
  const info = object === undefined ? undefined : r.profile.objects[object];
  const items = info?.kind === 'tuple' ? info.items.map((item) => r.profile.objects[item]) : undefined;
  return items?.every((item) => item !== undefined && PLAIN_KINDS.has(item.kind)) ? (items as ObjectInfo[]) : undefined;
}

const PLAIN_KINDS: ReadonlySet<ObjectInfo['kind']> = new Set<ObjectInfo['kind']>(['int', 'float', 'bool', 'str', 'none']);

/**
 *   op in ('+', '-')      op is a str, like the items, until a guard has met something else: comparing runs no Python code
 *   k in (1, 2, 3)        of a number in a register: comparisons
 */
function inConstants(r: Rewriter, i: Instruction, items: readonly ObjectInfo[]): boolean {
  const [container, key] = i.args as [ValueId, ValueId];
  const numbers = items.flatMap((item) => (item.kind === 'int' && fitsI64(item.value) ? [item.value] : []));
  if (r.representation(key) === 'int' && numbers.length === items.length && numbers.length > 0 && numbers.length <= MAX_COMPARISONS) {
    const found = numbers.map((n) => r.value('int.from_bool', [r.value('int.eq', [key, r.value('const.int', [], [n])])]));
    r.define(i.result, r.value('int.to_bool', [found.reduce((a, b) => r.value('int.or', [a, b]))]));
    return true;
  }
  const guess = plainKey(r, key) ? undefined : guessOf(r, key, items);
  if (guess === undefined && !plainKey(r, key)) return false;
  const object = guess === undefined ? guardKey(r, key) : r.guardType(key, guess);
  const made = r.plainCall({ op: 'call.oo_i', args: [r.obj(container), object], immediates: ['PySequence_Contains'] });
  r.define(i.result, r.value('int.to_bool', [made]));
  return true;
}

/** What the items are, when nothing is known of the value that is looked for. */
function guessOf(r: Rewriter, key: ValueId, items: readonly ObjectInfo[]): string | undefined {
  const kinds = new Set(items.map((item) => item.kind as string).filter((kind) => kind !== 'none'));
  const [kind] = kinds;
  const isOpen = r.provedType(key) === undefined && r.inference.hint(key) === undefined && !r.typeFailed();
  return isOpen && kinds.size === 1 && isGuardable(kind) ? kind : undefined;
}
