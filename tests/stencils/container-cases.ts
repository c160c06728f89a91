/** Cases for containers, attributes and iterators. */
import assert from 'node:assert/strict';
import type { Expected } from './harness.ts';
import { storeCases, storeFloatCases, storeIntCases, type CaseMaker, type Place } from './object-cases.ts';
import { MIN } from './values.ts';

const goOn = (result?: bigint): Expected => (result === undefined ? { way: 'CONTINUE' } : { way: 'CONTINUE', result });
const leave: Expected = { way: 'TARGET' };
const badIndices = [3n, 4n, -4n, -100n, MIN, 2n ** 62n, 2n ** 63n - 1n];

export function sequenceCases(m: CaseMaker): void {
  const o = m.objects, items = [o.object(1n), o.object(1n), o.object(1n)];
  const content = [7, 200, 255];
  const sequences: [string, bigint, readonly bigint[]][] = [
    ['list', o.list(items), items], ['tuple', o.tuple(items), items],
    ['bytes', o.bytes(content), content.map(BigInt)], ['bytearray', o.bytearray(content), content.map(BigInt)],
  ];
  for (const [name, sequence, wanted] of sequences) {
    m.add(`${name}.length`, [sequence], goOn(3n));
    for (let i = -3; i < 3; i++) m.add(`${name}.item`, [sequence, BigInt(i)], goOn(wanted[(i + 3) % 3]));
    for (const i of badIndices) m.add(`${name}.item`, [sequence, i], leave);
  }
  m.add('list.item', [o.list([]), 0n], leave);
  m.add('list.item', [o.list([]), -1n], leave);
  m.add('str.length', [o.list([1n, 2n])], goOn(2n));
  for (const [code, kind, isAscii] of [[97, 1, true], [0xe9, 1, false], [0x20ac, 2, false], [0x1f600, 4, false]] as const) {
    m.add('str.code', [o.text([code], kind, isAscii)], goOn(BigInt(code)));
    m.add('str.code', [o.text([code, code], kind, isAscii)], leave);
  }
  m.add('str.code', [o.text([], 1, true)], leave);
  m.add('dict.length', [o.namespace([1n, 2n, 3n])], goOn(3n));
  for (const i of [0n, 2n, -1n, -3n]) {
    const array = o.bytearray(content), at = Number(i < 0n ? i + 3n : i);
    m.add('bytearray.store', [array, i, 99n], goOn(), {}, (s) => assert.equal(s.memory.get8(s.word(array + 40n) + BigInt(at)), 99));
  }
  const array = o.bytearray(content);
  for (const value of [256n, -1n, MIN]) m.add('bytearray.store', [array, 0n, value], leave);
  for (const i of badIndices) m.add('bytearray.store', [array, i, 5n], leave);
}

export function listStoreCases(m: CaseMaker): void {
  const o = m.objects;
  for (const index of [0n, 2n, -1n, -3n]) {
    const place = (x: bigint): Place => {
      const list = o.list([x, x, x]);
      return { args: [list, index], holes: {}, address: o.listItem(list, Number(index < 0n ? index + 3n : index)) };
    };
    storeCases(m, 'list.store', (x) => place(x === 0n ? o.object(1n, 32, 9) : x), false);
    storeFloatCases(m, 'list.store_float', place);
    storeIntCases(m, 'list.store_int', place);
  }
  for (const i of badIndices) {
    const list = o.list([1n, 1n, 1n]);
    m.add('list.store', [list, i, o.object(1n)], leave);
    m.add('list.store_float', [list, i, 1.5], leave);
    m.add('list.store_int', [list, i, 5n], leave);
  }
}

export function attributeCases(m: CaseMaker): void {
  const o = m.objects, value = o.object(1n);
  const field = (offset: number) => (x: bigint): Place => {
    const object = o.object(1n, 600);
    o.memory.set64(object + BigInt(offset), x);
    return { args: [object], holes: { IMM0: offset }, address: object + BigInt(offset) };
  };
  const values = (index: number) => (x: bigint): Place => {
    const { object, value: place } = o.instance(Array.from({ length: 6 }, () => x));
    return { args: [object], holes: { IMM0: index }, address: place(index) };
  };
  for (const [prefix, makers] of [['field', [field(16), field(24), field(584)]], ['values', [values(0), values(5)]]] as const) {
    for (const place of makers) {
      const full = place(value), empty = place(0n);
      m.add(`${prefix}.load`, full.args, goOn(value), full.holes);
      m.add(`${prefix}.load`, empty.args, leave, empty.holes);
      storeCases(m, `${prefix}.store`, place, true);
      storeFloatCases(m, `${prefix}.store_float`, place);
      storeIntCases(m, `${prefix}.store_int`, place);
    }
  }
  m.add('values.check', [o.instance([value]).object], goOn());
  m.add('values.check', [o.instance(undefined).object], leave);
  m.add('cell.load', [o.cell(value)], goOn(value));
  m.add('cell.load', [o.cell(0n)], leave);
  storeCases(m, 'cell.store', (x) => {
    const cell = o.cell(x);
    return { args: [cell], holes: {}, address: cell + 16n };
  }, false);
}

