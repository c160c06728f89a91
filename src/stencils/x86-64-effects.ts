/** x86-64 instructions that occur in stencils: registers read and written, control flow, stack. Opcodes: Intel SDM volume 2, appendix A. */
import { effects, NO_REGISTERS, union, type Effects, type Flow, type RegisterSet } from './effects.ts';
import { instructionLength, type InstructionShape } from './x86-64-length.ts';

const RAX = 0, RCX = 1, RDX = 2, RSP = 4;

interface Operands {
  /** The operand in ModRM.reg, by the bank it is in. */
  readonly regInteger: RegisterSet;
  readonly regByte: RegisterSet;
  readonly regFloat: RegisterSet;
  /** The operand in ModRM.rm when it is a register; nothing when it is memory. */
  readonly rmInteger: RegisterSet;
  readonly rmByte: RegisterSet;
  readonly rmFloat: RegisterSet;
  /** Registers of the address when it is memory. */
  readonly address: RegisterSet;
  /** ModRM.reg as an extension of the opcode. */
  readonly extension: number;
}

const integer = (...numbers: readonly number[]): RegisterSet => ({ integer: numbers.reduce((set, n) => set | (1 << n), 0), float: 0 });
const float = (n: number): RegisterSet => ({ integer: 0, float: 1 << n });

function operandsOf(code: Uint8Array, at: number, shape: InstructionShape): Operands {
  const modrm = shape.modrm ?? 0;
  const reg = ((modrm >> 3) & 7) | ((shape.rex & 4) << 1), rm = (modrm & 7) | ((shape.rex & 1) << 3);
  const isRegister = modrm >> 6 === 3;
  /** Without REX the numbers 4–7 of bytes are AH, CH, DH, BH. */
  const byte = (n: number): RegisterSet => integer(shape.rex === 0 && n >= 4 && n < 8 ? n - 4 : n);
  const inRegister = (set: RegisterSet): RegisterSet => (isRegister ? set : NO_REGISTERS);
  return {
    regInteger: integer(reg), regByte: byte(reg), regFloat: float(reg),
    rmInteger: inRegister(integer(rm)), rmByte: inRegister(byte(rm)), rmFloat: inRegister(float(rm)),
    address: isRegister || shape.modrm === undefined ? NO_REGISTERS : addressRegisters(code[at + shape.afterModrm] ?? 0, modrm, shape.rex),
    extension: (modrm >> 3) & 7,
  };
}

function addressRegisters(sib: number, modrm: number, rex: number): RegisterSet {
  const mode = modrm >> 6, low = modrm & 7;
  if (low !== 4) return mode === 0 && low === 5 ? NO_REGISTERS : integer(low | ((rex & 1) << 3));
  const index = ((sib >> 3) & 7) | ((rex & 2) << 2), base = sib & 7;
  const indexed = index === RSP ? NO_REGISTERS : integer(index);
  return mode === 0 && base === 5 ? indexed : union(indexed, integer(base | ((rex & 1) << 3)));
}

type Access = Pick<Effects, 'reads' | 'writes'>;

const modify = (target: RegisterSet, ...sources: readonly RegisterSet[]): Access => ({ reads: [target, ...sources].reduce(union), writes: target });
const assign = (target: RegisterSet, ...sources: readonly RegisterSet[]): Access => ({ reads: sources.reduce(union, NO_REGISTERS), writes: target });
const read = (...sources: readonly RegisterSet[]): Access => assign(NO_REGISTERS, ...sources);

function arithmetic(op: number, o: Operands): Access {
  const isCompare = op >> 3 === 7;
  const [reg, rm] = (op & 1) === 0 ? [o.regByte, o.rmByte] : [o.regInteger, o.rmInteger];
  if ((op & 7) >= 4) return isCompare ? read(integer(RAX)) : modify(integer(RAX));
  const [target, source] = (op & 2) === 0 ? [rm, reg] : [reg, rm];
  return isCompare ? read(target, source) : modify(target, source);
}

function multiplyOrDivide({ extension, rmInteger, rmByte }: Operands, isByte: boolean): Access {
  const rm = isByte ? rmByte : rmInteger;
  if (extension < 2) return read(rm);
  if (extension < 4) return modify(rm);
  return { reads: union(rm, extension < 6 ? integer(RAX) : integer(RAX, RDX)), writes: integer(RAX, RDX) };
}

