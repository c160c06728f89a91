/** Which stencil family an op becomes, and what goes into its holes. */
import { immediateAt, immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import { opInfo, type OpInfo, type OpName } from '#ir/ops.ts';
import type { Immediate, Instruction, ValueType } from '#ir/types.ts';
import { assertExhaustive, invariant } from '#support/invariant.ts';
import type { Literal, Operands } from './machine.ts';

/** What the emitter must know about the objects of the request. */
export type KeysOfDict = (object: number) => { readonly keys: bigint; readonly entries: number };

export interface FamilyUse {
  readonly family: string;
  readonly operands: Operands;
}

const NONE: readonly never[] = [];
export const NO_OPERANDS: Operands = { immediates: NONE, literals: NONE, calls: NONE };

export const immediateOperand = (n: number): Operands => ({ immediates: [n], literals: NONE, calls: NONE });
const literalOperand = (literal: Literal): Operands => ({ immediates: NONE, literals: [literal], calls: NONE });
const callOperand = (symbol: string): Operands => ({ immediates: NONE, literals: NONE, calls: [symbol] });

export const fitsInt32 = (n: bigint): boolean => BigInt.asIntN(32, n) === n;

/** An object of the table, or, written `@name`, an object of CPython's by its C symbol. */
export function objectLiteral(value: Immediate): Literal {
  if (typeof value !== 'string') return { kind: 'object', index: Number(value) };
  invariant(value.startsWith('@'), 'object immediate', value);
  return { kind: 'symbol', name: value.slice(1) };
}

export function bitsOfFloat(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

/** Ops that are C functions given by an immediate. */
const symbolCalls = new Map<string, string>([
  ['call.o_o', 'r_r'], ['call.oo_o', 'rr_r'], ['call.ooo_o', 'rrr_r'],
  ['call.o_i', 'r_i'], ['call.oo_i', 'rr_i'], ['call.ooo_i', 'rrr_i'],
]);

/** Ops with lowering `call` that have a family of their own, because they can leave or need the activation record. */
const ownCallFamilies = new Map<string, string>([
  ['home.append', 'call.activation.2'], ['instance.make', 'call.activation.3'],
  ['float.floordiv', 'float.floordiv'], ['float.mod', 'float.mod'], ['float.pow', 'float.libm2'],
]);

/** As in agent/helpers.c: a count of arguments, then a bit for each position whose reference the callee gets. */
const HANDED_OVER_SHIFT = 4;

/** Of an op that is no constant. */
export function familyName(op: OpName): string {
  const signature = symbolCalls.get(op);
  if (signature !== undefined) return `call.helper.${signature}`;
  const info: OpInfo = opInfo(op);
  if (info.lowering.kind === 'call') return ownCallFamilies.get(op) ?? `call.helper.${signatureOf(info)}`;
  invariant(info.lowering.kind === 'stencil', 'no machine code for', op);
  return op;
}

/** What all instructions of an op have in their holes; undefined when that depends on their immediates. */
export function fixedOperands(op: OpName): Operands | undefined {
  const { lowering, immediates }: OpInfo = opInfo(op);
  if (lowering.kind === 'call' && !symbolCalls.has(op)) return callOperand(lowering.symbol);
  return immediates.length === 0 ? NO_OPERANDS : undefined;
}

/** Whether the one immediate, a number, is all that goes into the holes. */
export function hasOneNumber({ immediates: [kind, ...others], lowering }: OpInfo): boolean {
  return kind !== undefined && kind !== 'object' && kind !== 'symbol' && others.length === 0 && lowering.kind === 'stencil';
}

/** Of an instruction whose op has no fixed ones. */
export function operandsOf(instruction: Instruction, keysOf: KeysOfDict): Operands {
  const { op } = instruction;
  switch (op) {
    case 'call.vector': {
      const names = immediateNumber(instruction, 1);
      const literal: Literal = names < 0 ? { kind: 'bits', bits: BigInt(-1 - names) } : { kind: 'object', index: names };
      const count = immediateNumber(instruction) | immediateNumber(instruction, 2) << HANDED_OVER_SHIFT;
      return { immediates: [count], literals: [literal], calls: [] };
    }
    case 'guard.dict_keys': {
      const dict = immediateNumber(instruction);
      const { keys, entries } = keysOf(dict);
      const literals: Literal[] = [{ kind: 'object', index: dict }, { kind: 'bits', bits: keys }, { kind: 'bits', bits: BigInt(entries) }];
      return { immediates: [], calls: [], literals };
    }
    case 'home.load': return withBytes(instruction, 0, 0, BYTES_OF_SLOT);
    case 'arg.store': return withBytes(instruction, 0, FIRST_ARGUMENT_BYTE, BYTES_OF_SLOT);
    case 'dict.entry':
    case 'guard.global': return withBytes(instruction, 1, 0, BYTES_OF_DICT_ENTRY);
    default:
  }
  return symbolCalls.has(op) ? callOperand(String(immediateAt(instruction, 0))) : operandsByKind(instruction, opInfo(op));
}

const BYTES_OF_SLOT = 8;
const BYTES_OF_DICT_ENTRY = 16;
/** Of `arguments` in the activation record. */
const FIRST_ARGUMENT_BYTE = 168;

/** After the index in IMM0, the distance in bytes that x86-64 can add to an address. */
function withBytes(instruction: Instruction, which: number, first: number, width: number): Operands {
  const { immediates, literals, calls } = operandsByKind(instruction, opInfo(instruction.op));
  return { immediates: [...immediates, first + immediateNumber(instruction, which) * width], literals, calls };
}

export function constantUse(instruction: Instruction): FamilyUse {
  switch (instruction.op) {
    case 'const.int': return intConstant(immediateBigInt(instruction));
    case 'const.float': return floatConstant(immediateNumber(instruction));
    default: return { family: instruction.op, operands: operandsByKind(instruction, opInfo(instruction.op)) };
  }
}

function intConstant(value: bigint): FamilyUse {
  return fitsInt32(value)
    ? { family: 'const.int32', operands: immediateOperand(Number(value)) }
    : { family: 'const.int', operands: literalOperand({ kind: 'bits', bits: BigInt.asUintN(64, value) }) };
}

function floatConstant(value: number): FamilyUse {
  return Object.is(value, 0)
    ? { family: 'const.float_zero', operands: NO_OPERANDS }
    : { family: 'const.float', operands: literalOperand({ kind: 'bits', bits: bitsOfFloat(value) }) };
}

/** Signature of a helper: banks of its arguments, then of its result; objects among the immediates come last. */
function signatureOf(info: OpInfo): string {
  invariant(typeof info.args !== 'string', 'a helper has a fixed number of arguments');
  const objects = info.immediates.filter((kind) => kind === 'object').map(() => 'r');
  const args = [...info.args.map(bankLetter), ...objects].join('');
  const result = info.result === 'none' ? 'v' : bankLetter(info.result);
  return `${args}_${result}`;
}

const bankLetter = (type: ValueType): string => (type === 'float' ? 'f' : 'r');

/** Numbers fill IMM0…, objects LIT0…, symbols CALL0…, each in the order of the op table. */
function operandsByKind(instruction: Instruction, info: OpInfo): Operands {
  const immediates: number[] = [], literals: Literal[] = [], calls: string[] = [];
  info.immediates.forEach((kind, i) => {
    const value = immediateAt(instruction, i);
    switch (kind) {
      case 'object':
        literals.push(objectLiteral(value));
        return;
      case 'symbol':
        calls.push(String(value));
        return;
      case 'int':
      case 'local':
      case 'stack':
      case 'offset':
      case 'count':
      case 'version':
        immediates.push(immediateNumber(instruction, i));
        return;
      case 'float':
      case 'name':
      case 'operator':
        invariant(false, `${instruction.op}: ${kind} immediates do not reach machine code`);
        return;
      default: assertExhaustive(kind, 'immediate kind');
    }
  });
  return { immediates, literals, calls };
}
