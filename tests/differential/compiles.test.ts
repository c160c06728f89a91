import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { availablePythons } from '../harness/pythons.ts';
import { startAttachedServer } from './attached-server.ts';
import { fixtureRoot } from './fixture.ts';
import { runProgram } from './program-run.ts';

/** Equal output proves nothing about the compiler unless the programs of the eager modes are compiled: this does. */
describe('the eager mode compiles', () => {
  for (const python of availablePythons()) {
    test(python.name, async () => {
      // On a busy machine a program that does not wait ends before its unit comes.
      const mode = { ARMATURE_THRESHOLD_ZERO: '1', ARMATURE_WAIT: '1' };
      const server = await startAttachedServer({ ...mode, ARMATURE_LOG: 'stderr' });
      try {
        const result = await runProgram({
          command: [...python.command, '../../benchmarks/kernels/mandelbrot/one_call.py', python.command.length > 1 ? '160' : '400'],
          cwd: fixtureRoot,
          environment: { ...mode, ...server.environment },
          timeoutSeconds: 60,
        });
        assert.equal(result.status, 0, result.stderr);
        assert.match(server.log(), /connected/, 'no agent connected');
        assert.match(server.log(), /mandelbrot.* bytes/, `nothing was compiled: ${server.log()}`);
      } finally {
        await server.close();
      }
    });
  }
});
