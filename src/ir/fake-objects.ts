/** Stand-ins for Python objects in the IR interpreter: enough to run filetests, with reference counts to check them. */

export type FakeObject = { references: number } & (
  | { readonly type: 'int'; value: bigint }
  | { readonly type: 'float'; value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'str'; readonly value: string }
  | { readonly type: 'NoneType' }
  | { readonly type: 'list' | 'tuple'; items: FakeObject[] }
  | { readonly type: 'type'; readonly name: string }
  | { readonly type: 'range_iterator'; next: bigint; length: bigint; readonly step: bigint }
);

export const none: () => FakeObject = () => ({ type: 'NoneType', references: 1 });
export const boxInt = (value: bigint): FakeObject => ({ type: 'int', value, references: 1 });
export const boxFloat = (value: number): FakeObject => ({ type: 'float', value, references: 1 });
export const boxBool = (value: boolean): FakeObject => ({ type: 'bool', value, references: 1 });

/**
 * From JSON-like data: integers and bigints are ints, other numbers floats, arrays lists; `{ float: n }`, `{ int: "n" }`,
 * `{ type: "list" }` and `{ range: [start, stop, step] }` say what JSON cannot.
 */
export function toFake(data: unknown): FakeObject {
  if (data === null || data === undefined) return none();
  if (typeof data === 'boolean') return boxBool(data);
  if (typeof data === 'bigint') return boxInt(data);
  if (typeof data === 'number') return Number.isInteger(data) ? boxInt(BigInt(data)) : boxFloat(data);
  if (typeof data === 'string') return { type: 'str', value: data, references: 1 };
  if (Array.isArray(data)) return { type: 'list', items: data.map(toFake), references: 1 };
  const record = data as Record<string, unknown>;
  if ('float' in record) return boxFloat(Number(record['float']));
  if ('int' in record) return boxInt(BigInt(record['int'] as string));
  if ('type' in record) return { type: 'type', name: String(record['type']), references: 1 };
  if ('range' in record) return rangeIterator((record['range'] as number[]).map(BigInt));
  throw new TypeError(`no fake object for ${JSON.stringify(data)}`);
}

function rangeIterator([start = 0n, stop = 0n, step = 1n]: bigint[]): FakeObject {
  const span = step > 0n ? stop - start : start - stop;
  const stride = step > 0n ? step : -step;
  return { type: 'range_iterator', next: start, step, length: span > 0n ? (span + stride - 1n) / stride : 0n, references: 1 };
}

/** As Python's repr would show it, roughly. */
export function show(object: FakeObject | null): string {
  if (object === null) return 'NULL';
  switch (object.type) {
    case 'int': return String(object.value);
    case 'float': return showFloat(object.value);
    case 'bool': return object.value ? 'True' : 'False';
    case 'str': return JSON.stringify(object.value);
    case 'NoneType': return 'None';
    case 'list': return `[${object.items.map(show).join(', ')}]`;
    case 'tuple': return `(${object.items.map(show).join(', ')})`;
    case 'type': return `<class ${object.name}>`;
    case 'range_iterator': return '<range_iterator>';
  }
}

function showFloat(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}
