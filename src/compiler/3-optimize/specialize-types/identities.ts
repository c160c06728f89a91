/** Values whose identity Python looks at: as unboxed numbers they would lose which object they are. */
import { immediateNumber } from '#ir/immediates.ts';
import type { Graph } from '#ir/graph.ts';
import type { ValueId } from '#ir/types.ts';
import { isNumeric, type Kind } from './kinds.ts';
import type { Profile } from './profile-interface.ts';

/** What `is` compares, and what it comes from through parameters; tests for None need no object. `incoming`: of a parameter. */
export function findIdentities(graph: Graph, profile: Profile, incoming: (value: ValueId) => readonly (ValueId | undefined)[]): Set<ValueId> {
  const instructions = graph.order.flatMap((block) => block.instructions);
  const nones = new Set(instructions.filter((i) => i.op === 'py.const' && profile.objects[immediateNumber(i)]?.kind === 'none').map((i) => i.result));
  const found = new Set<ValueId>();
  for (const i of instructions) if (i.op === 'py.is' && !i.args.some((v) => nones.has(v))) i.args.forEach((v) => found.add(v));
  // The set grows while it is walked.
  for (const value of found) for (const v of incoming(value)) if (v !== undefined) found.add(v);
  return found;
}

/** The kind of the object of a number. */
export const asObject = (kind: Kind): Kind => (kind === 'int' ? 'exact:int' : isNumeric(kind) ? 'any' : kind);
