import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeExits } from '#protocol/exit-words.ts';
import { MalformedUnit, readUnit } from '#protocol/read-unit.ts';
import type { Unit } from '#protocol/unit.ts';
import { writeUnit } from '#protocol/write-unit.ts';
import { Random } from './random-function.ts';

const unit: Unit = {
  request: 77, kind: 'osr', offset: 123, spillCount: 4, code: Uint8Array.from({ length: 2000 }, (_, i) => i & 255),
  relocations: [
    { kind: 'object', at: 8, object: 5 }, { kind: 'symbol', at: 16, symbol: 'PyLong_Type' }, { kind: 'x86_64_call', at: 3, symbol: 'armature_box_int' },
    { kind: 'aarch64_call', at: 4, symbol: 'PyObject_GetIter' }, { kind: 'unit', at: 24, offset: 40 },
  ],
  exits: [{
    kind: 'safepoint', reason: 0, code: 1, offset: 9, watched: { kind: 'spill_obj', index: 3, incref: false },
    globals: [{ dict: 1, name: 2, location: { kind: 'register_int', index: 7, incref: false } }],
    drops: [{ kind: 'register_obj', index: 1, incref: false }],
    instances: [
      { class: 11, local: 5, places: 0x830aabbccddeeffn, attributes: [{ kind: 'register_float', index: 2, incref: false }] },
      { class: 12, local: -1, places: 1n, attributes: [{ kind: 'instance', index: 0, incref: true }] },
    ],
    frames: [
      { code: 0, offset: 9, functionObject: -1, locals: [{ slot: 4, location: { kind: 'literal_float', index: 0, incref: false } }, { slot: 5, location: { kind: 'instance', index: 1, incref: true } }], stack: [] },
      { code: 1, offset: 2, functionObject: 6, locals: [], stack: [{ kind: 'object', index: 9, incref: true }, { kind: 'null', index: 0, incref: false }] },
    ],
  }],
  assumptions: [
    { kind: 'type_version', object: 1, version: 0xfffffff0 }, { kind: 'function_version', object: 2, version: 3 },
    { kind: 'global_value', object: 3, entry: 4, value: 5 }, { kind: 'dict_keys', object: 6, keys: 0x7fffdeadbeefn },
  ],
  literals: [0x8000000000000000n, 5n],
  reasons: [{ exit: 0, reason: 'safepoint', code: 0, offset: 9 }],
};

const payload = (): Uint8Array => writeUnit({ ...unit, exits: encodeExits(unit.exits) });

test('what is written is read back', () => assert.deepEqual(readUnit(payload()), unit));

test('sections begin at multiples of 16', () => {
  const view = new DataView(payload().buffer);
  for (let field = 4; field < 16; field += 2) assert.equal(view.getUint32(field * 4, true) % 16, 0);
});

test('a broken payload is refused, never anything else', () => {
  const good = payload();
  const random = new Random(3);
  for (let round = 0; round < 3000; round++) {
    const bad = good.slice(0, random.below(4) === 0 ? random.below(good.length) : good.length);
    for (let i = 0; i < 3 && bad.length > 0; i++) bad[random.below(Math.min(bad.length, random.below(2) === 0 ? 64 : bad.length))] = random.below(256);
    try {
      readUnit(bad);
    } catch (error) {
      assert.ok(error instanceof MalformedUnit, String(error));
    }
  }
});
