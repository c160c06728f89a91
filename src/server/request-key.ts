import { createHash } from 'node:crypto';
import type { CompileRequest, ObjectInfo } from '#protocol/request.ts';

/**
 * Digest of everything in a request that decides its unit. Left out: the request's number, and addresses (see unit-template.ts).
 * `context` is what decides besides the request: the version of the compiler, its modes.
 */
export function requestKey(request: CompileRequest, context: readonly string[]): string {
  const { id: _id, objects, ...rest } = request;
  const keys = new Map<bigint, number>();
  const content = JSON.stringify([context, rest, objects.map((object) => withoutAddress(object, keys))], encode);
  return createHash('sha256').update(content).digest('hex');
}

/** Of the address of dict keys, only this matters: which dicts share theirs. */
function withoutAddress(object: ObjectInfo, keys: Map<bigint, number>): unknown {
  const { address: _address, ...rest } = object;
  if (rest.kind !== 'dict') return rest;
  const ordinal = keys.get(rest.keys) ?? keys.size;
  keys.set(rest.keys, ordinal);
  return { ...rest, keys: ordinal };
}

function encode(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0))) return floatBits(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (value instanceof Map) return [...value];
  return value;
}

/** JSON has no words for NaN, the infinities and -0.0. */
function floatBits(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes.toString('hex');
}
