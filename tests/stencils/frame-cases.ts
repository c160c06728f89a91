/** Cases for the frame, the thread, exits and calls. */
import assert from 'node:assert/strict';
import type { Expected } from './harness.ts';
import type { CaseMaker } from './object-cases.ts';
import { floatBits } from './values.ts';

const goOn = (result?: bigint): Expected => (result === undefined ? { way: 'CONTINUE' } : { way: 'CONTINUE', result });
const leave: Expected = { way: 'TARGET' };

/** An activation record whose locals are these slots. */
function withLocals(m: CaseMaker, slots: readonly bigint[]): { readonly activation: bigint; readonly local: (i: number) => bigint } {
  const activation = m.activation(), locals = m.objects.array(slots);
  m.objects.memory.set64(activation + 16n, locals);
  return { activation, local: (i) => locals + BigInt(8 * i) };
}

export function homeCases(m: CaseMaker): void {
  const o = m.objects, x = o.object(1n, 32, 3), immortal = o.object(1n);
  if (o.is314) o.makeImmortal(immortal);
  const loads = withLocals(m, [x, o.slot(immortal, true), o.nullSlot, o.is314 ? x | 1n : x]);
  [x, immortal, 0n, x].forEach((wanted, i) => m.add('home.load', [], goOn(wanted), { IMM0: i, IMM1: 8 * i }, undefined, loads.activation));
  const stored: [bigint, bigint][] = [[x, x], [immortal, o.slot(immortal, true)]];
  for (const [value, slot] of stored) {
    for (const refcount of [1, 2]) {
      const old = o.object(1n, 32, refcount), { activation, local } = withLocals(m, [0n, old]);
      m.add('home.store', [value], goOn(), { IMM0: 1 }, (s) => {
        assert.equal(s.word(local(1)), slot);
        assert.equal(refcount === 1 ? s.isFreed(old) : s.refcount(old) === 1, true);
      }, activation);
    }
    const { activation, local } = withLocals(m, [o.nullSlot]);
    m.add('home.store', [value], goOn(), { IMM0: 0 }, (s) => assert.equal(s.word(local(0)), slot), activation);
  }
  const old = o.object(1n, 32, 1), clear = withLocals(m, [0n, 0n, old]);
  m.add('home.clear', [], goOn(), { IMM0: 2 }, (s) => assert.deepEqual([s.word(clear.local(2)), s.isFreed(old)], [o.nullSlot, true]), clear.activation);
  const empty = withLocals(m, [o.nullSlot]);
  m.add('home.clear', [], goOn(), { IMM0: 0 }, (s) => assert.equal(s.word(empty.local(0)), o.nullSlot), empty.activation);
  if (!o.is314) return;
  const borrowed = o.object(1n, 32, 1), holding = withLocals(m, [borrowed | 1n]);
  m.add('home.clear', [], goOn(), { IMM0: 0 }, (s) => assert.equal(s.isFreed(borrowed), false), holding.activation);
}

/** A frame and its code object with 3 locals. */
function frame(m: CaseMaker): bigint {
  const o = m.objects, code = o.object(1n, 256), f = o.memory.allocate(128);
  o.memory.set32(code + (o.is314 ? 72n : 76n), 3);
  o.memory.set64(f + (o.is314 ? 0n : 32n), code);
  return f;
}

export function stackCases(m: CaseMaker): void {
  const o = m.objects, f = frame(m);
  const owned = o.object(1n, 32, 1), borrowed = o.object(1n, 32, 5);
  for (const [slot, object, refcount] of [[owned, owned, 1], [o.is314 ? borrowed | 1n : borrowed, borrowed, o.is314 ? 6 : 5]] as const) {
    const { activation, local } = withLocals(m, [0n, 0n, 0n, 0n, slot]);
    o.memory.set64(activation + 8n, f);
    m.add('stack.take', [], goOn(object), { IMM0: 1 }, (s) => assert.deepEqual([s.word(local(4)), s.refcount(object)], [o.nullSlot, refcount]), activation);
  }
}

