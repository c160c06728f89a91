import type { CompileRequest, ObjectInfo } from '#protocol/request.ts';

/**
 * A request without what differs from process to process, or from one moment to the next, and must not decide the unit:
 *
 * - the request's number;
 * - addresses: units name objects by their place in the table. Of the addresses of dict keys it is kept which are equal;
 * - the numbers that locals and stack held at that moment: a unit must be right for any, so the compiler sees their types only.
 *
 * The compiler gets the neutral request, so it cannot depend on more than the key of the cache covers.
 */
export function neutralRequest(request: CompileRequest): CompileRequest {
  const ordinals = new Map<bigint, bigint>();
  const lasting = lastingObjects(request);
  const objects = request.objects.map((object, index): ObjectInfo => {
    const neutral = { ...object, address: 0n };
    if (neutral.kind === 'dict') {
      const ordinal = ordinals.get(neutral.keys) ?? BigInt(ordinals.size);
      ordinals.set(neutral.keys, ordinal);
      return { ...neutral, keys: ordinal };
    }
    if (lasting.has(index)) return neutral;
    if (neutral.kind === 'int') return { ...neutral, value: 0n };
    return neutral.kind === 'float' ? { ...neutral, value: 0 } : neutral;
  });
  return { ...request, id: 0, objects };
}

/** Objects that something besides locals and stack refers to: constants, values of names, parts of other objects. */
function lastingObjects({ codes, objects }: CompileRequest): ReadonlySet<number> {
  const lasting = new Set<number>();
  for (const code of codes) {
    for (const index of [...code.consts, ...code.cacheObjects.values(), ...code.namesValues.map(({ value }) => value)]) lasting.add(index);
  }
  for (const object of objects) {
    if (object.kind === 'tuple') for (const item of object.items) lasting.add(item);
    else if (object.kind === 'cell') lasting.add(object.content);
    else if (object.kind === 'builtin') lasting.add(object.self);
  }
  return lasting;
}
