import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { labCommand, startLab } from './lab-process.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startPostgres } from './postgres-server.ts';
import { resultFile } from './result-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'armature-lab-'));
const data = join(directory, 'data');
let postgres: PostgresServer;
let database: readonly string[];

before(async () => {
  postgres = await startPostgres();
  database = ['--data', data, '--database', await postgres.createDatabase()];
  for (const [index, flags] of [[], ['JIT']].entries()) {
    const { name, bytes } = resultFile({ day: '2026-05-01', flags, commit: 'abc0001', governor: 'performance', benchmarks: { nbody: index === 0 ? 0.1 : 0.05 } });
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), bytes);
  }
  writeFileSync(join(directory, 'results', 'broken.json'), '{"version"');
});
after(async () => {
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function lab(...words: string[]): ReturnType<typeof labCommand> {
  return labCommand([...words, ...database]);
}

test('import says what it took in, what it knew and what it refused', async () => {
  const first = await lab('import', join(directory, 'results'), '--json');
  const { imported, known, refused } = JSON.parse(first.stdout) as { imported: number; known: number; refused: { path: string }[] };
  assert.deepEqual([first.status, imported, known, refused.map(({ path }) => path)], [1, 2, 0, ['results/broken.json']]);
  const second = await lab('import', join(directory, 'results'));
  assert.match(second.stdout, /refused results\/broken\.json: ends too early.*\n0 imported, 2 known already, 1 refused/);
});

test('import looks at all names first', async () => {
  const { status, stdout, stderr } = await lab('import', join(directory, 'results'), join(directory, 'resluts'));
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /cannot read \S+resluts: no such file or directory \[unreadable-path\]/);
});

test('report compares two runs, and is 1 when something is slower', async () => {
  const unclear = await lab('report', 'abc0001', 'abc0001');
  assert.equal(unclear.status, 1);
  const keyOf = (variant: string): string => new RegExp(`([0-9a-f]{16}) \\(${variant} `).exec(unclear.stderr)?.[1] ?? '';
  const [jit, plain] = [keyOf('cpython-jit'), keyOf('cpython')];
  assert.match(unclear.stderr, /may mean several runs: .*cpython-jit 3\.15\.0 abc0001 on kite.*\[ambiguous-run\]/);
  assert.deepEqual((await lab('report', plain, jit)).status, 0);
  const slower = await lab('report', jit, plain, '--json');
  assert.equal(slower.status, 1);
  const { conclusion, markdown } = JSON.parse(slower.stdout) as { conclusion: string; markdown: string };
  assert.equal(conclusion, 'failure');
  assert.match(markdown, /`nbody` \| .*\+100\.\d %/);
});

test('rebuild from a copy of the data directory', async () => {
  const copy = join(directory, 'copy');
  cpSync(data, copy, { recursive: true });
  const other = ['--data', join(directory, 'other'), '--database', await postgres.createDatabase()];
  const { status, stdout } = await labCommand(['rebuild', '--from', copy, ...other]);
  assert.deepEqual([status, stdout], [0, '2 results read, 0 refused\n']);
  rmSync(copy, { recursive: true });
  assert.match((await labCommand(['rebuild', ...other])).stdout, /^2 results read/);
});

test('a database that lacks results says so, and a directory without a lab is not taken for an empty one', async () => {
  const empty = await labCommand(['changes', '--data', data, '--database', await postgres.createDatabase()]);
  assert.deepEqual([empty.status, empty.stdout], [0, 'No changes.\n']);
  assert.match(empty.stderr, /^armature lab: the database lacks 2 of the result files; `armature lab rebuild` reads all/);
  for (const words of [['changes'], ['report', 'a', 'b'], ['rebuild']]) {
    const { status, stderr } = await labCommand([...words, '--data', join(directory, 'nowhere')]);
    assert.equal(status, 1);
    assert.match(stderr, /^armature: there is no lab in \S+nowhere \[no-lab\]\n {2}`armature lab import PATH` or/);
  }
  assert.ok(!readdirSync(directory).includes('nowhere'));
});

test('a result file that was damaged is named, and does not keep the others out', async () => {
  const [victim = ''] = readdirSync(join(data, 'results'), { recursive: true }).map(String).filter((name) => name.endsWith('.json.gz'));
  writeFileSync(join(data, 'results', victim), 'not what it was');
  const { status, stdout } = await lab('rebuild');
  assert.equal(status, 1);
  assert.match(stdout, /^refused [0-9a-f]{64}: the result file [0-9a-f]{64} is damaged: .*\n1 results read, 1 refused/);
});

test('a change gets its state on the command line, and keeps who said what', async () => {
  const nights = join(directory, 'nights');
  for (let night = 0; night < 14; night++) {
    const { name, bytes } = resultFile({
      day: `2026-06-${String(night + 1).padStart(2, '0')}`, flags: ['NOGIL'], commit: `abc1${String(night).padStart(3, '0')}`, governor: night === 12 ? 'powersave' : 'performance',
      benchmarks: { nbody: 0.1, fannkuch: 0.2 },
    });
    mkdirSync(dirname(join(nights, name)), { recursive: true });
    writeFileSync(join(nights, name), bytes);
  }
  assert.equal((await lab('import', nights)).status, 0);
  const { stdout } = await lab('changes', '--json', '--machine', 'kite');
  const { key } = (JSON.parse(stdout) as { key: string; kind: string }[]).find(({ kind }) => kind === 'environment') ?? { key: '' };
  assert.equal((await lab('changes', 'set', key, 'confirmed', '--note', 'somebody built on it')).stdout, `${key} is confirmed\n`);
  assert.equal((await lab('changes', 'set', key, 'fixed')).status, 0);
  const shown = await lab('changes', 'show', key);
  assert.match(shown.stdout, /fixed .*the whole suite, cpython-nogil on kite\n.*confirmed +.+: somebody built on it\n.*fixed +\S+\n$/);
  assert.match((await lab('changes', 'list', '--state', 'fixed')).stdout, new RegExp(`^${key} .*\n$`));
});

test('a running lab is asked the same over HTTPS, by a client that knows its certificate', async () => {
  const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate]);
  assert.equal(made.status, 0, String(made.stderr));
  const administrator = (await lab('token', 'create', 'Maria', '--scope', 'administer')).stdout.trim();
  const server = await startLab([...database, '--tls-cert', certificate, '--tls-key', key]);
  try {
    assert.match(server.url, /^https:/);
    const trust = { NODE_EXTRA_CA_CERTS: certificate };
    const words = ['--server', server.url, '--token', administrator];
    const { stdout } = await labCommand(['changes', 'list', '--state', 'fixed', '--json', ...words], trust);
    const [{ key: change } = { key: '' }] = JSON.parse(stdout) as { key: string }[];
    assert.equal((await labCommand(['changes', 'set', change, 'accepted', ...words], trust)).status, 0);
    assert.match((await labCommand(['changes', 'show', change, ...words], trust)).stdout, /accepted +Maria\n$/);
    assert.match((await labCommand(['token', 'list', ...words], trust)).stdout, /administer .*Maria/);
    assert.match((await labCommand(['changes', 'list', ...words])).stderr, /does not answer.*\[lab-unreachable\]/);
  } finally {
    assert.equal(await server.stop(), 0);
  }
});

