/** `armature run --perf=jitdump`: the file is of the form that perf's specification gives, and perf can use it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findCommand } from '../../tools/pythons/targets.ts';
import { armature, cleanEnvironment, execute, script, temporaryDirectory } from '../cli/harness.ts';
import type { AttachedServer } from '../differential/attached-server.ts';
import { availablePythons, type TestPython } from '../harness/pythons.ts';
import { runAttached, startEagerServer } from './run-attached.ts';

/** Says its number, and runs until the file names its loop and for a while longer. */
const program = `import os, time
path = "/tmp/jit-%d.dump" % os.getpid()
def is_compiled():
    if not os.path.exists(path):
        return False
    with open(path, "rb") as file:
        return b"busy_loop" in file.read()
def busy_loop(n):
    total = 0
    for i in range(n):
        total += i % 7
    return total
end = time.monotonic() + 60
while not is_compiled() and time.monotonic() < end:
    busy_loop(10000)
end = time.process_time() + 1
while time.process_time() < end:
    busy_loop(10**6)
print(os.getpid())
`;

interface JitRecord {
  readonly kind: number;
  readonly time: bigint;
  readonly body: Buffer;
}

const machines: Readonly<Record<string, number>> = { x86_64: 62, aarch64: 183 };

function readRecords(file: Buffer, arch: string, pid: number): JitRecord[] {
  const header = [0, 4, 8, 12, 20].map((at) => file.readUInt32LE(at));
  assert.deepEqual(header, [0x4a695444, 1, 40, machines[arch], pid]);
  const records: JitRecord[] = [];
  for (let at = 40; at < file.length;) {
    const size = file.readUInt32LE(at + 4);
    assert.ok(size >= 16 && at + size <= file.length, `size of the record at ${at}`);
    records.push({ kind: file.readUInt32LE(at), time: file.readBigUInt64LE(at + 8), body: file.subarray(at + 16, at + size) });
    at += size;
  }
  return records;
}

/** Where perf puts the unwind table: after the code. Its one entry must lead back to the code. */
function checkUnwinding({ body }: JitRecord, codeSize: number): void {
  const size = Number(body.readBigUInt64LE(0)), indexSize = Number(body.readBigUInt64LE(8));
  assert.ok(Number(body.readBigUInt64LE(16)) >= size, 'perf maps the table, too');
  const data = body.subarray(24, 24 + size), table = size - indexSize, start = -Math.ceil(codeSize / 8) * 8;
  assert.deepEqual([...data.subarray(table, table + 4)], [1, 0x1b, 0x03, 0x3b]);
  assert.equal(table + 4 + data.readInt32LE(table + 4), 0, 'the index leads to the table');
  assert.equal(table + data.readInt32LE(table + 12), start, 'the index leads to the code');
  const entry = table + data.readInt32LE(table + 16);
  assert.equal(entry, 4 + data.readUInt32LE(0), 'the index leads to the entry');
  assert.equal(entry + 8 + Number(data.readBigInt64LE(entry + 8)), start, 'the entry leads to the code');
  assert.equal(Number(data.readBigUInt64LE(entry + 16)), codeSize);
}

function checkFile(arch: string, pid: number): void {
  const records = readRecords(readFileSync(`/tmp/jit-${pid}.dump`), arch, pid);
  const names: string[] = [], ranges: { readonly start: bigint; readonly end: bigint }[] = [];
  for (const [index, { kind, time, body }] of records.entries()) {
    if (kind !== 0) continue;
    const size = Number(body.readBigUInt64LE(24)), end = body.indexOf(0, 40), previous = records[index - 1];
    const start = body.readBigUInt64LE(8);
    assert.deepEqual([body.readUInt32LE(0), body.readUInt32LE(4), start], [pid, pid, body.readBigUInt64LE(16)]);
    assert.ok(end + 1 + size <= body.length && size > 0, 'the code is there');
    assert.ok(previous?.kind === 4 && previous.time === time, 'the unwind table comes before its code');
    checkUnwinding(previous, size);
    ranges.push({ start, end: start + BigInt(Math.ceil(size / 8) * 8) + previous.body.readBigUInt64LE(16) });
    names.push(body.toString('utf8', 40, end));
  }
  // What perf maps of one unit must not cover the next; no memory is used twice in so short a time.
  ranges.sort((a, b) => Number(a.start - b.start));
  for (const [index, { start }] of ranges.entries()) assert.ok(index === 0 || start >= (ranges[index - 1]?.end ?? 0n));
  assert.ok(names.some((name) => /^armature:busy_loop:.*program\.py:\d+$/.test(name)), names.join('\n'));
}

