/**
 * Length of an x86-64 instruction, for the part of the instruction set that compilers use for stencils: integer
 * instructions of the one-byte and 0F maps, and SSE2. Anything else is an error, never a guess.
 */
import { InvariantError, defined } from '#support/invariant.ts';

export interface InstructionShape {
  readonly size: number;
  /** 0x66, 0xf2 or 0xf3; 0 when there is none of them. */
  readonly prefix: number;
  /** The whole REX byte; 0 when there is none. */
  readonly rex: number;
  /** Of the map 0F when `isTwoByte`. */
  readonly opcode: number;
  readonly isTwoByte: boolean;
  /** Undefined: the instruction has none. */
  readonly modrm: number | undefined;
  /** Offset of the SIB byte, displacement and immediate, from the start of the instruction: what follows ModRM. */
  readonly afterModrm: number;
  readonly immediateSize: number;
  /** True when an operand is addressed relative to the instruction pointer. */
  readonly ripRelative: boolean;
}

/** How an opcode goes on: ModRM byte, and bytes of immediate; `z`: 2 or 4, `v`: 2, 4 or 8, `g3`: only for /0 and /1. */
interface Form {
  readonly modrm: boolean;
  readonly immediate: 0 | 1 | 2 | 4 | 'z' | 'v' | 'g3b' | 'g3z';
}

const form = (modrm: boolean, immediate: Form['immediate']): Form => ({ modrm, immediate });

function oneByteForm(op: number): Form | undefined {
  if (op < 0x40) {
    const low = op & 7;
    if (low < 4) return form(true, 0);
    return low === 4 ? form(false, 1) : low === 5 ? form(false, 'z') : undefined;
  }
  if (op >= 0x50 && op <= 0x5f) return form(false, 0);
  if (op >= 0x70 && op <= 0x7f) return form(false, 1);
  if (op >= 0x84 && op <= 0x8b) return form(true, 0);
  if (op >= 0x90 && op <= 0x99) return form(false, 0);
  if (op >= 0xb0 && op <= 0xb7) return form(false, 1);
  if (op >= 0xb8 && op <= 0xbf) return form(false, 'v');
  if (op >= 0xd0 && op <= 0xd3) return form(true, 0);
  switch (op) {
    case 0x63: case 0x8d: case 0xfe: case 0xff: return form(true, 0);
    case 0x68: case 0xa9: return form(false, 'z');
    case 0x6a: case 0xa8: case 0xeb: return form(false, 1);
    case 0x69: case 0x81: case 0xc7: return form(true, 'z');
    case 0x6b: case 0x80: case 0x83: case 0xc0: case 0xc1: case 0xc6: return form(true, 1);
    case 0xc3: case 0xcc: return form(false, 0);
    case 0xe8: case 0xe9: return form(false, 4);
    case 0xf6: return form(true, 'g3b');
    case 0xf7: return form(true, 'g3z');
    default: return undefined;
  }
}

function twoByteForm(op: number): Form | undefined {
  if (op >= 0x80 && op <= 0x8f) return form(false, 4); // jcc
  if (op >= 0x40 && op <= 0x4f) return form(true, 0); // cmovcc
  if (op >= 0x90 && op <= 0x9f) return form(true, 0); // setcc
  if (op >= 0xc8 && op <= 0xcf) return form(false, 0); // bswap
  if (op >= 0x70 && op <= 0x73) return form(true, 1); // pshufd, vector shifts by immediate
  if (op === 0xa4 || op === 0xac || op === 0xba || op === 0xc2 || op === 0xc6) return form(true, 1);
  if (op === 0x0b) return form(false, 0); // ud2
  const vector = (op >= 0x10 && op <= 0x17) || (op >= 0x28 && op <= 0x2f) || (op >= 0x50 && op <= 0x6f)
    || (op >= 0x74 && op <= 0x7f && op !== 0x77) || (op >= 0xd0 && op <= 0xfe);
  const integer = op === 0x1f || op === 0xa3 || op === 0xa5 || op === 0xab || op === 0xad || op === 0xaf || op === 0xb3
    || op === 0xb6 || op === 0xb7 || op === 0xbb || op === 0xbc || op === 0xbd || op === 0xbe || op === 0xbf;
  return vector || integer ? form(true, 0) : undefined;
}

const isPrefix = (byte: number): boolean => byte === 0x66 || byte === 0xf2 || byte === 0xf3 || byte === 0x2e;

export function instructionLength(code: Uint8Array, start: number): InstructionShape {
  const byte = (at: number): number => defined(code[at], 'instruction byte');
  let at = start;
  let prefix = 0, narrow = false;
  for (; isPrefix(byte(at)); at++) {
    narrow = byte(at) === 0x66 || narrow;
    if (byte(at) !== 0x2e && prefix !== 0xf2 && prefix !== 0xf3) prefix = byte(at);
  }
  const rex = byte(at) >> 4 === 4 ? byte(at++) : 0;
  const wide = (rex & 8) !== 0;
  let op = byte(at++);
  const two = op === 0x0f;
  if (two) op = byte(at++);
  const found = two ? twoByteForm(op) : oneByteForm(op);
  if (found === undefined) throw new InvariantError(`unknown x86-64 opcode ${two ? '0f ' : ''}${op.toString(16)} at ${at}`);
  const modrm = found.modrm ? byte(at) : 0;
  const ripRelative = found.modrm && (modrm & 0xc7) === 5;
  const afterModrm = at + 1 - start;
  if (found.modrm) at += modrmLength(modrm, byte(at + 1 < code.length ? at + 1 : at));
  const immediateSize = immediateLength(found.immediate, modrm, narrow, wide);
  return {
    size: at + immediateSize - start, prefix, rex, opcode: op, isTwoByte: two, modrm: found.modrm ? modrm : undefined, afterModrm, immediateSize, ripRelative,
  };
}

function modrmLength(modrm: number, sib: number): number {
  const mode = modrm >> 6, rm = modrm & 7;
  if (mode === 3) return 1;
  const hasSib = rm === 4;
  const displacement = mode === 1 ? 1 : mode === 2 ? 4 : rm === 5 || (hasSib && (sib & 7) === 5) ? 4 : 0;
  return 1 + (hasSib ? 1 : 0) + displacement;
}

function immediateLength(kind: Form['immediate'], modrm: number, narrow: boolean, wide: boolean): number {
  const z = narrow && !wide ? 2 : 4;
  const isTest = ((modrm >> 3) & 7) < 2;
  switch (kind) {
    case 'z': return z;
    case 'v': return wide ? 8 : z;
    case 'g3b': return isTest ? 1 : 0;
    case 'g3z': return isTest ? z : 0;
    default: return kind;
  }
}
