import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortDigest } from '#support/short-digest.ts';

test('the digest is FNV-1a of the UTF-8 text, always eight digits', () => {
  assert.equal(shortDigest(''), '811c9dc5');
  assert.equal(shortDigest('a'), 'e40c292c');
  assert.equal(shortDigest('foobar'), 'bf9cf968');
  assert.equal(shortDigest('\u00e9').length, 8);
  const texts = Array.from({ length: 3000 }, (_, index) => `/home/user/armature ${index}`);
  const digests = texts.map(shortDigest);
  assert.equal(new Set(digests).size, texts.length);
  assert.ok(digests.every((digest) => /^[0-9a-f]{8}$/.test(digest)));
});
