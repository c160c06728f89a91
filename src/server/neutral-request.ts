import { decodeCode } from '#compiler/1-decode/decode.ts';
import { opcodeTable } from '#compiler/1-decode/opcodes.ts';
import { reachableFrom } from '#compiler/2-build/promoted-names.ts';
import type { CodeInfo, CompileRequest, Layout, ObjectInfo } from '#protocol/request.ts';
import { Bailout } from '#support/bailout.ts';

/**
 * A request without what differs from process to process, or from one moment to the next, and must not decide the unit:
 *
 * - the request's number;
 * - addresses: units name objects by their place in the table. Of the addresses of dict keys it is kept which are equal;
 * - the numbers and texts that locals, stack and the module-level names stored by the unit held at that moment: a unit must be right for
 *   any, so the compiler sees their types only;
 * - counters and pointers in inline caches: the interpreter counts, and what pointers lead to is in the object table.
 *
 * The compiler gets the neutral request, so it cannot depend on more than the key of the cache covers.
 */
export function neutralRequest(request: CompileRequest): CompileRequest {
  const ordinals = new Map<bigint, bigint>();
  const lasting = lastingObjects(request);
  const variable = variableObjects(request);
  const objects = request.objects.map((object, index): ObjectInfo => {
    const neutral = { ...object, address: 0n };
    if (neutral.kind === 'dict') {
      const ordinal = ordinals.get(neutral.keys) ?? BigInt(ordinals.size);
      ordinals.set(neutral.keys, ordinal);
      return { ...neutral, keys: ordinal };
    }
    return lasting.has(index) || !variable.has(index) ? neutral : withoutValue(neutral);
  });
  const codes = request.codes.map((code) => ({ ...code, code: withoutCounters(code.code, request.layout) }));
  return { ...request, id: 0, codes, objects };
}

function withoutValue(object: ObjectInfo): ObjectInfo {
  switch (object.kind) {
    case 'int': return { ...object, value: 0n };
    case 'float': return { ...object, value: 0 };
    case 'str': return { ...object, value: '' };
    case 'bytes': return { ...object, length: 0 };
    default: return object;
  }
}

/** Words of an inline cache that the compiler reads (versions, indices): between the counter and the pointer, if there is one. */
const firstCacheWord = 1;
const lastCacheWord: Readonly<Record<Layout, number>> = { 311: 5, 314: 4 };

function withoutCounters(code: Uint8Array, layout: Layout): Uint8Array {
  const table = opcodeTable(layout);
  const neutral = Uint8Array.from(code);
  for (let at = 0; 2 * at < code.length; at++) {
    const caches = table[code[2 * at] ?? 0]?.caches ?? 0;
    for (let word = 0; word < caches; word++) {
      if (word < firstCacheWord || word > lastCacheWord[layout]) neutral.fill(0, 2 * (at + 1 + word), 2 * (at + 2 + word));
    }
    at += caches;
  }
  return neutral;
}

/** Module-level names that the unit certainly stores, and so keeps as variables: it is right for whatever they hold at its start. */
function namesStored({ codes, offset, layout }: CompileRequest): ReadonlySet<string> {
  const stored = new Set<string>();
  const [outer] = codes;
  if (outer === undefined) return stored;
  try {
    for (const { name, arg } of reachableFrom(decodeCode(outer, layout), offset)) {
      if (name === 'STORE_NAME' || name === 'STORE_GLOBAL') stored.add(outer.names[arg] ?? '');
    }
  } catch (error) {
    if (!(error instanceof Bailout)) throw error;
  }
  return stored;
}

/** What locals, stack and stored names hold. Other texts in the table are names. */
function variableObjects(request: CompileRequest): ReadonlySet<number> {
  const stored = namesStored(request);
  const names = request.codes.filter((code) => code.globals === request.codes[0]?.globals)
    .flatMap((code) => code.namesValues.filter(({ name }) => stored.has(code.names[name] ?? '')));
  return new Set([...request.locals, ...request.stack, ...names.map(({ value }) => value)]);
}

/** Objects that something besides locals, stack and stored names refers to: constants, values of other names, parts of objects. */
function lastingObjects(request: CompileRequest): ReadonlySet<number> {
  const { codes, objects } = request;
  const lasting = new Set<number>();
  const stored = namesStored(request);
  const isVariable = (code: CodeInfo, name: number): boolean => code.globals === codes[0]?.globals && stored.has(code.names[name] ?? '');
  for (const code of codes) {
    for (const index of [...code.consts, ...code.cacheObjects.values()]) lasting.add(index);
    for (const { name, where, entry, value } of code.namesValues) {
      if (where !== 'g' || entry < 0 || !isVariable(code, name)) lasting.add(value);
    }
  }
  for (const object of objects) {
    if (object.kind === 'tuple') for (const item of object.items) lasting.add(item);
    else if (object.kind === 'cell') lasting.add(object.content);
    else if (object.kind === 'builtin') lasting.add(object.self);
  }
  return lasting;
}
