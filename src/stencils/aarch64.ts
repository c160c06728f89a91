/** AArch64: control transfers, relocations. */
import { InvariantError, defined, invariant } from '#support/invariant.ts';
import {
  externalTarget, isExternal,
  type DecodedInstruction, type JumpTarget, type Processor, type StencilInstruction,
} from './instructions.ts';
import type { ObjectFormat } from './object-file.ts';
import type { Hole, HoleKind } from './table.ts';

/** Of the ELF supplement for AArch64. */
const elfKinds = new Map<number, HoleKind>([
  [282, 'aarch64.branch26'], // JUMP26
  [283, 'aarch64.branch26'], // CALL26
  [280, 'aarch64.branch19'], // CONDBR19
  [279, 'aarch64.branch14'], // TSTBR14
  [273, 'aarch64.literal19'], // LD_PREL_LO19
  [274, 'aarch64.adr21'], // ADR_PREL_LO21
  [263, 'aarch64.movw_g0'], [264, 'aarch64.movw_g0'], // MOVW_UABS_G0, _NC
  [265, 'aarch64.movw_g1'], [266, 'aarch64.movw_g1'],
  [267, 'aarch64.movw_g2'], [268, 'aarch64.movw_g2'],
  [269, 'aarch64.movw_g3'],
  [277, 'aarch64.imm12'], // ADD_ABS_LO12_NC
  [286, 'aarch64.imm12_scaled8'], // LDST64_ABS_LO12_NC
]);

const holeKinds: Readonly<Record<ObjectFormat, ReadonlyMap<number, HoleKind>>> = {
  elf: elfKinds,
  coff: new Map([[3, 'aarch64.branch26'], [15, 'aarch64.branch19'], [16, 'aarch64.branch14']]), // BRANCH26, BRANCH19, BRANCH14
  'mach-o': new Map([[2, 'aarch64.branch26']]), // BRANCH26
};

/**
 * Fields for which ELF has no relocation: templates say by the name of the symbol what the 12-bit relocation stands for.
 * An immediate that counts 8-byte units is `_HOLE_INDEX0`: the field then takes the value as it is.
 */
const kindsByName: readonly (readonly [prefix: string, of: HoleKind, kind: HoleKind])[] = [
  ['_HOLE_INDEX', 'aarch64.imm12_scaled8', 'aarch64.imm12'],
  ['_HOLE_LOGICAL', 'aarch64.imm12', 'aarch64.logical'],
  ['_HOLE_WIDE', 'aarch64.imm12', 'aarch64.move_wide'],
  ['_HOLE_FMOV', 'aarch64.imm12', 'aarch64.fmov8'],
];

function holeKind(format: ObjectFormat, relocationType: number, symbol: string): HoleKind | undefined {
  const kind = holeKinds[format].get(relocationType);
  return kindsByName.find(([prefix, of]) => of === kind && symbol.startsWith(prefix))?.[2] ?? kind;
}

/** Where a conditional branch keeps its distance: least significant bit and width. */
function distanceField(word: number): { readonly shift: number; readonly bits: number } | undefined {
  if (word >>> 24 === 0x54) return { shift: 5, bits: 19 }; // b.cond
  if (((word >>> 24) & 0x7e) === 0x34) return { shift: 5, bits: 19 }; // cbz, cbnz
  if (((word >>> 24) & 0x7e) === 0x36) return { shift: 5, bits: 14 }; // tbz, tbnz
  return undefined;
}

const isTestBranch = (word: number): boolean => ((word >>> 24) & 0x7e) === 0x36;

const signed = (value: number, bits: number): number => (value << (32 - bits)) >> (32 - bits);

