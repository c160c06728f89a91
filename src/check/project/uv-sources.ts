/** `tool.uv.sources` (https://docs.astral.sh/uv/concepts/projects/dependencies/#dependency-sources): where a package comes from instead. */
import { normalizeName } from '../markers/evaluate.ts';
import type { Marker } from '../markers/marker.ts';
import type { Collector } from './collector.ts';
import { pathKind } from './collector.ts';
import type { Origin } from './model.ts';
import type { TextFile } from './text-file.ts';
import type { Table } from './values.ts';
import { entries, list, table, text } from './values.ts';

export interface UvSource {
  /** Where it holds; undefined: everywhere. */
  readonly marker: Marker | undefined;
  readonly index?: string;
  readonly origin?: Origin;
}

export function readUvSources(uv: Table, file: TextFile, collector: Collector): ReadonlyMap<string, readonly UvSource[]> {
  const urls = new Map(list(uv['index']).map(table).map((index) => [text(index['name']) ?? '', text(index['url'])]));
  return new Map(entries(uv['sources']).map(([name, value]) => {
    const all = Array.isArray(value) ? value as readonly unknown[] : [value];
    return [normalizeName(name), all.map(table).map((source): UvSource => {
      const marker = collector.marker(source['marker'], file.quoted(text(source['marker']) ?? '')?.place ?? file.start());
      const index = urls.get(text(source['index']) ?? '');
      const origin = originOfSource(source);
      return { marker, ...(index === undefined ? {} : { index }), ...(origin === undefined ? {} : { origin }) };
    })];
  }));
}

function originOfSource(source: Table): Origin | undefined {
  const [git, path, url] = [text(source['git']), text(source['path']), text(source['url'])];
  if (git !== undefined) return { kind: 'direct', what: 'git', url: git };
  if (url !== undefined) return { kind: 'direct', what: 'url', url };
  if (path !== undefined) return { kind: 'direct', what: pathKind(path), url: path };
  return source['workspace'] === true ? { kind: 'direct', what: 'path', url: '.' } : undefined;
}
