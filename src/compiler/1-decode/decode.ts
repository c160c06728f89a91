/** Adaptive bytecode to a list of instructions with folded arguments, inline caches and resolved jump targets. */
import type { CodeInfo, Layout } from '#protocol/request.ts';
import { Bailout } from '#support/bailout.ts';
import { jumpTarget } from './jumps.ts';
import { opcodeTable, type Opcode, type OpcodeTable } from './opcodes.ts';

export interface BytecodeInstruction {
  /** Code unit where the interpreter starts on it: its first EXTENDED_ARG, if it has any. */
  readonly offset: number;
  /** Code unit of the opcode itself. */
  readonly opcodeOffset: number;
  /** Code unit after its inline caches. */
  readonly end: number;
  /** Unspecialised name. */
  readonly name: string;
  /** Name as it stands in the adaptive code. */
  readonly form: string;
  readonly arg: number;
  /** Inline cache, as 16-bit words. */
  readonly cache: readonly number[];
  /** Where it may jump, if it is a jump or FOR_ITER. */
  readonly target: number | undefined;
}

export interface DecodedCode {
  readonly info: CodeInfo;
  readonly layout: Layout;
  readonly instructions: readonly BytecodeInstruction[];
  /** The instruction that starts at a code unit. */
  at(offset: number): BytecodeInstruction | undefined;
}

const MAX_EXTENDED_ARGS = 3;

export function decodeCode(info: CodeInfo, layout: Layout): DecodedCode {
  if (info.code.length === 0 || info.code.length % 2 !== 0) throw new Bailout('malformed-code', 'length of the bytecode');
  const instructions = readInstructions(info.code, layout, opcodeTable(layout));
  const byOffset = new Map(instructions.map((i) => [i.offset, i]));
  for (const { target, name } of instructions) {
    if (target !== undefined && !byOffset.has(target)) throw new Bailout('malformed-code', `${name} jumps into an instruction`);
  }
  return { info, layout, instructions, at: (offset) => byOffset.get(offset) };
}

function readInstructions(code: Uint8Array, layout: Layout, table: OpcodeTable): BytecodeInstruction[] {
  const units = code.length / 2;
  const instructions: BytecodeInstruction[] = [];
  let start = -1, extended = 0, prefixes = 0;
  for (let at = 0; at < units; ) {
    const opcode = lookup(table, code[2 * at]!);
    const arg = (extended << 8 | code[2 * at + 1]!) >>> 0;
    if (start < 0) start = at;
    if (opcode.base === 'EXTENDED_ARG') {
      if (++prefixes > MAX_EXTENDED_ARGS) throw new Bailout('malformed-code', 'too many EXTENDED_ARG');
      extended = arg;
      at++;
      continue;
    }
    const end = at + 1 + opcode.caches;
    if (end > units) throw new Bailout('malformed-code', 'inline cache runs past the end');
    instructions.push({
      offset: start, opcodeOffset: at, end, name: opcode.base, form: opcode.form, arg,
      cache: cacheWords(code, at + 1, end), target: jumpTarget(opcode.base, layout, arg, end),
    });
    at = end;
    start = -1;
    extended = 0;
    prefixes = 0;
  }
  if (start >= 0) throw new Bailout('malformed-code', 'ends in EXTENDED_ARG');
  return instructions;
}

function lookup(table: OpcodeTable, number: number): Opcode {
  const opcode = table[number];
  if (opcode === undefined) throw new Bailout('unknown-opcode', `opcode ${number}`);
  if (opcode.form.startsWith('INSTRUMENTED_')) throw new Bailout('instrumented', `${opcode.form}: somebody traces this code`);
  if (opcode.form === 'ENTER_EXECUTOR') throw new Bailout('executor', "CPython's own JIT has taken this loop");
  return opcode;
}

function cacheWords(code: Uint8Array, from: number, to: number): number[] {
  const words: number[] = [];
  for (let i = from; i < to; i++) words.push(code[2 * i]! | code[2 * i + 1]! << 8);
  return words;
}
