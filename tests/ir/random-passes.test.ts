/**
 * Passes keep the meaning of random functions: where the original returns, the optimised one returns the same, or leaves
 * early in front of a loop (a hoisted guard). Where the original leaves, the optimised one may go on only if the check was
 * about overflow, and then its result is that of exact integers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optimizePasses } from '#compiler/3-optimize/passes.ts';
import { runPass, type Pass } from '#compiler/pass.ts';
import { interpret, type Outcome } from '#ir/interpret.ts';
import { parse } from '#ir/parse.ts';
import { print } from '#ir/print.ts';
import type { Fn } from '#ir/types.ts';
import { assertValid } from '#ir/verify.ts';
import { randomFunction } from './random-function.ts';

const COUNT = Number(process.env['ARMATURE_RANDOM_FUNCTIONS'] ?? 300);
const INPUTS: readonly (readonly bigint[])[] = [[0n, 1n], [5n, -3n], [1000n, 7n], [-1n, -1n], [(1n << 63n) - 1n, 2n]];

const outcomes = (fn: Fn): Outcome[] => INPUTS.map((locals) => interpret(fn, { locals }));

function check(seed: number, passes: readonly Pass[]): void {
  const original = randomFunction(seed);
  assertValid(original, { typed: true });
  const optimised = parse(print(original, { renumber: false }));
  for (const pass of passes) runPass(optimised, pass, {}, { verify: { typed: true } });
  const before = outcomes(original);
  const after = outcomes(optimised);
  const hoists = passes.some((p) => p.name === 'hoist-loop-invariants');
  before.forEach((was, n) => {
    const is = after[n]!;
    const message = `seed ${seed}, input ${INPUTS[n]!.join()}, passes ${passes.map((p) => p.name).join()}\n${print(original)}\n${print(optimised)}`;
    if (was.exit !== 'return') return;
    if (is.exit !== 'return') assert.ok(hoists, message);
    else assert.deepEqual(is.stack, was.stack, message);
  });
}

for (const pass of optimizePasses) {
  test(`${pass.name} keeps the meaning of random functions`, () => {
    for (let seed = 0; seed < COUNT; seed++) check(seed, [pass]);
  });
}

test('all passes together, twice', () => {
  for (let seed = 0; seed < COUNT; seed++) check(seed, [...optimizePasses, ...optimizePasses]);
});