function oneByte({ opcode: op, rex }: InstructionShape, o: Operands): Access | undefined {
  const low = (op & 7) | ((rex & 1) << 3);
  if (op < 0x40) return arithmetic(op, o);
  if (op >= 0x50 && op < 0x58) return read(integer(low));
  if (op >= 0x58 && op < 0x60) return assign(integer(low));
  if (op >= 0x70 && op < 0x80) return read();
  if (op > 0x90 && op < 0x98) return modify(integer(RAX, low));
  if (op >= 0xb0 && op < 0xb8) return assign(integer(rex === 0 ? low & 3 : low));
  if (op >= 0xb8 && op < 0xc0) return assign(integer(low));
  switch (op) {
    case 0x63: case 0x69: case 0x6b: case 0x8b: case 0x8d: return assign(o.regInteger, o.rmInteger);
    case 0x80: return o.extension === 7 ? read(o.rmByte) : modify(o.rmByte);
    case 0x81: case 0x83: return o.extension === 7 ? read(o.rmInteger) : modify(o.rmInteger);
    case 0x84: return read(o.regByte, o.rmByte);
    case 0x85: return read(o.regInteger, o.rmInteger);
    case 0x86: return modify(union(o.regByte, o.rmByte));
    case 0x87: return modify(union(o.regInteger, o.rmInteger));
    case 0x88: return assign(o.rmByte, o.regByte);
    case 0x89: return assign(o.rmInteger, o.regInteger);
    case 0x8a: return assign(o.regByte, o.rmByte);
    case 0x98: return modify(integer(RAX));
    case 0x99: return assign(integer(RDX), integer(RAX));
    case 0xa8: case 0xa9: return read(integer(RAX));
    case 0xc0: case 0xd0: return modify(o.rmByte);
    case 0xc1: case 0xd1: return modify(o.rmInteger);
    case 0xd2: return modify(o.rmByte, integer(RCX));
    case 0xd3: return modify(o.rmInteger, integer(RCX));
    case 0xc6: return assign(o.rmByte);
    case 0xc7: return assign(o.rmInteger);
    case 0x68: case 0x6a: case 0x90: case 0xc3: case 0xcc: case 0xe8: case 0xe9: case 0xeb: return read();
    case 0xf6: case 0xf7: return multiplyOrDivide(o, op === 0xf6);
    case 0xfe: return modify(o.rmByte);
    case 0xff: return o.extension < 2 ? modify(o.rmInteger) : read(o.rmInteger);
    default: return undefined;
  }
}

function twoByte({ opcode: op, rex, prefix }: InstructionShape, o: Operands): Access | undefined {
  if (op >= 0x40 && op < 0x50) return modify(o.regInteger, o.rmInteger); // cmovcc
  if (op >= 0x80 && op < 0x90) return read();
  if (op >= 0x90 && op < 0xa0) return assign(o.rmByte); // setcc
  if (op >= 0xc8 && op < 0xd0) return modify(integer((op & 7) | ((rex & 1) << 3))); // bswap
  switch (op) {
    case 0x0b: case 0x1f: return read();
    case 0xa3: return read(o.regInteger, o.rmInteger); // bt
    case 0xab: case 0xb3: case 0xbb: case 0xa4: case 0xac: return modify(o.rmInteger, o.regInteger);
    case 0xa5: case 0xad: return modify(o.rmInteger, o.regInteger, integer(RCX));
    case 0xba: return o.extension === 4 ? read(o.rmInteger) : modify(o.rmInteger);
    case 0xaf: return modify(o.regInteger, o.rmInteger);
    case 0xb6: case 0xbe: return assign(o.regInteger, o.rmByte);
    case 0xb7: case 0xbf: case 0xbc: case 0xbd: return assign(o.regInteger, o.rmInteger);
    default: return vectorInstruction(op, prefix, o);
  }
}