const mistakes: readonly (readonly [words: readonly string[], status: number, message: RegExp])[] = [
  [['imprt'], 2, /no subcommand 'imprt'; did you mean 'import'\? \[unknown-subcommand\]\n {2}try: armature lab --help/],
  [['import'], 2, /needs PATH \[missing-operand\]/],
  [['import', '/no/such/place'], 1, /cannot read \/no\/such\/place: .*\[unreadable-path\]/],
  [['rebuild', '--from', '/no/such/place'], 1, /no result files in \/no\/such\/place \[no-source\]\n {2}Name the directory/],
  [['--port', 'x'], 2, /'x' is not a port \[bad-port\]/],
  [['--host', '203.0.113.1', '--port', '0'], 1, /cannot listen on 203\.0\.113\.1:0.*\[port-in-use\]/],
  [['token', 'create'], 2, /needs NAME \[missing-operand\]/],
  [['token', 'create', 'x'], 2, /A token that submits is for one machine\. \[bad-token-request\]/],
  [['token', 'create', 'x', '--scope', 'root'], 2, /'root' is not a scope of tokens \[unknown-scope\]/],
  [['token', 'revoke', 'x'], 1, /no token x.*\[unknown-token\]/],
  [['token', 'list', '--server', 'http://127.0.0.1:1', '--token', 'x'], 1, /does not answer.*\[lab-unreachable\]/],
  [['changes', 'show', 'x'], 1, /no change x \[unknown-change\]/],
  [['changes', 'set', 'x', 'odd'], 2, /'odd' is not a state of a change \[unknown-state\]\n {2}The states are new, confirmed, /],
  [['--tls-cert', '/no/such/file'], 1, /no TLS with .*: one is missing \[bad-certificate\]/],
  [['--tls-cert', '/no/such/file', '--tls-key', '/no/such/key'], 1, /no TLS with .*ENOENT.*\[bad-certificate\]/],
  [['--webhook', 'https://hooks.example.org'], 2, /ARMATURE_LAB_WEBHOOK_SECRET is not set \[bad-target\]/],
  [['report', 'x', 'y', '--post'], 2, /needs --webhook URL or --github OWNER\/NAME \[missing-operand\]/],
  [['runner', '--server', 'http://127.0.0.1:1', '--token', 'x', '--python', 'main=/no/such/python'], 2, /'main=\/no\/such\/python' does not name an interpreter: .*ENOENT.*\[bad-interpreter\]/],
  [['runner', '--server', 'http://127.0.0.1:1', '--token', 'x', '--python', 'main=true', '--cpus', 'two'], 2, /'two' cannot be one of the CPU sets: it is not a list/],
  [['runner', '--server', 'http://127.0.0.1:1', '--token', 'x', '--python', 'main=true', '--cpus', '2-3', '--cpus', '3-4'], 2, /CPU 3 is in another one \[bad-cpus\]/],
  [['jobs', '--server', 'http://127.0.0.1:1', '--token', 'x'], 1, /does not answer: (?!fetch failed).*\[lab-unreachable\]/],
  [['enqueue', 'kernels', '--machine', 'kite', '--python', 'main', '--priority', 'high', '--server', 'http://127.0.0.1:1', '--token', 'x'], 2, /'high' is not a value of --priority \[bad-number\]/],
  [['report', 'x', 'y'], 1, /no run 'x' \[unknown-run\]/],
];
for (const [words, status, message] of mistakes) {
  test(`armature lab ${words.join(' ')}`, async () => {
    const outcome = await lab(...words);
    assert.match(outcome.stderr, message);
    assert.equal(outcome.status, status);
    assert.ok(!outcome.stderr.includes('    at '), outcome.stderr);
  });
}

