/**
 * Exit records in their binary form of docs/protocol.md. A record consists of words of 32 bits: each field is one, or is
 * half or a quarter of one. The processors that compiled code runs on, and so Node beside it, all have little-endian words.
 */
import { Bailout } from '#support/bailout.ts';
import { exitKinds, locationKinds, type EncodedExits, type ExitRecord, type Location, type LocationKind } from './unit.ts';

const MAX_16_BITS = 0xffff;
const MAX_8_BITS = 0xff;
/** As in agent/deopt.c. */
const MAX_INSTANCES = 256;
const BITS_OF_OFFSET = 24;
const MAX_OFFSET = 2 ** BITS_OF_OFFSET - 1;

/** Words of a record before its globals. */
export const exitHeadLength = 5;
export const NOT_WATCHED = -1;

const numbersOf = <K extends string>(kinds: readonly K[]): Readonly<Record<K, number>> =>
  Object.fromEntries(kinds.map((kind, number) => [kind, number])) as Record<K, number>;

export const exitKindNumber: Readonly<Record<ExitRecord['kind'], number>> = numbersOf(exitKinds);
export const locationKindNumber: Readonly<Record<LocationKind, number>> = numbersOf(locationKinds);

/** What the head says about the rest of the record. */
export interface ExitCounts {
  readonly frames: number;
  readonly globals: number;
  readonly drops: number;
  readonly instances: number;
}

export function checkCounts({ frames, globals, drops, instances }: ExitCounts): void {
  if (globals > MAX_16_BITS || drops > MAX_16_BITS || frames > MAX_8_BITS || instances > MAX_INSTANCES) throw new Bailout('unit-too-large', 'an exit does not fit its record');
}

export const kindWord = (kind: number, { frames, globals }: ExitCounts): number => kind | frames << 8 | globals << 16;
export const reasonWord = (drops: number, reason: number): number => drops | reason << 16;
/** The instruction that leaves. */
export function originWord(code: number, offset: number): number {
  if (offset > MAX_OFFSET) throw new Bailout('unit-too-large', 'a position does not fit an exit record');
  return offset | code << BITS_OF_OFFSET;
}
export const originOfWord = (word: number): { code: number; offset: number } => ({ code: word >>> BITS_OF_OFFSET, offset: word & MAX_OFFSET });
/** Registers and spill slots only. */
export const watchedWord = (kind: number, index: number): number => kind << 16 | index;
export const frameWord = (code: number, locals: number): number => code | locals << 16;
/** The index follows. */
export const locationWord = (kind: number, incref: boolean): number => (incref ? kind | 1 << 8 : kind);
const BITS_OF_WORD = 32n;
/** Its class, how many attributes it has, the local that may hold it, and the places of the attributes, whose locations follow. */
export const instanceWords = (type: number, count: number, local: number, places: bigint): readonly number[] =>
  [type, count | local + 1 << 16, Number(BigInt.asIntN(32, places)), Number(BigInt.asIntN(32, places >> BITS_OF_WORD))];

/** For records made by hand; the compiler writes the words itself. */
export function encodeExits(records: readonly ExitRecord[]): EncodedExits {
  const words: number[] = [];
  const starts = records.map((record) => {
    const start = words.length;
    pushRecord(words, record);
    return start;
  });
  return { words: Int32Array.from(words), starts };
}

function pushRecord(words: number[], { kind, reason, code, offset, watched, globals, drops, instances, frames }: ExitRecord): void {
  const counts = { frames: frames.length, globals: globals.length, drops: drops.length, instances: instances.length };
  checkCounts(counts);
  const pushLocation = (location: Location): unknown =>
    words.push(locationWord(locationKindNumber[location.kind], location.incref), location.index);
  words.push(kindWord(exitKindNumber[kind], counts), reasonWord(drops.length, reason), originWord(code, offset));
  words.push(watched ? watchedWord(locationKindNumber[watched.kind], watched.index) : NOT_WATCHED, instances.length);
  for (const { dict, name, location } of globals) {
    words.push(dict, name);
    pushLocation(location);
  }
  drops.forEach(pushLocation);
  for (const { class: type, local, places, attributes } of instances) {
    words.push(...instanceWords(type, attributes.length, local, places));
    attributes.forEach(pushLocation);
  }
  for (const { code: index, locals, stack, offset: position, functionObject } of frames) {
    words.push(frameWord(index, locals.length), stack.length, position, functionObject);
    for (const { slot, location } of locals) {
      words.push(slot);
      pushLocation(location);
    }
    stack.forEach(pushLocation);
  }
}
