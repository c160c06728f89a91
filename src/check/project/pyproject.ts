/** pyproject.toml: PEP 621, PEP 735 and PEP 518 tables, and the indexes and dependencies of uv and Poetry. */
import { normalizeName } from '../markers/evaluate.ts';
import { conjunction, negation } from '../markers/marker.ts';
import { Collector } from './collector.ts';
import type { Place, Project } from './model.ts';
import { readPoetryDependencies } from './poetry-dependencies.ts';
import { TextFile } from './text-file.ts';
import type { Table } from './values.ts';
import type { UvSource } from './uv-sources.ts';
import { readUvSources } from './uv-sources.ts';
import { entries, list, readToml, table, text, texts } from './values.ts';

export function readPyproject(path: string): Project {
  const file = TextFile.read(path);
  const document = readToml(file);
  const collector = new Collector(path);
  const reader = new PyprojectReader(file, collector, readUvSources(table(table(document['tool'])['uv']), file, collector));
  reader.project(table(document['project']));
  reader.list(texts(table(document['build-system'])['requires']), '[build-system]', 'build-system.requires');
  reader.groups(table(document['dependency-groups']));
  const tool = table(document['tool']);
  reader.list(texts(table(tool['uv'])['dev-dependencies']), '[tool.uv]', 'tool.uv.dev-dependencies');
  for (const [name, values] of entries(table(tool['pdm'])['dev-dependencies'])) {
    // `-e file:///…` is the project's own code.
    reader.list(texts(values).filter((each) => !each.startsWith('-')), '[tool.pdm.dev-dependencies]', `tool.pdm.dev-dependencies.${name}`);
  }
  readPoetryDependencies(table(tool['poetry']), file, collector);
  readIndexes(tool, collector);
  return collector.finish();
}

class PyprojectReader {
  readonly #file: TextFile;
  readonly #collector: Collector;
  readonly #sources: ReadonlyMap<string, readonly UvSource[]>;

  constructor(file: TextFile, collector: Collector, sources: ReadonlyMap<string, readonly UvSource[]>) {
    this.#file = file;
    this.#collector = collector;
    this.#sources = sources;
  }

  project(project: Table): void {
    const requires = text(project['requires-python']);
    this.#collector.requiresPython = this.#collector.specifiers(requires, this.#placeOf(requires ?? '', '[project]').place);
    this.list(texts(project['dependencies']), '[project]', 'dependencies');
    for (const [extra, values] of entries(project['optional-dependencies'])) {
      this.list(texts(values), '[project.optional-dependencies]', `optional-dependencies.${extra}`);
    }
  }

  groups(groups: Table): void {
    for (const [name, values] of entries(groups)) {
      this.list(texts(values), '[dependency-groups]', `dependency-groups.${name}`);
      for (const value of list(values)) {
        // What is included is listed by its own group.
        const included = text(table(value)['include-group']);
        const isKnown = Object.keys(groups).some((group) => normalizeName(group) === normalizeName(included ?? ''));
        if (included !== undefined && !isKnown) {
          this.#collector.problem('invalid-requirement', `the group '${included}' does not exist`, this.#placeOf(included, '[dependency-groups]').place);
        }
      }
    }
  }

  list(requirements: readonly string[], header: string, group: string): void {
    let from = 0;
    for (const requirement of requirements) {
      const { place, end } = this.#placeOf(requirement, header, from);
      from = end;
      const parsed = this.#collector.requirement(requirement, place, group);
      const sources = this.#sources.get(parsed?.name ?? '');
      if (sources !== undefined) this.#fromSources(sources);
    }
  }

  /** One dependency for each source of the last one, and one for where none of them holds. */
  #fromSources(sources: readonly UvSource[]): void {
    const written = this.#collector.dependencies.pop();
    if (written === undefined) return;
    const others = sources.map(({ marker }) => (marker === undefined ? undefined : negation(marker)));
    for (const { marker, index, origin } of sources) {
      const both = conjunction(written.marker, marker);
      this.#collector.dependencies.push({ ...written, marker: both, ...(index === undefined ? {} : { index }), ...(origin === undefined ? {} : { origin }) });
    }
    const rest = others.every((other) => other !== undefined) ? others.reduce(conjunction, written.marker) : undefined;
    if (rest !== undefined) this.#collector.dependencies.push({ ...written, marker: rest });
  }

  /** Looked for from the header of the table on, so that the same text in another table is not taken. */
  #placeOf(value: string, header: string, from = 0): { place: Place; end: number } {
    const start = Math.max(from, this.#file.text.indexOf(header));
    return this.#file.quoted(value, Math.max(0, start)) ?? this.#file.quoted(value) ?? { place: this.#file.start(), end: from };
  }
}

function readIndexes(tool: Table, collector: Collector): void {
  const uv = table(tool['uv']);
  readUvIndexes(uv, collector);
  for (const source of [...list(table(tool['poetry'])['source']), ...list(table(tool['pdm'])['source'])].map(table)) {
    const priority = text(source['priority']);
    collector.index(source['url'], { name: text(source['name']) ?? '', isDefault: priority === 'primary' || priority === 'default', isExplicit: priority === 'explicit' });
  }
}

/** The keys are the same in uv.toml. */
export function readUvIndexes(uv: Table, collector: Collector): void {
  for (const index of list(uv['index']).map(table)) {
    collector.index(index['url'], { name: text(index['name']) ?? '', isDefault: index['default'] === true, isExplicit: index['explicit'] === true });
  }
  for (const url of texts(uv['extra-index-url'])) collector.index(url);
  collector.index(uv['index-url'], { isDefault: true });
  collector.findLinks.push(...texts(uv['find-links']));
  if (uv['no-index'] === true) collector.noIndex = true;
}

