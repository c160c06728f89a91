/**
 * Makes ownership explicit: inserts incref and decref, and lists the references each exit takes over.
 *
 * Reads: typed IR whose consuming ops behave as if every value had a reference to give. At each point an object needs one
 * reference of its own when it is live, unless it is a constant, the home of a local holds it, or it was just borrowed
 * from memory that nothing has written since. Increfs and decrefs are what leads from one point to the next.
 *
 * Leaves: frame states whose locals say `home` where the frame already holds them; `ownedAtExit` on every exit. Runs last:
 * no pass after it may move or remove what touches objects.
 */
import { Graph } from '#ir/graph.ts';
import type { Fn } from '#ir/types.ts';
import { edgesOf } from '#ir/visit.ts';
import { BlockReferences } from './reference-counts/block-references.ts';
import { EdgeReferences } from './reference-counts/edge-references.ts';
import { analyzeHomes, removeRedundantStores, useHomes } from './reference-counts/homes.ts';
import { References } from './reference-counts/references.ts';

export function insertReferenceCounts(fn: Fn): void {
  const graph = new Graph(fn);
  removeRedundantStores(graph);
  const homes = analyzeHomes(graph);
  useHomes(graph, homes);
  const references = new References(graph, homes);
  const blocks = graph.order.map((block) => new BlockReferences(references, block));
  // Everything is decided before anything is written: liveness reads the blocks as they were.
  const results = blocks.map((b) => b.run());
  const edges = new EdgeReferences(references, new Map(results.map((result, n) => [graph.order[n]!.id, result])));
  const changes = graph.order.flatMap((block) => edgesOf(block.terminator).map((edge) => edges.changes(block, edge)));
  results.forEach((result, n) => {
    graph.order[n]!.instructions = result.instructions.filter(({ op }) => op !== 'obj.keep' && op !== 'obj.end');
  });
  for (const change of changes) edges.place(change);
}
