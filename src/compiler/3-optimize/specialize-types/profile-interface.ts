/** What type specialisation wants to know about a compile request; implemented by `2-build/profile.ts`. */
import type { Origin } from '#ir/types.ts';
import type { Layout, ObjectInfo } from '#protocol/request.ts';

/** A guard that failed in a former version of the unit. */
export interface Failure {
  /** Op name of the guard: `unbox.int`, `int.add`, `guard.type`… */
  readonly reason: string;
  /** Type name of the value that failed, '' when the guard has none. */
  readonly observed: string;
}

export const isBoolAmongInts = ({ reason, observed }: Failure): boolean =>
  (reason === 'unbox.int' && observed === 'bool') || (reason === 'unbox.bool' && observed === 'int');

/** The inline cache of an attribute instruction. */
export interface AttributeCache {
  readonly typeVersion: number;
  /** Index into the values (3.11 instance values) or byte offset (slots; 3.14 instance values). */
  readonly index: number;
}

export interface Profile {
  readonly layout: Layout;
  readonly objects: readonly ObjectInfo[];
  /** Opcode name at this place as the interpreter has specialised it: `BINARY_OP_ADD_INT`, `LOAD_ATTR_SLOT`, `BINARY_OP`. */
  specialization(origin: Origin): string;
  attributeCache(origin: Origin): AttributeCache;
  failed(origin: Origin): readonly Failure[];
  /** Some guard of a former version has met a bool where an int was expected, or an int where a bool was. */
  readonly boolsAmongInts: boolean;
  /** Type name of a local or stack item when the unit was asked for; 'NULL' where there is none; undefined when not known. */
  initialType(kind: 'local' | 'stack', index: number): string | undefined;
  /** Type name of what a namespace dict held under a name when the unit was asked for; both are object-table indices. */
  globalType(dict: number, name: number): string | undefined;
  /** Code unit of code object 0 where the unit begins. */
  readonly entryOffset: number;
  /** A name of the code object. */
  name(code: number, index: number): string;
}
