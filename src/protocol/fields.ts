/** Typed access to unmarshalled values; every mismatch is a MarshalError that says where. */
import { MarshalError, type MarshalValue } from './unmarshal.ts';

export class Fields {
  readonly #map: ReadonlyMap<string, MarshalValue>;
  readonly #what: string;

  constructor(value: MarshalValue, what: string) {
    if (!(value instanceof Map)) throw new MarshalError(`${what} is not a dict`);
    this.#map = value;
    this.#what = what;
  }

  int(name: string): number {
    return asInt(this.#get(name), `${this.#what}.${name}`);
  }

  text(name: string): string {
    return asText(this.#get(name), `${this.#what}.${name}`);
  }

  bytes(name: string): Uint8Array {
    return asBytes(this.#get(name), `${this.#what}.${name}`);
  }

  list<T>(name: string, item: (value: MarshalValue, what: string) => T): T[] {
    return asList(this.#get(name), `${this.#what}.${name}`, item);
  }

  has(name: string): boolean {
    return this.#map.has(name);
  }

  #get(name: string): MarshalValue {
    const value = this.#map.get(name);
    if (value === undefined) throw new MarshalError(`${this.#what} has no ${name}`);
    return value;
  }
}

/** A tuple read from left to right. */
export class Items {
  readonly #items: readonly MarshalValue[];
  readonly #what: string;
  #at = 0;

  constructor(value: MarshalValue, what: string) {
    if (!Array.isArray(value)) throw new MarshalError(`${what} is not a tuple`);
    this.#items = value as readonly MarshalValue[];
    this.#what = what;
  }

  next(): MarshalValue {
    const value = this.#items[this.#at++];
    if (value === undefined) throw new MarshalError(`${this.#what} is too short`);
    return value;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#items.length;
  }

  int(): number {
    return asInt(this.next(), this.#what);
  }

  bigint(): bigint {
    return asBigInt(this.next(), this.#what);
  }

  text(): string {
    return asText(this.next(), this.#what);
  }
}

export function asBigInt(value: MarshalValue, what: string): bigint {
  if (typeof value !== 'bigint') throw new MarshalError(`${what} is not an int`);
  return value;
}

export function asInt(value: MarshalValue, what: string): number {
  const number = Number(asBigInt(value, what));
  if (!Number.isSafeInteger(number)) throw new MarshalError(`${what} is out of range`);
  return number;
}

export function asText(value: MarshalValue, what: string): string {
  if (typeof value !== 'string') throw new MarshalError(`${what} is not a str`);
  return value;
}

export function asBytes(value: MarshalValue, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new MarshalError(`${what} is not bytes`);
  return value;
}

export function asList<T>(value: MarshalValue, what: string, item: (value: MarshalValue, what: string) => T): T[] {
  if (!Array.isArray(value)) throw new MarshalError(`${what} is not a sequence`);
  return (value as readonly MarshalValue[]).map((v, i) => item(v, `${what}[${i}]`));
}
