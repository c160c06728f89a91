/**
 * Exits in their binary form of docs/protocol.md: a head says which instruction leaves, a body what is rebuilt. Both consist
 * of words of 32 bits: each field is one, or is half or a quarter of one. The processors that compiled code runs on, and so
 * Node beside it, all have little-endian words.
 */
import { Bailout } from '#support/bailout.ts';
import { exitKinds, locationKinds, type EncodedExits, type ExitRecord, type Location, type LocationKind } from './unit.ts';

const MAX_16_BITS = 0xffff;
const MAX_8_BITS = 0xff;
/** As in agent/deopt.c. */
const MAX_INSTANCES = 256;

/** Words of a head. The last one says where its body is. */
export const exitHeadLength = 4;
export const BODY_OF_HEAD = 3;
/** Words of a body before its globals. */
export const exitBodyHeadLength = 2;
export const NOT_WATCHED = -1;

const numbersOf = <K extends string>(kinds: readonly K[]): Readonly<Record<K, number>> =>
  Object.fromEntries(kinds.map((kind, number) => [kind, number])) as Record<K, number>;

export const exitKindNumber: Readonly<Record<ExitRecord['kind'], number>> = numbersOf(exitKinds);
export const locationKindNumber: Readonly<Record<LocationKind, number>> = numbersOf(locationKinds);

export function checkCounts(frames: number, globals: number, drops: number, instances: number): void {
  if (globals > MAX_16_BITS || drops > MAX_16_BITS || frames > MAX_8_BITS || instances > MAX_INSTANCES) throw new Bailout('unit-too-large', 'an exit does not fit its record');
}

/** A body begins with two of them: how many frames and globals it has, then drops and instances. */
export const countWord = (first: number, second: number): number => first | second << 16;

/** `code`: whose instruction leaves. `reason`: index among the unit's. */
export function kindWord(kind: number, code: number, reason: number): number {
  if (code > MAX_8_BITS || reason > MAX_16_BITS) throw new Bailout('unit-too-large', 'an exit does not fit its record');
  return kind | code << 8 | reason << 16;
}

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
  const heads: number[] = [], bodies: number[] = [];
  const startOf = new Map<string, number>();
  for (const record of records) {
    const { kind, reason, code, offset, watched } = record, body = bodyOf(record), key = body.join();
    const start = startOf.get(key) ?? bodies.length;
    if (start === bodies.length) bodies.push(...body);
    startOf.set(key, start);
    heads.push(kindWord(exitKindNumber[kind], code, reason), offset);
    heads.push(watched ? watchedWord(locationKindNumber[watched.kind], watched.index) : NOT_WATCHED, start);
  }
  return { heads: Int32Array.from(heads), bodies: Int32Array.from(bodies) };
}

function bodyOf({ globals, drops, instances, frames }: ExitRecord): number[] {
  const words: number[] = [];
  checkCounts(frames.length, globals.length, drops.length, instances.length);
  const pushLocation = (location: Location): unknown =>
    words.push(locationWord(locationKindNumber[location.kind], location.incref), location.index);
  words.push(countWord(frames.length, globals.length), countWord(drops.length, instances.length));
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
  return words;
}
