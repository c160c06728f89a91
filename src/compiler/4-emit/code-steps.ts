/**
 * The five steps by which CPython's JIT got smaller on AArch64, each of which can be left out here, to measure what it is
 * worth. The product has all of them: the first four live in the agent, which links units (agent/install.c, arena.c), the
 * last one in the passes that make stencils.
 */
import { aarch64 } from '#stencils/aarch64.ts';
import { fallsThrough, type StencilInstruction } from '#stencils/instructions.ts';
import { patchList } from '#stencils/patch-list.ts';
import { rewriteStencil } from '#stencils/stencil-from-function.ts';
import type { PreparedStencil, Stencil, StencilFamily, StencilTable } from '#stencils/table.ts';
import { allLayoutSteps, type LayoutSteps } from './layout-steps.ts';

export interface CodeSteps {
  /** GH-123872: a call is `bl`, with a trampoline where that does not reach; else every call loads its target from the literal pool. */
  readonly trampolines: boolean;
  /** GH-121001: a trampoline is `ldr; br; .quad`; else `movz, movk, movk, movk, br`. */
  readonly literalTrampolines: boolean;
  /** GH-120250: one trampoline for each target; else one for each call. */
  readonly sharedTrampolines: boolean;
  /** GH-131041: only calls beyond the reach of `bl` get a trampoline; else all do. */
  readonly farOnly: boolean;
  /** GH-131042: a stencil falls through to the next; else it ends with a jump. */
  readonly noTrailingJump: boolean;
}

/** What the generator does beyond CPython's five steps. */
export interface FurtherSteps extends LayoutSteps {
  /** Constants from move-wide, logical and floating-point immediates (`aarch64-constants.ts`); else only from 16 bits and literals. */
  readonly constants: boolean;
  /** The link register is saved once a unit (`link-register.ts`); else around every call. */
  readonly linkOnce: boolean;
  /** Stubs of exits are one instruction, where the link register is saved once. */
  readonly shortStubs: boolean;
}

export const allFurtherSteps: FurtherSteps = { ...allLayoutSteps, constants: true, linkOnce: true, shortStubs: true };

const constantFamilies = /^(const\.(wide|logical|float_imm)|int\.\w+\.logical$)/;

/** The table as it would be without the further steps that are off. */
export function tableWithFurtherSteps(table: StencilTable, { constants, linkOnce, shortStubs }: FurtherSteps): StencilTable {
  if (constants && linkOnce && shortStubs) return table;
  const known = new Map<string, StencilFamily | undefined>();
  const familyOf = (name: string): StencilFamily | undefined => {
    if ((!constants && constantFamilies.test(name)) || (!shortStubs && name === 'exit.call')) return undefined;
    const family = table.family(name);
    return family && !linkOnce ? familyWith(family, (stencil) => rewriteStencil(stencil, aarch64, (instructions) => expand(instructions, savingLink))) : family;
  };
  return {
    ...table, savesLinkOnce: table.savesLinkOnce && linkOnce,
    family(name) {
      if (!known.has(name)) known.set(name, familyOf(name));
      return known.get(name);
    },
  };
}

/** `bl f` becomes `str x30, [sp, #-16]!; bl f; ldr x30, [sp], #16`. */
function savingLink(instruction: StencilInstruction): readonly StencilInstruction[] {
  const [hole] = instruction.kind === 'plain' ? instruction.holes : [];
  const other = (word: number): StencilInstruction => ({ kind: 'plain', bytes: wordOf(word), holes: [], ends: false });
  return hole?.kind === 'aarch64.branch26' ? [other(0xf81f0ffe), instruction, other(0xf84107fe)] : [instruction];
}

export const stepNumbers: Readonly<Record<keyof CodeSteps, string>> = {
  trampolines: 'GH-123872', literalTrampolines: 'GH-121001', sharedTrampolines: 'GH-120250', farOnly: 'GH-131041', noTrailingJump: 'GH-131042',
};

export const allSteps: CodeSteps = { trampolines: true, literalTrampolines: true, sharedTrampolines: true, farOnly: true, noTrailingJump: true };
export const noSteps: CodeSteps = { trampolines: false, literalTrampolines: false, sharedTrampolines: false, farOnly: false, noTrailingJump: false };

/** The table as it would be without the steps that are off. */
export function tableWithSteps(table: StencilTable, steps: CodeSteps): StencilTable {
  if (steps.trampolines && steps.noTrailingJump) return table;
  const known = new Map<string, StencilFamily | undefined>();
  return {
    ...table,
    family(name) {
      if (!known.has(name)) {
        const family = table.family(name);
        known.set(name, family && familyWithSteps(family, steps));
      }
      return known.get(name);
    },
  };
}

const familyWithSteps = (family: StencilFamily, steps: CodeSteps): StencilFamily => familyWith(family, (stencil) => stencilWithSteps(stencil, steps));

function familyWith(family: StencilFamily, change: (stencil: Stencil) => Stencil): StencilFamily {
  const known = new Map<Stencil, PreparedStencil>();
  const changed = (full: Stencil): PreparedStencil => {
    let prepared = known.get(full);
    if (!prepared) {
      const stencil = change(full);
      known.set(full, (prepared = { ...stencil, patches: patchList(stencil.holes) }));
    }
    return prepared;
  };
  const { name, operands, fixed, isFixed, clobbers } = family;
  return {
    name, operands, fixed, isFixed, clobbers,
    variant: (registers) => changed(family.variant(registers)),
    variantAt: (index) => changed(family.variantAt(index)),
  };
}

export function stencilWithSteps(stencil: Stencil, steps: CodeSteps): Stencil {
  return rewriteStencil(stencil, aarch64, (instructions) => {
    const calls = steps.trampolines ? instructions : expand(instructions, callThroughLiteral);
    return steps.noTrailingJump ? calls : withTrailingJump(calls);
  });
}

function wordOf(word: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, word, true);
  return bytes;
}

/** `bl f` becomes `ldr x16, =f; blr x16`. */
function callThroughLiteral(instruction: StencilInstruction): readonly StencilInstruction[] {
  const [hole] = instruction.kind === 'plain' ? instruction.holes : [];
  if (hole?.kind !== 'aarch64.branch26') return [instruction];
  return [
    { kind: 'plain', bytes: wordOf(0x58000010), holes: [{ ...hole, kind: 'aarch64.literal19' }], ends: false },
    { kind: 'plain', bytes: wordOf(0xd63f0200), holes: [], ends: false },
  ];
}

/** Replaces each instruction by some; jumps to it go to the first of them. */
function expand(instructions: readonly StencilInstruction[], replace: (i: StencilInstruction) => readonly StencilInstruction[]): StencilInstruction[] {
  const parts = instructions.map(replace);
  const starts = [0];
  for (const part of parts) starts.push(starts.at(-1)! + part.length);
  return parts.flat().map((i) => (i.kind !== 'plain' && typeof i.target === 'number' ? { ...i, target: starts[i.target]! } : i));
}

function withTrailingJump(instructions: readonly StencilInstruction[]): readonly StencilInstruction[] {
  const end = instructions.length;
  const last = instructions.at(-1);
  const goesOn = last === undefined || (fallsThrough(last) && !isExitCall(last)) || instructions.some((i) => i.kind !== 'plain' && i.target === end);
  return goesOn ? [...instructions, { kind: 'jump', target: 'CONTINUE' }] : instructions;
}

/** It does not come back, and where it would is the number of the exit. */
const isExitCall = (i: StencilInstruction): boolean => i.kind === 'plain' && i.holes.some(({ kind, symbol }) => kind === 'aarch64.branch26' && symbol === 'TARGET');
