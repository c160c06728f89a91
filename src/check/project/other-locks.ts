/** pylock.toml (PEP 751), poetry.lock, pdm.lock and Pipfile.lock: flat lists of packages with markers. */
import { normalizeName } from '../markers/evaluate.ts';
import { MarkerSyntaxError, conjunction } from '../markers/marker.ts';
import type { Marker } from '../markers/marker.ts';
import { parseRequirement } from '../markers/requirement.ts';
import { parseSpecifierSet } from '../versions/specifier.ts';
import type { SpecifierSet } from '../versions/specifier.ts';
import { Collector, pathKind } from './collector.ts';
import type { Need } from './lock-graph.ts';
import { graphOf } from './lock-graph.ts';
import type { Dependency, Origin, Place, Project, ReleaseFile } from './model.ts';
import { poetryConstraint } from './poetry-dependencies.ts';
import { TextFile } from './text-file.ts';
import { lastPart } from './file-name.ts';
import type { Table } from './values.ts';
import { entries, list, readJson, readToml, table, text, texts } from './values.ts';

function exactly(version: unknown): SpecifierSet {
  return typeof version === 'string' ? parseSpecifierSet(`==${version}`) ?? [] : [];
}

function packagesOf(file: TextFile, document: Table, key: string): readonly (readonly [Table, Place])[] {
  const places = file.placesOf(new RegExp(`^\\[\\[${key}\\]\\]`, 'gm'));
  return list(document[key]).map((entry, index) => [table(entry), places[index] ?? file.start()] as const);
}

export function readPylock(path: string): Project {
  const file = TextFile.read(path);
  const document = readToml(file);
  const collector = new Collector(path);
  collector.isLock = true;
  collector.requiresPython = collector.specifiers(document['requires-python'], file.start());
  const version = text(document['lock-version']);
  if (version !== undefined && !version.startsWith('1.')) collector.problem('unsupported-line', `version ${version} of the format is not known; what is read of it may be wrong`, file.start());
  collector.environments = texts(document['environments']).map((each) => collector.marker(each, file.start())).filter((each) => each !== undefined);
  for (const [entry, place] of packagesOf(file, document, 'packages')) {
    const pythons = collector.specifiers(entry['requires-python'], place);
    collector.dependencies.push({
      name: normalizeName(text(entry['name']) ?? ''), extras: [], specifiers: exactly(entry['version']), place, group: 'pylock.toml',
      marker: collector.marker(entry['marker'], place), origin: pylockOrigin(entry),
      ...(pythons === undefined ? {} : { pythons }), ...(text(entry['index']) === undefined ? {} : { index: text(entry['index'])! }),
    });
  }
  return collector.finish();
}

function pylockOrigin(entry: Table): Origin {
  const vcs = table(entry['vcs']);
  if (entry['vcs'] !== undefined) return { kind: 'direct', what: 'git', url: text(vcs['url']) ?? text(vcs['path']) ?? '' };
  if (entry['directory'] !== undefined) return { kind: 'direct', what: 'path', url: text(table(entry['directory'])['path']) ?? '' };
  const archive = table(entry['archive']);
  if (entry['archive'] !== undefined) return { kind: 'direct', what: 'url', url: text(archive['url']) ?? text(archive['path']) ?? '' };
  const files = [...list(entry['wheels']), entry['sdist']].map(table).map((each) => fileOf(each)).filter((each) => each !== undefined);
  return { kind: 'locked', locked: { files, isComplete: 'all' } };
}

function fileOf(entry: Table): ReleaseFile | undefined {
  const url = text(entry['url']);
  const filename = text(entry['name']) ?? text(entry['file']) ?? lastPart(url ?? text(entry['path']));
  if (filename === undefined) return undefined;
  const hashes = entries(entry['hashes']).map(([algorithm, value]) => `${algorithm}=${String(value)}`);
  const hash = text(entry['hash'])?.replace(':', '=');
  return { filename, ...(url === undefined ? {} : { url }), hashes: hash === undefined ? hashes : [hash] };
}

/** Poetry's files are all those of the release. */
export function readPoetryLock(path: string): Project {
  const file = TextFile.read(path);
  const document = readToml(file);
  const collector = new Collector(path);
  collector.isLock = true;
  const metadata = table(document['metadata']);
  collector.requiresPython = poetryConstraint(text(metadata['python-versions']) ?? '*');
  const packages = packagesOf(file, document, 'package');
  for (const [entry, place] of packages) {
    const name = text(entry['name']) ?? '';
    const pythons = poetryConstraint(text(entry['python-versions']) ?? '*');
    // Before version 2 the files of all packages were in one table.
    const files = list(entry['files'] ?? table(metadata['files'])[name]).map(table).map(fileOf).filter((each) => each !== undefined);
    collector.dependencies.push({
      name: normalizeName(name), extras: [], specifiers: exactly(entry['version']), place, group: texts(entry['groups']).join(', ') || 'poetry.lock',
      marker: poetryMarker(entry['markers'], place, collector), origin: sourceOrigin(table(entry['source']), files), ...(pythons === undefined ? {} : { pythons }),
    });
  }
  // From version 2.1 of the format on each package says for which groups and systems it is there.
  if (packages.every(([entry]) => entry['groups'] === undefined)) {
    collector.graph = graphOf(packages.map(([entry, place]) => ({
      name: normalizeName(text(entry['name']) ?? ''), version: text(entry['version']), needs: entries(entry['dependencies']).flatMap(([name, value]) => poetryNeeds(name, value, place, collector)),
    })), path);
  }
  return collector.finish();
}

