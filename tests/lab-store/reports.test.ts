import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Targets } from '#lab/delivery/delivery.ts';
import { Reporter, postNow } from '#lab/delivery/reporter.ts';
import { isPrivate, send } from '#lab/delivery/request.ts';
import { JobQueue } from '#lab/jobs/queue.ts';
import { createApp } from '#lab/server/app.ts';
import { pairsOfPull } from '#lab/store/queries/pulls.ts';
import type { Received } from './receiver.ts';
import { Receiver, within } from './receiver.ts';
import { resultFile } from './result-file.ts';
import type { TestLab } from './test-lab.ts';
import { makeLab, tokenFor } from './test-lab.ts';

const secret = 'a shared secret';
const [baseCommit, headCommit] = ['a'.repeat(40), 'b'.repeat(40)];

describe('reports of pull requests', { concurrency: 1 }, () => {
  let served: TestLab;
  let submit: string;
  let receiver: Receiver;
  let url: string;
  let keys: { readonly base: string; readonly head: string };
  const targets = (changes: Partial<Targets> = {}): Targets => ({
    webhook: { url: new URL('/hook?key=1', url), secret }, github: { api: url, repository: 'python/cpython', token: 'ghs_x' },
    publicUrl: 'https://lab.example.org', allowPrivate: true, ...changes,
  });
  const upload = async (commit: string, day: string, query: string, slower = 1): Promise<Response> => {
    const { bytes } = resultFile({ day, flags: [], commit, governor: 'performance', benchmarks: { nbody: 0.1 * slower, fannkuch: 0.2 } });
    return createApp(served.lab).request(`/api/results?name=x.json${query}`, { method: 'POST', body: Buffer.from(bytes), headers: { Authorization: `Bearer ${submit}` } });
  };
  const keyOf = async (response: Response): Promise<string> => (await response.json() as { run: string }).run;

  before(async () => {
    served = await makeLab();
    submit = await tokenFor(served.lab, 'submit', 'kite');
    const head = await keyOf(await upload(headCommit, '2026-05-02', `&pull=17&base=${baseCommit.slice(0, 10)}`, 1.1));
    assert.deepEqual(await pairsOfPull(served.lab.database, head), [], 'its base is not there yet');
    keys = { base: await keyOf(await upload(baseCommit, '2026-05-01', '')), head };
  });
  beforeEach(async () => {
    await receiver?.close();
    receiver = new Receiver();
    url = await receiver.open();
  });
  after(async () => {
    await receiver.close();
    await served.close();
  });

  test('a run says that it is of a pull request; it is compared with its base, whichever comes first', async () => {
    const pair = { base: keys.base, head: keys.head, pull: 17, commit: headCommit };
    assert.deepEqual(await pairsOfPull(served.lab.database, keys.head), [pair]);
    assert.deepEqual(await pairsOfPull(served.lab.database, keys.base), [pair]);
    const again = await keyOf(await upload(baseCommit, '2026-05-03', ''));
    assert.deepEqual(await pairsOfPull(served.lab.database, again), [], 'a base that is measured again is no news');
    await served.lab.database.query('delete from run where key = $1', [again]);
    for (const query of ['&pull=17', '&base=abcdef0', '&pull=0&base=abcdef0', '&pull=1&base=main']) assert.equal((await upload('c'.repeat(40), '2026-05-04', query)).status, 400, query);
  });

  test('the webhook gets the report, its conclusion and links, signed', async () => {
    assert.deepEqual(await postNow(served.lab, targets({ github: undefined }), { ...keys, pull: 17 }), ['webhook']);
    const [{ call, headers, text }] = receiver.received as [Received];
    assert.equal(call, 'POST /hook?key=1');
    assert.equal(headers['x-hub-signature-256'], `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`);
    const body = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual([body['event'], body['pull'], body['conclusion']], ['report', 17, 'failure']);
    assert.match(String(body['markdown']), /`nbody` \| .*\+10\.\d %/);
    assert.deepEqual(body['links'], {
      comparison: `https://lab.example.org/compare?base=${keys.base}&head=${keys.head}`, base: `https://lab.example.org/runs/${keys.base}`, head: `https://lab.example.org/runs/${keys.head}`,
    });
  });

  test('GitHub has one check and one comment, however often it is told; comments of others stay', async () => {
    for (let index = 0; index < 100; index++) receiver.comments.push({ id: index, body: 'Looks good to me' });
    for (let time = 0; time < 2; time++) assert.deepEqual(await postNow(served.lab, targets({ webhook: undefined }), { ...keys, pull: 17 }), ['check', 'comment']);
    assert.deepEqual(receiver.checks.map(({ name, conclusion, head_sha: sha }) => [name, conclusion, sha]), [['armature lab: cpython on kite', 'failure', headCommit]]);
    assert.deepEqual(receiver.comments.filter(({ body }) => body !== 'Looks good to me').map(({ body }) => body.split('\n')[0]), ['<!-- armature-lab:kite-cpython -->']);
    assert.ok(receiver.received.every(({ headers }) => headers.authorization === 'Bearer ghs_x'));
    assert.deepEqual(receiver.received.map(({ call }) => call.replace(/\?.*/, '')).slice(-2), ['GET /repos/python/cpython/issues/17/comments', 'PATCH /repos/python/cpython/issues/comments/1100']);
  });

  test('the server sends by itself, and again when the receiver failed, each receiver for itself', async () => {
    const queue = await JobQueue.open(served.lab.database, (error) => { assert.fail(String(error)); }, { leaseSeconds: 90, retries: 3, watchSeconds: 1 });
    try {
      const reporter = await Reporter.open(served.lab, queue, targets({ github: undefined }), { retries: 3, delaySeconds: 1, pollSeconds: 0.5 });
      receiver.failures = 2;
      await reporter.notice(keys.head);
      await within(25, () => receiver.received.length === 3);
      const deliveries = new Set(receiver.received.map(({ headers }) => headers['x-armature-delivery']));
      assert.equal(deliveries.size, 1, 'the receiver can tell that it is the same');
      assert.deepEqual(await queue.list(), [], 'such work is not shown among the jobs of machines');
    } finally {
      await queue.close();
    }
  });

  test('nothing is sent to private addresses unless that is allowed', async () => {
    await assert.rejects(postNow(served.lab, targets({ github: undefined, allowPrivate: false }), { ...keys, pull: 17 }), /private address/);
    const { port } = new URL(url);
    for (const host of ['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433']) {
      await assert.rejects(send({ method: 'GET', url: new URL(`http://${host}:${port}/`), headers: {}, allowPrivate: false }), /private address/, host);
    }
    assert.deepEqual(receiver.received, []);
    for (const address of ['10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1', '255.255.255.255']) assert.ok(isPrivate(address), address);
    for (const address of ['8.8.8.8', '172.32.0.1', '192.169.0.1', '2606:4700::1111']) assert.ok(!isPrivate(address), address);
  });
});
