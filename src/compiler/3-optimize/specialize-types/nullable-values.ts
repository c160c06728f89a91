/** Values that may be the NULL of an unbound local. */
import { immediateNumber } from '#ir/immediates.ts';
import type { Graph } from '#ir/graph.ts';
import type { Block, ValueId } from '#ir/types.ts';
import type { Kind } from './kinds.ts';
import type { Profile } from './profile-interface.ts';

/** `incoming`: arguments of the edges into a parameter; undefined for the item of a for_iter. */
export function findNullable(
  graph: Graph, profile: Profile, kind: (value: ValueId) => Kind, incoming: (block: Block, index: number) => readonly (ValueId | undefined)[],
): Set<ValueId> {
  const nullable = new Set<ValueId>();
  for (const i of graph.order.flatMap((block) => block.instructions)) {
    const observed = i.op === 'py.local' ? profile.initialType('local', immediateNumber(i)) : '';
    if (observed === undefined && i.result !== undefined) nullable.add(i.result);
  }
  const isNull = (v: ValueId | undefined): boolean => v !== undefined && (nullable.has(v) || kind(v) === 'null');
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of graph.order) {
      block.params.forEach((param, index) => {
        if (nullable.has(param) || !incoming(block, index).some(isNull)) return;
        nullable.add(param);
        changed = true;
      });
    }
  }
  return nullable;
}
