export interface PlainDict {
  readonly [key: string]: Plain;
}

/** Values a test message is made of: integers are bigint or whole numbers, sequences become tuples. */
export type Plain = null | boolean | bigint | number | string | Uint8Array | readonly Plain[] | PlainDict;

/** Python's marshal format, version 2, as the agent writes it. */
export function marshal(value: Plain): Buffer {
  if (value === null) return Buffer.from('N');
  if (typeof value === 'boolean') return Buffer.from(value ? 'T' : 'F');
  if (typeof value === 'string') return sized('u', Buffer.from(value, 'utf8'));
  if (typeof value === 'bigint' || Number.isInteger(value)) return marshalInt(BigInt(value as bigint | number));
  if (typeof value === 'number') return marshalFloat(value);
  if (value instanceof Uint8Array) return sized('s', value);
  if (Array.isArray(value)) {
    const items = (value as readonly Plain[]).map(marshal);
    return Buffer.concat([head('(', items.length), ...items]);
  }
  const entries = Object.entries(value as PlainDict);
  return Buffer.concat([Buffer.from('{'), ...entries.flatMap(([key, item]) => [marshal(key), marshal(item)]), Buffer.from('0')]);
}

function head(type: string, length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.write(type, 'latin1');
  bytes.writeInt32LE(length, 1);
  return bytes;
}

function sized(type: string, content: Uint8Array): Buffer {
  return Buffer.concat([head(type, content.length), content]);
}

function marshalInt(value: bigint): Buffer {
  if (BigInt.asIntN(32, value) === value) return head('i', Number(value));
  const digits: number[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 15n) digits.push(Number(rest & 0x7fffn));
  const bytes = Buffer.alloc(2 * digits.length);
  digits.forEach((digit, index) => bytes.writeUInt16LE(digit, 2 * index));
  return Buffer.concat([head('l', value < 0n ? -digits.length : digits.length), bytes]);
}

function marshalFloat(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.write('g', 'latin1');
  bytes.writeDoubleLE(value, 1);
  return bytes;
}
