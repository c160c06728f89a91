/** Cases for the stencils that work on objects and frames, one function a subject. */
import assert from 'node:assert/strict';
import type { StencilTable } from '#stencils/table.ts';
import { defined } from '#support/invariant.ts';
import { randomRegisters, setOperand, activationSize, type Expected, type PlannedCase } from './harness.ts';
import { Observer, type Objects } from './objects.ts';
import { RegisterChoices, type Sharing } from './register-choices.ts';
import { floatBits, signed, type Random } from './values.ts';

type Holes = PlannedCase['holes'];
const goOn = (result?: bigint): Expected => (result === undefined ? { way: 'CONTINUE' } : { way: 'CONTINUE', result });
const leave: Expected = { way: 'TARGET' };

export class CaseMaker {
  readonly objects: Objects;
  readonly cases: PlannedCase[] = [];
  readonly #table: StencilTable;
  readonly #choices: RegisterChoices;
  readonly #random: Random;
  #isWanted: (family: string, sharing: Sharing) => boolean = () => true;

  constructor(table: StencilTable, objects: Objects, random: Random) {
    this.#table = table;
    this.objects = objects;
    this.#random = random;
    this.#choices = new RegisterChoices(table, random);
  }
  /** So often, with other registers each time; then until every choice of registers was used, of the families that `isWhole` names. */
  repeat(subject: (m: CaseMaker) => void, rounds: number, isWhole: (family: string) => boolean): void {
    for (let n = 0; n < rounds; n++) subject(this);
    this.#isWanted = (family, sharing) => isWhole(family) && !this.#choices.isComplete(family, sharing);
    while (!this.#choices.areComplete(isWhole)) subject(this);
  }
  has(family: string): boolean {
    return this.#table.family(family) !== undefined;
  }
  activation(): bigint {
    return this.objects.memory.allocate(activationSize);
  }
  /** Arguments in different registers; the result may share one. */
  add(family: string, args: readonly (bigint | number)[], expected: Expected, holes: Holes = {}, check?: (after: Observer) => void, activation?: bigint): void {
    this.#plan(family, args.map((_, i) => i).join(''), args, expected, holes, check, activation);
  }
  /** Arguments in the same register where `sharing` has the same number twice. */
  addShared(family: string, sharing: Sharing, args: readonly bigint[], expected: Expected, holes: Holes = {}, check?: (after: Observer) => void): void {
    this.#plan(family, sharing, args, expected, holes, check, undefined);
  }

  #plan(
    family: string, sharing: Sharing, args: readonly (bigint | number)[], expected: Expected, holes: Holes, check: ((after: Observer) => void) | undefined,
    activation = this.activation(),
  ): void {
    if (!this.#isWanted(family, sharing)) return;
    const { operands } = defined(this.#table.family(family), `family ${family}`);
    const input = randomRegisters(this.#random), registers = this.#choices.next(family, sharing);
    args.forEach((value, i) => setOperand(input, defined(operands[i], 'bank'), defined(registers[i], 'register'), value));
    this.cases.push({
      family, registers, input, holes, activation, expected,
      check: check && ((memory) => check(new Observer(memory, this.objects.layout))),
    });
  }
}

export function guardCases(m: CaseMaker): void {
  const o = m.objects, memory = o.memory;
  const type = o.type(17), x = o.object(type), other = o.object(o.type(18));
  m.add('guard.type', [x], goOn(), { LIT0: type });
  m.add('guard.type', [other], leave, { LIT0: type });
  m.add('obj.has_type', [x], goOn(1n), { LIT0: type });
  m.add('obj.has_type', [other], goOn(0n), { LIT0: type });
  m.add('guard.type_version', [x], goOn(), { IMM0: 17 });
  m.add('guard.type_version', [other], leave, { IMM0: 17 });
  const bigType = o.type(0x80001234), big = o.object(bigType);
  m.add('guard.type_version', [big], goOn(), { IMM0: 0x80001234 | 0 });
  m.add('guard.class_version', [type], goOn(), { IMM0: 17 });
  m.add('guard.class_version', [type], leave, { IMM0: 18 });
  m.add('guard.class_version', [bigType], goOn(), { IMM0: 0x80001234 | 0 });
  const keys = memory.allocate(64), heapType = o.type(1, 0, 1024), instance = o.object(heapType);
  memory.set64(heapType + (o.is314 ? 880n : 872n), keys);
  memory.set32(keys + 12n, 0x54321);
  m.add('guard.keys_version', [instance], goOn(), { IMM0: 0x54321 });
  m.add('guard.keys_version', [instance], leave, { IMM0: 0x54322 });
  m.add('guard.class_keys_version', [heapType], goOn(), { IMM0: 0x54321 });
  m.add('guard.class_keys_version', [heapType], leave, { IMM0: 0x54322 });
  m.add('guard.is', [x], goOn(), { LIT0: x });
  m.add('guard.is', [x], leave, { LIT0: other });
  m.add('guard.is_not', [x], leave, { LIT0: x });
  m.add('guard.is_not', [x], goOn(), { LIT0: other });
  m.add('guard.function', [o.func(99)], goOn(), { IMM0: 99 });
  m.add('guard.function', [o.func(98)], leave, { IMM0: 99 });
  m.add('guard.function', [x], leave, { IMM0: 0 });
  const func = o.func(1);
  memory.set64(func + 48n, other);
  m.add('guard.code', [func], goOn(), { LIT0: other });
  m.add('guard.code', [func], leave, { LIT0: x });
  m.add('guard.code', [x], leave, { LIT0: other });
  for (const y of [x, other]) {
    for (const z of [x, other, 0n, type]) m.add('obj.is', [y, z], goOn(y === z ? 1n : 0n));
  }
  m.add('obj.is_const', [x], goOn(1n), { LIT0: x });
  m.add('obj.is_const', [x], goOn(0n), { LIT0: other });
  m.add('obj.is_null', [0n], goOn(1n));
  m.add('obj.is_null', [x], goOn(0n));
  m.add('obj.truth', [memory.wellKnown('OBJ_TRUE')], goOn(1n));
  m.add('obj.truth', [memory.wellKnown('OBJ_FALSE')], goOn(0n));
  m.add('obj.truth', [memory.wellKnown('OBJ_NONE')], goOn(0n));
  m.add('obj.truth', [x], leave);
  m.add('box.bool', [1n], goOn(memory.wellKnown('OBJ_TRUE')));
  m.add('box.bool', [0n], goOn(memory.wellKnown('OBJ_FALSE')));
  m.add('unbox.bool', [memory.wellKnown('OBJ_TRUE')], goOn(1n));
  m.add('unbox.bool', [memory.wellKnown('OBJ_FALSE')], goOn(0n));
  m.add('unbox.bool', [x], leave);
  m.add('unbox.integer', [memory.wellKnown('OBJ_TRUE')], goOn(1n));
  m.add('unbox.integer', [memory.wellKnown('OBJ_FALSE')], goOn(0n));
  m.add('unbox.integer', [x], leave);
}

export function unboxCases(m: CaseMaker, numbers: readonly bigint[], floats: readonly number[]): void {
  const o = m.objects;
  for (const n of numbers) for (const v of [n, -n]) m.add('unbox.int', [o.int(v)], signed(v) === v ? goOn(v) : leave);
  for (const n of numbers) for (const v of [n, -n]) m.add('obj.truth', [o.int(v)], goOn(v === 0n ? 0n : 1n));
  for (const n of numbers) for (const v of [n, -n]) m.add('unbox.integer', [o.int(v)], signed(v) === v ? goOn(v) : leave);
  m.add('unbox.int', [o.float(1)], leave);
  m.add('unbox.integer', [o.float(1)], leave);
  m.add('unbox.float', [o.int(1n)], leave);
  for (const x of [0n, 1n, -5n, 70000n, -(2n ** 40n), 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]) m.add('unbox.real', [o.int(x)], goOn(floatBits(Number(x))));
  for (const x of [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 90n]) m.add('unbox.real', [o.int(x)], leave);
  for (const x of [0, -0, 1.5, Infinity, NaN]) m.add('unbox.real', [o.float(x)], goOn(floatBits(x)));
  m.add('unbox.real', [o.object(1n)], leave);
  for (const x of floats) {
    m.add('unbox.float', [o.float(x)], goOn(floatBits(x)));
    m.add('unbox.float_known', [o.float(x)], goOn(floatBits(x)));
    m.add('obj.truth', [o.float(x)], goOn(x === 0 ? 0n : 1n));
  }
}

export function referenceCases(m: CaseMaker): void {
  const o = m.objects;
  const counted = o.object(1n, 32, 5);
  m.add('incref', [counted], goOn(), {}, (s) => assert.equal(s.refcount(counted), 6));
  for (const family of ['decref', 'decref_number']) {
    const shared = o.object(1n, 32, 2), last = o.object(1n, 32, 1);
    m.add(family, [shared], goOn(), {}, (s) => assert.deepEqual([s.refcount(shared), s.isFreed(shared)], [1, false]));
    m.add(family, [last], goOn(), {}, (s) => assert.equal(s.isFreed(last), true));
  }
  if (!o.is314) return;
  for (const family of ['incref', 'decref', 'decref_number']) {
    const immortal = o.object(1n);
    o.makeImmortal(immortal);
    m.add(family, [immortal], goOn(), {}, (s) => assert.equal(s.refcount(immortal), 0xc0000000));
  }
  const nearLimit = o.object(1n, 32, 0xbfffffff);
  m.add('incref', [nearLimit], goOn(), {}, (s) => assert.equal(s.refcount(nearLimit), 0xc0000000));
}

/** `store(value)` plans a store into a place holding an object; used by list, field, values. */
export interface Place {
  /** Arguments before the value, and holes. */
  readonly args: readonly bigint[];
  readonly holes: Holes;
  readonly address: bigint;
}

export function storeCases(m: CaseMaker, family: string, place: (content: bigint) => Place, nullLeaves: boolean): void {
  const o = m.objects;
  const value = o.object(1n, 32, 4);
  for (const refcount of [1, 2]) {
    const old = o.object(1n, 32, refcount), p = place(old);
    m.add(family, [...p.args, value], goOn(), p.holes, (s) => {
      assert.equal(s.word(p.address), value);
      assert.equal(s.refcount(value), 4);
      if (refcount === 1) assert.equal(s.isFreed(old), true);
      else assert.equal(s.refcount(old), 1);
    });
  }
  const empty = place(0n);
  m.add(family, [...empty.args, value], nullLeaves ? leave : goOn(), empty.holes, (s) => assert.equal(s.word(empty.address), nullLeaves ? 0n : value));
}

export function storeFloatCases(m: CaseMaker, family: string, place: (content: bigint) => Place): void {
  const o = m.objects;
  const own = o.float(1.5, 1), mine = place(own);
  m.add(family, [...mine.args, 2.25], goOn(), mine.holes, (s) => assert.deepEqual([s.word(mine.address), s.word(own + 16n)], [own, floatBits(2.25)]));
  const shared = o.float(1.5, 2), theirs = place(shared);
  m.add(family, [...theirs.args, 2.5], goOn(), theirs.holes, (s) => {
    const fresh = s.word(theirs.address);
    assert.deepEqual([s.word(shared + 16n), s.refcount(shared)], [floatBits(1.5), 1]);
    assert.deepEqual([s.word(fresh + 16n), s.refcount(fresh)], [floatBits(2.5), 1]);
  });
  for (const refcount of [1, 2]) {
    const whole = o.int(70000n, refcount), other = place(whole);
    m.add(family, [...other.args, 2.5], goOn(), other.holes, (s) => {
      assert.equal(s.word(s.word(other.address) + 16n), floatBits(2.5));
      if (refcount === 1) assert.equal(s.isFreed(whole), true);
      else assert.equal(s.refcount(whole), 1);
    });
  }
  const wrong = o.object(1n, 32, 1), not = place(wrong);
  m.add(family, [...not.args, 2.5], leave, not.holes, (s) => assert.equal(s.word(not.address), wrong));
  const empty = place(0n);
  m.add(family, [...empty.args, 2.5], leave, empty.holes);
}

/** Numbers that stay in the old object, and numbers that need a new one. */
const inPlace = [257n, -257n, 1000000n, -123456n, 2n ** 30n - 1n, -(2n ** 30n) + 1n];
const boxed = [0n, 1n, -5n, 256n, -256n, 2n ** 30n, -(2n ** 30n), 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n];

const SMALL_REFCOUNT = 1000;
/** Numbers at and beyond both ends of the small ints, and the objects that the table has for those inside. */
const aroundSmall = [-7n, -6n, -5n, 0n, 1n, 255n, 256n, 257n, -(2n ** 63n)];
export function smallObject(m: CaseMaker, value: bigint): bigint | undefined {
  const { memory } = m.objects;
  const place = memory.wellKnown('OBJ_SMALL_INTEGERS') + 8n * (value + 5n);
  if (value < -5n || value > 256n) return undefined;
  if (memory.get64(place) === 0n) memory.set64(place, m.objects.int(value, SMALL_REFCOUNT));
  return memory.get64(place);
}

export function boxIntCases(m: CaseMaker): void {
  for (const v of [...aroundSmall, ...boxed]) {
    const small = smallObject(m, v), before = small === undefined ? 0 : SMALL_REFCOUNT;
    const counted = m.objects.is314 ? 0 : 1;
    m.add('box.int', [v], {
      way: 'CONTINUE',
      examine: (object, memory) => {
        const after = new Observer(memory, m.objects.layout);
        if (small === undefined) assert.deepEqual([signed(after.word(object + 16n)), after.refcount(object)], [v, 1]);
        else assert.equal(object, small);
        if (small !== undefined) assert.ok(after.refcount(object) >= before + counted);
      },
    });
  }
}

export function storeIntCases(m: CaseMaker, family: string, place: (content: bigint) => Place): void {
  const o = m.objects;
  for (const v of inPlace) {
    const old = o.int(70000n, 1), p = place(old);
    const wanted = o.int(v);
    m.add(family, [...p.args, v], goOn(), p.holes, (s) => {
      assert.deepEqual([s.word(p.address), s.word(old + 16n)], [old, s.word(wanted + 16n)]);
      assert.equal(s.memory.get32(old + 24n), s.memory.get32(wanted + 24n));
    });
  }
  const plans: [bigint, number, bigint][] = [...boxed.map((v): [bigint, number, bigint] => [70000n, 1, v]), [70000n, 2, 300n], [2n ** 40n, 1, 300n], [-(2n ** 31n), 1, 300n]];
  for (const [before, refcount, v] of plans) {
    const old = o.int(before, refcount), p = place(old), small = smallObject(m, v);
    m.add(family, [...p.args, v], goOn(), p.holes, (s) => {
      const fresh = s.word(p.address);
      assert.notEqual(fresh, old);
      if (small === undefined) assert.equal(signed(s.word(fresh + 16n)), v);
      else assert.equal(fresh, small);
      if (refcount === 1) assert.equal(s.isFreed(old), true);
      else assert.equal(s.refcount(old), 1);
    });
  }
  const old = o.int(70000n, 2), failing = place(old);
  m.add(family, [...failing.args, 0x7fffffff12345678n], leave, failing.holes, (s) => assert.deepEqual([s.word(failing.address), s.refcount(old)], [old, 2]));
  const real = o.float(1, 2), other = place(real), three = smallObject(m, 3n);
  m.add(family, [...other.args, 3n], goOn(), other.holes, (s) => assert.deepEqual([s.word(other.address), s.refcount(real)], [three, 1]));
  const not = place(o.object(1n, 32, 1));
  m.add(family, [...not.args, 3n], leave, not.holes);
}