export function threadCases(m: CaseMaker): void {
  const o = m.objects, memory = o.memory, f = memory.allocate(128);
  const activation = m.activation();
  memory.set64(activation + 8n, f);
  memory.set64(activation + 296n, 0x1000n);
  m.add('frame.position', [], goOn(), { IMM0: 70000 }, (s) => assert.equal(s.word(f + 56n), 0x1000n + 140000n), activation);
  const arguments_ = m.activation();
  m.add('arg.store', [77n], goOn(), { IMM0: 3, IMM1: 168 + 24 }, (s) => assert.equal(s.word(arguments_ + 168n + 24n), 77n), arguments_);
  const breaker = (word: bigint, atEntry = 0n): bigint => {
    const a = m.activation(), place = memory.allocate(16);
    memory.set64(place, word);
    memory.set64(a + 24n, place);
    memory.set64(a + 312n, atEntry);
    return a;
  };
  for (const written of [0n, 1n, 1n << 63n]) {
    const a = m.activation();
    memory.set64(a + 304n, written);
    m.add('check.written', [], written === 0n ? goOn() : leave, {}, undefined, a);
  }
  m.add('safepoint', [], goOn(), {}, undefined, breaker(0n));
  m.add('safepoint', [], leave, {}, undefined, breaker(1n));
  m.add('safepoint', [], leave, {}, undefined, breaker(0x80n));
  if (o.is314) {
    m.add('safepoint', [], goOn(), {}, undefined, breaker(0x700n));
    m.add('check.tracing', [], goOn(), {}, undefined, breaker(0x701n, 0x700n));
    m.add('check.tracing', [], leave, {}, undefined, breaker(0x800n, 0x700n));
    return;
  }
  for (const tracing of [0, 1]) {
    const a = m.activation(), thread = memory.allocate(256), cframe = memory.allocate(32);
    memory.set64(a, thread);
    memory.set64(thread + 56n, cframe);
    memory.set8(cframe, tracing);
    m.add('check.tracing', [], tracing ? leave : goOn(), {}, undefined, a);
  }
}

/** The number is in a register that no case looks at; the exits of whole units show it (tests/emit). */
export function exitCases(m: CaseMaker): void {
  m.add('exit.stub', [], goOn(), { IMM0: 12345 });
  if (!m.has('exit.low')) return;
  m.add('exit.low', [], goOn(), { IMM0: 200 });
  m.add('exit.high', [], goOn(), { IMM0: 255 });
  m.add('jump.short', [], leave);
}

export function callCases(m: CaseMaker): void {
  const weights = [1n, 3n, 5n, 7n, 11n], args = [100n, -20n, 31n, 5n, 9n];
  const sum = (n: number): bigint => args.slice(0, n).reduce((t, x, i) => t + x * weights[i]!, 0n);
  m.add('call.helper._r', [], goOn(77n), { CALL0: 'call_0' });
  m.add('call.helper._v', [], goOn(), { CALL0: 'call_0' });
  ['r', 'rr', 'rrr', 'rrrr', 'rrrrr'].forEach((s, i) => m.add(`call.helper.${s}_r`, args.slice(0, i + 1), goOn(sum(i + 1)), { CALL0: `call_${i + 1}` }));
  ['r', 'rr', 'rrr'].forEach((s, i) => m.add(`call.helper.${s}_v`, args.slice(0, i + 1), goOn(), { CALL0: `call_${i + 1}` }));
  ['r', 'rr', 'rrr'].forEach((s, i) => m.add(`call.helper.${s}_i`, [-1n, ...args.slice(0, i)], goOn(-1n), { CALL0: 'call_int' }));
  m.add('call.helper.f_f', [1.25], goOn(floatBits(1.75)), { CALL0: 'call_f' });
  m.add('call.helper.ff_f', [1.25, 3], goOn(floatBits(-1.75)), { CALL0: 'call_ff' });
  m.add('call.helper.r_f', [-3n], goOn(floatBits(-3)), { CALL0: 'call_i_f' });
  m.add('call.helper.f_r', [2], goOn(32n), { CALL0: 'call_f_i' });
  m.add('call.helper.ff_r', [2, 5], goOn(27n), { CALL0: 'call_ff_i' });
  for (const family of ['float.floordiv', 'float.mod']) {
    m.add(family, [1.25, 3], goOn(floatBits(-1.75)), { CALL0: 'call_ff' });
    m.add(family, [1.25, 0], leave, { CALL0: 'call_ff' });
    m.add(family, [1.25, -0], leave, { CALL0: 'call_ff' });
  }
  m.add('float.libm', [1.25], goOn(floatBits(1.75)), { CALL0: 'call_f' });
  m.add('float.libm2', [1.25, 3], goOn(floatBits(-1.75)), { CALL0: 'call_ff' });
  for (const x of [NaN, Infinity, -Infinity]) {
    m.add('float.libm', [x], leave, { CALL0: 'call_f' });
    m.add('float.libm2', [x, 1], leave, { CALL0: 'call_ff' });
  }
  const a = m.activation(), memory = m.objects.memory;
  memory.set64(a + 168n, 900n);
  m.add('call.arguments_o', [], goOn(900n + 12n), { CALL0: 'call_arguments', IMM0: 4 }, undefined, a);
  m.add('call.vector', [], goOn(a + 12n + 5n * 21n), { IMM0: 4, LIT0: 21n }, undefined, a);
  [0, 1, 2, 3].forEach((n) => {
    const wanted = a + args.slice(0, n).reduce((t, x, i) => t + x * weights[i + 1]!, 0n);
    m.add(`call.activation.${n}`, args.slice(0, n), goOn(wanted), { CALL0: `call_${n + 1}` }, undefined, a);
  });
}
