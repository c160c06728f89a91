/** The decoders of instruction effects against LLVM's disassembler: over every instruction of every table. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { aarch64Effects } from '#stencils/aarch64-effects.ts';
import { union, type Effects, type EffectsDecoder, type RegisterSet } from '#stencils/effects.ts';
import { x86_64Effects } from '#stencils/x86-64-effects.ts';
import { findLlvmTools } from '#stencils/build/toolchain.ts';
import { builtTargets, layouts } from '#stencils/targets.ts';
import { defined } from '#support/invariant.ts';
import { ownVariants, type Machine } from './host.ts';

const decoders: Readonly<Record<Machine, EffectsDecoder>> = { aarch64: aarch64Effects, x86_64: x86_64Effects };

/** Each different instruction of the machine's tables once. */
function instructionsOf(machine: Machine): Uint8Array[] {
  const found = new Map<string, Uint8Array>();
  for (const [target, layout] of builtTargets.filter((t) => t.machine === machine).flatMap((t) => layouts.map((l) => [t, l] as const))) {
    for (const { name, stencil: { code } } of ownVariants(target, layout)) {
      for (let at = 0; at < code.length;) {
        const { size } = defined(decoders[machine](code, at), `instruction ${at} of ${name}`);
        const bytes = code.slice(at, at + size);
        found.set(Buffer.from(bytes).toString('hex'), bytes);
        at += size;
      }
    }
  }
  return [...found.values()];
}

const tools = findLlvmTools(join(import.meta.dirname, '../..'));

