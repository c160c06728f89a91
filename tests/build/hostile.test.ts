/** Damaged requests are refused; nothing but the coded errors comes out, and nothing hangs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildFn } from '#compiler/2-build/build.ts';
import { verify } from '#ir/verify.ts';
import { readRequest } from '#protocol/read-request.ts';
import type { CompileRequest } from '#protocol/request.ts';
import { MarshalError } from '#protocol/unmarshal.ts';
import { Bailout } from '#support/bailout.ts';
import { layoutOf, loadRequest, requestBytes, requestFiles } from './requests.ts';

const ROUNDS = 40;

/** Park and Miller's minimal generator: the same damage in every run. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = state * 48271 % 0x7fffffff;
    yield state;
  }
}

function readAndBuild(bytes: Uint8Array, file: string): void {
  let request: CompileRequest;
  try {
    request = readRequest(bytes, { layout: layoutOf(file), arch: 'x86_64' });
  } catch (error) {
    assert.ok(error instanceof MarshalError, `${file}: ${String(error)}`);
    return;
  }
  build(request, file);
}

function build(request: CompileRequest, file: string): void {
  try {
    assert.deepEqual(verify(buildFn(request).fn), []);
  } catch (error) {
    assert.ok(error instanceof Bailout, `${file}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

test('cut short', () => {
  const file = 'monte-carlo.314.req';
  const bytes = requestBytes(file);
  for (let length = 0; length < bytes.length; length += 7) {
    assert.throws(() => readRequest(bytes.subarray(0, length), { layout: 314, arch: 'x86_64' }), MarshalError);
  }
});

test('bytes changed anywhere', () => {
  for (const file of requestFiles()) {
    const dice = random(file.length);
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = Uint8Array.from(requestBytes(file));
      for (let n = 0; n < 3; n++) bytes[dice.next().value % bytes.length] = dice.next().value & 0xff;
      readAndBuild(bytes, file);
    }
  }
});

test('bytecode changed', () => {
  for (const file of requestFiles()) {
    const dice = random(7 + file.length);
    const request = loadRequest(file);
    for (let round = 0; round < ROUNDS; round++) {
      const codes = request.codes.map((c) => {
        const code = Uint8Array.from(c.code);
        for (let n = 0; n < 2; n++) code[dice.next().value % code.length] = dice.next().value & 0xff;
        return { ...c, code };
      });
      build({ ...request, codes }, file);
    }
  }
});
