import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRequest } from '#protocol/read-request.ts';
import type { CompileRequest, ObjectInfo } from '#protocol/request.ts';
import { openDiskCache } from '#server/disk-cache.ts';
import { rebind, requestKey } from '#server/request-key.ts';
import { currentPlace } from '#server/runtime-directory.ts';
import { UnitCache } from '#server/unit-cache.ts';
import { marshal } from '../harness/marshal.ts';
import { requestMessage } from './client.ts';
import { emptyUnit, temporaryDirectory } from './server-harness.ts';

const log = (): void => undefined;
const { uid } = currentPlace();

function request(changes: Partial<CompileRequest> = {}): CompileRequest {
  return { ...readRequest(marshal(requestMessage(1)), { layout: 314, arch: 'x86_64' }), ...changes };
}

function withFloat(value: number): CompileRequest {
  const float: ObjectInfo = { kind: 'float', type: -1, address: 1n, value };
  return request({ objects: [...request().objects, float] });
}

test('the key leaves out the number of the request and addresses, and nothing else', () => {
  const key = requestKey(request(), []);
  assert.equal(requestKey(request({ id: 2 }), []), key);
  assert.equal(requestKey(request({ objects: request().objects.map((object) => ({ ...object, address: 99n })) }), []), key);
  assert.notEqual(requestKey(request({ layout: 311 }), []), key);
  assert.notEqual(requestKey(request({ offset: 0 }), []), key);
  assert.notEqual(requestKey(request(), ['spilled']), key);
});

test('floats that print alike have keys of their own', () => {
  const keys = [0, -0, NaN, Infinity, -Infinity, 1e300, 0.1].map((value) => requestKey(withFloat(value), []));
  assert.equal(new Set(keys).size, keys.length);
});

test('a unit from the cache gets the address of the dict keys of its new process', () => {
  const unit = Buffer.concat([Buffer.alloc(64), Buffer.alloc(24)]);
  unit.writeUInt32LE(64, 40);
  unit.writeUInt32LE(1, 44);
  unit.writeUInt32LE(4, 64);
  unit.writeUInt32LE(1, 68);
  unit.writeBigUInt64LE(12288n, 72);
  const objects = request().objects.map((object) => (object.kind === 'dict' ? { ...object, keys: 0x7f00n } : object));
  assert.equal(Buffer.from(rebind(unit, request({ objects }))).readBigUInt64LE(72), 0x7f00n);
});

test('memory forgets what was used least when it is full', async () => {
  const cache = new UnitCache(['test'], undefined, 600);
  for (const key of ['a', 'b']) cache.add(key, { kind: 'unit', unit: emptyUnit() });
  await cache.find('a', request());
  cache.add('c', { kind: 'unit', unit: emptyUnit() });
  const present = await Promise.all(['a', 'b', 'c'].map(async (key) => (await cache.find(key, request())) !== undefined));
  assert.deepEqual(present, [true, false, true]);
});

test('a unit survives on disk, readable only by its user', async (t) => {
  const directory = join(temporaryDirectory(t), 'units');
  const cache = openDiskCache({ directory, uid, largestTotal: 1000, log });
  await cache.write('key', emptyUnit(3));
  assert.deepEqual([...(await cache.read('key')) ?? []], [...emptyUnit(3)]);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  assert.equal(statSync(join(directory, 'key')).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory), ['key']);
});

test('a corrupted entry is ignored and deleted', async (t) => {
  const directory = join(temporaryDirectory(t), 'units');
  const cache = openDiskCache({ directory, uid, largestTotal: 1000, log });
  await cache.write('key', emptyUnit());
  const content = readFileSync(join(directory, 'key'));
  content.writeUInt8(content.readUInt8(40) ^ 1, 40);
  writeFileSync(join(directory, 'key'), content);
  assert.equal(await cache.read('key'), undefined);
  assert.deepEqual(readdirSync(directory), []);
});

test('a directory that others may write is not used', async (t) => {
  const directory = join(temporaryDirectory(t), 'units');
  const cache = openDiskCache({ directory, uid, largestTotal: 1000, log });
  await cache.write('key', emptyUnit());
  chmodSync(directory, 0o777);
  assert.equal(await cache.read('key'), undefined);
});

test('the oldest entries beyond the size limit are deleted', async (t) => {
  const directory = join(temporaryDirectory(t), 'units');
  const cache = openDiskCache({ directory, uid, largestTotal: 250, log });
  for (const [age, key] of ['new', 'middle', 'old'].entries()) {
    await cache.write(key, emptyUnit());
    const time = new Date(Date.now() - age * 60_000);
    utimesSync(join(directory, key), time, time);
  }
  await cache.trim();
  assert.deepEqual(readdirSync(directory).sort(), ['middle', 'new']);
});
