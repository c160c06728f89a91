/**
 * AArch64 instructions that occur in stencils: registers read and written, control flow, stack. The patterns are those of
 * the top-level encoding tables in the Arm Architecture Reference Manual (DDI 0487, chapter C4.1).
 */
import { effects, union, type Effects, type Flow, type RegisterSet } from './effects.ts';

const SP = 31;
const LINK = 30;

const field = (word: number, low: number, width: number): number => (word >>> low) & (2 ** width - 1);
const signedField = (word: number, low: number, width: number): number => (word << (32 - low - width)) >> (32 - width);

/** Register 31 is the zero register here. */
const x = (n: number): RegisterSet => ({ integer: n === 31 ? 0 : 1 << n, float: 0 });
/** Register 31 is the stack pointer here. */
const xOrSp = (n: number): RegisterSet => ({ integer: 1 << n, float: 0 });
const v = (n: number): RegisterSet => ({ integer: 0, float: 1 << n });

const rd = (word: number): number => word & 31;
const rn = (word: number): number => field(word, 5, 5);
const ra = (word: number): number => field(word, 10, 5);
const rm = (word: number): number => field(word, 16, 5);

const all = (...sets: readonly RegisterSet[]): RegisterSet => sets.reduce(union);
const none: RegisterSet = { integer: 0, float: 0 };

interface Pattern {
  readonly mask: number;
  readonly value: number;
  readonly decode: (word: number) => Effects | undefined;
}

const pattern = (mask: number, value: number, decode: Pattern['decode']): Pattern => ({ mask, value, decode });
const transfer = (kind: 'jump' | 'branch' | 'call', distance: number): Flow => ({ kind, distance: 4 * distance });

/** `rd = op(rn, rm)`. */
const threeRegisters = (word: number): Effects => effects({ reads: all(x(rn(word)), x(rm(word))), writes: x(rd(word)) });

/** Additions to SP are the only arithmetic on it that can be followed. */
function addImmediate(word: number): Effects {
  const setsFlags = field(word, 29, 1) === 1;
  const to = setsFlags ? x(rd(word)) : xOrSp(rd(word));
  const isStack = !setsFlags && rd(word) === SP;
  const amount = field(word, 10, 12) * (field(word, 22, 1) === 1 ? 4096 : 1);
  const change = rn(word) === SP ? (field(word, 30, 1) === 1 ? -amount : amount) : undefined;
  return effects({ reads: xOrSp(rn(word)), writes: to, stack: isStack ? change : 0 });
}

const dataImmediate: readonly Pattern[] = [
  pattern(0x1f000000, 0x10000000, (w) => effects({
    writes: x(rd(w)), place: w >>> 31 === 1 ? undefined : signedField(w, 5, 19) * 4 + field(w, 29, 2),
  })), // adr, adrp
  pattern(0x1f800000, 0x11000000, addImmediate),
  pattern(0x1f800000, 0x12000000, (w) => effects({
    reads: x(rn(w)), writes: field(w, 29, 2) === 3 ? x(rd(w)) : xOrSp(rd(w)), stack: field(w, 29, 2) !== 3 && rd(w) === SP ? undefined : 0,
  })), // and, orr, eor, ands
  pattern(0x1f800000, 0x12800000, (w) => effects({ reads: field(w, 29, 2) === 3 ? x(rd(w)) : none, writes: x(rd(w)) })), // movn, movz, movk
  pattern(0x1f800000, 0x13000000, (w) => effects({ reads: field(w, 29, 2) === 1 ? all(x(rn(w)), x(rd(w))) : x(rn(w)), writes: x(rd(w)) })), // bitfield
  pattern(0x1f800000, 0x13800000, threeRegisters), // extr
];

const branches: readonly Pattern[] = [
  pattern(0xfc000000, 0x14000000, (w) => effects({ flow: transfer('jump', signedField(w, 0, 26)) })),
  pattern(0xfc000000, 0x94000000, (w) => effects({ flow: transfer('call', signedField(w, 0, 26)), writes: x(LINK) })),
  pattern(0xff000010, 0x54000000, (w) => effects({ flow: transfer('branch', signedField(w, 5, 19)) })),
  pattern(0x7e000000, 0x34000000, (w) => effects({ flow: transfer('branch', signedField(w, 5, 19)), reads: x(rd(w)) })), // cbz, cbnz
  pattern(0x7e000000, 0x36000000, (w) => effects({ flow: transfer('branch', signedField(w, 5, 14)), reads: x(rd(w)) })), // tbz, tbnz
  pattern(0xfffffc1f, 0xd61f0000, (w) => effects({ flow: { kind: 'indirect_jump' }, reads: x(rn(w)) })),
  pattern(0xfffffc1f, 0xd63f0000, (w) => effects({ flow: { kind: 'indirect_call' }, reads: x(rn(w)), writes: x(LINK) })),
  pattern(0xfffffc1f, 0xd65f0000, (w) => effects({ flow: { kind: 'return' }, reads: x(rn(w)) })),
  pattern(0xffe0001f, 0xd4200000, () => effects({ flow: { kind: 'trap' } })), // brk
  pattern(0xfffff01f, 0xd503201f, () => effects({})), // nop, bti
];

/** Values of a load or store, which share one field of the encoding between the banks. */
function memoryAccess(word: number, isLoad: boolean, isVector: boolean, values: readonly number[], address: RegisterSet, update: number | undefined): Effects {
  const set = all(...values.map(isVector ? v : x));
  const base = xOrSp(rn(word));
  const reads = isLoad ? union(base, address) : all(base, address, set);
  const writes = all(isLoad ? set : none, update === undefined ? none : base);
  const moves = update !== undefined && rn(word) === SP;
  const single = moves && !isVector && values.length === 1 ? values[0] : undefined;
  return effects({
    reads, writes, stack: moves ? update : 0, pushed: isLoad ? undefined : single, popped: isLoad ? single : undefined,
  });
}

