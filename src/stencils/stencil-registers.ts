/** Which registers a stencil needs and which it changes, under the names that templates give them. */
import { defined } from '#support/invariant.ts';
import { aarch64Effects } from './aarch64-effects.ts';
import { NO_REGISTERS, registerNumbers, union, type Effects, type EffectsDecoder, type RegisterSet } from './effects.ts';
import type { Machine } from './families.ts';
import type { Stencil } from './table.ts';
import { x86_64Effects } from './x86-64-effects.ts';

export interface StencilRegisters {
  /** Whose content at the start matters. */
  readonly reads: RegisterSet;
  readonly writes: RegisterSet;
}

export const effectsDecoders: Readonly<Record<Machine, EffectsDecoder>> = { aarch64: aarch64Effects, x86_64: x86_64Effects };

export function stencilRegisters(stencil: Stencil, machine: Machine): StencilRegisters {
  const instructions = decodeStencil(stencil, machine);
  const writes = [...instructions.values()].reduce((set, i) => union(set, i.writes), NO_REGISTERS);
  const liveIn = new Map<number, RegisterSet>();
  const at = (offset: number): RegisterSet => liveIn.get(offset) ?? NO_REGISTERS;
  for (let changed = true; changed;) {
    changed = false;
    for (const [offset, instruction] of [...instructions].reverse()) {
      const out = successors(stencil, offset, instruction).map(at).reduce(union, NO_REGISTERS);
      const live = {
        integer: instruction.reads.integer | (out.integer & ~instruction.writes.integer),
        float: instruction.reads.float | (out.float & ~instruction.writes.float),
      };
      const known = at(offset);
      if (known.integer === live.integer && known.float === live.float) continue;
      liveIn.set(offset, live);
      changed = true;
    }
  }
  return { reads: at(0), writes };
}

function decodeStencil({ code }: Stencil, machine: Machine): Map<number, Effects> {
  const instructions = new Map<number, Effects>();
  for (let offset = 0; offset < code.length;) {
    const instruction = defined(effectsDecoders[machine](code, offset), 'instruction at', offset);
    instructions.set(offset, instruction);
    offset += instruction.size;
  }
  return instructions;
}

/** Inside the stencil; what a hole names is outside. */
function successors({ holes }: Stencil, offset: number, { flow, size }: Effects): number[] {
  const next = [offset + size];
  switch (flow.kind) {
    case 'jump':
    case 'branch': {
      const isHole = holes.some((h) => h.offset >= offset && h.offset < offset + size);
      const target = isHole ? [] : [offset + flow.distance];
      return flow.kind === 'jump' ? target : [...target, ...next];
    }
    case 'return':
    case 'trap':
    case 'indirect_jump': return [];
    default: return next;
  }
}

const machineNames: Readonly<Record<Machine, readonly string[]>> = {
  aarch64: [...Array.from({ length: 31 }, (_, i) => `x${i}`), 'sp'],
  x86_64: ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
};

/** By number: the parameters of preserve_none, of which the first is the activation record `a`. */
const templateNames: Readonly<Record<Machine, ReadonlyMap<number, string>>> = {
  aarch64: new Map([20, 21, 22, 23, 24, 25, 26, 27, 28].map((n, i) => [n, i === 0 ? 'a' : `r${i - 1}`])),
  x86_64: new Map([12, 13, 14, 15, 7, 6, 2, 1, 8].map((n, i) => [n, i === 0 ? 'a' : `r${i - 1}`])),
};

/** `r1 (x22)`, `x8`, `f2 (d2)`. */
export function registerTexts(set: RegisterSet, machine: Machine): string[] {
  const integers = registerNumbers(set.integer).map((n) => {
    const name = machineNames[machine][n] ?? String(n), role = templateNames[machine].get(n);
    return role === undefined ? name : `${role} (${name})`;
  });
  const prefix = machine === 'aarch64' ? 'd' : 'xmm';
  return [...integers, ...registerNumbers(set.float).map((n) => (n < 8 ? `f${n} (${prefix}${n})` : `${prefix}${n}`))];
}
