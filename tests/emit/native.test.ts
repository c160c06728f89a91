import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Arch } from '#protocol/request.ts';
import { checkFunctions, emit, stencilTable } from './check-function.ts';
import { kernels } from '#compiler/ablation/kernels.ts';
import { randomFunction } from './random-function.ts';
import { NativeRunner } from './run-units.ts';

const batches = Number(process.env['ARMATURE_RANDOM_BATCHES'] ?? 4);
const FUNCTIONS_PER_BATCH = 25;

/** Leaves after the call, when the registers are gone; the values come from operations, as constants need no place. */
const leavesAfterCall = `function "leaves after a call" {
block0():
  v0:int = const.int 40
  v1:float = const.float 2.5
  v2:int = int.add_imm v0, 1 @0:1
  v3:int = int.add_imm v0, 2 @0:2
  v4:int = int.add_imm v0, 3 @0:3
  v5:int = int.add_imm v0, 4 @0:4
  v6:bool = int.lt v2, v3
  v7:float = float.add v1, v1
  v8:float = float.mul v7, v7
  v9:float = float.libm v8, host_infinity @0:9 locals(v2, v3, v4, v5, v6) stack(v7, v8)
  exit return "not reached" @0:10 stack(v9, v2)
}`;

for (const arch of ['x86_64', 'aarch64'] satisfies Arch[]) {
  const runner = NativeRunner.create(arch);
  const skip = runner ? false : `no compiler or emulator for ${arch}`;

  for (const [name, text] of kernels) {
    test(`${arch}: ${name}`, { skip }, () => checkFunctions(new Map([[name, text]]), stencilTable(arch), runner!, true));
  }

  for (const spillEverything of [false, true]) {
    test(`${arch}: a guard that leaves after a call, spill everything: ${spillEverything}`, { skip }, () => {
      const [outcome] = runner!.run([emit(leavesAfterCall, stencilTable(arch), { spillEverything })]);
      assert.deepEqual(outcome!.locals, ['41', '42', '43', '44', 'True']);
      assert.deepEqual(outcome!.stack, ['5.0', '25.0']);
      assert.equal(outcome!.reason, 'float.libm');
    });
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
