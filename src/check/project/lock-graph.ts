/** The graph of a lock whose packages do not say themselves where they are needed: poetry.lock before 2.1, pdm.lock without `inherit_metadata`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Marker } from '../markers/marker.ts';
import { CheckError } from '../errors.ts';
import type { SpecifierSet } from '../versions/specifier.ts';
import { satisfies } from '../versions/specifier.ts';
import { parseVersion } from '../versions/version.ts';
import type { LockEdge, LockGraph, LockNode } from './model.ts';
import { readPyproject } from './pyproject.ts';

export interface Need {
  readonly name: string;
  readonly specifiers: SpecifierSet;
  readonly marker: Marker | undefined;
  readonly extras: readonly string[];
}

export interface LockedPackage {
  readonly name: string;
  readonly version: string | undefined;
  readonly needs: readonly Need[];
}

/** `path` is that of the lock: the project's own file says what is wanted of it. */
export function graphOf(packages: readonly LockedPackage[], path: string): LockGraph {
  const byName = new Map<string, number[]>();
  packages.forEach(({ name }, index) => { byName.set(name, [...(byName.get(name) ?? []), index]); });
  const edge = ({ name, specifiers, marker, extras }: Need): readonly LockEdge[] => {
    const all = byName.get(name) ?? [];
    const fitting = all.filter((index) => {
      const version = parseVersion(packages[index]?.version ?? '');
      return version === undefined || satisfies(version, specifiers);
    });
    return (fitting.length === 0 ? all : fitting).map((to) => ({ to, marker, extras }));
  };
  const nodes = packages.map(({ needs }): LockNode => ({ edges: needs.flatMap(edge), extras: new Map() }));
  const wanted = wishes(path).flatMap(edge);
  const start: LockNode = { edges: wanted, extras: new Map() };
  return { nodes: [...nodes, start], conflicting: [], roots: [nodes.length, ...unreached(nodes, wanted.map(({ to }) => to))] };
}

/** What the project lists; nothing where its file is not there or cannot be read, which is said where the file itself is checked. */
function wishes(path: string): readonly Need[] {
  const file = join(dirname(path), 'pyproject.toml');
  if (!existsSync(file)) return [];
  try {
    return readPyproject(file).dependencies.filter(({ group }) => group !== 'build-system.requires');
  } catch (error) {
    if (error instanceof CheckError) return [];
    throw error;
  }
}

/** Packages that nothing leads to, whatever the markers say, are wanted by the project itself; so is one of each circle. */
function unreached(nodes: readonly LockNode[], from: readonly number[]): readonly number[] {
  const reached = new Set<number>();
  const visit = (start: number): void => {
    const pending = [start];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      pending.push(...(nodes[next]?.edges ?? []).map(({ to }) => to));
    }
  };
  from.forEach(visit);
  const targets = new Set(nodes.flatMap(({ edges }) => edges.map(({ to }) => to)));
  const roots: number[] = [];
  const add = (index: number): void => {
    if (reached.has(index)) return;
    roots.push(index);
    visit(index);
  };
  nodes.forEach((_node, index) => { if (!targets.has(index)) add(index); });
  nodes.forEach((_node, index) => { add(index); });
  return roots;
}
