import { createHash } from 'node:crypto';
import type { CompileRequest, ObjectInfo } from '#protocol/request.ts';

/**
 * Digest of everything in a request that decides its unit. Left out: the request's number, and addresses, since units name
 * objects by their place in the table; the one address that reaches a unit is put in by `rebind`.
 */
export function requestKey(request: CompileRequest, context: readonly string[]): string {
  const { id: _id, objects, ...rest } = request;
  const content = JSON.stringify([context, rest, objects.map(withoutAddress)], encode);
  return createHash('sha256').update(content).digest('hex');
}

function withoutAddress(object: ObjectInfo): unknown {
  const { address: _address, ...rest } = object;
  return rest.kind === 'dict' ? { ...rest, keys: 0n } : rest;
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

const guardOffsetField = 40;
const guardCountField = 44;
const guardBytes = 24;
const dictKeysGuard = 4;

/** Puts the addresses of this request into a unit that was compiled for an equal one. */
export function rebind(unit: Uint8Array, request: CompileRequest): Uint8Array {
  const bound = Buffer.from(unit);
  const count = bound.readUInt32LE(guardCountField);
  let at = bound.readUInt32LE(guardOffsetField);
  for (let index = 0; index < count; index++, at += guardBytes) {
    const object = request.objects[bound.readUInt32LE(at + 4)];
    if (bound.readUInt32LE(at) === dictKeysGuard && object?.kind === 'dict') bound.writeBigUInt64LE(object.keys, at + 8);
  }
  return bound;
}
