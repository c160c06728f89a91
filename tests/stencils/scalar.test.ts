import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { defined } from '#support/invariant.ts';
import { builtTargets } from '#stencils/targets.ts';
import { randomRegisters, operand, runAndCompare, setOperand, activationSize, type Expected, type PlannedCase } from './harness.ts';
import { isSameStencil, StencilHost, testTable, variantsOf } from './host.ts';
import { Memory } from './memory.ts';
import { RegisterChoices } from './register-choices.ts';
import { branchReferences, logicalValue, scalarReferences } from './scalar-reference.ts';
import { Share, sharedFamilies } from './share.ts';
import { Random, floatBits, someFloat, someInt } from './values.ts';

/** Of each family, at least. */
const CASES = { whole: 150, sample: 8 };
const immediates = [0n, 1n, -1n, 7n, 100n, 4095n, 4096n, -4096n, 65535n, 65536n, 2n ** 31n - 1n, -(2n ** 31n), 123456789n, -987654321n];

/** Immediates an op allows. */
function someImmediate(family: string, random: Random): bigint {
  if (family === 'int.shl_imm') return BigInt(random.below(63));
  if (family === 'int.shr_imm') return BigInt(random.below(64));
  if (family === 'int.and_imm') return BigInt(random.below(2 ** 31));
  if (family === 'const.bool') return BigInt(random.below(2));
  if (family.endsWith('.logical')) return someLogicalField(random);
  if (family.endsWith('.small')) return BigInt(random.pick([0, 1, 2, 7, 4095, random.below(4096)]));
  return random.pick(immediates);
}

/** N, immr and imms of a logical immediate. */
function someLogicalField(random: Random): bigint {
  const size = 2 ** (1 + random.below(6));
  return BigInt(((size === 64 ? 1 : 0) << 12) | (random.below(size) << 6) | (-(size << 1) & 63) | random.below(size - 1));
}

/** Arguments an op allows. */
function someArgument(family: string, bank: 'r' | 'f', index: number, random: Random): bigint | number {
  if (bank === 'f') return someFloat(random);
  if (/bool|branch\.(true|false)|guard\./.test(family) && family !== 'int.to_bool' && family !== 'guard.bound') return BigInt(random.below(2));
  const x = family.startsWith('branch_imm') && random.below(2) === 0 ? random.pick([...immediates, 2n, 8n]) : someInt(random);
  if (family === 'int.umod' || family === 'int.udiv') return BigInt.asUintN(63, x) | (index === 0 ? 0n : 1n);
  if (family === 'int.ushr_wrap' && index === 1) return x & 63n;
  if (family === 'int.shl' || family === 'int.shl_wrap' || family === 'int.shr') return index === 1 ? BigInt(random.below(70) - 3) : x;
  return x;
}

type Reference = (args: readonly (bigint | number)[], immediate: bigint) => Expected;

interface Plan {
  readonly host: StencilHost;
  readonly share: Share;
  readonly choices: RegisterChoices;
  readonly random: Random;
  readonly activation: bigint;
}

/** What these leave open: the compiler has proved that it does not occur. */
function isDefined(family: string, args: readonly (bigint | number)[]): boolean {
  if (family === 'int.udiv' || family === 'int.umod') return args[1] !== 0n && (args[0] as bigint) >= 0n;
  return family !== 'int.ushr_wrap' || ((args[1] as bigint) >= 0n && (args[1] as bigint) <= 63n);
}

function* casesOf({ host, share, choices, random, activation }: Plan, family: string, argumentCount: number, reference: Reference): Generator<PlannedCase> {
  const { operands } = defined(host.table.family(family), `family ${family}`);
  const atLeast = share.isTable ? CASES.whole : CASES.sample;
  for (let n = 0; n < atLeast || (share.isWhole(family) && !choices.isComplete(family, 'any')); n++) {
    const registers = choices.next(family, 'any');
    for (;;) {
      const input = randomRegisters(random);
      const immediate = someImmediate(family, random);
      for (let i = argumentCount - 1; i >= 0; i--) {
        setOperand(input, defined(operands[i], 'bank'), defined(registers[i], 'register'), someArgument(family, defined(operands[i], 'bank'), i, random));
      }
      const args = registers.slice(0, argumentCount).map((r, i) => operand(input, defined(operands[i], 'bank'), r));
      if (!isDefined(family, args)) continue;
      yield { family, registers, input, activation, holes: { IMM0: immediate }, expected: reference(args, immediate) };
      break;
    }
  }
}

const asBits = (x: bigint | number): bigint => (typeof x === 'number' ? floatBits(x) : x);

