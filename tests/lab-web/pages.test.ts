import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { JobQueue } from '#lab/jobs/queue.ts';
import { createApp } from '#lab/server/app.ts';
import type { RunningServer } from '#lab/server/serve.ts';
import { listen } from '#lab/server/serve.ts';
import { createToken } from '#lab/store/decisions.ts';
import { judgeAll } from '#lab/watch/watcher.ts';
import { createLivePages } from '#lab/web/live-pages.ts';
import { createPages, showError } from '#lab/web/pages.ts';
import { resultFile } from '../lab-store/result-file.ts';
import type { TestLab } from '../lab-store/test-lab.ts';
import { makeLab, tokenFor } from '../lab-store/test-lab.ts';
import { assertAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';

const unlimited = { reads: 1e6, writes: 1e6, refusals: 1e6 };
const hostile = '<script>alert(1)</script>&"\'';
const sections = ['/', '/timeline', '/compare', '/changes', '/machines', '/runs', '/jobs'];

let served: TestLab;
let server: RunningServer;
let browser: Browser;
let queue: JobQueue;
let administrator: string;

/** Twelve nights of two builds; from the eighth on, one benchmark is slower. */
async function fill(lab: TestLab['lab']): Promise<void> {
  const app = createApp(lab, { rateLimits: unlimited });
  const token = await tokenFor(lab, 'submit', 'kite');
  for (let night = 1; night <= 12; night++) {
    for (const flags of [[], ['JIT']]) {
      const faster = flags.length === 0 ? 1 : 0.8;
      const { name, bytes } = resultFile({
        day: `2026-05-${String(night).padStart(2, '0')}`, flags, commit: `abcdef${night.toString(16)}`, governor: night > 10 ? 'powersave' : 'performance',
        benchmarks: { nbody: 0.05 * faster * (night >= 8 ? 1.2 : 1), fannkuch: 0.2 * faster, [hostile]: 0.001 },
      });
      const answer = await app.request(`/api/results?name=${encodeURIComponent(name)}`, { method: 'POST', body: Buffer.from(bytes), headers: { Authorization: `Bearer ${token}` } });
      assert.equal(answer.status, 201, await answer.text());
    }
  }
}

before(async () => {
  // First: where there is none, nothing else is left open.
  browser = await launchBrowser();
  served = await makeLab();
  await fill(served.lab);
  await judgeAll(served.lab.database);
  administrator = (await createToken(served.lab, { name: 'Maria', scope: 'administer', machine: null }, new Date())).secret;
  queue = await JobQueue.open(served.lab.database, (error) => { assert.fail(String(error)); });
  const app = createApp(served.lab, { pages: createPages(served.lab), livePages: createLivePages(served.lab, queue), errorPage: showError, jobs: queue, rateLimits: unlimited });
  server = await listen(app, '127.0.0.1', 0);
});
after(async () => {
  await browser.close();
  await server.close();
  await queue.close();
  await served.close();
});

/** Opens a page that must not complain: no script error, no refused resource, no dialog from a name with markup. */
async function open(path: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const page = await browser.newPage(options);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('dialog', (dialog) => { complaints.push('dialog'); void dialog.dismiss(); });
  const response = await page.goto(`${server.url}${path}`);
  assert.equal(response?.status(), 200, path);
  assert.deepEqual(complaints, [], path);
  return page;
}

/** A page of a reader of their own, who signed in with a token, as people do. */
async function openSignedIn(path: string, secret: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const page = await open(`/sign-in?next=${encodeURIComponent(path)}`, options);
  await page.locator('input[name=token]').fill(secret);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${server.url}${path}`);
  return page;
}

/** Presses a link, and waits until its page is complete, script included. */
async function follow(page: Page, link: Locator): Promise<void> {
  const href = await link.getAttribute('href') ?? '';
  await link.click();
  await page.waitForURL(new URL(href, page.url()).href);
}

const texts = async (page: Page, selector: string): Promise<string[]> => (await page.locator(selector).allInnerTexts()).map((text) => text.trim());

describe('pages of the lab, in Chromium', { concurrency: 1 }, () => {
  test('every section has a title, a heading, its place in the navigation, and data for programs', async () => {
    for (const path of sections) {
      const page = await open(path);
      assert.equal(await page.locator('h1').count(), 1);
      assert.equal(await page.locator('nav a[aria-current="page"]').getAttribute('href'), path);
      const json = await page.locator('footer a', { hasText: 'JSON' }).getAttribute('href');
      assert.equal((await page.request.get(`${server.url}${json ?? ''}`)).headers()['content-type']?.split(';')[0], 'application/json');
      const feed = await page.request.get(`${server.url}${await page.locator('link[type="application/atom+xml"]').getAttribute('href') ?? ''}`);
      assert.deepEqual([feed.status(), feed.headers()['content-type']?.split(';')[0]], [200, 'application/atom+xml']);
      await page.close();
    }
  });

  test('the overview compares each series with the run before and leads to the comparison', async () => {
    const page = await open('/');
    assert.equal(await page.locator('.tiles li svg.spark').count(), 2);
    assert.equal(await page.locator('.tiles').first().locator('svg.spark path').count() >= 2, true);
    assert.match((await texts(page, '.tiles li')).join(), /At one commit\s+13\.8 % faster\s+cpython-jit against cpython on kite/);
    await follow(page, page.locator('.tiles').first().locator('a[href^="/compare"]').first());
    assert.equal(await page.locator('h1').innerText(), 'Comparison');
    await page.close();
  });

  test('the timeline shows every benchmark, the filter stays in the link, and one benchmark has a point for each run', async () => {
    const page = await open('/timeline');
    await follow(page, page.locator('main a').first());
    assert.equal(await page.locator('.tiles li').count(), 3);
    await page.keyboard.press('/');
    await page.keyboard.type('nbo');
    assert.deepEqual(await texts(page, '.tiles li:not([hidden]) > a'), ['nbody']);
    assert.match(page.url(), /filter=nbo/);
    await page.reload();
    assert.equal(await page.locator('.tiles li:not([hidden])').count(), 1);
    await follow(page, page.locator('.tiles li:not([hidden]) > a'));
    assert.equal(await page.locator('.chart a circle').count(), 12);
    assert.equal(await page.locator('.chart .epoch').count(), 1);
    assert.match(await page.locator('.chart a:has(.change) title').first().textContent() ?? '', /2\d\.\d % slower from here on \(new\)/);
    const labels = await page.locator('.chart .axis text').allTextContents();
    assert.ok(labels.length >= 3 && labels.every((label) => / ms$/.test(label)), labels.join());
    assert.match((await texts(page, 'tbody .worse')).join(), /20\.0 % slower/);
    const [title] = await texts(page, 'h1');
    await follow(page, page.locator('main p a', { hasText: 'on kite' }));
    assert.equal(await page.locator('.chart path.beside1').count(), 1, 'the other build is drawn beside it');
    assert.equal(await page.locator('.chart a circle').count(), 12);
    assert.notEqual((await texts(page, 'figcaption a')).join(), '');
    await assertAccessible(page, page.url());
    await follow(page, page.locator('main p a', { hasText: 'on kite' }));
    assert.deepEqual([await page.locator('.chart path.beside1').count(), await texts(page, 'h1')], [0, [title]]);
    await page.close();
  });

  test('a comparison has verdicts, and sorts by them', async () => {
    const page = await open('/compare');
    await follow(page, page.locator('main li a', { hasText: 'cpython-jit against' }).first());
    assert.match(await page.locator('main .card').innerText(), /2 faster\s+1 the same\s+0 inconclusive\s+0 slower/);
    assert.equal(await page.locator('tbody svg.interval').count(), 3);
    await page.locator('thead button', { hasText: 'Head is' }).click();
    const ascending = await texts(page, 'tbody tr td:nth-child(4)');
    await page.locator('thead button', { hasText: 'Head is' }).click();
    assert.deepEqual(await texts(page, 'tbody tr td:nth-child(4)'), ascending.reverse());
    assert.equal(await page.locator('th[aria-sort="descending"]').count(), 1);
    await page.close();
  });

  test('one run shows all its benchmarks, and every sample of one', async () => {
    const page = await open('/runs');
    assert.equal(await page.locator('tbody tr').count(), 24);
    await follow(page, page.locator('tbody th a').first());
    assert.equal(await page.locator('tbody tr').count(), 3);
    await follow(page, page.locator('tbody th a', { hasText: 'nbody' }));
    assert.equal(await page.locator('tbody tr').count(), 4 * (1 + 3));
    const values = await texts(page, 'tbody td:last-child');
    assert.ok(values.every((value) => /^\d+\.\d+ ms$/.test(value) && value.replace(/\D/g, '').length === 6), `samples can be told apart: ${values.join()}`);
    assert.match(await (await page.request.get(new URL(await page.locator('footer a', { hasText: 'CSV' }).getAttribute('href') ?? '', server.url).href)).text(), /^process,/);
    await page.close();
  });

  test('a list that shows the newest leads to all that came before', async () => {
    for (const [path, words] of [['/runs?limit=10', 'Older runs'], ['/changes?limit=1', 'Older changes']] as const) {
      const all = (await (await fetch(`${server.url}/api${path.split('?')[0]}`)).json() as { key: string }[]).length;
      const page = await open(path);
      assert.match(await page.locator('caption').innerText(), /^The newest 1/);
      const seen = new Set<string>();
      for (let pages = 0; pages <= all; pages++) {
        for (const row of await texts(page, 'tbody tr')) seen.add(row);
        const older = page.locator('a', { hasText: words });
        if (await older.count() === 0 || path.startsWith('/changes')) break;
        await follow(page, older);
        assert.match(await page.locator('caption').innerText(), /before 2026-05-/);
      }
      assert.ok(path.startsWith('/changes') || seen.size === all, `${seen.size} of ${all}`);
      await page.close();
    }
  });

  test('a comparison offers the newest run and the one before it, not one run twice', async () => {
    const page = await open('/compare');
    const [base, head] = [await page.locator('select[name=base]').inputValue(), await page.locator('select[name=head]').inputValue()];
    assert.notEqual(base, head);
    await follow(page, page.locator('form button'));
    assert.match(page.url(), new RegExp(`base=${base}&head=${head}`));
    await page.close();
  });

  test('a machine shows its environments and its noise, but no host name to anonymous readers', async () => {
    const page = await open('/machines');
    await follow(page, page.locator('tbody th a').first());
    const text = await page.locator('main').innerText();
    assert.match(text, /governor/);
    assert.match(text, /from run to run in the median of 3/);
    assert.doesNotMatch(text, /kite\.example|maria/);
    await page.close();
  });

  test('changes can be asked for by state, and the form keeps what was asked', async () => {
    const page = await open('/changes?state=confirmed&machine=');
    assert.equal(await page.locator('select[name=state]').inputValue(), 'confirmed');
    await page.close();
  });

  test('a change has a page, on which an administrator says what it is, and nobody else', async () => {
    const page = await open('/changes');
    await follow(page, page.locator('tbody tr', { hasText: 'nbody' }).locator('a[href^="/changes/"]').first());
    const path = new URL(page.url()).pathname;
    assert.equal(await page.locator('select[name=state]').count(), 0);
    const ask = (headers: Record<string, string>): Promise<number> => page.request.post(`${server.url}${path}`, { form: { state: 'fixed', note: '' }, headers }).then((answer) => answer.status());
    assert.equal(await ask({}), 401);
    const odd = await page.request.post(`${server.url}${path}`, { form: { state: 'fixed', note: 'a\0b' }, headers: { Authorization: `Bearer ${administrator}` } });
    assert.equal(odd.status(), 400, 'a character that no database takes');
    assert.equal(await ask({ Cookie: `armature_lab_token=${await tokenFor(served.lab, 'read')}`, Origin: server.url }), 403);
    assert.equal(await ask({ Cookie: `armature_lab_token=${administrator}`, Origin: 'https://elsewhere.example' }), 401, 'another site cannot use the cookie');
    await page.close();
    const signedIn = await openSignedIn(path, administrator);
    for (const [state, note] of [['confirmed', 'a new <b>allocator</b>'], ['fixed', 'reverted']] as const) {
      await signedIn.locator('select[name=state]').selectOption(state);
      await signedIn.locator('input[name=note]').fill(note);
      await signedIn.locator('main button', { hasText: 'Say so' }).click();
      await signedIn.waitForSelector(`tbody tr:has-text("${state}")`);
    }
    assert.deepEqual(await texts(signedIn, 'tbody td'), ['confirmed', 'Maria', 'a new <b>allocator</b>', 'fixed', 'Maria', 'reverted']);
    await signedIn.close();
    const anonymous = await open(path);
    assert.doesNotMatch(await anonymous.locator('main').innerText(), /Maria/);
    await anonymous.close();
  });

  test('a token that is wrong signs nobody in, and one that was revoked since counts as none', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.url}/sign-in?next=//elsewhere.example`);
    assert.equal(await page.locator('input[name=next]').inputValue(), '/');
    // Browsers leave tabs out of an address.
    for (const outside of ['/%09/elsewhere.example', '/%5Celsewhere.example', '/%0A/elsewhere.example', 'https://elsewhere.example', '/x%09y']) {
      await page.goto(`${server.url}/sign-in?next=${outside}`);
      assert.equal(await page.locator('input[name=next]').inputValue(), '/', outside);
    }
    await page.locator('input[name=token]').fill('armlab_wrong');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]');
    assert.equal((await page.request.get(`${server.url}/runs`, { headers: { Cookie: 'armature_lab_token=armlab_wrong' } })).status(), 200);
    await page.close();
  });

  test('jobs: the queue, who has a job and since when, what failed and why, and the runners', async () => {
    const anonymous = await open('/jobs');
    assert.match(await anonymous.locator('main').innerText(), /to those who have a token/);
    await anonymous.close();
    const request = { benchmarks: ['kernels'], python: 'main', ways: [], processes: undefined };
    const runner = { cpus: '2-3', pythons: ['main', '3.14'] };
    const failed = await queue.enqueue('kite', { ...request, benchmarks: ['no-gain'] }, 5);
    await queue.notice('kite', runner);
    await queue.lease('kite', runner);
    await queue.fail('kite', failed, 'armature bench ended with 1', 'Traceback <most recent call last>\nValueError: no');
    await queue.enqueue('kite', request, 7);
    await queue.lease('kite', runner);
    const page = await openSignedIn('/jobs', administrator);
    assert.deepEqual((await texts(page, 'main table >> nth=0 >> tbody td:nth-child(2)')), ['leased', 'queued again']);
    assert.match(await page.locator('main table').first().innerText(), /kernels with main\s+leased\s+kite on CPUs 2-3\s+1 of 4\s+\d+ s ago/);
    assert.match(await page.locator('main table').nth(1).innerText(), /kite\s+2-3\s+main, 3\.14\s+\d+ s ago\s+a job/);
    for (const path of ['/api/jobs?format=csv', '/api/runners?format=csv']) assert.match((await (await page.request.get(`${server.url}${path}`)).text()), /^(id|machine),/);
    // The page keeps up with the queue, as it was sorted, unless it is told not to.
    await page.locator('main table >> nth=0 >> thead button', { hasText: 'What' }).click();
    await page.locator('h1').click();
    await queue.enqueue('kite', { ...request, benchmarks: ['added'] }, 1);
    await page.waitForSelector('tbody th a:has-text("added")', { timeout: 15_000 });
    assert.deepEqual((await texts(page, 'main table >> nth=0 >> tbody th')).map((text) => text.split(' ')[0]), ['added', 'kernels', 'no-gain']);
    await page.locator('input.keep-up').uncheck();
    await follow(page, page.locator('tbody th a', { hasText: 'no-gain' }));
    assert.match(await page.locator('pre').innerText(), /<most recent call last>\nValueError: no/);
    await page.locator('main button', { hasText: 'Cancel' }).click();
    await page.waitForSelector('dd:has-text("cancelled")');
    await page.setViewportSize({ width: 360, height: 700 });
    for (const path of ['/jobs', `/jobs/${failed}`]) {
      await page.goto(`${server.url}${path}`);
      assert.ok(await page.evaluate<number>('document.documentElement.scrollWidth') <= 360, `${path} is wider than the screen`);
    }
    await page.close();
  });

  test('nothing is wider than a phone, in light and in dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const grounds = new Set<string>();
      for (const path of [...sections, '/timeline?machine=kite&variant=cpython-jit', '/timeline?machine=kite&variant=cpython-jit&benchmark=nbody']) {
        const page = await open(path, { viewport: { width: 360, height: 700 }, colorScheme });
        assert.ok(await page.evaluate<number>('document.documentElement.scrollWidth') <= 360, `${path} is wider than the screen`);
        const filter = page.locator('input.filter');
        if (await filter.count() > 0) {
          await filter.fill('no benchmark is called so');
          assert.equal(await page.locator('.tiles.many li:visible, table.sortable tbody tr:visible').count(), 0, `${path}: the filter hides cards too`);
        }
        grounds.add(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'));
        await page.close();
      }
      assert.equal(grounds.size, 1);
      const [red = 0] = /\d+/.exec([...grounds][0] ?? '')?.map(Number) ?? [];
      assert.ok(colorScheme === 'light' ? red > 230 : red < 30, [...grounds].join());
    }
  });

  test('every page keeps the rules of accessibility, in light and in dark, on a desk and on a phone', async () => {
    const [run] = await (await fetch(`${server.url}/api/runs?limit=1`)).json() as [{ key: string }];
    const [change] = await (await fetch(`${server.url}/api/changes?limit=1`)).json() as [{ key: string }];
    const [pair] = await (await fetch(`${server.url}/api/comparison/presets`)).json() as [{ base: string; head: string }];
    const job = await queue.enqueue('kite', { benchmarks: ['kernels'], python: 'main', ways: [], processes: undefined }, 1);
    const paths = [
      ...sections, '/timeline?machine=kite&variant=cpython', '/timeline?machine=kite&variant=cpython&benchmark=nbody', `/compare?base=${pair.base}&head=${pair.head}`,
      `/changes/${change.key}`, '/machines/kite', `/runs/${run.key}`, `/runs/${run.key}?benchmark=nbody`, `/jobs/${job}`, '/sign-in',
    ];
    for (const options of [{ colorScheme: 'light', viewport: { width: 1280, height: 900 } }, { colorScheme: 'dark', viewport: { width: 390, height: 844 } }] as const) {
      const page = await openSignedIn('/', administrator, options);
      for (const path of paths) {
        await page.goto(`${server.url}${path}`);
        await assertAccessible(page, `${path} in ${options.colorScheme}`);
      }
      await page.close();
    }
  });

  test('pages are led by the keyboard: a link to skip the navigation, and digits for the sections', async () => {
    const page = await open('/');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate<string>('document.activeElement.className'), 'skip');
    await page.keyboard.press('5');
    await page.waitForURL(/machines/);
    await page.close();
  });

  test('what is not there, and what is asked in a wrong way, is said', async () => {
    const page = await browser.newPage();
    for (const [path, status] of [['/runs/nothing', 404], ['/machines/nobody', 404], ['/timeline?machine=nobody&variant=cpython', 404], ['/compare?base=a&head=b', 404], ['/timeline?machine=kite&variant=cpython&benchmark=none', 404], ['/runs/%00', 400], ['/changes?state=odd', 400], ['/nowhere', 404]] as const) {
      const forPrograms = await fetch(`${server.url}${path}`);
      assert.deepEqual([forPrograms.status, forPrograms.headers.get('content-type')], [status, 'application/json'], path);
      assert.equal((await page.goto(`${server.url}${path}`))?.status(), status, path);
      assert.equal(await page.locator('nav').count(), 1, 'people get a page that leads on');
      assert.equal(await page.locator('nav [aria-current]').count(), 0, 'it is none of the sections');
    }
    await page.close();
  });
});