test('help stands behind every subcommand too', async () => {
  for (const words of [['import', '--help'], ['token', 'create', '-h'], ['--port', '0', '--help']]) {
    const { status, stdout, stderr } = await lab(...words);
    assert.deepEqual([status, stderr], [0, ''], words.join(' '));
    assert.match(stdout, /^Usage: armature lab .*\n[^]*\nExamples\n/);
  }
});

test('a server that is no lab is said to be none', async () => {
  const other = createHttpServer((_request, response) => response.end('<html>hello</html>')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { status, stderr } = await labCommand(['jobs', '--server', `http://127.0.0.1:${port}`, '--token', 'x']);
  other.close();
  assert.equal(status, 1);
  assert.match(stderr, /does not answer: something else does, which is no lab \[lab-unreachable\]/);
});

test('a port that is taken is said before the database is opened, with what can be done', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const unused = join(directory, 'unused');
  const { status, stderr } = await labCommand(['--port', String(port), '--data', unused]);
  other.close();
  assert.equal(status, 1);
  assert.match(stderr, /cannot listen on 127\.0\.0\.1:\d+: .*\[port-in-use\]\n {2}Perhaps the lab is running.*`--port 0`.*\n$/);
  assert.ok(!existsSync(unused), 'nothing is made for a server that cannot start');
});

test('a database that cannot be used is said without its password', async () => {
  const { status, stderr } = await labCommand(['token', 'list', '--data', data, '--database', 'postgres://lab:secret@127.0.0.1:1/lab']);
  assert.equal(status, 1);
  assert.match(stderr, /postgres:\/\/lab:\*\*\*@127\.0\.0\.1:1\/lab cannot be used: .*\[database-unreachable\]/);
  const other = await labCommand(['--database', 'mysql://x']);
  assert.deepEqual([other.status, /\[database-address\]/.test(other.stderr)], [2, true]);
});