/** Also what perf made of it. */
function forget(pid: number): void {
  const isOfProcess = (name: string): boolean => name === `jit-${pid}.dump` || name.startsWith(`jitted-${pid}-`);
  for (const name of readdirSync('/tmp').filter(isOfProcess)) rmSync(join('/tmp', name));
}

const perf = findCommand('perf');

/** Some kernels let nobody measure, some have a perf of another version: there, the form of the file is all that can be tested. */
const perfRecords = perf !== undefined && spawnSync(perf, ['record', '-e', 'cpu-clock', '-k', 'mono', '-o', '/dev/null', 'true']).status === 0;
if (!perfRecords) console.log(`perf ${perf === undefined ? 'is not here' : 'may not record here'}: it does not read the files`);

async function profile(server: AttachedServer, python: TestPython, directory: string, file: string): Promise<string> {
  const data = join(directory, 'perf.data'), injected = join(directory, 'perf.jit.data');
  const recorded = await runAttached(server, [perf ?? '', 'record', '-q', '-e', 'cpu-clock', '-F', '500', '-k', 'mono', '--call-graph', 'dwarf,8192', '-o', data, ...python.command, file],
    { ARMATURE_PERF: 'jitdump', TMPDIR: directory });
  const pid = parseInt(recorded.stdout, 10);
  try {
    const env = { ...process.env, HOME: directory };
    const inject = spawnSync(perf ?? '', ['inject', '--jit', '-i', data, '-o', injected], { encoding: 'utf8', env });
    assert.equal(inject.status, 0, inject.stderr);
    return spawnSync(perf ?? '', ['script', '-i', injected, '-F', 'ip,sym'], { encoding: 'utf8', env, maxBuffer: 1 << 28 }).stdout;
  } finally {
    forget(pid);
  }
}

let server: AttachedServer;
before(async () => { server = await startEagerServer(); });
after(async () => { await server.close(); });

for (const python of availablePythons()) {
  describe(python.name, () => {
    test('each unit is in the file', async (t) => {
      const { stdout, stderr } = await runAttached(server, [...python.command, script(t, program)], { ARMATURE_PERF: 'jitdump' });
      const pid = parseInt(stdout, 10);
      t.after(() => { forget(pid); });
      assert.equal(stderr, '');
      checkFile(python.arch, pid);
    });
    if (python.command.length > 1 || !perfRecords) return;
    test('perf sees through a compiled loop', async (t) => {
      const samples = (await profile(server, python, temporaryDirectory(t), script(t, program))).split('\n\n');
      // The loop around the calls may have a unit as well, with the function inlined.
      const compiled = samples.filter((sample) => /armature:(busy_loop|<module>):/.test(sample));
      assert.ok(compiled.length > 10, `${samples.length} samples`);
      const lost = compiled.filter((sample) => !sample.includes('Py_BytesMain'));
      assert.deepEqual(lost, [], `${lost.length} of ${compiled.length} samples end early`);
    });
  });
}

test('the option of the command line', async (t) => {
  const env = cleanEnvironment(temporaryDirectory(t), { ARMATURE_THRESHOLD_ZERO: '1' });
  const { stdout } = await execute([...armature, 'run', '--perf=jitdump', script(t, program)], { env });
  const pid = parseInt(stdout, 10);
  t.after(() => { forget(pid); });
  assert.equal(readFileSync(`/tmp/jit-${pid}.dump`).readUInt32LE(0), 0x4a695444);
  const wrong = await execute([...armature, 'run', '--perf=csv', '-c', 'pass'], { env });
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /'map' or 'jitdump', not 'csv'/);
});
