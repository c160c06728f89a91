import { randomBytes } from 'node:crypto';
import type { CompileRequest, ObjectInfo } from '#protocol/request.ts';

/**
 * A unit that can be used for every equal request of any process. Units name objects by their place in the request's table; the one
 * address that reaches them is that of a dict's keys. The compiler is given a random number in its place, and wherever
 * that number turns up the address of the next process goes.
 */
export interface UnitTemplate {
  readonly unit: Uint8Array;
  readonly patches: readonly Patch[];
}

interface Patch {
  readonly at: number;
  /** Index of the dict in the object table. */
  readonly object: number;
}

const addressBytes = 8;

/** Random numbers in place of the addresses of dict keys; dicts that share their keys still do. */
function withMarks(neutral: CompileRequest): { request: CompileRequest; marks: ReadonlyMap<bigint, number> } {
  const marks = new Map<bigint, number>();
  const markOf = new Map<bigint, bigint>();
  const objects = neutral.objects.map((object, index): ObjectInfo => {
    if (object.kind !== 'dict') return object;
    const mark = markOf.get(object.keys) ?? randomBytes(addressBytes).readBigUInt64LE();
    markOf.set(object.keys, mark);
    if (!marks.has(mark)) marks.set(mark, index);
    return { ...object, keys: mark };
  });
  return { request: { ...neutral, objects }, marks };
}

/** Compiles a neutral request, and finds the places that depend on the process. */
export function compileTemplate(neutral: CompileRequest, compile: (request: CompileRequest) => Uint8Array): UnitTemplate {
  const { request, marks } = withMarks(neutral);
  const unit = Buffer.from(compile(request));
  const patches: Patch[] = [];
  for (const [mark, object] of marks) {
    const bytes = Buffer.alloc(addressBytes);
    bytes.writeBigUInt64LE(mark);
    for (let at = unit.indexOf(bytes); at >= 0; at = unit.indexOf(bytes, at + addressBytes)) patches.push({ at, object });
  }
  return { unit, patches };
}

/** The unit for one request. */
export function bindTemplate({ unit, patches }: UnitTemplate, request: CompileRequest): Uint8Array {
  const bound = Buffer.from(unit);
  for (const { at, object } of patches) {
    const dict = request.objects[object];
    if (dict?.kind === 'dict') bound.writeBigUInt64LE(dict.keys, at);
  }
  return bound;
}

const countBytes = 4;
const patchBytes = 8;

/** For the disk: u32 count, then u32 place and u32 object of each patch, then the unit. */
export function encodeTemplate({ unit, patches }: UnitTemplate): Uint8Array {
  const head = Buffer.alloc(countBytes + patchBytes * patches.length);
  head.writeUInt32LE(patches.length);
  patches.forEach(({ at, object }, index) => {
    head.writeUInt32LE(at, countBytes + patchBytes * index);
    head.writeUInt32LE(object, countBytes + patchBytes * index + 4);
  });
  return Buffer.concat([head, unit]);
}

/** Reads what `encodeTemplate` wrote; the cache has checked that it is whole. */
export function decodeTemplate(bytes: Uint8Array): UnitTemplate {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.readUInt32LE(0);
  const patches = Array.from({ length: count }, (_, index) => ({
    at: view.readUInt32LE(countBytes + patchBytes * index),
    object: view.readUInt32LE(countBytes + patchBytes * index + 4),
  }));
  return { unit: view.subarray(countBytes + patchBytes * count), patches };
}
