/** How often a value is put where Python code can get at it as an object. */
import type { Graph } from '#ir/graph.ts';
import type { Instruction, ValueId } from '#ir/types.ts';

/**
 * Stores, arguments and items, by value. A number that escapes more than once has to be the same object everywhere: it cannot be
 * written into the numbers that happen to be in these places.
 *
 *   a[i] = x; b[i] = x        afterwards a[i] is b[i]
 */
export function countEscapes(graph: Graph, builtin: (callee: ValueId) => string | undefined): ReadonlyMap<ValueId, number> {
  const counts = new Map<ValueId, number>();
  for (const i of graph.order.flatMap((block) => block.instructions)) {
    if (i.op === 'py.call' && TAKES_NUMBERS.test(builtin(i.args[0]!) ?? '')) continue;
    for (const v of escaping(i)) counts.set(v, (counts.get(v) ?? 0) + 1);
  }
  return counts;
}

/** Look at the number only, and do so without an object when they are compiled. */
const TAKES_NUMBERS = /^(math\.|builtins\.(abs|min|max)$|type\.(int|float|bool)$)/;

function escaping({ op, args }: Instruction): readonly ValueId[] {
  switch (op) {
    case 'py.store_subscript': return args.slice(2);
    case 'py.store_attribute':
    case 'py.store_cell':
    case 'py.list_append':
    case 'py.call':
    case 'py.call_kw': return args.slice(1);
    case 'py.build_list':
    case 'py.build_tuple':
    case 'py.build_map': return args;
    default: return [];
  }
}
