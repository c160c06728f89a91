/** uv.lock, version 1 (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile): a graph with markers on its edges. */
import { normalizeName } from '../markers/evaluate.ts';
import { parseSpecifierSet } from '../versions/specifier.ts';
import { Collector } from './collector.ts';
import { lastPart } from './file-name.ts';
import type { Dependency, LockEdge, LockNode, Origin, Place, Project, ReleaseFile } from './model.ts';
import { TextFile } from './text-file.ts';
import type { Table } from './values.ts';
import { entries, list, readToml, table, text, texts } from './values.ts';

export function readUvLock(path: string): Project {
  const file = TextFile.read(path);
  const document = readToml(file);
  const collector = new Collector(path);
  collector.isLock = true;
  const version = document['version'];
  if (typeof version === 'number' && version > 1) collector.problem('unsupported-line', `version ${version} of the format is not known; what is read of it may be wrong`, file.start());
  const isOld = document['package'] === undefined;
  const packages = list(document['package'] ?? document['distribution']).map(table);
  const places = file.placesOf(isOld ? /^\[\[distribution\]\]/gm : /^\[\[package\]\]/gm);
  collector.requiresPython = collector.specifiers(document['requires-python'], file.start());
  packages.forEach((entry, index) => { collector.dependencies.push(readPackage(entry, places[index] ?? file.start())); });
  const byName = new Map<string, number[]>();
  collector.dependencies.forEach(({ name }, index) => { byName.set(name, [...(byName.get(name) ?? []), index]); });
  const finder: Finder = { packages, byName, collector };
  const nodes = packages.map((entry, index) => readNode(entry, places[index] ?? file.start(), finder));
  const members = [...packages.keys()].filter((index) => isMember(table(packages[index]?.['source'])));
  const listed = manifestEdges(table(document['manifest']), file.start(), finder);
  // A node that stands for the manifest: a lock of a script has no member, and the root of a workspace may have groups without being one.
  const roots = listed.length === 0 ? members : [...members, nodes.length];
  collector.graph = {
    nodes: listed.length === 0 ? nodes : [...nodes, { edges: listed, extras: new Map() }],
    conflicting: conflictNames(document), roots: roots.length > 0 ? roots : [...packages.keys()],
  };
  collector.environments = texts(document['supported-markers']).map((each) => collector.marker(each, file.start())).filter((each) => each !== undefined);
  return collector.finish();
}

/** Requirements of a script, and the groups of a workspace's root that is no package itself. */
function manifestEdges(manifest: Table, place: Place, finder: Finder): readonly LockEdge[] {
  const groups = entries(manifest['dependency-groups']).flatMap(([, values]) => list(values));
  // Here extras are called as in the project's own file.
  return readEdges([...list(manifest['requirements']), ...groups].map(table).map((each) => ({ name: each['name'], marker: each['marker'], extra: each['extras'] })), place, finder);
}

/** How uv writes an extra or group into a marker when it is in conflict with another one: `extra-3-app-cpu`. */
function conflictNames(document: Table): readonly string[] {
  const items = list(document['conflicts']).flatMap((set) => list(set)).map(table);
  return [...new Set(items.map((item) => {
    const name = text(item['package']) ?? '';
    const [kind, value] = item['extra'] !== undefined ? ['extra', text(item['extra'])] : item['group'] !== undefined ? ['group', text(item['group'])] : ['project', undefined];
    return `${kind}-${name.length}-${name}${value === undefined ? '' : `-${value}`}`;
  }))];
}

/** The project itself and the members of its workspace. */
function isMember(source: Table): boolean {
  return ['editable', 'virtual'].some((kind) => source[kind] !== undefined);
}

function readPackage(entry: Table, place: Place): Dependency {
  const name = normalizeName(text(entry['name']) ?? '');
  const version = text(entry['version']);
  return {
    name, extras: [], marker: undefined, place, group: 'uv.lock',
    specifiers: version === undefined ? [] : parseSpecifierSet(`==${version}`) ?? [],
    origin: originOfPackage(entry, table(entry['source'])),
    ...(text(table(entry['source'])['registry']) === undefined ? {} : { index: text(table(entry['source'])['registry'])! }),
  };
}

function originOfPackage(entry: Table, source: Table): Origin {
  const git = text(source['git']);
  if (git !== undefined) return { kind: 'direct', what: 'git', url: git };
  const path = text(source['editable']) ?? text(source['virtual']) ?? text(source['directory']);
  if (path !== undefined) return { kind: 'direct', what: 'path', url: path };
  const files = [...list(entry['wheels']), entry['sdist']].map(table).map(readFile).filter((file) => file !== undefined);
  const direct = text(source['url']) ?? text(source['path']);
  // Of a source distribution at an address of its own only the hash is written.
  if (direct !== undefined && files.length === 0) return { kind: 'direct', what: source['url'] === undefined ? 'archive' : 'url', url: direct };
  return { kind: 'locked', locked: { files, isComplete: 'pruned' } };
}

function readFile(entry: Table): ReleaseFile | undefined {
  const where = text(entry['url']) ?? text(entry['path']);
  const filename = text(entry['filename']) ?? lastPart(where);
  if (filename === undefined) return undefined;
  const [hash, size] = [text(entry['hash']), entry['size']];
  return {
    filename,
    ...(text(entry['url']) === undefined ? {} : { url: text(entry['url'])! }),
    ...(hash === undefined ? {} : { hashes: [hash.replace(':', '=')] }),
    ...(typeof size === 'number' ? { size } : {}),
    ...(text(entry['upload-time']) === undefined ? {} : { uploadTime: text(entry['upload-time'])! }),
  };
}

interface Finder {
  readonly packages: readonly Table[];
  readonly byName: ReadonlyMap<string, readonly number[]>;
  readonly collector: Collector;
}

function readNode(entry: Table, place: Place, finder: Finder): LockNode {
  const edges = readEdges(list(entry['dependencies']), place, finder);
  const extras = new Map(entries(entry['optional-dependencies']).map(([extra, values]) => [normalizeName(extra), readEdges(list(values), place, finder)]));
  const groups = entries(entry['dev-dependencies']).flatMap(([, values]) => readEdges(list(values), place, finder));
  // Groups belong to members only, which want all of theirs.
  return { edges: [...edges, ...groups], extras };
}

function readEdges(values: readonly unknown[], place: Place, { packages, byName, collector }: Finder): readonly LockEdge[] {
  return values.map(table).flatMap((value): readonly LockEdge[] => {
    const marker = collector.marker(value['marker'], place);
    const candidates = byName.get(normalizeName(text(value['name']) ?? '')) ?? [];
    const fitting = candidates.filter((index) => {
      const target = packages[index] ?? {};
      const isVersion = value['version'] === undefined || value['version'] === target['version'];
      return isVersion && (value['source'] === undefined || JSON.stringify(value['source']) === JSON.stringify(target['source']));
    });
    const extras = texts(value['extra']).map(normalizeName);
    return fitting.map((to) => ({ to, marker, extras }));
  });
}
