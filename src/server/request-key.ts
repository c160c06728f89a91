import { createHash } from 'node:crypto';
import type { CompileRequest } from '#protocol/request.ts';

/** Digest of a neutral request, and of what decides its unit besides: the version of the compiler, its modes. */
export function requestKey(neutral: CompileRequest, context: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify([context, neutral], encode)).digest('hex');
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
