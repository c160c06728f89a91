/** The binary reply `unit` of docs/protocol.md. */
import { Bailout } from '#support/bailout.ts';
import { assertExhaustive, invariant } from '#support/invariant.ts';
import { ByteWriter } from './byte-writer.ts';
import { BODY_OF_HEAD, exitHeadLength } from './exit-words.ts';
import { symbolIndex } from './symbols.ts';
import type { Assumption, EncodedExits, EncodedUnit, Relocation } from './unit.ts';

const HEADER_FIELDS = 16;

/** The payload, without length and message type. */
export function writeUnit(unit: EncodedUnit): Uint8Array {
  const w = new ByteWriter();
  for (let i = 0; i < HEADER_FIELDS; i++) w.u32(0);
  const header = [unit.request, unit.kind === 'osr' ? 1 : 0, unit.offset, unit.spillCount];
  const section = (size: number, write: () => void): void => {
    w.align(16);
    header.push(w.length, size);
    write();
  };
  section(unit.code.length, () => w.bytes(unit.code));
  section(unit.relocations.length, () => unit.relocations.forEach((r) => writeRelocation(w, r)));
  section(unit.exits.heads.length / exitHeadLength, () => writeExits(w, unit.exits));
  section(unit.assumptions.length, () => unit.assumptions.forEach((a) => writeAssumption(w, a)));
  section(unit.literals.length, () => unit.literals.forEach((bits) => w.u64(bits)));
  const text = new TextEncoder().encode(unit.reasons.length === 0 ? '[]' : `[\n${unit.reasons.map((r) => JSON.stringify(r)).join(',\n')}\n]`);
  section(text.length, () => w.bytes(text));
  invariant(header.length === HEADER_FIELDS, 'header of a unit');
  header.forEach((field, i) => w.setU32(i * 4, field));
  return w.finish();
}

function writeRelocation(w: ByteWriter, r: Relocation): void {
  const entry = (kind: number, symbol: number): void => {
    w.u32(r.at).u8(kind).u8(0).u16(0).u64(BigInt(symbol));
  };
  switch (r.kind) {
    case 'object': return entry(1, r.object);
    case 'symbol': return entry(2, indexOfSymbol(r.symbol));
    case 'x86_64_call': return entry(3, indexOfSymbol(r.symbol));
    case 'aarch64_call': return entry(4, indexOfSymbol(r.symbol));
    case 'unit': return entry(5, r.offset);
    default: assertExhaustive(r, 'relocation');
  }
}

function indexOfSymbol(name: string): number {
  const index = symbolIndex(name);
  if (index === undefined) throw new Bailout('unknown-symbol', name);
  return index;
}

function writeAssumption(w: ByteWriter, a: Assumption): void {
  const entry = (kind: number, x: bigint, y: bigint): void => {
    w.u32(kind).u32(a.object).u64(x).u64(y);
  };
  switch (a.kind) {
    case 'type_version': return entry(1, BigInt(a.version), 0n);
    case 'function_version': return entry(2, BigInt(a.version), 0n);
    case 'global_value': return entry(3, BigInt(a.entry), BigInt(a.value));
    case 'dict_keys': return entry(4, a.keys, 0n);
    default: assertExhaustive(a, 'assumption');
  }
}

/** The heads, then the bodies. */
function writeExits(w: ByteWriter, { heads, bodies }: EncodedExits): void {
  const placed = heads.slice(), start = w.length + heads.byteLength;
  for (let i = BODY_OF_HEAD; i < placed.length; i += exitHeadLength) placed[i] = start + placed[i]! * 4;
  w.bytes(bytesOf(placed));
  w.bytes(bytesOf(bodies));
}

const bytesOf = (words: Int32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
