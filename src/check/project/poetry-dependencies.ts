/** Dependencies as Poetry wrote them before PEP 621 (https://python-poetry.org/docs/dependency-specification/). */
import { normalizeName } from '../markers/evaluate.ts';
import { conjunction, parseMarker } from '../markers/marker.ts';
import type { SpecifierSet } from '../versions/specifier.ts';
import { parseSpecifierSet } from '../versions/specifier.ts';
import { compareScalars, parseVersion } from '../versions/version.ts';
import type { Collector } from './collector.ts';
import { originOf, pathKind } from './collector.ts';
import type { Origin } from './model.ts';
import type { TextFile } from './text-file.ts';
import type { Table } from './values.ts';
import { entries, list, table, text, texts } from './values.ts';

/** `^1.2.3`: below the next change of the leftmost number that is not zero. `~1.2`: below the next 1.3. */
function upperBound(kind: '^' | '~', written: string): string | undefined {
  const version = parseVersion(written);
  if (version === undefined) return undefined;
  const { release } = version;
  const leftmost = release.findIndex((part) => compareScalars(part, 0) !== 0);
  const position = kind === '~' ? Math.min(1, release.length - 1) : leftmost < 0 ? release.length - 1 : leftmost;
  return release.slice(0, position + 1).map((part, index) => (index === position ? Number(part) + 1 : part)).join('.');
}

function clause(written: string): string {
  const [, kind, version = ''] = /^([\^~])(?!=)\s*(.+)$/.exec(written) ?? [];
  if (kind !== undefined) {
    const bound = upperBound(kind as '^' | '~', version);
    return bound === undefined ? written : `>=${version},<${bound}`;
  }
  return /^[\w.*+!]+$/.test(written) ? `==${written}` : written;
}

/** Undefined for what PEP 440 cannot say: alternatives (`||`). */
export function poetryConstraint(written: string): SpecifierSet | undefined {
  if (written.trim() === '*' || written.trim() === '') return [];
  if (written.includes('|')) return undefined;
  return parseSpecifierSet(written.split(/\s*,\s*|(?<=[\w*])\s+(?=[<>=!~^])/).map((part) => clause(part.trim())).join(','));
}

export function readPoetryDependencies(poetry: Table, file: TextFile, collector: Collector): void {
  const groups: (readonly [string, unknown, string])[] = [
    ['tool.poetry.dependencies', poetry['dependencies'], '[tool.poetry.dependencies]'],
    ['tool.poetry.dev-dependencies', poetry['dev-dependencies'], '[tool.poetry.dev-dependencies]'],
    ...entries(poetry['group']).map(([name, group]): [string, unknown, string] =>
      [`tool.poetry.group.${name}`, table(group)['dependencies'], `[tool.poetry.group.${name}.dependencies]`]),
  ];
  const sources = new Map(list(poetry['source']).map(table).map((source) => [text(source['name']) ?? '', text(source['url']) ?? '']));
  for (const [group, dependencies, header] of groups) {
    const from = Math.max(0, file.text.indexOf(header));
    for (const [name, value] of entries(dependencies)) {
      for (const each of Array.isArray(value) ? value : [value]) readOne(name, each, { group, from, sources }, file, collector);
    }
  }
}

interface PoetryTable {
  readonly group: string;
  readonly from: number;
  /** Addresses of indexes by name. */
  readonly sources: ReadonlyMap<string, string>;
}

function readOne(name: string, value: unknown, { group, from, sources }: PoetryTable, file: TextFile, collector: Collector): void {
  const details = typeof value === 'string' ? { version: value } : table(value);
  const offset = file.text.slice(from).search(new RegExp(`^\\s*"?${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}"?\\s*=`, 'm'));
  const place = offset < 0 ? file.start() : file.placeAt(from + offset + (/^\s*/.exec(file.text.slice(from + offset))?.[0].length ?? 0));
  const written = text(details['version']) ?? '*';
  if (name === 'python') {
    collector.requiresPython ??= poetryConstraint(written);
    return;
  }
  const specifiers = poetryConstraint(written);
  if (specifiers === undefined) collector.problem('invalid-version', `'${written}' is not understood; any version of ${name} is taken`, place);
  const marker = conjunction(collector.marker(details['markers'], place), platformMarker(text(details['platform'])));
  const pythons = text(details['python']) === undefined ? undefined : poetryConstraint(text(details['python'])!);
  const index = sources.get(text(details['source']) ?? '');
  collector.dependencies.push({
    name: normalizeName(name), extras: texts(details['extras']), specifiers: specifiers ?? [], marker, place, group, origin: origin(details),
    ...(pythons === undefined ? {} : { pythons }), ...(index === undefined || index === '' ? {} : { index }),
  });
}

function platformMarker(platform: string | undefined): ReturnType<typeof parseMarker> | undefined {
  return platform === undefined || /['"]/.test(platform) ? undefined : parseMarker(`sys_platform == '${platform}'`);
}

function origin(details: Table): Origin {
  const git = text(details['git']);
  if (git !== undefined) return { kind: 'direct', what: 'git', url: git };
  const path = text(details['path']);
  return path === undefined ? originOf(text(details['url'])) : { kind: 'direct', what: pathKind(path), url: path };
}
