/**
 * Compiled code runs in the frame of agent/shim-linux.c: one unwinding rule, relative to the frame pointer, holds at every
 * instruction of the arena because no stencil changes that register. And control enters a unit in one way only, at its first
 * instruction, which is why one landing pad is enough.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machineRules } from '#compiler/4-emit/verify-code.ts';
import { aarch64Effects } from '#stencils/aarch64-effects.ts';
import { union, type Effects, type EffectsDecoder, type RegisterSet } from '#stencils/effects.ts';
import { builtTargets, layouts } from '#stencils/targets.ts';
import { x86_64Effects } from '#stencils/x86-64-effects.ts';
import { defined } from '#support/invariant.ts';
import { linuxOf, ownVariants, type Machine } from './host.ts';

interface Rules {
  readonly machine: Machine;
  readonly decode: EffectsDecoder;
  /** RBP, X29. */
  readonly framePointer: number;
}

const machines: Readonly<Record<Machine, Rules>> = {
  x86_64: { machine: 'x86_64', decode: x86_64Effects, framePointer: 5 },
  aarch64: { machine: 'aarch64', decode: aarch64Effects, framePointer: 29 },
};

const names = ({ integer }: RegisterSet, register: number): boolean => ((integer >>> register) & 1) === 1;

const writesFramePointer = ({ writes }: Effects, { framePointer }: Rules): boolean => names(writes, framePointer);

/** Windows and macOS keep X18 for themselves; the other registers are reserved on every system. */
function touchesReserved({ reads, writes }: Effects, { machine }: Rules): boolean {
  return machineRules[machine].reserved.some((register) => names(writes, register)) || (machine === 'aarch64' && names(union(reads, writes), 18));
}

for (const target of builtTargets) {
  for (const layout of layouts) {
    test(`${target.name}, ${layout}: no stencil touches a register of the system, writes the frame pointer or jumps to where a register says`, () => {
      const rules = machines[target.machine];
      const wrong: string[] = [];
      let instructions = 0;
      // What is Linux' code is looked at there.
      for (const { name, stencil: { code } } of ownVariants(target, layout)) {
        for (let at = 0; at < code.length; instructions++) {
          const found = defined(rules.decode(code, at), `instruction ${at} of ${name}`);
          if (writesFramePointer(found, rules) || touchesReserved(found, rules) || found.flow.kind === 'indirect_jump') wrong.push(`${name} at ${at}`);
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
  // mov %rax, %r12; mov x18, x0; mov x0, x18; mov x19, x0; mov x0, x19, which only reads.
  assert.ok(touchesReserved(intel('4989c4'), machines.x86_64));
  assert.deepEqual([0xaa0003f2, 0xaa1203e0, 0xaa0003f3, 0xaa1303e0].map((word) => touchesReserved(arm(word), machines.aarch64)), [true, true, true, false]);
  assert.deepEqual([intel('ffe0').flow.kind, arm(0xd61f0200).flow.kind], ['indirect_jump', 'indirect_jump']); // jmp *%rax; br x16
});
