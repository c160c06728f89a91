import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { Bailout } from '#support/bailout.ts';
import { invariant } from '#support/invariant.ts';
import type { Compiler } from '#server/compiler.ts';
import { frame, largestMessage, messageType } from '#server/framing.ts';
import type { CompileRecord } from '#server/record.ts';
import { protocolVersion } from '#server/replies.ts';
import { readRefusal, requestMessage, TestClient } from './client.ts';
import { emptyUnit, serve } from './server-harness.ts';

const compilesAll: Compiler = { compile: () => emptyUnit(7) };

function throwing(error: () => never): Compiler {
  return { compile: error };
}

test('hello is answered with the protocol version and the modes', async (t) => {
  const { path } = serve(t, compilesAll, { modes: { thresholdZero: true, spillAll: true, failGuard: 5 } });
  const client = await TestClient.open(path);
  const welcome = await client.greet();
  assert.equal(welcome?.type, messageType.welcome);
  assert.deepEqual([0, 4, 8].map((at) => welcome.payload.readUInt32LE(at)), [protocolVersion, 3, 5]);
  client.socket.destroy();
});

test('the socket is closed to other users', (t) => {
  const { path } = serve(t, compilesAll);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a unit comes back under the number of its request', async (t) => {
  const { path } = serve(t, compilesAll);
  const client = await TestClient.open(path);
  await client.greet();
  client.send(messageType.compile, requestMessage(41));
  const reply = await client.next();
  assert.equal(reply?.type, messageType.unit);
  assert.equal(reply.payload.readUInt32LE(0), 41);
  assert.equal(reply.payload.at(-1), 7);
  client.socket.destroy();
});

test('a bailout becomes a refusal with its code', async (t) => {
  const { path } = serve(t, throwing(() => { throw new Bailout('unsupported-opcode', 'YIELD_VALUE'); }));
  const client = await TestClient.open(path);
  await client.greet();
  client.send(messageType.compile, requestMessage(1));
  const reply = await client.next();
  assert.ok(reply);
  assert.deepEqual(readRefusal(reply), { request: 1, retry: 0, code: 'unsupported-opcode', detail: 'YIELD_VALUE' });
  client.socket.destroy();
});

test('our own bug becomes a refusal and a line in the log, and the server lives on', async (t) => {
  const { path, log } = serve(t, throwing(() => { invariant(false, 'two and two'); throw new Error('not reached'); }));
  const client = await TestClient.open(path);
  await client.greet();
  for (const id of [1, 2]) {
    client.send(messageType.compile, requestMessage(id, `f${id}`));
    const reply = await client.next();
    assert.ok(reply);
    assert.equal(readRefusal(reply).code, 'internal-error');
  }
  assert.ok(log.some((line) => line.includes('two and two')));
  client.socket.destroy();
});

test('an equal request is answered from memory', async (t) => {
  let compiled = 0;
  const records: CompileRecord[] = [];
  const counting: Compiler = { compile: () => { compiled += 1; return emptyUnit(); } };
  const { path } = serve(t, counting, { observer: { compiled: (record) => records.push(record) } });
  for (const id of [1, 2]) {
    const client = await TestClient.open(path);
    await client.greet();
    client.send(messageType.compile, requestMessage(id));
    assert.equal((await client.next())?.payload.readUInt32LE(0), id);
    client.socket.destroy();
  }
  assert.equal(compiled, 1);
  assert.deepEqual(records.map((record) => record.fromCache), [false, true]);
});

test('a newer request takes the place of one that waits', async (t) => {
  const { path } = serve(t, compilesAll);
  const client = await TestClient.open(path);
  await client.greet();
  const [first, second] = [requestMessage(1), requestMessage(2)].map((message) => message);
  client.socket.cork();
  client.send(messageType.compile, first ?? null);
  client.send(messageType.compile, second ?? null);
  client.socket.uncork();
  const replies = [await client.next(), await client.next()];
  assert.ok(replies[0]);
  assert.equal(readRefusal(replies[0]).code, 'superseded');
  assert.equal(readRefusal(replies[0]).retry, 1);
  assert.equal(replies[1]?.type, messageType.unit);
  client.socket.destroy();
});

const malformed: Readonly<Record<string, (client: TestClient) => void>> = {
  'a message that is too long': (client) => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(largestMessage + 1);
    client.socket.write(head);
  },
  'an empty message': (client) => void client.socket.write(Buffer.alloc(4)),
  'compile before hello': (client) => client.send(messageType.compile, requestMessage(1)),
  'bytes that are not marshal': (client) => void client.socket.write(frame(messageType.hello, Buffer.from([255, 1, 2]))),
  'a hello without its fields': (client) => client.send(messageType.hello, {}),
  'a layout nobody knows': (client) => client.send(messageType.hello, { protocol: protocolVersion, pid: 1, python: '3.99', layout: 399, arch: 'x86_64', system: 'linux', nonce: 0 }),
  'an unknown message type': (client) => void client.socket.write(frame(99, Buffer.alloc(0))),
};

for (const [what, misbehave] of Object.entries(malformed)) {
  test(`${what} closes that connection and no other`, async (t) => {
    const { path } = serve(t, compilesAll);
    const good = await TestClient.open(path);
    await good.greet();
    const bad = await TestClient.open(path);
    misbehave(bad);
    await bad.closed;
    good.send(messageType.compile, requestMessage(3));
    assert.equal((await good.next())?.type, messageType.unit);
    good.socket.destroy();
  });
}

test('a request with an index out of range closes that connection', async (t) => {
  const { path } = serve(t, compilesAll);
  const client = await TestClient.open(path);
  await client.greet();
  client.send(messageType.compile, { ...requestMessage(1), locals: [99] });
  await client.closed;
});

test('another protocol version is told ours, then dropped', async (t) => {
  const { path } = serve(t, compilesAll);
  const client = await TestClient.open(path);
  const welcome = await client.greet({ protocol: protocolVersion + 1 });
  assert.equal(welcome?.payload.readUInt32LE(0), protocolVersion);
  await client.closed;
});

test('a client that leaves takes its waiting work along', async (t) => {
  const compiled: string[] = [];
  const noting: Compiler = { compile: (request) => { compiled.push(request.codes[0]?.name ?? ''); return emptyUnit(); } };
  const { path } = serve(t, noting);
  const leaving = await TestClient.open(path);
  await leaving.greet();
  leaving.socket.destroy();
  await leaving.closed;
  const staying = await TestClient.open(path);
  await staying.greet();
  staying.send(messageType.compile, requestMessage(1, 'wanted'));
  await staying.next();
  assert.deepEqual(compiled, ['wanted']);
  staying.socket.destroy();
});

test('statistics reach the observer', async (t) => {
  const reports: unknown[] = [];
  const { path, server } = serve(t, compilesAll, { observer: { reported: (_client, statistics) => reports.push(statistics) } });
  const client = await TestClient.open(path);
  await client.greet();
  client.send(messageType.report, { units: [{ name: 'f', entries: 3 }] });
  client.socket.end();
  await server.drain(2000);
  assert.deepEqual(reports, [{ units: [{ name: 'f', entries: 3 }] }]);
});

test('without clients the server says that it is idle', async (t) => {
  await new Promise<void>((resolve) => serve(t, compilesAll, { idleSeconds: 0.01, onIdle: resolve }));
});
