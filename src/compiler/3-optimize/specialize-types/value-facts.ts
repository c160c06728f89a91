/** What type inference wants to know about definitions before it begins. */
import type { Graph } from '#ir/graph.ts';
import { immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import type { Block, Origin, ValueId } from '#ir/types.ts';
import type { ObjectInfo } from '#protocol/request.ts';
import type { Profile } from './profile-interface.ts';
import { isBodyEdge } from './value-flow.ts';

/** Values that can still be unboxed after their definition: some frame state follows in their block. */
export function findDeferrable(graph: Graph): Set<ValueId> {
  const deferrable = new Set<ValueId>();
  for (const block of graph.order) addDeferrable(graph, block, deferrable);
  return deferrable;
}

function addDeferrable(graph: Graph, block: Block, deferrable: Set<ValueId>): void {
  const { terminator } = block;
  let follows = terminator.kind === 'exit' || terminator.kind === 'for_iter';
  for (let i = block.instructions.length - 1; i >= 0; i--) {
    const instruction = block.instructions[i]!;
    if (instruction.result !== undefined && follows) deferrable.add(instruction.result);
    if (instruction.frameState) follows = true;
  }
  const [only, ...others] = graph.predecessors(block.id);
  if (follows && only && isBodyEdge(only) && others.length === 0 && block.params[0] !== undefined) deferrable.add(block.params[0]);
}

/** Where each value is made. */
export function findOrigins(graph: Graph): Map<ValueId, Origin> {
  const origins = new Map<ValueId, Origin>();
  for (const { instructions, terminator } of graph.order) {
    for (const { result, origin } of instructions) if (result !== undefined && origin) origins.set(result, origin);
    if (terminator.kind !== 'for_iter' || !terminator.origin) continue;
    const item = graph.fn.blocks.get(terminator.body.block)?.params[0];
    if (item !== undefined) origins.set(item, terminator.origin);
  }
  return origins;
}

/** Types worth a guard. None is what a local holds before it holds something, text what it is made of or becomes. */
const EXPECTED = new Set(['int', 'float', 'list', 'tuple', 'dict']);

/** What is assigned to a local of the unit's own frame: the type that the local had when the unit was asked for. */
export function findAssigned(graph: Graph, profile: Profile): Map<ValueId, string> {
  const assigned = new Map<ValueId, string>();
  for (const i of graph.order.flatMap((block) => block.instructions)) {
    const type = i.op === 'py.set_local' ? profile.initialType('local', immediateNumber(i)) : undefined;
    if (type !== undefined && EXPECTED.has(type)) assigned.set(i.args[0]!, type);
  }
  return assigned;
}

/** The values of int constants. */
export function findIntegers(graph: Graph, objects: readonly ObjectInfo[]): Map<ValueId, bigint> {
  const integers = new Map<ValueId, bigint>();
  for (const i of graph.order.flatMap((block) => block.instructions)) {
    if (i.result === undefined) continue;
    if (i.op === 'py.int') integers.set(i.result, immediateBigInt(i));
    if (i.op !== 'py.const') continue;
    const object = objects[immediateNumber(i)];
    if (object?.kind === 'int') integers.set(i.result, object.value);
  }
  return integers;
}