function vectorInstruction(op: number, prefix: number, o: Operands): Access | undefined {
  switch (op) {
    case 0x11: case 0x13: case 0x17: case 0x29: case 0x7f: case 0xd6: return assign(o.rmFloat, o.regFloat);
    case 0x10: case 0x28: case 0x51: case 0x5a: case 0x5b: case 0x6f: case 0x70: case 0xe6: return assign(o.regFloat, o.rmFloat);
    case 0x2a: return assign(o.regFloat, o.rmInteger);
    case 0x2c: case 0x2d: case 0x50: case 0xd7: return assign(o.regInteger, o.rmFloat);
    case 0x2e: case 0x2f: return read(o.regFloat, o.rmFloat);
    case 0x6e: return assign(o.regFloat, o.rmInteger);
    case 0x7e: return prefix === 0xf3 ? assign(o.regFloat, o.rmFloat) : assign(o.rmInteger, o.regFloat);
    case 0x71: case 0x72: case 0x73: return modify(o.rmFloat);
    default: {
      const combines = (op >= 0x14 && op <= 0x16) || (op >= 0x54 && op <= 0x6d) || (op >= 0x74 && op <= 0x76) || op === 0xc2 || op === 0xc6 || op >= 0xd0;
      return combines ? modify(o.regFloat, o.rmFloat) : undefined;
    }
  }
}

function flowOf(code: Uint8Array, at: number, { opcode: op, isTwoByte, size, immediateSize }: InstructionShape, o: Operands): Flow {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const end = at + size;
  const distance = (): number => size + (immediateSize === 1 ? view.getInt8(end - 1) : view.getInt32(end - 4, true));
  if (isTwoByte) {
    if (op === 0x0b) return { kind: 'trap' };
    return op >= 0x80 && op < 0x90 ? { kind: 'branch', distance: distance() } : { kind: 'next' };
  }
  if (op >= 0x70 && op < 0x80) return { kind: 'branch', distance: distance() };
  switch (op) {
    case 0xe9: case 0xeb: return { kind: 'jump', distance: distance() };
    case 0xe8: return { kind: 'call', distance: distance() };
    case 0xc3: return { kind: 'return' };
    case 0xcc: return { kind: 'trap' };
    case 0xff:
      if (o.extension === 2) return { kind: 'indirect_call' };
      return o.extension === 4 ? { kind: 'indirect_jump' } : { kind: 'next' };
    default: return { kind: 'next' };
  }
}

/** Push, pop, and `add`, `sub` or `lea` on RSP with a constant. */
function stackEffect(code: Uint8Array, at: number, shape: InstructionShape, o: Operands, writesStackPointer: boolean): Pick<Effects, 'stack' | 'pushed' | 'popped'> {
  const { opcode: op, isTwoByte, rex, size, immediateSize } = shape;
  const none = { pushed: undefined, popped: undefined };
  if (!isTwoByte && op >= 0x50 && op < 0x60) {
    const register = (op & 7) | ((rex & 1) << 3);
    return op < 0x58 ? { stack: -8, pushed: register, popped: undefined } : { stack: 8, pushed: undefined, popped: register };
  }
  if (!isTwoByte && (op === 0x68 || op === 0x6a || (op === 0xff && o.extension === 6))) return { stack: -8, ...none };
  if (!writesStackPointer) return { stack: 0, ...none };
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  if (!isTwoByte && (op === 0x81 || op === 0x83) && (o.extension === 0 || o.extension === 5)) {
    const amount = immediateSize === 1 ? view.getInt8(at + size - 1) : view.getInt32(at + size - 4, true);
    return { stack: o.extension === 0 ? amount : -amount, ...none };
  }
  return { stack: undefined, ...none };
}

export function x86_64Effects(code: Uint8Array, at: number): Effects | undefined {
  const shape = instructionLength(code, at);
  const o = operandsOf(code, at, shape);
  const access = shape.isTwoByte ? twoByte(shape, o) : oneByte(shape, o);
  if (access === undefined) return undefined;
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  return effects({
    size: shape.size, reads: union(access.reads, o.address), writes: access.writes, flow: flowOf(code, at, shape, o),
    literal: shape.ripRelative ? shape.size + view.getInt32(at + shape.afterModrm, true) : undefined,
    ...stackEffect(code, at, shape, o, (access.writes.integer & (1 << RSP)) !== 0),
  });
}
