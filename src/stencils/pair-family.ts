/**
 * AArch64: one instruction for two stencils that load or store neighbouring 8-byte places. Before and after:
 *
 *     str x22, [x20, #320]
 *     str x23, [x20, #328]          stp x22, x23, [x20, #320]
 *
 * Such a family is made from that of the single stencils, so tables do not hold it: `spill.r.pair` has the registers of the
 * lower and of the higher place, and the immediate of the lower one.
 */
import { defined, invariant } from '#support/invariant.ts';
import { patchList } from './patch-list.ts';
import type { Hole, HoleKind, PreparedStencil, StencilFamily } from './table.ts';

const SUFFIX = '.pair';

/** Of `spill.r.pair` it is `spill.r`. */
export const singleOfPair = (name: string): string | undefined => (name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : undefined);

/** Upper 10 bits of ldr and str with an unsigned offset, and of the pair: DDI 0487, C4.1, loads and stores. */
const pairOpcodes: ReadonlyMap<number, number> = new Map([
  [0xf9400000, 0xa9400000], [0xf9000000, 0xa9000000], // ldr, str of x registers
  [0xfd400000, 0x6d400000], [0xfd000000, 0x6d000000], // of d registers
]);
const OPCODE = 0xffc00000;

const pairKinds: Partial<Record<HoleKind, HoleKind>> = { 'aarch64.imm12': 'aarch64.pair7', 'aarch64.imm12_scaled8': 'aarch64.pair7_scaled8' };

/** Undefined: the stencils are more than one load or store, or those of another processor. */
export function pairFamily(single: StencilFamily): StencilFamily | undefined {
  const { code, holes: [hole] } = single.variantAt(0);
  const kind = hole && pairKinds[hole.kind], [bank] = single.operands;
  if (kind === undefined || bank === undefined || single.operands.length !== 1 || code.length !== 4) return undefined;
  const made: (PreparedStencil | undefined)[] = [];
  const variantAt = (index: number): PreparedStencil => made[index] ??= pairOf(single.variantAt(index >> 3), single.variantAt(index & 7), { ...hole!, kind });
  return {
    name: single.name + SUFFIX, operands: [bank, bank], fixed: [undefined, undefined], isFixed: false, clobbers: false, variantAt,
    variant: ([first, second]) => variantAt(defined(first, 'register') * 8 + defined(second, 'register')),
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
