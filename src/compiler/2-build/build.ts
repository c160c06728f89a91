/**
 * Bytecode to SSA form with block arguments, `py` ops only.
 *
 * Reads: a compile request. Leaves: a function that begins at the unit's entry and covers what is reachable from there,
 * small known callees inlined. What is not translated is an exit before that instruction.
 */
import { Graph } from '#ir/graph.ts';
import type { Fn, Instruction, Terminator } from '#ir/types.ts';
import type { CompileRequest } from '#protocol/request.ts';
import { Bailout } from '#support/bailout.ts';
import { mergeBlocks } from '../3-optimize/merge-blocks.ts';
import { removeRedundantParameters } from '../3-optimize/remove-redundant-parameters.ts';
import { createDispatch } from './dispatch.ts';
import { Frame } from './frame.ts';
import type { Profile } from './profile.ts';
import { pruneGlobals } from './prune-globals.ts';
import { promotedAtEntry, stateAtEntry } from './unit-entry.ts';
import { Unit, type BuildOptions } from './unit.ts';

export interface BuildResult {
  readonly fn: Fn;
  readonly profile: Profile;
  /** Code indices translated; the unit's own first. */
  readonly usedCodes: readonly number[];
  /** Reasons of the places where compiled code ends, `return` included. */
  readonly exits: readonly string[];
  /** What may run Python code: promoted names are in their dicts before it and loaded again after it. */
  readonly opaque: ReadonlySet<Instruction | Terminator>;
  /** Why instructions that run Python functions are not translated as these, by place. */
  readonly notRestartable: ReadonlyMap<string, string>;
  /** Some were left out that could be inlined. */
  readonly hasLargeCallees: boolean;
}

/** Generator, coroutine, iterable coroutine, async generator. */
const CO_SUSPENDS = 0x20 | 0x80 | 0x100 | 0x200;

export function buildFn(request: CompileRequest, options: BuildOptions = { notRestartable: new Map(), inlinesLargeCallees: false }): BuildResult {
  const { flags, name } = request.codes[0]!;
  if ((flags & CO_SUSPENDS) !== 0) throw new Bailout('generator', `${name} is a generator or coroutine`);
  const unit = new Unit(request, options);
  const entry = unit.builder.block;
  const frame = new Frame(unit, { code: 0, chain: [] }, { locals: [], stack: [], globals: [], stale: false, instances: [] });
  frame.state = stateAtEntry(unit);
  frame.state.globals = promotedAtEntry(unit, frame);
  frame.translate(request.offset, createDispatch());
  if (request.kind === 'osr' && unit.backEdges === 0) {
    throw new Bailout('loop-always-leaves', `no way back to the loop header; exits: ${[...new Set(unit.exits)].join(', ')}`);
  }
  finish(unit, entry.id);
  if (!isReducible(unit.fn)) throw new Bailout('loop-with-two-entries', 'versions of its header lead to each other, and both are entered from outside');
  const { fn, profile, usedCodes, exits, opaque, notRestartable, hasLargeCallees } = unit;
  return { fn, profile, usedCodes: [...usedCodes], exits, opaque, notRestartable, hasLargeCallees };
}

/** Whether the target of each edge that goes back dominates its source: passes hoist out of loops, and blocks are placed in their order. */
function isReducible(fn: Fn): boolean {
  const graph = new Graph(fn);
  return graph.order.every(({ id }) => graph.edges(id).every((e) => graph.position(e.block) > graph.position(id) || graph.dominates(e.block, id)));
}

function finish(unit: Unit, entry: Fn['entry']): void {
  const { fn } = unit;
  fn.entry = entry;
  removeRedundantParameters.run(fn, {});
  mergeBlocks.run(fn, {});
  if (unit.promoted.list.length > 0) pruneGlobals(fn, unit.opaque);
}
