/** Values that may be the NULL of an unbound local. */
import { immediateNumber } from '#ir/immediates.ts';
import type { ValueId } from '#ir/types.ts';
import type { Kind } from './kinds.ts';
import type { Profile } from './profile-interface.ts';
import type { ValueFlow } from './value-flow.ts';

export function findNullable(flow: ValueFlow, profile: Profile, kind: (value: ValueId) => Kind): Set<ValueId> {
  const nullable = new Set<ValueId>();
  for (const { instruction: i } of flow.definitions) {
    if (i?.op === 'py.local' && profile.initialType('local', immediateNumber(i)) === undefined) nullable.add(i.result!);
  }
  const isNull = (v: ValueId | undefined): boolean => v !== undefined && (nullable.has(v) || kind(v) === 'null');
  for (let changed = true; changed; ) {
    changed = false;
    for (const { value, incoming } of flow.params) {
      if (nullable.has(value) || !incoming.some(isNull)) continue;
      nullable.add(value);
      changed = true;
    }
  }
  return nullable;
}
