/** Reads what write-unit.ts writes, for tests and for `armature explain`. */
import { defined } from '#support/invariant.ts';
import { symbols } from './symbols.ts';
import { exitKinds, locationKinds, type Assumption, type ExitFrame, type ExitInstance, type ExitReason, type ExitRecord, type Location, type Relocation, type Unit } from './unit.ts';

export class MalformedUnit extends Error {
  override readonly name = 'MalformedUnit';
}

export function readUnit(payload: Uint8Array): Unit {
  try {
    return new UnitReader(payload).read();
  } catch (error) {
    if (error instanceof RangeError) throw new MalformedUnit('the payload ends too early');
    if (error instanceof SyntaxError) throw new MalformedUnit('the text is no JSON');
    throw error;
  }
}

class UnitReader {
  readonly #payload: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(payload: Uint8Array) {
    this.#payload = payload;
    this.#view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  }

  read(): Unit {
    const header = Array.from({ length: 16 }, () => this.#u32());
    const field = (i: number): number => header[i]!;
    const list = <T>(i: number, read: () => T): T[] => {
      this.#at = field(i);
      return Array.from({ length: this.#count(field(i + 1)) }, read);
    };
    const text = new TextDecoder().decode(this.#slice(field(14), field(15)));
    return {
      request: field(0), kind: field(1) & 1 ? 'osr' : 'entry', offset: field(2), spillCount: field(3),
      code: this.#slice(field(4), field(5)),
      relocations: list(6, () => this.#relocation()),
      exits: list(8, () => this.#exit()),
      assumptions: list(10, () => this.#assumption()),
      literals: list(12, () => this.#u64()),
      reasons: JSON.parse(text) as ExitReason[],
    };
  }

  #exit(): ExitRecord {
    const kind = this.#choice(exitKinds, this.#u8()), code = this.#u8(), reason = this.#u16(), offset = this.#u32(), watched = this.#i32(), body = this.#u32();
    const next = this.#at;
    this.#at = body;
    const record: ExitRecord = {
      kind, reason, code, offset,
      watched: watched < 0 ? undefined : { kind: this.#choice(locationKinds, watched >> 16), index: watched & 0xffff, incref: false },
      ...this.#exitBody(),
    };
    this.#at = next;
    return record;
  }

  #exitBody(): Pick<ExitRecord, 'globals' | 'drops' | 'instances' | 'frames'> {
    const frameCount = this.#u16(), globalCount = this.#u16(), dropCount = this.#u16(), instanceCount = this.#u16();
    const repeat = <T>(count: number, read: () => T): T[] => Array.from({ length: count }, read);
    return {
      globals: repeat(globalCount, () => ({ dict: this.#u32(), name: this.#u32(), location: this.#location() })),
      drops: repeat(dropCount, () => this.#location()),
      instances: repeat(instanceCount, () => this.#instance()),
      frames: repeat(frameCount, () => this.#frame()),
    };
  }

  #instance(): ExitInstance {
    const type = this.#u32(), count = this.#u16(), local = this.#u16() - 1, places = this.#u64();
    return { class: type, local, places, attributes: Array.from({ length: count }, () => this.#location()) };
  }

  #frame(): ExitFrame {
    const code = this.#u16(), localCount = this.#u16(), stackCount = this.#u16();
    this.#u16();
    const offset = this.#u32(), functionObject = this.#i32();
    const locals = Array.from({ length: localCount }, () => {
      const slot = this.#u16();
      this.#u16();
      return { slot, location: this.#location() };
    });
    return { code, offset, functionObject, locals, stack: Array.from({ length: stackCount }, () => this.#location()) };
  }

  #location(): Location {
    const kind = this.#choice(locationKinds, this.#u8());
    const incref = (this.#u8() & 1) !== 0;
    this.#u16();
    return { kind, index: this.#u32(), incref };
  }

  #relocation(): Relocation {
    const at = this.#u32(), kind = this.#u8();
    this.#at += 3;
    const symbol = Number(this.#u64());
    switch (kind) {
      case 1: return { kind: 'object', at, object: symbol };
      case 2: return { kind: 'symbol', at, symbol: this.#choice(symbols, symbol) };
      case 3: return { kind: 'x86_64_call', at, symbol: this.#choice(symbols, symbol) };
      case 4: return { kind: 'aarch64_call', at, symbol: this.#choice(symbols, symbol) };
      case 5: return { kind: 'unit', at, offset: symbol };
      default: throw new MalformedUnit(`relocation kind ${kind}`);
    }
  }

  #assumption(): Assumption {
    const kind = this.#u32(), object = this.#u32(), a = this.#u64(), b = this.#u64();
    switch (kind) {
      case 1: return { kind: 'type_version', object, version: Number(a) };
      case 2: return { kind: 'function_version', object, version: Number(a) };
      case 3: return { kind: 'global_value', object, entry: Number(a), value: Number(b) };
      case 4: return { kind: 'dict_keys', object, keys: a };
      default: throw new MalformedUnit(`assumption kind ${kind}`);
    }
  }

  #choice<T>(list: readonly T[], index: number): T {
    if (index >= list.length) throw new MalformedUnit(`kind ${index}`);
    return defined(list[index], 'kind');
  }

  #count(n: number): number {
    if (n > this.#payload.length) throw new MalformedUnit(`count ${n}`);
    return n;
  }

  #slice(at: number, size: number): Uint8Array {
    if (at + size > this.#payload.length) throw new MalformedUnit('section beyond the end');
    return this.#payload.slice(at, at + size);
  }

  #u8(): number {
    return this.#view.getUint8(this.#at++);
  }

  #u16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2, true);
  }

  #u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  #i32(): number {
    return this.#u32() | 0;
  }

  #u64(): bigint {
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8, true);
  }
}
