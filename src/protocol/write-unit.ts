/** The binary reply `unit` of docs/protocol.md. */
import { Bailout } from '#support/bailout.ts';
import { assertExhaustive, defined, invariant } from '#support/invariant.ts';
import { ByteWriter } from './byte-writer.ts';
import { symbolIndex } from './symbols.ts';
import { exitKinds, locationKinds, type Assumption, type ExitRecord, type Location, type Relocation, type Unit } from './unit.ts';

const HEADER_FIELDS = 16;
const MAX_16_BITS = 0xffff;

/** The payload, without length and message type. */
export function writeUnit(unit: Unit): Uint8Array {
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
  section(unit.exits.length, () => writeExits(w, unit.exits));
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

/** Records follow the table of their offsets. */
function writeExits(w: ByteWriter, exits: readonly ExitRecord[]): void {
  const table = w.length;
  for (const _exit of exits) w.u32(0);
  exits.forEach((exit, i) => {
    w.setU32(table + i * 4, w.length);
    writeExit(w, exit);
  });
}

export function writeExit(w: ByteWriter, exit: ExitRecord): void {
  const { frames, globals, drops } = exit;
  if (Math.max(globals.length, drops.length, exit.reason) > MAX_16_BITS || frames.length > 255) {
    throw new Bailout('unit-too-large', 'an exit does not fit its record');
  }
  w.u8(exitKinds.indexOf(exit.kind)).u8(frames.length).u16(globals.length).u16(drops.length).u16(exit.reason);
  w.u32(exit.offset).i32(packWatched(exit.watched));
  for (const g of globals) writeLocation(w.u32(g.dict).u32(g.name), g.location);
  for (const d of drops) writeLocation(w, d);
  for (const f of frames) {
    w.u16(f.code).u16(f.locals.length).u16(f.stack.length).u16(0).u32(f.offset).i32(f.functionObject);
    for (const { slot, location } of f.locals) writeLocation(w.u16(slot).u16(0), location);
    for (const location of f.stack) writeLocation(w, location);
  }
}

/** Location kind in the upper half, index in the lower one; -1 for none. */
function packWatched(location: Location | undefined): number {
  return location ? (locationKinds.indexOf(location.kind) << 16) | location.index : -1;
}

function writeLocation(w: ByteWriter, location: Location): void {
  const kind = locationKinds.indexOf(location.kind);
  w.u8(defined(kind < 0 ? undefined : kind, 'location kind')).u8(location.incref ? 1 : 0).u16(0).u32(location.index);
}
