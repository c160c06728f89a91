import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MarshalError, unmarshal } from './unmarshal.ts';

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((p) => (typeof p === 'string' ? Buffer.from(p, 'latin1') : Buffer.from(p))));

test('simple values', () => {
  assert.equal(unmarshal(bytes('N')), null);
  assert.equal(unmarshal(bytes('T')), true);
  assert.equal(unmarshal(bytes('i', [0xfe, 0xff, 0xff, 0xff])), -2n);
  assert.equal(unmarshal(bytes('g', [0, 0, 0, 0, 0, 0, 0, 0x80])), -0);
  assert.equal(unmarshal(bytes('u', [2, 0, 0, 0, 0xc3, 0xa9])), 'é');
  assert.deepEqual(unmarshal(bytes('s', [2, 0, 0, 0, 1, 2])), Uint8Array.of(1, 2));
});

test('long integers are digits of 15 bits', () => {
  assert.equal(unmarshal(bytes('l', [3, 0, 0, 0], [1, 0], [2, 0], [3, 0])), 1n + (2n << 15n) + (3n << 30n));
  assert.equal(unmarshal(bytes('l', [0xfe, 0xff, 0xff, 0xff], [0, 0], [1, 0])), -(1n << 15n));
});

test('containers', () => {
  assert.deepEqual(unmarshal(bytes('(', [2, 0, 0, 0], 'N', 'T')), [null, true]);
  assert.deepEqual(unmarshal(bytes('{', 'u', [1, 0, 0, 0], 'k', '[', [0, 0, 0, 0], '0')), new Map([['k', []]]));
});

test('hostile input', () => {
  const wrong: Uint8Array[] = [
    bytes(), bytes('('), bytes('(', [0xff, 0xff, 0xff, 0xff]), bytes('s', [9, 0, 0, 0], 'x'), bytes('NN'), bytes('0'), bytes('?'),
    bytes('{', 'N', 'N', '0'), bytes('{', 'u', [1, 0, 0, 0], 'k'), bytes('(', [1, 0, 0, 0], '0'), bytes('l', [0, 0, 0, 0x80]),
    bytes(...Array.from({ length: 100 }, () => [0x28, 1, 0, 0, 0])),
  ];
  for (const input of wrong) assert.throws(() => unmarshal(input), MarshalError);
});
