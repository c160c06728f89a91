/** One entry of the object table. */
import { asBigInt, Items } from './fields.ts';
import type { ObjectInfo } from './request.ts';
import { MarshalError, type MarshalValue } from './unmarshal.ts';

export function readObject(value: MarshalValue, what: string): ObjectInfo {
  const items = new Items(value, what);
  const kind = items.text();
  const base = { type: items.int(), address: items.bigint() };
  switch (kind) {
    case 'none': return { kind, ...base };
    case 'object': return { kind, ...base, item: items.isAtEnd ? -1 : items.int() };
    case 'bool': return { kind, ...base, value: readBool(items.next(), what) };
    case 'int': return { kind, ...base, value: items.bigint() };
    case 'float': return { kind, ...base, value: readFloat(items.next(), what) };
    case 'str': return { kind, ...base, value: items.text() };
    case 'bytes': return { kind, ...base, length: items.int() };
    case 'function':
      return {
        kind, ...base, code: items.int(), version: items.int(), globals: items.int(),
        closure: items.int(), defaults: items.int(), kwdefaults: items.int(), codeObject: items.isAtEnd ? -1 : items.int(),
      };
    case 'builtin':
      return {
        kind, ...base, name: items.text(), module: items.text(), self: items.int(), flags: items.int(),
        method: items.isAtEnd ? -1 : items.int(),
      };
    case 'type':
      return {
        kind, ...base, name: items.text(), version: items.int(), flags: items.int(), basicsize: items.int(),
        isPlainClass: !items.isAtEnd && items.int() === 1, methods: items.isAtEnd ? new Map() : readMethods(items.next(), what),
      };
    case 'module': return { kind, ...base, name: items.text(), dict: items.int() };
    case 'method_descriptor': return { kind, ...base, name: items.text(), owner: items.int(), flags: items.int() };
    case 'dict': return { kind, ...base, keys: items.bigint(), keysVersion: items.int(), entries: items.int() };
    case 'tuple': return { kind, ...base, items: readIndices(items.next(), what) };
    case 'cell': return { kind, ...base, content: items.int() };
    default: throw new MarshalError(`${what}: kind ${JSON.stringify(kind)}`);
  }
}

function readBool(value: MarshalValue, what: string): boolean {
  return typeof value === 'boolean' ? value : asBigInt(value, what) !== 0n;
}

function readFloat(value: MarshalValue, what: string): number {
  if (typeof value !== 'number') throw new MarshalError(`${what} is not a float`);
  return value;
}

function readMethods(value: MarshalValue, what: string): ReadonlyMap<string, number> {
  if (!Array.isArray(value)) throw new MarshalError(`${what} is not a tuple`);
  return new Map((value as readonly MarshalValue[]).map((pair) => {
    const items = new Items(pair, what);
    return [items.text(), items.int()];
  }));
}

function readIndices(value: MarshalValue, what: string): number[] {
  if (!Array.isArray(value)) throw new MarshalError(`${what} is not a tuple`);
  return (value as readonly MarshalValue[]).map((v) => Number(asBigInt(v, what)));
}
