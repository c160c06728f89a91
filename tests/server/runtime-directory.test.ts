import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { currentPlace, isOwnSocket, runtimeDirectory } from '#server/runtime-directory.ts';
import { temporaryDirectory } from './server-harness.ts';

const { uid } = currentPlace();

function placeIn(t: TestContext): { base: string; place: Parameters<typeof runtimeDirectory>[0] } {
  const base = temporaryDirectory(t);
  return { base, place: { environment: { XDG_RUNTIME_DIR: base }, uid } };
}

test('the directory is made private', (t) => {
  const { base, place } = placeIn(t);
  assert.equal(runtimeDirectory(place), join(base, 'armature'));
  assert.equal(statSync(join(base, 'armature')).mode & 0o777, 0o700);
  assert.equal(runtimeDirectory(place), join(base, 'armature'), 'and found again');
});

test('a directory that others may enter is refused', (t) => {
  const { base, place } = placeIn(t);
  mkdirSync(join(base, 'armature'));
  chmodSync(join(base, 'armature'), 0o755);
  assert.throws(() => runtimeDirectory(place), /may be entered by other users \(mode 755\)/);
});

test('a planted link is refused', (t) => {
  const { base, place } = placeIn(t);
  mkdirSync(join(base, 'elsewhere'), { mode: 0o700 });
  symlinkSync(join(base, 'elsewhere'), join(base, 'armature'));
  assert.throws(() => runtimeDirectory(place), /is not a directory/);
});

test('a directory of somebody else is refused', (t) => {
  // Seen as another user, our own directory in /tmp is a planted one.
  const stranger = { environment: {}, uid: uid + 1 };
  t.after(() => rmSync(join(tmpdir(), `armature-${uid + 1}`), { recursive: true, force: true }));
  assert.throws(() => runtimeDirectory(stranger), /belongs to another user/);
});

test('a file is not a socket', (t) => {
  const { base } = placeIn(t);
  writeFileSync(join(base, 'server.sock'), '', { mode: 0o600 });
  assert.equal(isOwnSocket(join(base, 'server.sock'), uid), false);
  assert.equal(isOwnSocket(join(base, 'nothing'), uid), false);
});