/** The size and `opc` fields of a single load or store; undefined: prefetch or unknown. */
function singleAccess(word: number, address: RegisterSet, update?: number): Effects | undefined {
  const isVector = field(word, 26, 1) === 1, opc = field(word, 22, 2);
  if (!isVector && field(word, 30, 2) === 3 && opc >= 2) return undefined;
  const isLoad = isVector ? (opc & 1) === 1 : opc !== 0;
  return memoryAccess(word, isLoad, isVector, [rd(word)], address, update);
}

function pairAccess(word: number): Effects | undefined {
  const isVector = field(word, 26, 1) === 1, mode = field(word, 23, 2);
  const bytes = isVector ? 4 << field(word, 30, 2) : field(word, 31, 1) === 1 ? 8 : 4;
  const update = mode === 1 || mode === 3 ? signedField(word, 15, 7) * bytes : undefined;
  return memoryAccess(word, field(word, 22, 1) === 1, isVector, [rd(word), ra(word)], none, update);
}

function unscaledAccess(word: number): Effects | undefined {
  const mode = field(word, 10, 2);
  if (mode === 2) return undefined; // unprivileged
  return singleAccess(word, none, mode === 0 ? undefined : signedField(word, 12, 9));
}

const memory: readonly Pattern[] = [
  pattern(0x3b000000, 0x18000000, (w) => field(w, 30, 2) === 3 ? undefined : effects({
    literal: signedField(w, 5, 19) * 4, writes: field(w, 26, 1) === 1 ? v(rd(w)) : x(rd(w)),
  })),
  pattern(0x3a000000, 0x28000000, pairAccess),
  pattern(0x3b000000, 0x39000000, (w) => singleAccess(w, none)),
  pattern(0x3b200000, 0x38000000, unscaledAccess),
  pattern(0x3b200c00, 0x38200800, (w) => singleAccess(w, x(rm(w)))),
];

const dataRegister: readonly Pattern[] = [
  pattern(0x1f000000, 0x0a000000, threeRegisters), // logical, shifted
  pattern(0x1f200000, 0x0b000000, threeRegisters), // add and subtract, shifted
  pattern(0x1f200000, 0x0b200000, (w) => effects({
    reads: all(xOrSp(rn(w)), x(rm(w))), writes: field(w, 29, 1) === 1 ? x(rd(w)) : xOrSp(rd(w)), stack: field(w, 29, 1) === 0 && rd(w) === SP ? undefined : 0,
  })), // extended
  pattern(0x1fe0fc00, 0x1a000000, threeRegisters), // adc, sbc
  pattern(0x1fe00000, 0x1a400000, (w) => effects({ reads: field(w, 11, 1) === 1 ? x(rn(w)) : all(x(rn(w)), x(rm(w))) })), // ccmp
  pattern(0x1fe00000, 0x1a800000, threeRegisters), // csel, csinc, csinv, csneg
  pattern(0x5fe00000, 0x1ac00000, threeRegisters), // division, shifts by register
  pattern(0x5fe00000, 0x5ac00000, (w) => effects({ reads: x(rn(w)), writes: x(rd(w)) })), // rbit, rev, clz
  pattern(0x1f000000, 0x1b000000, (w) => effects({ reads: all(x(rn(w)), x(rm(w)), x(ra(w))), writes: x(rd(w)) })), // madd, msub, smulh
];

/** fcvt*, scvtf, ucvtf, fmov between the banks: opcodes 2, 3 and 7 go to the vector bank. */
function conversion(word: number): Effects {
  const opcode = field(word, 16, 3);
  return opcode === 2 || opcode === 3 || opcode === 7
    ? effects({ reads: x(rn(word)), writes: v(rd(word)) })
    : effects({ reads: v(rn(word)), writes: x(rd(word)) });
}

const twoVectors = (word: number): Effects => effects({ reads: all(v(rn(word)), v(rm(word))), writes: v(rd(word)) });

const vector: readonly Pattern[] = [
  pattern(0x5f20fc00, 0x1e200000, conversion),
  pattern(0x5f207c00, 0x1e204000, (w) => effects({ reads: v(rn(w)), writes: v(rd(w)) })), // fmov, fabs, fneg, fsqrt, frint*
  pattern(0x5f203c00, 0x1e202000, (w) => effects({ reads: field(w, 3, 1) === 1 ? v(rn(w)) : all(v(rn(w)), v(rm(w))) })), // fcmp
  pattern(0x5f201c00, 0x1e201000, (w) => effects({ writes: v(rd(w)) })), // fmov immediate
  pattern(0x5f200c00, 0x1e200400, (w) => effects({ reads: all(v(rn(w)), v(rm(w))) })), // fccmp
  pattern(0x5f200c00, 0x1e200800, twoVectors), // fadd, fmul, …
  pattern(0x5f200c00, 0x1e200c00, twoVectors), // fcsel
  pattern(0x5f000000, 0x1f000000, (w) => effects({ reads: all(v(rn(w)), v(rm(w)), v(ra(w))), writes: v(rd(w)) })), // fmadd, …
  pattern(0x9ff80400, 0x0f000400, (w) => effects({ writes: v(rd(w)) })), // movi
];

const patterns: readonly Pattern[] = [...branches, ...dataImmediate, ...memory, ...dataRegister, ...vector];

export function aarch64Effects(code: Uint8Array, at: number): Effects | undefined {
  const word = new DataView(code.buffer, code.byteOffset, code.byteLength).getUint32(at, true);
  return patterns.find(({ mask, value }) => ((word & mask) >>> 0) === value)?.decode(word);
}