function decodeWord(word: number, offset: number, hole: Hole | undefined): StencilInstruction {
  const target = (distance: number): JumpTarget =>
    hole === undefined ? offset + 4 * distance : defined(externalTarget(hole.symbol), `jump to ${hole.symbol}`);
  const field = distanceField(word);
  if (field !== undefined) {
    const mask = ((1 << field.bits) - 1) << field.shift;
    return { kind: 'branch', condition: (word & ~mask) >>> 0, target: target(signed(word >>> field.shift, field.bits)) };
  }
  if (word >>> 26 === 0x05) return { kind: 'jump', target: target(signed(word, 26)) };
  if (hole === undefined) checkPositionIndependent(word);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, word, true);
  const ends = ((word & 0xfffffc1f) >>> 0) === 0xd65f0000 || ((word & 0xffe0001f) >>> 0) === 0xd4200000; // ret, brk
  return { kind: 'plain', bytes, holes: hole === undefined ? [] : [{ ...hole, offset: 0 }], ends };
}

/** Instructions that name a place by distance and cannot be moved: adr, adrp, ldr literal, bl, br. */
function checkPositionIndependent(word: number): void {
  const relative = (word & 0x1f000000) === 0x10000000 || (word & 0x3b000000) === 0x18000000 || word >>> 26 === 0x25
    || ((word & 0xfffffc1f) >>> 0) === 0xd61f0000;
  if (relative) throw new InvariantError(`instruction ${word.toString(16)} depends on its place`);
}

function decode(code: Uint8Array, holes: readonly Hole[]): DecodedInstruction[] {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const byOffset = new Map(holes.map((h) => [h.offset, h]));
  invariant(byOffset.size === holes.length, 'two holes in one instruction');
  return Array.from({ length: code.length / 4 }, (_, i) => ({
    offset: 4 * i, size: 4, instruction: decodeWord(view.getUint32(4 * i, true), 4 * i, byOffset.get(4 * i)),
  }));
}

function invert(condition: number): number {
  if (condition >>> 24 !== 0x54) return (condition ^ (1 << 24)) >>> 0;
  invariant((condition & 15) < 14, 'the condition "always" has no opposite');
  return condition ^ 1;
}

const NONE = new Uint8Array(0);

/** tbz reaches ±32 KiB only: a jump out of the stencil goes over an inverted one. */
const isLong = (i: StencilInstruction): boolean =>
  i.kind === 'branch' && isExternal(i.target) && isTestBranch(i.condition);

const sizeOf = (i: StencilInstruction): number => (i.kind === 'plain' ? i.bytes.length : isLong(i) ? 8 : 4);

function encode(instructions: readonly StencilInstruction[]): { code: Uint8Array; holes: Hole[] } {
  const starts: number[] = [0];
  for (const i of instructions) starts.push((starts.at(-1) ?? 0) + sizeOf(i));
  const code = new Uint8Array(starts.at(-1) ?? 0);
  const view = new DataView(code.buffer);
  const holes: Hole[] = [];
  const distance = (target: JumpTarget, at: number, kind: HoleKind): number => {
    if (!isExternal(target)) return (defined(starts[target], 'label') - at) / 4;
    holes.push({ offset: at, kind, symbol: target, addend: 0 });
    return 0;
  };
  instructions.forEach((i, index) => {
    const at = defined(starts[index], 'start');
    if (i.kind === 'plain') {
      code.set(i.bytes, at);
      holes.push(...i.holes.map((h) => ({ ...h, offset: h.offset + at })));
    } else if (i.kind === 'jump') {
      view.setUint32(at, (0x14000000 | (distance(i.target, at, 'aarch64.branch26') & 0x3ffffff)) >>> 0, true);
    } else if (isLong(i)) {
      view.setUint32(at, (invert(i.condition) | (2 << 5)) >>> 0, true);
      view.setUint32(at + 4, (0x14000000 | distance(i.target, at + 4, 'aarch64.branch26')) >>> 0, true);
    } else {
      const field = defined(distanceField(i.condition), 'distance field');
      const value = distance(i.target, at, 'aarch64.branch19') & ((1 << field.bits) - 1);
      view.setUint32(at, (i.condition | (value << field.shift)) >>> 0, true);
    }
  });
  return { code: code.length === 0 ? NONE : code, holes };
}

export const aarch64: Processor = { decode, invert, encode, holeKind };
