import { test } from 'node:test';
import type { Arch } from '#protocol/request.ts';
import { checkFunctions, stencilTable } from './check-function.ts';
import { kernels } from './kernels.ts';
import { randomFunction } from './random-function.ts';
import { NativeRunner } from './run-units.ts';

const batches = Number(process.env['ARMATURE_RANDOM_BATCHES'] ?? 4);
const FUNCTIONS_PER_BATCH = 25;

for (const arch of ['x86_64', 'aarch64'] satisfies Arch[]) {
  const runner = NativeRunner.create(arch);
  const skip = runner ? false : `no compiler or emulator for ${arch}`;

  for (const [name, text] of kernels) {
    test(`${arch}: ${name}`, { skip }, () => checkFunctions(new Map([[name, text]]), stencilTable(arch), runner!, true));
  }

  test(`${arch}: random functions`, { skip }, () => {
    for (let batch = 0; batch < batches; batch++) {
      const texts = new Map<string, string>();
      for (let i = 0; i < FUNCTIONS_PER_BATCH; i++) {
        const seed = batch * FUNCTIONS_PER_BATCH + i + 1;
        texts.set(`seed ${seed}`, randomFunction(seed, 20 + (seed % 7) * 25));
      }
      checkFunctions(texts, stencilTable(arch), runner!, batch % 2 === 0);
    }
  });
}
