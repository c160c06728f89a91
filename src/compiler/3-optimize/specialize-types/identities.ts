/** Values whose identity Python looks at: as unboxed numbers they would lose which object they are. */
import { immediateNumber } from '#ir/immediates.ts';
import type { Graph } from '#ir/graph.ts';
import type { ValueId } from '#ir/types.ts';
import type { ObjectInfo } from '#protocol/request.ts';
import { isNumeric, type Kind } from './kinds.ts';
import type { Profile } from './profile-interface.ts';

export interface Identities {
  /** The kind of a value, which as a number has to stay an object where its identity matters. */
  kindOf(value: ValueId, kind: Kind): Kind;
}

/** Arguments of a parameter. */
type Incoming = (value: ValueId) => readonly (ValueId | undefined)[];

export function findIdentities(graph: Graph, profile: Profile, incoming: Incoming): Identities {
  const compared = findCompared(graph, profile, incoming);
  const searched = findSearched(graph, profile, incoming);
  return { kindOf: (value, kind) => (compared.has(value) || (kind === 'float' && searched.has(value)) ? asObject(kind) : kind) };
}

/** What `is` compares, and what it comes from through parameters; tests for None need no object. */
function findCompared(graph: Graph, profile: Profile, incoming: Incoming): Set<ValueId> {
  const instructions = graph.order.flatMap((block) => block.instructions);
  const nones = new Set(instructions.filter((i) => i.op === 'py.const' && profile.objects[immediateNumber(i)]?.kind === 'none').map((i) => i.result));
  const found = new Set<ValueId>();
  for (const i of instructions) if (i.op === 'py.is' && !i.args.some((v) => nones.has(v))) i.args.forEach((v) => found.add(v));
  return withSources(found, incoming);
}

/**
 * What containers search for. Of floats they compare the identity first: a NaN is found only as the object it was.
 *
 *   q = items[0]; q in items      not the same as a new box of q's number
 */
function findSearched(graph: Graph, profile: Profile, incoming: Incoming): Set<ValueId> {
  const instructions = graph.order.flatMap((block) => block.instructions);
  const methods = new Set(instructions.filter((i) => i.op === 'py.const' && isSearchingMethod(profile.objects[immediateNumber(i)])).map((i) => i.result));
  // A method that the interpreter has not specialised yet may be one that searches.
  const attributes = new Set(instructions.filter((i) => i.op === 'py.attribute').map((i) => i.result));
  const found = new Set<ValueId>();
  for (const { op, args } of instructions) {
    if (op === 'py.contains' || op === 'py.subscript' || op === 'py.store_subscript' || op === 'py.delete_subscript') found.add(args[1]!);
    else if (op === 'py.build_map') args.forEach((v, n) => n % 2 === 0 && found.add(v));
    else if (op === 'py.call' && (methods.has(args[0]) || attributes.has(args[0]))) args.slice(1).forEach((v) => found.add(v));
  }
  return withSources(found, incoming);
}

/** Appending is no search, and hot. */
const isSearchingMethod = (object: ObjectInfo | undefined): boolean => object?.kind === 'method_descriptor' && object.name !== 'append';

function withSources(found: Set<ValueId>, incoming: Incoming): Set<ValueId> {
  // The set grows while it is walked.
  for (const value of found) for (const v of incoming(value)) if (v !== undefined) found.add(v);
  return found;
}

/** The kind of the object of a number. */
const asObject = (kind: Kind): Kind => (kind === 'int' ? 'exact:int' : isNumeric(kind) ? 'any' : kind);
