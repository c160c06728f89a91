/** Every checked-in request builds to valid IR, inlined where it should be. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildFn } from '#compiler/2-build/build.ts';
import { LOOP_NEVER_TURNED } from '#compiler/2-build/profile.ts';
import { print } from '#ir/print.ts';
import { verify } from '#ir/verify.ts';
import { Bailout } from '#support/bailout.ts';
import { layoutOf, loadRequest, requestFiles } from './requests.ts';

/** Code objects used, the unit's own included, where calls are inlined: not closures that no module or class names, which code must not keep alive. */
const INLINED: Readonly<Record<string, number>> = {
  'closure-run': 1, 'mandelbrot-picture': 2, 'monte-carlo': 2, 'nbody-objects': 2, 'spectral-norm': 2, 'globals-and-calls': 2,
};

for (const file of requestFiles()) {
  const name = file.slice(0, file.indexOf('.'));
  test(file, () => {
    const { fn, exits, usedCodes } = buildFn(loadRequest(file));
    assert.deepEqual(verify(fn), []);
    // Behind a loop in a nest that is not run when its function begins, in large units.
    assert.deepEqual(exits.filter((e) => e !== 'return' && e !== LOOP_NEVER_TURNED), []);
    if (INLINED[name] !== undefined) assert.equal(usedCodes.length, INLINED[name]);
  });
}

/** IR texts that were read and found right. `UPDATE_EXPECTED=1` writes them anew. */
const EXPECTED = [
  'count', 'nested-entry', 'fnv', 'monte-carlo', 'spectral-norm', 'closure-run', 'module-inner', 'globals-and-calls', 'caught', 'comprehension',
];

for (const file of requestFiles().filter((f) => EXPECTED.includes(f.slice(0, f.indexOf('.'))))) {
  test(`${file}: text`, () => {
    const path = new URL(`expected/${file.replace(/\.req$/, '.ir')}`, import.meta.url);
    const text = print(buildFn(loadRequest(file)).fn);
    if (process.env['UPDATE_EXPECTED'] === '1') writeFileSync(path, text);
    assert.equal(text, readFileSync(path, 'utf8'));
  });
}

test('numeric loops hold nothing that may run Python code', () => {
  for (const file of requestFiles().filter((f) => /^(count|ranged|nested|mandelbrot|matmul|sieve|fnv|crc|nbody-lists|monte-carlo|module-inner)/.test(f))) {
    assert.equal(buildFn(loadRequest(file)).opaque.size, 0, file);
  }
});

test('a failed guard changes what is built', () => {
  const file = 'monte-carlo.314.req';
  const request = loadRequest(file);
  assert.equal(layoutOf(file), 314);
  const failed = buildFn({ ...request, feedback: [{ code: 0, offset: 18, reason: 'guard.type_version', observed: 'Other' }] });
  assert.ok(print(failed.fn).includes('py.attribute v1, '));
  assert.ok(failed.opaque.size > 0);
});

test('a generator is refused', () => {
  const request = loadRequest('count.314.req');
  const codes = [{ ...request.codes[0]!, flags: request.codes[0]!.flags | 0x20 }, ...request.codes.slice(1)];
  assert.throws(() => buildFn({ ...request, codes }), (e) => e instanceof Bailout && e.code === 'generator');
});
