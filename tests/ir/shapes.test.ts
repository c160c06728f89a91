/** Reading a field is several times as slow for V8 when the objects at one place of the code have more than four shapes. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { defaultOptions } from '#compiler/options.ts';
import { compileToIr } from '#compiler/pipeline.ts';
import type { FrameState } from '#ir/types.ts';
import { readRequest } from '#protocol/read-request.ts';
import { Bailout } from '#support/bailout.ts';

setFlagsFromString('--allow-natives-syntax');
const haveSameShape = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean;

const folder = join(import.meta.dirname, '..', 'build', 'requests');

/** Of all functions of the corpus. */
function* functions(): Generator<ReturnType<typeof compileToIr>> {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.314.req'))) {
    try {
      yield compileToIr(readRequest(readFileSync(join(folder, name)), { layout: 314, arch: 'aarch64' }), { ...defaultOptions, evenWithoutProfit: true });
    } catch (error) {
      if (!(error instanceof Bailout)) throw error;
    }
  }
}

/** One object of each shape. */
class Shapes {
  readonly found: object[] = [];

  add(object: object): void {
    if (!this.found.some((known) => haveSameShape(known, object))) this.found.push(object);
  }
}

test('instructions, exits and frame states have one shape each', () => {
  const instructions = new Shapes(), exits = new Shapes(), states = new Shapes();
  const addState = (state: FrameState | undefined): void => {
    for (let s = state; s; s = s.caller) states.add(s);
  };
  for (const fn of functions()) {
    for (const block of fn.blocks.values()) {
      for (const i of block.instructions) {
        instructions.add(i);
        addState(i.frameState);
      }
      if (block.terminator.kind !== 'exit') continue;
      exits.add(block.terminator);
      addState(block.terminator.frameState);
    }
  }
  for (const [name, { found }] of Object.entries({ instructions, exits, states })) {
    assert.ok(found.length === 1, `${name} have ${found.length} shapes: ${found.map((o) => Object.keys(o).join()).join('; ')}`);
  }
});
