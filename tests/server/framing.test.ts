import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame, FrameReader, largestMessage, ProtocolError } from '#server/framing.ts';

const messages = [frame(1, Buffer.from('hello')), frame(3, Buffer.alloc(0)), frame(6, Buffer.alloc(70_000, 5))];
const stream = Buffer.concat(messages);

for (const size of [1, 2, 3, 7, 4096, stream.length]) {
  test(`messages come out whole from pieces of ${size} bytes`, () => {
    const reader = new FrameReader();
    const received = [];
    for (let at = 0; at < stream.length; at += size) received.push(...reader.push(stream.subarray(at, at + size)));
    assert.deepEqual(received.map(({ type, payload }) => [type, payload.length]), [[1, 5], [3, 0], [6, 70_000]]);
    assert.equal(received[0]?.payload.toString(), 'hello');
  });
}

test('a length beyond the limit is refused before its bytes arrive', () => {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(largestMessage + 1);
  assert.throws(() => new FrameReader().push(head), ProtocolError);
});