for (const target of builtTargets) {
  describe(`scalar stencils, ${target.name}`, () => {
    let host: StencilHost;
    const share = new Share(target, 314);
    const planFor = (memory: Memory, seed: number): Plan => {
      const random = new Random(seed);
      return { host, share, random, choices: new RegisterChoices(host.table, random), activation: memory.allocate(activationSize) };
    };
    before(() => {
      host = new StencilHost(target, 314);
    });
    after(() => host.close());

    test('values', () => {
      const memory = new Memory(), plan = planFor(memory, 1);
      const cases = [...scalarReferences(host.table)].flatMap(([family, reference]) => {
        const count = defined(host.table.family(family), family).operands.length - 1;
        return [...casesOf(plan, family, count, (args, immediate) => {
          const result = reference(args, immediate);
          return result === undefined ? { way: 'TARGET' } : { way: 'CONTINUE', result: asBits(result) };
        })];
      });
      runAndCompare(host, cases, memory);
    });

    test('branches', () => {
      const memory = new Memory(), plan = planFor(memory, 2);
      const cases = [...branchReferences(host.table)].flatMap(([family, goes]) => {
        const count = defined(host.table.family(family), family).operands.length;
        return [...casesOf(plan, family, count, (args, immediate) => ({ way: goes(args, immediate) ? 'TARGET' : 'CONTINUE' }))];
      });
      runAndCompare(host, cases, memory);
    });

    test('constants', () => {
      const memory = new Memory(), { random, choices, activation } = planFor(memory, 3);
      const cases: PlannedCase[] = [];
      const add = (family: string, holes: PlannedCase['holes'], result: bigint): void => {
        cases.push({
          family, holes, activation, registers: choices.next(family, 'any'), input: randomRegisters(random),
          expected: { way: 'CONTINUE', result },
        });
      };
      for (let n = 0; n < CASES.whole; n++) {
        const literal = random.bits(), immediate = random.pick(immediates);
        add('const.int', { LIT0: literal }, literal);
        add('const.obj', { LIT0: literal }, literal);
        add('const.float', { LIT0: floatBits(someFloat(random)) }, 0n);
        const last = defined(cases.at(-1), 'case');
        cases[cases.length - 1] = { ...last, expected: { way: 'CONTINUE', result: last.holes['LIT0'] as bigint } };
        add('const.int32', { IMM0: immediate }, immediate);
        const small = BigInt(random.pick([0, 1, 65535, random.below(65536)]));
        add('const.zero', {}, 0n);
        add('const.small', { IMM0: small }, small);
        if (host.table.family('const.inverted')) add('const.inverted', { IMM0: small }, ~small);
        if (host.table.family('const.wide')) addFields(add, random);
        add('const.bool', { IMM0: literal & 1n }, literal & 1n);
        add('const.float_zero', {}, 0n);
      }
      runAndCompare(host, cases, memory);
    });

    test('every register variant of exchange, spill and reload', () => {
      const random = new Random(4), memory = new Memory();
      const cases = [...exchanges(random, memory), ...spills(random, memory)];
      runAndCompare(host, cases, memory);
    });

    test('every choice of registers of these stencils was executed', () => share.requireExecuted(host, 'scalars'));

    test('the table for 3.11 has the same code, where it does not depend on CPython', () => {
      const families = new Set(sharedFamilies(target)), other = testTable(target.name, 311);
      const different = [...variantsOf(host.table)].filter(({ family, registers, stencil }) =>
        families.has(family) && !isSameStencil(stencil, defined(other.family(family), family).variant(registers)));
      assert.deepEqual(different.map(({ name }) => name), []);
    });
  });
}

/** Constants of AArch64, by the fields of their instructions. */
function addFields(add: (family: string, holes: PlannedCase['holes'], result: bigint) => void, random: Random): void {
  const wide = (): { field: bigint; half: bigint; shift: bigint } => {
    const half = BigInt(random.below(65536)), hw = BigInt(random.below(4));
    return { half, shift: hw * 16n, field: (hw << 16n) | half };
  };
  const signed = (x: bigint): bigint => BigInt.asIntN(64, x);
  const [first, second] = [wide(), wide()], logical = someLogicalField(random);
  const placed = first.half << first.shift, kept = ~(0xffffn << second.shift);
  add('const.wide', { IMM0: first.field }, signed(placed));
  add('const.wide_inverted', { IMM0: first.field }, signed(~placed));
  add('const.wide2', { IMM0: first.field, IMM1: second.field }, signed((placed & kept) | (second.half << second.shift)));
  add('const.wide2_inverted', { IMM0: first.field, IMM1: second.field }, signed((~placed & kept) | (second.half << second.shift)));
  add('const.logical', { IMM0: logical }, signed(logicalValue(logical)));
  const float = random.below(256), magnitude = (16 + (float & 15)) / 16 * 2 ** ((((float >> 4) & 7) ^ 4) - 3);
  add('const.float_imm', { IMM0: BigInt(float) }, floatBits(float >= 128 ? -magnitude : magnitude));
}

function* exchanges(random: Random, memory: Memory): Generator<PlannedCase> {
  const activation = memory.allocate(activationSize);
  for (const bank of ['r', 'f'] as const) {
    for (let n = 0; n < 64; n++) {
      const input = randomRegisters(random);
      const [x, y] = [n >> 3, n & 7];
      const expected = { r: [...input.r], f: [...input.f] };
      [expected[bank][x], expected[bank][y]] = [defined(input[bank][y], 'register'), defined(input[bank][x], 'register')];
      yield { family: `swap.${bank}`, registers: [x, y], input, activation, holes: {}, expected: { way: 'CONTINUE', registers: expected } };
    }
  }
}

function* spills(random: Random, memory: Memory): Generator<PlannedCase> {
  for (const bank of ['r', 'f'] as const) {
    for (let n = 0; n < 64; n++) {
      const activation = memory.allocate(activationSize);
      const register = n & 7, place = 320 + 8 * random.below(64), input = randomRegisters(random);
      const common = { registers: [register], activation, holes: { IMM0: place } };
      const value = defined(input[bank][register], 'register');
      yield {
        ...common, family: `spill.${bank}`, input, expected: { way: 'CONTINUE' },
        check: (after) => {
          if (after.get64(activation + BigInt(place)) !== value) throw new Error('not spilled');
        },
      };
      const source = memory.allocate(activationSize), stored = random.bits() >> 2n;
      memory.set64(source + BigInt(place), stored);
      yield { ...common, activation: source, family: `reload.${bank}`, input: randomRegisters(random), expected: { way: 'CONTINUE', result: stored } };
    }
  }
}
