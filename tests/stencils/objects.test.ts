import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { builtTargets, layouts } from '#stencils/targets.ts';
import { randomRegisters, runAndCompare, activationSize } from './harness.ts';
import { StencilHost } from './host.ts';
import { Memory } from './memory.ts';
import { CaseMaker } from './object-cases.ts';
import { subjects } from './object-subjects.ts';
import { Objects } from './objects.ts';
import { Random, bitsFloat } from './values.ts';
import { longSizeOf, Share } from './share.ts';

/** Each case is planned this many times, with other registers. */
const ROUNDS = { whole: 25, sample: 2 };

for (const target of builtTargets) {
  for (const layout of layouts) {
    describe(`object stencils, ${target.name}, CPython ${layout}`, () => {
      let host: StencilHost;
      const share = new Share(target, layout);
      before(() => {
        host = new StencilHost(target, layout);
      });
      after(() => host.close());

      for (const [subject, plan] of Object.entries(subjects)) {
        test(subject, () => {
          const memory = new Memory(), maker = new CaseMaker(host.table, new Objects(memory, layout, longSizeOf(target)), new Random(subject.length));
          maker.repeat(plan, share.isTable ? ROUNDS.whole : ROUNDS.sample, (family) => share.isWhole(family));
          runAndCompare(host, maker.cases, memory);
        });
      }

      test('an exit leaves its number, saves every register and returns', () => {
        const memory = new Memory(), input = randomRegisters(new Random(9)), activations = [memory.allocate(activationSize), memory.allocate(activationSize)] as const;
        const cases = [
          { family: 'exit.common', registers: [], input, holes: {}, activation: activations[0] },
          { family: 'exit.stub', registers: [], input, holes: { IMM0: 54321 }, activation: activations[1], followedBy: 'exit.common' },
        ];
        const { results, memory: after } = host.run(cases, memory);
        assert.deepEqual(results.map(({ way }) => way), ['return', 'return']);
        for (const activation of activations) {
          input.r.forEach((x, i) => assert.equal(after.get64(activation + BigInt(40 + 8 * i)), x));
          input.f.forEach((x, i) => assert.equal(bitsFloat(after.get64(activation + BigInt(104 + 8 * i))), bitsFloat(x)));
        }
        assert.equal(after.get32(activations[1] + 32n), 54321);
      });

      test('every choice of registers of these stencils was executed', () => share.requireExecuted(host, 'objects'));
    });
  }
}
