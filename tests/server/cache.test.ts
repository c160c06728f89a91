import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRequest } from '#protocol/read-request.ts';
import type { CompileRequest, ObjectInfo } from '#protocol/request.ts';
import { openDiskCache } from '#server/disk-cache.ts';
import { neutralRequest } from '#server/neutral-request.ts';
import { requestKey } from '#server/request-key.ts';
import { currentPlace } from '#server/runtime-directory.ts';
import { UnitCache } from '#server/unit-cache.ts';
import { bindTemplate, compileTemplate, decodeTemplate, encodeTemplate } from '#server/unit-template.ts';
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

function key(changed: CompileRequest, context: readonly string[] = []): string {
  return requestKey(neutralRequest(changed), context);
}

test('the key leaves out the number of the request and addresses, and nothing else', () => {
  assert.equal(key(request({ id: 2 })), key(request()));
  assert.equal(key(request({ objects: request().objects.map((object) => ({ ...object, address: 99n })) })), key(request()));
  assert.notEqual(key(request({ layout: 311 })), key(request()));
  assert.notEqual(key(request({ offset: 0 })), key(request()));
  assert.notEqual(key(request(), ['spilled']), key(request()));
});

test('numbers count as constants, not as what a local happened to hold', () => {
  const withValue = (value: number, isConstant: boolean): CompileRequest => {
    const [code] = request().codes;
    assert.ok(code);
    return { ...withFloat(value), codes: [{ ...code, consts: isConstant ? [0, 2] : [0] }], stack: [2] };
  };
  assert.equal(key(withValue(1.5, false)), key(withValue(2.5, false)));
  const values = [0, -0, NaN, Infinity, -Infinity, 1e300, 0.1];
  assert.equal(new Set(values.map((value) => key(withValue(value, true)))).size, values.length);
});

/** Stands for a compiler that puts the address of a dict's keys into its code, twice. */
function compileKeys({ objects }: CompileRequest): Uint8Array {
  const unit = Buffer.alloc(100, 0xcc);
  for (const object of objects) {
    if (object.kind === 'dict') for (const at of [64, 83]) unit.writeBigUInt64LE(object.keys, at);
  }
  return unit;
}

test('a unit from the cache gets the address of the dict keys of its new process', () => {
  const template = decodeTemplate(encodeTemplate(compileTemplate(neutralRequest(request()), compileKeys)));
  const objects = request().objects.map((object) => (object.kind === 'dict' ? { ...object, keys: 0x7f00n } : object));
  for (const bound of [request(), request({ objects })]) assert.deepEqual(Buffer.from(bindTemplate(template, bound)), Buffer.from(compileKeys(bound)));
});

test('the compiler sees no address at all', () => {
  compileTemplate(neutralRequest(request()), ({ objects }) => {
    assert.ok(objects.every((object) => object.address === 0n));
    return emptyUnit();
  });
});

test('memory forgets what was used least when it is full', async () => {
  const cache = new UnitCache(['test'], undefined, 600);
  const unit = { kind: 'unit', template: { unit: emptyUnit(), patches: [] } } as const;
  for (const key of ['a', 'b']) cache.add(key, unit);
  await cache.find('a');
  cache.add('c', unit);
  const present = await Promise.all(['a', 'b', 'c'].map(async (key) => (await cache.find(key)) !== undefined));
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
