import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { randomRegisters, runAndCompare, activationSize } from './harness.ts';
import { StencilHost, type Machine } from './host.ts';
import { Memory } from './memory.ts';
import { CaseMaker } from './object-cases.ts';
import { subjects } from './object-subjects.ts';
import { Objects } from './objects.ts';
import { Random, bitsFloat } from './values.ts';

/** Each case is planned this many times, with other registers. */
const REPEAT = 25;

for (const machine of ['x86_64', 'aarch64'] as const satisfies Machine[]) {
  for (const layout of [311, 314] as const) {
    describe(`object stencils, ${machine}, CPython ${layout}`, () => {
      let host: StencilHost;
      before(() => {
        host = new StencilHost(machine, layout);
      });
      after(() => host.close());

      for (const [subject, plan] of Object.entries(subjects)) {
        test(subject, () => {
          const memory = new Memory(), maker = new CaseMaker(host, new Objects(memory, layout), new Random(subject.length));
          for (let n = 0; n < REPEAT; n++) plan(maker);
          runAndCompare(host, maker.cases, memory);
        });
      }

      test('the common exit saves every register and returns', () => {
        const memory = new Memory(), input = randomRegisters(new Random(9)), activation = memory.allocate(activationSize);
        const { results, memory: after } = host.run([{ family: 'exit.common', registers: [], input, holes: {}, activation }], memory);
        assert.equal(results[0]?.way, 'return');
        input.r.forEach((x, i) => assert.equal(after.get64(activation + BigInt(40 + 8 * i)), x));
        input.f.forEach((x, i) => assert.equal(bitsFloat(after.get64(activation + BigInt(104 + 8 * i))), bitsFloat(x)));
      });
    });
  }
}
