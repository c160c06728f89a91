/** A profile written by hand, for tests. */
import type { Origin } from '#ir/types.ts';
import type { Layout, ObjectInfo } from '#protocol/request.ts';
import { isBoolAmongInts, type AttributeCache, type Failure, type Profile } from './profile-interface.ts';

export interface TestProfile {
  layout?: Layout;
  objects?: readonly ObjectInfo[];
  /** By code unit offset. */
  specializations?: Record<number, string>;
  caches?: Record<number, AttributeCache>;
  failures?: Record<number, readonly Failure[]>;
  locals?: Record<number, string>;
  stack?: Record<number, string>;
  names?: readonly string[];
}

export function testProfile(t: TestProfile = {}): Profile {
  return {
    layout: t.layout ?? 314,
    objects: t.objects ?? [],
    entryOffset: 0,
    specialization: (o: Origin) => t.specializations?.[o.offset] ?? '',
    attributeCache: (o: Origin) => t.caches?.[o.offset] ?? { typeVersion: 0, index: 0 },
    boolsAmongInts: Object.values(t.failures ?? {}).some((failures) => failures.some(isBoolAmongInts)),
    failed: (o: Origin) => t.failures?.[o.offset] ?? [],
    globalType: () => undefined,
    initialType: (kind, index) => (kind === 'local' ? t.locals : t.stack)?.[index],
    name: (_code, index) => t.names?.[index] ?? '',
  };
}