/** `colorama = "*"`, `{version = "*", markers = "sys_platform == 'win32'"}`, or a list of those. */
function poetryNeeds(name: string, value: unknown, place: Place, collector: Collector): readonly Need[] {
  return (Array.isArray(value) ? value as readonly unknown[] : [value]).map((each) => {
    const details = typeof each === 'string' ? { version: each } : table(each);
    return {
      name: normalizeName(name), specifiers: poetryConstraint(text(details['version']) ?? '*') ?? [], marker: collector.marker(details['markers'], place),
      extras: texts(details['extras']).map(normalizeName),
    };
  });
}

/** One marker, or one for each group: any of them is a reason. */
function poetryMarker(value: unknown, place: Place, collector: Collector): Marker | undefined {
  if (typeof value === 'string') return collector.marker(value, place);
  const terms = Object.values(table(value)).map((each) => collector.marker(each, place));
  const known = terms.filter((each) => each !== undefined);
  return known.length === 0 || known.length < terms.length ? undefined : { kind: 'or', terms: known };
}

function sourceOrigin(source: Table, files: readonly ReleaseFile[]): Origin {
  const url = text(source['url']) ?? '';
  switch (source['type']) {
    case 'git': return { kind: 'direct', what: 'git', url };
    case 'url': return { kind: 'direct', what: 'url', url };
    case 'file': case 'directory': return { kind: 'direct', what: pathKind(url), url };
    default: return files.length === 0 ? { kind: 'index' } : { kind: 'locked', locked: { files, isComplete: 'all' } };
  }
}

export function readPdmLock(path: string): Project {
  const file = TextFile.read(path);
  const document = readToml(file);
  const collector = new Collector(path);
  collector.isLock = true;
  const targets = list(table(document['metadata'])['targets']).map(table);
  // More than one target: any of them may be the one in use.
  if (targets.length === 1) collector.requiresPython = collector.specifiers(targets[0]?.['requires_python'], file.start());
  const packages = packagesOf(file, document, 'package');
  const oldFiles = table(table(document['metadata'])['files']);
  for (const [entry, place] of packages) {
    // Before version 4.3 of the format the files of all packages were in one table.
    const listed = entry['files'] ?? oldFiles[`${text(entry['name']) ?? ''} ${text(entry['version']) ?? ''}`];
    const files = list(listed).map(table).map(fileOf).filter((each) => each !== undefined);
    const pythons = collector.specifiers(entry['requires_python'], place);
    const url = text(entry['git']) ?? text(entry['path']) ?? text(entry['url']);
    const origin: Origin = url === undefined
      ? sourceOrigin({}, files)
      : { kind: 'direct', what: entry['git'] !== undefined ? 'git' : entry['path'] !== undefined ? pathKind(url) : 'url', url };
    collector.dependencies.push({
      name: normalizeName(text(entry['name']) ?? ''), extras: texts(entry['extras']), specifiers: exactly(entry['version']), place, origin,
      group: texts(entry['groups']).join(', ') || 'pdm.lock', marker: collector.marker(entry['marker'], place), ...(pythons === undefined ? {} : { pythons }),
    });
  }
  if (!texts(table(document['metadata'])['strategy']).includes('inherit_metadata')) {
    collector.graph = graphOf(packages.map(([entry]) => ({
      name: normalizeName(text(entry['name']) ?? ''), version: text(entry['version']), needs: texts(entry['dependencies']).flatMap((each) => pdmNeeds(each)),
    })), path);
  }
  return collector.finish();
}

function pdmNeeds(written: string): readonly Need[] {
  try {
    return [parseRequirement(written)];
  } catch (error) {
    if (error instanceof MarkerSyntaxError) return [];
    throw error;
  }
}

/** Names, versions and hashes; the files are the index's to name. */
export function readPipfileLock(path: string): Project {
  const file = TextFile.read(path);
  const document = readJson(file);
  const collector = new Collector(path);
  collector.isLock = true;
  const meta = table(document['_meta']);
  const wanted = text(table(meta['requires'])['python_version']);
  if (wanted !== undefined) collector.requiresPython = collector.specifiers(`==${wanted}.*`, file.start());
  list(meta['sources']).map(table).forEach((source, index) => { collector.index(source['url'], { name: text(source['name']) ?? '', isDefault: index === 0 }); });
  // `default`, `develop`, and categories of the project's own.
  for (const group of Object.keys(document).filter((key) => key !== '_meta')) {
    const from = Math.max(0, file.text.indexOf(`"${group}"`));
    for (const [name, value] of entries(document[group])) collector.dependencies.push(pipfileEntry(name, typeof value === 'string' ? { version: value } : table(value), group, from, file, collector));
  }
  return collector.finish();
}

function pipfileEntry(name: string, entry: Table, group: string, from: number, file: TextFile, collector: Collector): Dependency {
  const place = file.quoted(name, from)?.place ?? file.start();
  const url = text(entry['git']) ?? text(entry['path']) ?? text(entry['file']);
  const hashes = texts(entry['hashes']).map((hash) => hash.replace(':', '='));
  const platform = text(entry['sys_platform']);
  const marker = conjunction(collector.marker(entry['markers'], place), collector.marker(platform === undefined ? undefined : `sys_platform ${platform}`, place));
  const what = entry['git'] !== undefined ? 'git' : entry['path'] !== undefined ? 'path' : 'url';
  const index = collector.indexes.find((each) => each.name !== '' && each.name === text(entry['index']))?.url;
  return {
    name: normalizeName(name), extras: texts(entry['extras']), specifiers: collector.specifiers(entry['version'], place) ?? [], marker, place,
    ...(index === undefined ? {} : { index }), group, origin: url === undefined ? { kind: 'index' } : { kind: 'direct', what, url }, ...(hashes.length === 0 ? {} : { hashes }),
  };
}
