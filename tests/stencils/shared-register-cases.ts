/**
 * Stencils on objects with two arguments in one register: `a.append`-like stores of a list in itself, and combinations that no
 * program leads to, where an address stands for an index. Each must do what it does with two registers of the same content.
 */
import assert from 'node:assert/strict';
import type { Expected } from './harness.ts';
import { smallObject, type CaseMaker } from './object-cases.ts';

const goOn = (result?: bigint): Expected => (result === undefined ? { way: 'CONTINUE' } : { way: 'CONTINUE', result });
const leave: Expected = { way: 'TARGET' };

export function sharedRegisterCases(m: CaseMaker): void {
  const o = m.objects;
  // An address is beyond the end of everything.
  for (const sequence of [o.list([1n, 2n]), o.tuple([1n, 2n])]) m.addShared('list.item', '00', [sequence, sequence], leave);
  m.addShared('tuple.item', '00', Array<bigint>(2).fill(o.tuple([1n, 2n])), leave);
  m.addShared('bytes.item', '00', Array<bigint>(2).fill(o.bytes([1, 2])), leave);
  m.addShared('bytearray.item', '00', Array<bigint>(2).fill(o.bytearray([1, 2])), leave);
  m.addShared('list.store_float', '00', Array<bigint>(2).fill(o.list([o.float(1)])), leave);
  const x = o.object(1n);
  m.addShared('obj.is', '00', [x, x], goOn(1n));
  bytearrayStores(m);
  listStores(m);
  valueIsTheObject(m);
}

function bytearrayStores(m: CaseMaker): void {
  const array = m.objects.bytearray([7, 8, 9]), family = 'bytearray.store';
  m.addShared(family, '000', [array, array, array], leave);
  m.addShared(family, '002', [array, array, 5n], leave);
  m.addShared(family, '010', [array, 0n, array], leave);
  m.addShared(family, '011', [array, 1n, 1n], goOn(), {}, (s) => assert.equal(s.memory.get8(s.word(array + 40n) + 1n), 1));
}

function listStores(m: CaseMaker): void {
  const o = m.objects;
  for (const family of ['list.store', 'list.store_int']) {
    const untouched = o.list([o.int(70000n, 1)]);
    m.addShared(family, '000', [untouched, untouched, untouched], leave);
    m.addShared(family, '002', [untouched, untouched, 5n], leave);
  }
  const old = o.object(1n, 32, 2), inItself = o.list([old]);
  m.addShared('list.store', '010', [inItself, 0n, inItself], goOn(), {}, (s) => assert.deepEqual([s.word(o.listItem(inItself, 0)), s.refcount(old)], [inItself, 1]));
  const other = o.object(1n, 32, 2), list = o.list([0n, other]);
  m.addShared('list.store', '011', [list, 1n, 1n], goOn(), {}, (s) => assert.deepEqual([s.word(o.listItem(list, 1)), s.refcount(other)], [1n, 1]));

  const number = o.int(70000n, 1), numbers = o.list([number]);
  m.addShared('list.store_int', '010', [numbers, 0n, numbers], goOn(), {}, (s) => assert.equal(BigInt(s.memory.get32(number + 24n)), numbers));
  const shared = o.int(70000n, 2), pair = o.list([0n, shared]), one = smallObject(m, 1n);
  m.addShared('list.store_int', '011', [pair, 1n, 1n], goOn(), {}, (s) => assert.deepEqual([s.word(o.listItem(pair, 1)), s.refcount(shared)], [one, 1]));
}

/** An object stored in one of its own places; as a number, its address. */
function valueIsTheObject(m: CaseMaker): void {
  const o = m.objects;
  const old = (): bigint => o.object(1n, 32, 2);
  const field = (content: bigint): bigint => {
    const object = o.object(1n);
    o.memory.set64(object + 16n, content);
    return object;
  };
  const first = old(), inField = field(first);
  m.addShared('field.store', '00', [inField, inField], goOn(), { IMM0: 16 }, (s) => assert.deepEqual([s.word(inField + 16n), s.refcount(first)], [inField, 1]));
  const second = old(), inValues = o.instance([second]);
  m.addShared('values.store', '00', [inValues.object, inValues.object], goOn(), { IMM0: 0 },
    (s) => assert.deepEqual([s.word(inValues.value(0)), s.refcount(second)], [inValues.object, 1]));
  const third = old(), inCell = o.cell(third);
  m.addShared('cell.store', '00', [inCell, inCell], goOn(), {}, (s) => assert.deepEqual([s.word(inCell + 16n), s.refcount(third)], [inCell, 1]));

  const number = o.int(70000n, 1), fieldOfInt = field(number);
  m.addShared('field.store_int', '00', [fieldOfInt, fieldOfInt], goOn(), { IMM0: 16 }, (s) => assert.equal(BigInt(s.memory.get32(number + 24n)), fieldOfInt));
  const value = o.int(70000n, 1), { object } = o.instance([value]);
  m.addShared('values.store_int', '00', [object, object], goOn(), { IMM0: 0 }, (s) => assert.equal(BigInt(s.memory.get32(value + 24n)), object));
}
