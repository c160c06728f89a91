/** The lattice of type inference. `unknown` is its bottom, `any` its top. */
import type { ValueType } from '#ir/types.ts';
import type { ObjectInfo } from '#protocol/request.ts';
import { defined } from '#support/invariant.ts';

export type Numeric = 'int' | 'float' | 'bool';

/**
 * `int`, `float` and `bool` are unboxed; everything else is an object. `exact:int` is an int object of any size.
 * `null` is an unbound local.
 */
export type Kind = 'unknown' | 'null' | Numeric | 'none' | 'any' | `exact:${string}` | `const:${number}`;

export const representation = (kind: Kind): Exclude<ValueType, 'py'> =>
  kind === 'int' || kind === 'float' || kind === 'bool' ? kind : 'obj';

export const isNumeric = (kind: string | undefined): kind is Numeric =>
  kind === 'int' || kind === 'float' || kind === 'bool';

/** True when nothing is known that excludes a guess. */
export const isOpen = (kind: Kind): boolean => kind === 'any' || kind === 'unknown';

export function joinKinds(a: Kind, b: Kind): Kind {
  if (a === b || b === 'unknown') return a;
  if (a === 'unknown') return b;
  const boxedInt = 'exact:int';
  if ((a === 'int' && b === boxedInt) || (a === boxedInt && b === 'int')) return boxedInt;
  return 'any';
}

export const constantIndex = (kind: Kind): number | undefined =>
  kind.startsWith('const:') ? Number(kind.slice('const:'.length)) : undefined;

/** Name of the exact type, when it is known. */
export function typeName(kind: Kind, objects: readonly ObjectInfo[]): string | undefined {
  if (isNumeric(kind)) return kind;
  if (kind === 'none') return 'NoneType';
  if (kind.startsWith('exact:')) return kind.slice('exact:'.length);
  const index = constantIndex(kind);
  return index === undefined ? undefined : constantType(objects[index], objects);
}

function constantType(object: ObjectInfo | undefined, objects: readonly ObjectInfo[]): string | undefined {
  if (!object) return undefined;
  switch (object.kind) {
    case 'none': return 'NoneType';
    case 'object': {
      const type = objects[object.type];
      return type?.kind === 'type' ? type.name : undefined;
    }
    case 'type': return undefined;
    case 'builtin': return 'builtin_function_or_method';
    // A subclass of these may have been recorded by its base's kind; only the exact ones are simple.
    case 'module': case 'dict': return undefined;
    default: return object.kind;
  }
}

const I64_MAX = (1n << 63n) - 1n;
export const fitsI64 = (value: bigint): boolean => value <= I64_MAX && value >= -I64_MAX - 1n;

/** Kind of a constant of the object table. */
export function constantKind(index: number, objects: readonly ObjectInfo[]): Kind {
  const object = defined(objects[index], 'object', index);
  switch (object.kind) {
    case 'int': return fitsI64(object.value) ? 'int' : 'exact:int';
    case 'float': return 'float';
    case 'bool': return 'bool';
    case 'none': return 'none';
    default: return `const:${index}`;
  }
}
