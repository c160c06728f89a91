/**
 * Constants as AArch64 instructions hold them, and the fewest instructions that make one. Before and after:
 *
 *     ldr x22, =0x00ff00ff00ff00ff           orr x22, xzr, #0x00ff00ff00ff00ff
 *     ldr x22, =0x0000123400000000           movz x22, #0x1234, lsl 32
 *     movz w8, …; movk w8, …; sxtw x22, w8   movz x22, …; movk x22, …, lsl 16
 *     ldr d0, =1.5                           fmov d0, #1.5
 *
 * A literal takes 4 bytes of code where it is used and 8 once, so two instructions are no longer until the third use.
 * Sources of the encodings: Arm Architecture Reference Manual, DDI 0487, pseudocode DecodeBitMasks and VFPExpandImm.
 */

const MASK_64 = 0xffff_ffff_ffff_ffffn;
const LOW_48 = 0xffff_ffff_ffffn;
const ones = (count: number): bigint => (1n << BigInt(count)) - 1n;

/** The fields N, immr and imms of a logical immediate, 13 bits; undefined: the value is none. 0 and -1 are none. */
export function encodeLogical(value: bigint): number | undefined {
  const bits = BigInt.asUintN(64, value);
  if (bits === 0n || bits === MASK_64) return undefined;
  const size = elementSize(bits);
  const element = bits & ones(size);
  const run = countOnes(element), rotation = rotationOf(element, ones(run), size);
  if (rotation === undefined) return undefined;
  // The size is in the upper bits of imms, as ones and a zero; for 64 it is in N.
  const imms = (-(size << 1) & 0x3f) | (run - 1);
  return ((size === 64 ? 1 : 0) << 12) | (rotation << 6) | imms;
}

/** The value of the fields; undefined: they are reserved. */
export function decodeLogical(field: number): bigint | undefined {
  const n = field >>> 12, immr = (field >>> 6) & 0x3f, imms = field & 0x3f;
  const length = 31 - Math.clz32((n << 6) | (~imms & 0x3f));
  if (length < 1) return undefined;
  const size = 1 << length, levels = size - 1;
  if ((imms & levels) === levels) return undefined;
  const element = rotateRight(ones((imms & levels) + 1), immr & levels, size);
  let value = 0n;
  for (let at = 0; at < 64; at += size) value |= element << BigInt(at);
  return value;
}

/** Of the shortest pattern that the bits repeat. */
function elementSize(bits: bigint): number {
  let size = 64;
  for (let half = 32; half >= 2 && (bits & ones(half)) === ((bits >> BigInt(half)) & ones(half)); half >>= 1) size = half;
  return size;
}

/** By how much the run of ones is rotated to the right. */
function rotationOf(element: bigint, run: bigint, size: number): number | undefined {
  for (let rotation = 0; rotation < size; rotation++) if (rotateRight(run, rotation, size) === element) return rotation;
  return undefined;
}

const rotateRight = (bits: bigint, by: number, size: number): bigint =>
  (bits >> BigInt(by)) | ((bits << BigInt((size - by) % size)) & ones(size));

function countOnes(bits: bigint): number {
  let count = 0;
  for (let rest = bits; rest !== 0n; rest &= rest - 1n) count++;
  return count;
}

/** The 8 bits of a floating-point immediate: ±n/16·2^r with n in 16..31 and r in -3..4; undefined: the double is none. */
export function encodeFloat8(bits: bigint): number | undefined {
  if ((bits & LOW_48) !== 0n) return undefined;
  const top = Number(bits >> 48n);
  const exponent = (top >>> 6) & 0x1ff; // NOT(b), then b eight times
  if (exponent !== 0x100 && exponent !== 0x0ff) return undefined;
  return ((top >>> 8) & 0x80) | (exponent === 0x0ff ? 0x40 : 0) | (top & 0x3f);
}

/** The bits of the double. */
export function decodeFloat8(field: number): bigint {
  const exponent = (field & 0x40) !== 0 ? 0x0ff : 0x100;
  return BigInt(((field & 0x80) << 8) | (exponent << 6) | (field & 0x3f)) << 48n;
}

export interface ConstantForm {
  readonly family: string;
  /** Fields of the instructions, in their order. */
  readonly fields: readonly number[];
}

/** Undefined: more than two instructions, so it is a literal. */
export function integerForm(value: bigint): ConstantForm | undefined {
  const bits = BigInt.asUintN(64, value);
  const plain = wideFields(bits), inverted = wideFields(bits ^ MASK_64);
  if (plain.length <= 1) return { family: 'const.wide', fields: plain.length === 0 ? [0] : plain };
  if (inverted.length <= 1) return { family: 'const.wide_inverted', fields: inverted.length === 0 ? [0] : inverted };
  const logical = encodeLogical(bits);
  if (logical !== undefined) return { family: 'const.logical', fields: [logical] };
  if (plain.length === 2) return { family: 'const.wide2', fields: plain };
  // movk writes the halfword itself, not its complement.
  if (inverted.length === 2) return { family: 'const.wide2_inverted', fields: [inverted[0]!, inverted[1]! ^ 0xffff] };
  return undefined;
}

/** Of each halfword that is not 0: hw (which one), then its 16 bits. */
function wideFields(bits: bigint): number[] {
  return [0, 1, 2, 3].map((hw) => (hw << 16) | Number((bits >> BigInt(16 * hw)) & 0xffffn)).filter((field) => (field & 0xffff) !== 0);
}
