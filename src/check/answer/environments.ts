import { evaluateMarker, normalizeName } from '../markers/evaluate.ts';
import type { Marker } from '../markers/marker.ts';
import type { LockEdge, LockGraph, Project } from '../project/model.ts';
import type { Interpreter } from '../tags/interpreter.ts';
import type { Installer } from '../tags/tag-order.ts';
import { TagRanks } from '../tags/tag-order.ts';
import type { Target } from '../tags/target.ts';
import { markerEnvironment } from '../tags/target.ts';
import { satisfies } from '../versions/specifier.ts';
import { parseVersion } from '../versions/version.ts';

/** One column of the matrix. */
export interface Environment {
  readonly target: Target;
  readonly interpreter: Interpreter;
  readonly ranks: TagRanks;
}

export function makeEnvironments(targets: readonly Target[], interpreters: readonly Interpreter[], installer: Installer): readonly Environment[] {
  return targets.flatMap((target) => interpreters.map((interpreter) => ({ target, interpreter, ranks: new TagRanks(target, interpreter, installer) })));
}

export function suitsPython(interpreter: Interpreter, { requiresPython }: Pick<Project, 'requiresPython'>): boolean {
  const version = parseVersion(interpreter.fullVersion);
  return requiresPython === undefined || version === undefined || satisfies(version, requiresPython);
}

/** Extras and groups that markers of a lock may ask for: all that the project has. */
export function projectEnvironment({ target, interpreter }: Environment, extras: Iterable<string> = [], groups: Iterable<string> = []): ReturnType<typeof markerEnvironment> {
  return markerEnvironment(target, interpreter, [...extras].map(normalizeName), [...groups].map(normalizeName));
}

/** Every extra or group that a marker names. */
function namedExtras(marker: Marker): readonly string[] {
  if (marker.kind !== 'comparison') return marker.terms.flatMap(namedExtras);
  const { left, right } = marker;
  const [variable, literal] = left.kind === 'variable' ? [left, right] : [right, left];
  const isExtra = variable.kind === 'variable' && ['extra', 'extras', 'dependency_groups'].includes(variable.name);
  return isExtra && literal.kind === 'literal' ? [literal.value] : [];
}

/** Whether a marker of a lock holds for some choice of extras and groups: none, each alone, or all. */
export function holdsForSomeExtra(marker: Marker, environment: Environment): boolean {
  const names = namedExtras(marker);
  const choices = [[], ...(names.length > 1 ? names.map((name) => [name]) : []), ...(names.length > 0 ? [names] : [])];
  return choices.some((choice) => evaluateMarker(marker, projectEnvironment(environment, choice, choice)));
}

/** The packages of a lock that an environment reaches from the members of the project, by their index. */
export function reachable(graph: LockGraph, environment: Environment): ReadonlySet<number> {
  const choices = [[], ...graph.conflicting.map((name) => [name])];
  return new Set(choices.flatMap((choice) => [...reachableWith(graph, environment, choice)]));
}

function reachableWith(graph: LockGraph, environment: Environment, choice: readonly string[]): ReadonlySet<number> {
  const reached = new Map<number, Set<string>>();
  const pending: { readonly node: number; readonly extras: readonly string[] }[] = [];
  const visit = (node: number, extras: readonly string[]): void => {
    const known = reached.get(node);
    const fresh = extras.filter((extra) => known?.has(extra) !== true);
    if (known !== undefined && fresh.length === 0) return;
    reached.set(node, new Set([...(known ?? []), ...fresh]));
    pending.push({ node, extras: fresh });
  };
  for (const root of graph.roots) visit(root, [...(graph.nodes[root]?.extras.keys() ?? [])]);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const node = graph.nodes[next.node];
    const ofExtras = next.extras.flatMap((extra) => node?.extras.get(extra) ?? []);
    const values = projectEnvironment(environment, [...(reached.get(next.node) ?? []), ...choice]);
    const isHeld = ({ marker }: LockEdge): boolean => marker === undefined || evaluateMarker(marker, values);
    for (const edge of [...(node?.edges ?? []), ...ofExtras].filter(isHeld)) visit(edge.to, edge.extras);
  }
  return new Set(reached.keys());
}
