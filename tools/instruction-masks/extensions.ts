/** The extensions that are looked for, where in the encoding space they live, and how LLVM calls them. */
export interface Cube {
  readonly mask: number;
  readonly value: number;
}

export interface Extension {
  readonly name: string;
  /** The attributes with which LLVM decodes the extension, and those with which it decodes everything but it. */
  readonly attributes: string;
  readonly without: string;
  readonly spaces: readonly Cube[];
  /** Values for bits 9 to 0 that are tried with each value of the bits above. */
  readonly lowFields: readonly number[];
  /** Written by hand, and wider than the truth: groups with an immediate operand some values of which mean nothing. */
  readonly given?: readonly Cube[];
}

/** Two register fields: different ones, and some that are odd, even, or name no register. */
const registers = [0x062, 0x005, 0x22f];
/** SVE and SME have opcode bits and predicates down there. */
const anything = [0x000, 0x060, 0x080, 0x140, 0x1c0, 0x220, 0x280].flatMap((high) => [0x00, 0x01, 0x02, 0x04, 0x08, 0x10, 0x13].map((low) => high | low));

/** Top-level groups, bits 28 to 25 ("op0" of C4.1 in the Arm Architecture Reference Manual). */
const sve: readonly Cube[] = [{ mask: 0x1e000000, value: 0x04000000 }];
/** Outer products and moves of tiles have a group of their own; the length of vectors is read by instructions among SVE's. */
const sme: readonly Cube[] = [{ mask: 0x9e000000, value: 0x80000000 }, { mask: 0xff00f000, value: 0x04005000 }];
const loads: readonly Cube[] = [{ mask: 0x3b000000, value: 0x08000000 }, { mask: 0x3b200000, value: 0x38200000 }];
const vectors: readonly Cube[] = [
  { mask: 0x9e000000, value: 0x0e000000 },
  { mask: 0xde000000, value: 0x5e000000 },
  { mask: 0x7e000000, value: 0x1e000000 },
  { mask: 0xff000000, value: 0xce000000 },
];

function simple(name: string, attribute: string, spaces: readonly Cube[], base = '-lse'): Extension {
  return { name, attributes: `+${attribute},${base}`, without: base, spaces, lowFields: registers };
}

const crypto = '+aes,+sha2';
/** ORR, EOR, AND (immediate) and DUPM: bits 17 to 5 are a bitmask immediate. */
const logicalImmediate: Cube = { mask: 0xff3c0000, value: 0x05000000 };
const everySve2 = '+sve2,+sve2-aes,+sve2-sha3,+sve2-sm4,+sve2-bitperm';
const everySve = '+sve,+bf16,+i8mm,+f32mm,+f64mm,+aes,+sha3,+sm4';

export const extensions: readonly Extension[] = [
  simple('lse', 'lse', loads, '+rcpc'),
  simple('rcpc', 'rcpc', loads, '+lse'),
  simple('crc32', 'crc', [{ mask: 0x7fe00000, value: 0x1ac00000 }], '-lse'),
  simple('rdm', 'rdm', vectors, '+fullfp16'),
  simple('fp16', 'fullfp16', vectors, '+bf16'),
  simple('dotprod', 'dotprod', vectors, '+i8mm'),
  simple('fhm', 'fp16fml', vectors, '+fullfp16'),
  simple('fcma', 'complxnum', vectors, '+fullfp16'),
  simple('jscvt', 'jsconv', vectors, '+fullfp16'),
  simple('i8mm', 'i8mm', vectors, '+dotprod'),
  simple('bf16', 'bf16', vectors, '+fullfp16'),
  { name: 'aes', attributes: '+aes', without: '-aes', spaces: vectors, lowFields: registers },
  { name: 'sha2', attributes: '+sha2', without: '-sha2', spaces: vectors, lowFields: registers },
  { name: 'sha3', attributes: `+sha3,${crypto}`, without: crypto, spaces: vectors, lowFields: registers },
  { name: 'sm4', attributes: `+sm4,${crypto}`, without: crypto, spaces: vectors, lowFields: registers },
  { name: 'sve', attributes: everySve, without: '+bf16,+i8mm,+aes,+sha3,+sm4', spaces: sve, lowFields: anything, given: [logicalImmediate] },
  {
    name: 'sve2',
    attributes: `${everySve},${everySve2}`, without: everySve, spaces: sve, lowFields: anything,
  },
  // With SME alone LLVM decodes the part of SVE that it brings along.
  { name: 'sme', attributes: `+sme2,+sme-f64f64,+sme-i16i64,${everySve},${everySve2}`, without: `${everySve},${everySve2}`, spaces: sme, lowFields: anything },
];