/** Its number, and its distance from the first in bytes. */
const entry = (index: number): { readonly IMM0: number; readonly IMM1: number } => ({ IMM0: index, IMM1: 16 * index });

export function namespaceCases(m: CaseMaker): void {
  const o = m.objects, a = o.object(1n), b = o.object(1n);
  const dict = o.namespace([a, 0n, b]), keys = o.memory.get64(dict + 32n);
  m.add('dict.entry', [], goOn(a), { LIT0: dict, ...entry(0) });
  m.add('dict.entry', [], goOn(b), { LIT0: dict, ...entry(2) });
  m.add('dict.entry', [], leave, { LIT0: dict, ...entry(1) });
  m.add('guard.dict_keys', [], goOn(), { LIT0: dict, LIT1: keys, LIT2: 3n });
  m.add('guard.dict_keys', [], leave, { LIT0: dict, LIT1: keys, LIT2: 2n });
  m.add('guard.dict_keys', [], leave, { LIT0: dict, LIT1: keys + 16n, LIT2: 3n });
  m.add('guard.global', [], goOn(), { LIT0: dict, ...entry(2), LIT1: b });
  m.add('guard.global', [], leave, { LIT0: dict, ...entry(2), LIT1: a });
  m.add('guard.global', [], leave, { LIT0: dict, ...entry(3), LIT1: a });
  m.add('guard.global', [], leave, { LIT0: dict, ...entry(-1), LIT1: a });
  m.add('guard.global', [], leave, { LIT0: o.namespace([a], 0), ...entry(0), LIT1: a });
}

export function iteratorCases(m: CaseMaker): void {
  const o = m.objects;
  // The last item may be the largest number that fits; what would come after it wraps around.
  const limit = 1n << BigInt(8 * o.longSize - 1);
  for (const [start, step] of [[0n, 1n], [-10n, 3n], [5n, -2n], [limit - 5n, 1n], [-limit + 4n, -1n], [-limit, limit / 4n]] as const) {
    for (const done of [0, 1, 4]) {
      const iterator = o.rangeIter(start, step, done, 5), next = o.rangeIter(start, step, done + 1, 5);
      m.add('range_iter.more', [iterator], goOn(1n));
      m.add('range_iter.next', [iterator], goOn(start + step * BigInt(done)), {}, (s) => {
        for (const at of [16n, 24n, 32n, 40n]) assert.equal(s.word(iterator + at), s.word(next + at));
      });
    }
    m.add('range_iter.more', [o.rangeIter(start, step, 5, 5)], goOn(0n));
    m.add('range_iter.more', [o.rangeIter(start, step, 0, 0)], goOn(0n));
  }
  for (const kind of ['list', 'tuple'] as const) {
    const item = o.object(1n, 32, 4), last = o.object(1n, 32, 1);
    const sequence = (refcount: number): bigint => o[kind]([item, last], refcount);
    const iterator = o.sequenceIter(sequence(2), 1);
    m.add(`${kind}_iter.more`, [o.sequenceIter(sequence(2), 1)], goOn(1n));
    m.add(`${kind}_iter.next`, [iterator], goOn(last), {}, (s) => assert.deepEqual([s.refcount(last), s.word(iterator + 16n)], [2, 2n]));
    for (const refcount of [1, 2]) {
      const owned = sequence(refcount), done = o.sequenceIter(owned, 2);
      m.add(`${kind}_iter.more`, [done], goOn(0n), {}, (s) => {
        assert.equal(s.word(done + 24n), 0n);
        assert.equal(s.word(done + 16n), o.is314 && kind === 'list' ? 2n ** 64n - 1n : 2n);
        if (refcount === 1) assert.equal(s.isFreed(owned), true);
        else assert.equal(s.refcount(owned), 1);
      });
    }
    m.add(`${kind}_iter.more`, [o.sequenceIter(0n, 2)], goOn(0n));
  }
  bytesIteratorCases(m);
}

function bytesIteratorCases(m: CaseMaker): void {
  const o = m.objects;
  const iterator = o.sequenceIter(o.bytes([7, 255]), 1), done = o.sequenceIter(o.bytes([7]), 1);
  m.add('bytes_iter.more', [o.sequenceIter(o.bytes([7, 255]), 1)], goOn(1n));
  m.add('bytes_iter.next', [iterator], goOn(255n), {}, (s) => assert.equal(s.word(iterator + 16n), 2n));
  m.add('bytes_iter.more', [done], goOn(0n), {}, (s) => assert.equal(s.word(done + 24n), 0n));
  m.add('bytes_iter.more', [o.sequenceIter(0n, 2)], goOn(0n));
}
