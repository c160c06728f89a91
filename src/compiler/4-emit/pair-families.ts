/**
 * AArch64: one instruction for two stencils that load or store neighbouring 8-byte places. Before and after:
 *
 *     str x22, [x20, #320]
 *     str x23, [x20, #328]          stp x22, x23, [x20, #320]
 *
 * Their families are made from those of the single stencils.
 */
import type { Hole, HoleKind, PreparedStencil, StencilFamily, StencilTable } from '#stencils/table.ts';
import { patchList } from '#stencils/patch-list.ts';
import { defined, invariant } from '#support/invariant.ts';
import { REGISTERS_PER_BANK } from './machine.ts';

/** Upper 10 bits of ldr and str with an unsigned offset, and of the pair: DDI 0487, C4.1, loads and stores. */
const pairOpcodes: ReadonlyMap<number, number> = new Map([
  [0xf9400000, 0xa9400000], [0xf9000000, 0xa9000000], // ldr, str of x registers
  [0xfd400000, 0x6d400000], [0xfd000000, 0x6d000000], // of d registers
]);
const OPCODE = 0xffc00000;

const pairKinds: Partial<Record<HoleKind, HoleKind>> = { 'aarch64.imm12': 'aarch64.pair7', 'aarch64.imm12_scaled8': 'aarch64.pair7_scaled8' };

/** Highest place, in units of 8 bytes from the base, of the first of a pair. */
const MAX_PLACE = 63;

export interface PairFamily {
  /** The register of the lower place first. */
  readonly family: StencilFamily;
  /** Highest immediate of the lower place. */
  readonly last: number;
  /** From one immediate to that of the next place. */
  readonly step: number;
}

export type PairName = 'spill.r' | 'spill.f' | 'reload.r' | 'reload.f' | 'arg.store';

/** Undefined: the processor has no pairs, or the stencil is more than one instruction. */
export function pairFamily(table: StencilTable, name: PairName): PairFamily | undefined {
  const single = table.family(name), stencil = single?.variantAt(0);
  const [hole] = stencil?.holes ?? [];
  const kind = hole && pairKinds[hole.kind];
  if (single === undefined || kind === undefined || stencil?.code.length !== 4) return undefined;
  const step = kind === 'aarch64.pair7' ? 1 : 8;
  const made: (PreparedStencil | undefined)[] = [];
  const variantAt = (index: number): PreparedStencil => made[index] ??= pairOf(
    single.variantAt(Math.floor(index / REGISTERS_PER_BANK)), single.variantAt(index % REGISTERS_PER_BANK), { ...hole!, kind },
  );
  const bank = defined(single.operands[0], 'operand of', name);
  return {
    step, last: MAX_PLACE * step - hole!.addend,
    family: {
      name: `${name}.pair`, operands: [bank, bank], fixed: [undefined, undefined], isFixed: false, clobbers: false, variantAt,
      variant: ([first, second]) => variantAt(defined(first, 'register') * REGISTERS_PER_BANK + defined(second, 'register')),
    },
  };
}

function pairOf(first: PreparedStencil, second: PreparedStencil, hole: Hole): PreparedStencil {
  const code = new Uint8Array(4);
  new DataView(code.buffer).setUint32(0, pairWord(wordOf(first), wordOf(second)), true);
  return { code, holes: [hole], patches: patchList([hole]) };
}

const wordOf = ({ code }: PreparedStencil): number => new DataView(code.buffer, code.byteOffset).getUint32(0, true);

/** Of two accesses with the same base, whose offsets are holes. */
export function pairWord(first: number, second: number): number {
  const opcode = pairOpcodes.get((first & OPCODE) >>> 0);
  invariant(opcode !== undefined && ((first ^ second) & ~0x1f) === 0, 'no pair of', `${first.toString(16)} and ${second.toString(16)}`);
  return (opcode | ((second & 31) << 10) | (first & 0x3ff)) >>> 0;
}
