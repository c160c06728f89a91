/**
 * Compiled code runs in the frame of agent/shim-linux.c: one unwinding rule, relative to the frame pointer, holds at every
 * instruction of the arena because no stencil changes that register. And control enters a unit in one way only, at its first
 * instruction, which is why one landing pad is enough.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aarch64Effects } from '#stencils/aarch64-effects.ts';
import type { Effects, EffectsDecoder } from '#stencils/effects.ts';
import { builtTargets, layouts } from '#stencils/targets.ts';
import { x86_64Effects } from '#stencils/x86-64-effects.ts';
import { defined } from '#support/invariant.ts';
import { linuxOf, ownVariants, type Machine } from './host.ts';

interface Rules {
  readonly decode: EffectsDecoder;
  /** RBP, X29. */
  readonly framePointer: number;
}

const machines: Readonly<Record<Machine, Rules>> = {
  x86_64: { decode: x86_64Effects, framePointer: 5 },
  aarch64: { decode: aarch64Effects, framePointer: 29 },
};

const writesFramePointer = ({ writes }: Effects, { framePointer }: Rules): boolean => ((writes.integer >>> framePointer) & 1) === 1;

for (const target of builtTargets) {
  for (const layout of layouts) {
    test(`${target.name}, ${layout}: no stencil writes the frame pointer or jumps to where a register says`, () => {
      const rules = machines[target.machine];
      const wrong: string[] = [];
      let instructions = 0;
      for (const { name, stencil: { code } } of ownVariants(target, layout)) {
        for (let at = 0; at < code.length; instructions++) {
          const found = defined(rules.decode(code, at), `instruction ${at} of ${name}`);
          if (writesFramePointer(found, rules) || found.flow.kind === 'indirect_jump') wrong.push(`${name} at ${at}`);
          at += found.size;
        }
      }
      assert.deepEqual(wrong, []);
      assert.ok(instructions > (target.name === linuxOf(target) ? 10_000 : 100));
    });
  }
}

test('what the scan looks for is found', () => {
  const intel = (hex: string): Effects => defined(x86_64Effects(new Uint8Array(Buffer.from(hex, 'hex')), 0), hex);
  const arm = (word: number): Effects => defined(aarch64Effects(new Uint8Array(Uint32Array.of(word).buffer), 0), String(word));
  assert.ok(['5d', '400f95c5', '4889c5'].every((hex) => writesFramePointer(intel(hex), machines.x86_64))); // pop %rbp; setne %bpl; mov %rax, %rbp
  assert.ok([0xa8c17bfd, 0x910003fd].every((word) => writesFramePointer(arm(word), machines.aarch64))); // ldp x29, x30, [sp], #16; mov x29, sp
  assert.deepEqual([intel('ffe0').flow.kind, arm(0xd61f0200).flow.kind], ['indirect_jump', 'indirect_jump']); // jmp *%rax; br x16
});
