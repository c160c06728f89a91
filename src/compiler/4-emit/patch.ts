/** Writes addresses and immediates into the holes of machine code. */
import type { HoleKind } from '#stencils/table.ts';
import { assertExhaustive, invariant } from '#support/invariant.ts';

/** `value` is symbol + addend; `place` the address of the hole, in the same numbering as the value. */
export function patchAddress(view: DataView, at: number, kind: HoleKind, value: number, place: number): void {
  const distance = value - place;
  switch (kind) {
    case 'x86_64.rel32':
      invariant(fitsSigned(distance, 32), 'out of range:', distance);
      view.setInt32(at, distance, true);
      return;
    case 'x86_64.rel8':
      invariant(fitsSigned(distance, 8), 'out of range:', distance);
      view.setInt8(at, distance);
      return;
    case 'aarch64.branch26': return patchField(view, at, distance, 26, 0);
    case 'aarch64.branch19':
    case 'aarch64.literal19': return patchField(view, at, distance, 19, 5);
    case 'aarch64.branch14': return patchField(view, at, distance, 14, 5);
    case 'aarch64.adr21': return patchAdr(view, at, distance);
    case 'x86_64.abs32':
    case 'x86_64.abs8':
    case 'aarch64.movw_g0':
    case 'aarch64.movw_g1':
    case 'aarch64.movw_g2':
    case 'aarch64.movw_g3':
    case 'aarch64.imm12':
    case 'aarch64.imm12_scaled8':
    case 'aarch64.pair7':
    case 'aarch64.pair7_scaled8':
    case 'aarch64.logical':
    case 'aarch64.move_wide':
    case 'aarch64.fmov8':
      invariant(false, `${kind} cannot hold an address`);
      return;
    default: assertExhaustive(kind, 'hole kind');
  }
}

/** `isWhole`: no second hole holds the upper bits of the same immediate. */
export function patchImmediate(view: DataView, at: number, kind: HoleKind, value: number, isWhole: boolean): void {
  invariant(value >= -(2 ** 31) && value < 2 ** 32, 'immediate out of range:', value);
  switch (kind) {
    case 'x86_64.abs32':
      view.setInt32(at, value | 0, true);
      return;
    case 'x86_64.abs8':
      invariant(value >= 0 && value <= 0xff, 'out of range:', value);
      view.setUint8(at, value);
      return;
    case 'aarch64.movw_g0':
      invariant(!isWhole || (value >= 0 && value <= 0xffff), 'out of range:', value);
      return setField(view, at, value & 0xffff, 16, 5);
    case 'aarch64.movw_g1': return setField(view, at, (value >>> 16) & 0xffff, 16, 5);
    case 'aarch64.movw_g2':
    case 'aarch64.movw_g3': return setField(view, at, value < 0 ? 0xffff : 0, 16, 5);
    case 'aarch64.imm12': return setUnsigned(view, at, value, 12, 10);
    case 'aarch64.imm12_scaled8': return setUnsigned(view, at, value / 8, 12, 10);
    // The field is signed, but nothing lies below the base.
    case 'aarch64.pair7': return setUnsigned(view, at, value, 6, 15);
    case 'aarch64.pair7_scaled8': return setUnsigned(view, at, value / 8, 6, 15);
    case 'aarch64.logical': return setUnsigned(view, at, value, 13, 10);
    case 'aarch64.move_wide': return setUnsigned(view, at, value, 18, 5);
    case 'aarch64.fmov8': return setUnsigned(view, at, value, 8, 13);
    case 'x86_64.rel32':
    case 'x86_64.rel8':
    case 'aarch64.branch26':
    case 'aarch64.branch19':
    case 'aarch64.branch14':
    case 'aarch64.literal19':
    case 'aarch64.adr21':
      invariant(false, `${kind} cannot hold an immediate`);
      return;
    default: assertExhaustive(kind, 'hole kind');
  }
}

/** Bits of the hole's 32-bit word that belong to the hole; one of 8 bits has no more than a byte. */
export function fieldMask(kind: HoleKind): number {
  switch (kind) {
    case 'x86_64.rel8':
    case 'x86_64.abs8': return 0xff;
    case 'x86_64.rel32':
    case 'x86_64.abs32': return 0xffffffff;
    case 'aarch64.branch26': return maskOf(26, 0);
    case 'aarch64.branch19':
    case 'aarch64.literal19': return maskOf(19, 5);
    case 'aarch64.branch14': return maskOf(14, 5);
    case 'aarch64.movw_g0':
    case 'aarch64.movw_g1':
    case 'aarch64.movw_g2':
    case 'aarch64.movw_g3': return maskOf(16, 5);
    case 'aarch64.imm12':
    case 'aarch64.imm12_scaled8': return maskOf(12, 10);
    case 'aarch64.pair7':
    case 'aarch64.pair7_scaled8': return maskOf(7, 15);
    case 'aarch64.logical': return maskOf(13, 10);
    case 'aarch64.move_wide': return maskOf(18, 5);
    case 'aarch64.fmov8': return maskOf(8, 13);
    case 'aarch64.adr21': return (maskOf(2, 29) | maskOf(19, 5)) >>> 0;
    default: return assertExhaustive(kind, 'hole kind');
  }
}

/** What `patchAddress` wrote: value − place. Undefined for kinds that hold no address. */
export function readDistance(view: DataView, at: number, kind: HoleKind): number | undefined {
  switch (kind) {
    case 'x86_64.rel32': return view.getInt32(at, true);
    case 'x86_64.rel8': return view.getInt8(at);
    case 'aarch64.branch26': return readSigned(view, at, 26, 0);
    case 'aarch64.branch19':
    case 'aarch64.literal19': return readSigned(view, at, 19, 5);
    case 'aarch64.branch14': return readSigned(view, at, 14, 5);
    case 'aarch64.adr21': return readSigned(view, at, 19, 5) + ((view.getUint32(at, true) >>> 29) & 3);
    default: return undefined;
  }
}

const readSigned = (view: DataView, at: number, bits: number, shift: number): number =>
  ((view.getUint32(at, true) << (32 - bits - shift)) >> (32 - bits)) * 4;

const maskOf = (bits: number, shift: number): number => (((1 << bits) - 1) << shift) >>> 0;

function patchField(view: DataView, at: number, distance: number, bits: number, shift: number): void {
  invariant(distance % 4 === 0 && fitsSigned(distance / 4, bits), 'out of range:', distance);
  setField(view, at, distance / 4, bits, shift);
}

/** The lowest two bits of the distance are apart from the others. */
function patchAdr(view: DataView, at: number, distance: number): void {
  invariant(fitsSigned(distance, 21), 'out of range:', distance);
  setField(view, at, distance & 3, 2, 29);
  setField(view, at, distance >> 2, 19, 5);
}

function setUnsigned(view: DataView, at: number, value: number, bits: number, shift: number): void {
  invariant(Number.isInteger(value) && value >= 0 && value < 2 ** bits, 'out of range:', value);
  setField(view, at, value, bits, shift);
}

function setField(view: DataView, at: number, value: number, bits: number, shift: number): void {
  const mask = maskOf(bits, shift);
  view.setUint32(at, ((view.getUint32(at, true) & ~mask) | ((value << shift) & mask)) >>> 0, true);
}

const fitsSigned = (value: number, bits: number): boolean => value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1);
