import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attachedVariables } from '../differential/attached-server.ts';
import { difference } from '../differential/compare.ts';
import { fixtureRoot } from '../differential/fixture.ts';
import type { ProgramResult } from '../differential/program-run.ts';
import { runProgram } from '../differential/program-run.ts';
import type { TestPython } from '../harness/pythons.ts';
import { availablePythons } from '../harness/pythons.ts';
import { misbehaviours, startFakeServer } from './fake-server.ts';

const program = ['integers/masked_hashes.py'];

async function runWith(python: TestPython, environment: Readonly<Record<string, string>>): Promise<ProgramResult> {
  return runProgram({
    command: [...python.command, ...program],
    cwd: fixtureRoot,
    environment: { FIXTURE_SCALE: '4', ARMATURE_THRESHOLD_ZERO: '1', ...environment },
    timeoutSeconds: python.command.length > 1 ? 120 : 20,
  });
}

async function checkSameAsPlain(python: TestPython, socketPath: string): Promise<void> {
  const plain = await runWith(python, {});
  const attached = await runWith(python, attachedVariables(socketPath));
  const found = difference(plain, attached);
  if (found !== undefined) assert.fail(found);
}

for (const python of availablePythons()) {
  describe(`bad servers, ${python.name}`, { concurrency: 2 }, () => {
    for (const [name, misbehave] of Object.entries(misbehaviours)) {
      test(`a server that ${name}`, async () => {
        const server = await startFakeServer(misbehave);
        try {
          await checkSameAsPlain(python, server.socketPath);
        } finally {
          await server.close();
        }
      });
    }
    test('a socket that does not exist', async () => checkSameAsPlain(python, '/nonexistent/armature/socket'));
    test('a socket path that is a file', async () => checkSameAsPlain(python, import.meta.filename));
    test('a socket path that is too long', async () => checkSameAsPlain(python, `/tmp/${'x'.repeat(300)}`));
    test('an empty socket path', async () => checkSameAsPlain(python, ''));
    test('a socket path that is a device', async () => checkSameAsPlain(python, '/dev/null'));
  });
}
