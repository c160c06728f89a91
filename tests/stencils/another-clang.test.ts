/** What `npm run pythons -- clang-21` fetches; the compiler itself is tried as docs/stencils.md says. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Wanted } from '../../tools/fetch-pythons.ts';
import { rootsToFetch } from '../../tools/fetch-pythons.ts';
import { compilerTargets, pythonTargets, toolTargets } from '../../tools/pythons/targets.ts';

/** As on a machine that has the tools of these names and nothing else. */
function wantedWith(present: readonly string[]): readonly Wanted[] {
  const fetched = [...toolTargets, ...pythonTargets].map((root) => ({ root, present: present.includes(root.name), onlyByName: false }));
  return [...fetched, ...compilerTargets.map((root) => ({ root, present: false, onlyByName: true }))];
}

const namesOf = (present: readonly string[], asked: readonly string[]): readonly string[] => rootsToFetch(wantedWith(present), asked).map(({ name }) => name);

describe('another clang', () => {
  test('brings patchelf along, before it, where that is missing', () => {
    assert.deepEqual(namesOf([], ['clang-21']), ['patchelf', 'clang-21']);
    assert.deepEqual(namesOf(['patchelf'], ['clang-21']), ['clang-21']);
  });
  test('is not fetched unless asked for', () => {
    assert.ok(!namesOf([], []).includes('clang-21'));
  });
  test('is the only thing that is fetched: a tool without programs of its own needs no patchelf', () => {
    assert.deepEqual(namesOf([], ['qemu']), ['qemu']);
  });
});
