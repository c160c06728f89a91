/** Cases with random registers, and the comparison of what came out. */
import assert from 'node:assert/strict';
import type { StencilFamily, StencilTable } from '#stencils/table.ts';
import { defined } from '#support/invariant.ts';
import type { Registers, StencilHost, TestCase, TestResult } from './host.ts';
import type { Memory } from './memory.ts';
import { bitsFloat, floatBits, signed, type Random } from './values.ts';

export interface Expected {
  readonly way: 'CONTINUE' | 'TARGET';
  /** In the last operand's register. */
  readonly result?: bigint;
  /** Instead: looks at what came out, and at the memory after the batch. */
  readonly examine?: (result: bigint, memory: Memory) => void;
  /** All registers, when more than the result changes. */
  readonly registers?: Registers;
}

export interface PlannedCase extends TestCase {
  readonly expected: Expected;
  /** Looks at the memory after the batch. */
  readonly check?: ((memory: Memory) => void) | undefined;
}

export const activationSize = 320 + 64 * 8;

export function randomRegisters(random: Random): Registers {
  const floats = Float64Array.from({ length: 8 }, () => Number(random.bits() >> 12n));
  return { r: Array.from({ length: 8 }, () => random.bits()), f: [...new BigUint64Array(floats.buffer)] };
}

export const setOperand = (registers: Registers, bank: 'r' | 'f', register: number, value: bigint | number): void => {
  registers[bank][register] = typeof value === 'number' ? floatBits(value) : BigInt.asUintN(64, value);
};
export const operand = (registers: Registers, bank: 'r' | 'f', register: number): bigint | number =>
  bank === 'f' ? bitsFloat(defined(registers.f[register], 'register')) : signed(defined(registers.r[register], 'register'));

/** Runs a batch; every register but the result must be as before, and so must the activation record's address. */
export function runAndCompare(host: StencilHost, cases: readonly PlannedCase[], memory: Memory): void {
  const batch = host.run(cases, memory);
  cases.forEach((c, i) => {
    // Only a failure is worth the making of its name.
    const label = (): string => `${c.family} ${c.registers.join('')} ${describe(c)}`;
    compare(host.table, c, defined(batch.results[i], 'result'), label);
    try {
      c.check?.(batch.memory);
      c.expected.examine?.(resultOf(c, defined(host.table.family(c.family), 'family'), defined(batch.results[i], 'result')), batch.memory);
    } catch (error) {
      throw new Error(label(), { cause: error });
    }
  });
}

function describe(c: PlannedCase): string {
  const holes = Object.entries(c.holes).map(([k, v]) => `${k}=${v}`).join(' ');
  return `r=[${c.input.r.map((x) => signed(x))}] f=[${c.input.f.map(bitsFloat)}] ${holes}`;
}

function resultOf(c: PlannedCase, family: StencilFamily, { output }: TestResult): bigint {
  return defined(output[defined(family.operands.at(-1), 'bank')][defined(c.registers.at(-1), 'register')], 'register');
}

function compare(table: StencilTable, c: PlannedCase, result: TestResult, label: () => string): void {
  if (result.way !== c.expected.way) assert.equal(result.way, c.expected.way, label());
  if (result.activation !== c.activation) assert.equal(result.activation, c.activation, `${label()}: activation record`);
  const family = defined(table.family(c.family), 'family');
  const bank = family.operands.at(-1), register = c.registers.at(-1);
  const before = c.expected.registers ?? c.input;
  const wanted: Registers = { r: [...before.r], f: [...before.f] };
  if (c.expected.examine) wanted[defined(bank, 'bank')][defined(register, 'register')] = resultOf(c, family, result);
  if (c.expected.result !== undefined) wanted[defined(bank, 'bank')][defined(register, 'register')] = BigInt.asUintN(64, c.expected.result);
  const survives = (b: 'r' | 'f', i: number): boolean => {
    if (!family.clobbers || (c.expected.result !== undefined && b === bank && i === register)) return true;
    return b === 'r' && i < table.calleeSaved && !(b === bank && i === register);
  };
  for (const b of ['r', 'f'] as const) {
    for (let i = 0; i < 8; i++) if (survives(b, i)) sameBits(b, result.output[b][i], wanted[b][i], () => `${label()}: ${b}${i}`);
  }
}

/** NaNs are equal whatever their payload. */
function sameBits(bank: 'r' | 'f', actual: bigint | undefined, wanted: bigint | undefined, label: () => string): void {
  if (actual === wanted) return;
  if (bank === 'f' && Number.isNaN(bitsFloat(actual ?? 0n)) && Number.isNaN(bitsFloat(wanted ?? 0n))) return;
  assert.equal(bank === 'f' ? bitsFloat(actual ?? 0n) : signed(actual ?? 0n), bank === 'f' ? bitsFloat(wanted ?? 0n) : signed(wanted ?? 0n), label());
}