/** Text of each instruction as LLVM sees it. */
function disassemble(machine: Machine, code: Uint8Array): Map<number, string> {
  const folder = mkdtempSync(join(tmpdir(), 'armature-effects-'));
  try {
    const raw = join(folder, 'code.bin'), object = join(folder, 'code.o');
    writeFileSync(raw, code);
    const format = machine === 'x86_64' ? 'elf64-x86-64' : 'elf64-littleaarch64';
    execFileSync(tools.objcopy, ['-I', 'binary', '-O', format, '--rename-section', '.data=.text,code', raw, object]);
    const output = execFileSync(tools.objdump, ['-d', '--no-show-raw-insn', object], { encoding: 'utf8', maxBuffer: 1 << 26 });
    return new Map([...output.matchAll(/^\s*([0-9a-f]+):\s+(.*)$/gm)].map((m) => [parseInt(m[1] ?? '', 16), (m[2] ?? '').replace(/<.*|\/\/.*|#(?=\s).*/, '')]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const oldNames = ['a', 'c', 'd', 'b', 'sp', 'bp', 'si', 'di'];

function x86Number(name: string): number {
  const numbered = /^r(\d+)[dwb]?$/.exec(name);
  return numbered ? Number(numbered[1]) : oldNames.indexOf(/^[re]?(sp|bp|si|di|[abcd])[xlh]?$/.exec(name)?.[1] ?? '');
}

/** Registers the text names. */
function namedRegisters(machine: Machine, text: string): RegisterSet {
  let integer = 0, float = 0;
  if (machine === 'aarch64') {
    for (const [, bank, number] of text.replace(/^\S+/, '').matchAll(/\b(?:([xwdsqv])(\d+)|w?sp)\b/g)) {
      if (bank === undefined) integer |= 1 << 31;
      else if (bank === 'x' || bank === 'w') integer |= 1 << Number(number);
      else float |= 1 << Number(number);
    }
  } else {
    for (const [, name = ''] of text.matchAll(/%(\w+)/g)) {
      if (name.startsWith('xmm')) float |= 1 << Number(name.slice(3));
      else if (name !== 'rip') integer |= 1 << x86Number(name);
    }
  }
  return { integer, float };
}

/** Registers used without being named. */
function implied(machine: Machine, text: string): number {
  if (machine === 'aarch64') return /^(bl|ret)\b/.test(text) ? 1 << 30 : 0;
  return /^(i?div|cqto|c[wlq]t|mul)/.test(text) ? 0b101 : 0; // RAX and RDX
}

const stores = /^(st|cmp|cmn|tst|ccmp|ccmn|fcmp|fccmp|cb|tb|b\b|b\.|ret|brk|nop)/;

/** On AArch64 what is written stands first. */
function firstIsWritten(text: string, { writes }: Effects): boolean {
  if (stores.test(text)) return true;
  const first = namedRegisters('aarch64', `x ${text.split(/[\s,]+/)[1] ?? ''}`);
  return (first.integer & ~writes.integer) === 0 && (first.float & ~writes.float) === 0;
}

for (const machine of ['aarch64', 'x86_64'] as const) {
  test(`registers, ${machine}`, () => {
    const instructions = instructionsOf(machine);
    const code = new Uint8Array(Buffer.concat(instructions));
    const texts = disassemble(machine, code);
    let at = 0;
    for (const bytes of instructions) {
      const text = defined(texts.get(at), `text at ${at}`);
      const found = defined(decoders[machine](code, at), text);
      assert.equal(found.size, bytes.length, text);
      const all = union(found.reads, found.writes), named = namedRegisters(machine, text), hidden = implied(machine, text);
      assert.deepEqual({ integer: (all.integer & ~hidden) >>> 0, float: all.float }, { integer: (named.integer & ~hidden) >>> 0, float: named.float }, text);
      if (machine === 'aarch64') assert.ok(firstIsWritten(text, found), `${text} writes its first operand`);
      at += bytes.length;
    }
    assert.ok(instructions.length > 4000);
  });
}

test('control flow and stack', () => {
  const word = (...words: number[]): Uint8Array => new Uint8Array(Uint32Array.from(words).buffer);
  const arm = (w: number): Effects => defined(aarch64Effects(word(w), 0), 'instruction');
  const intel = (hex: string): Effects => defined(x86_64Effects(new Uint8Array(Buffer.from(hex, 'hex')), 0), 'instruction');
  assert.deepEqual(arm(0x17ffffff).flow, { kind: 'jump', distance: -4 });
  assert.deepEqual(arm(0x94000010).flow, { kind: 'call', distance: 64 });
  assert.deepEqual(arm(0x54ffffe1).flow, { kind: 'branch', distance: -4 });
  assert.deepEqual(arm(0x36ffffe0).flow, { kind: 'branch', distance: -4 });
  assert.deepEqual(arm(0xd65f03c0).flow, { kind: 'return' });
  assert.equal(arm(0x58ffffe0).literal, -4);
  const push = arm(0xf81f0ffe), pop = arm(0xf84107fe); // str x30, [sp, #-16]! and ldr x30, [sp], #16
  assert.deepEqual([push.stack, push.pushed, pop.stack, pop.popped], [-16, 30, 16, 30]);
  assert.deepEqual([arm(0xd10083ff).stack, arm(0x910083ff).stack, arm(0x9100011f).stack], [-32, 32, undefined]); // sub, add, mov sp, x8
  assert.deepEqual(arm(0xa9bf7bfd).stack, -16); // stp x29, x30, [sp, #-16]!
  assert.deepEqual(intel('e9fbffffff').flow, { kind: 'jump', distance: 0 });
  assert.deepEqual(intel('0f8400000000').flow, { kind: 'branch', distance: 6 });
  assert.deepEqual(intel('75fe').flow, { kind: 'branch', distance: 0 });
  assert.equal(intel('488b0500000000').literal, 7);
  assert.equal(intel('48813d0100000002000000').literal, 12); // cmpq $2, 1(%rip): an immediate follows the distance
  assert.deepEqual([intel('55').stack, intel('55').pushed, intel('4158').stack, intel('4158').popped], [-8, 5, 8, 8]);
  assert.deepEqual([intel('4883ec10').stack, intel('4883c410').stack, intel('4889c4').stack], [-16, 16, undefined]);
});

test('what stencils do not contain is not guessed', () => {
  for (const w of [0x00000000, 0xd4000001, 0xc8dffc00, 0x4e228400, 0xf8800000]) { // udf, svc, ldar, add v.16b, prfm
    assert.equal(aarch64Effects(new Uint8Array(Uint32Array.of(w).buffer), 0), undefined);
  }
  assert.throws(() => x86_64Effects(Uint8Array.of(0x0f, 0x05, 0, 0), 0), /unknown x86-64 opcode/); // syscall
});
