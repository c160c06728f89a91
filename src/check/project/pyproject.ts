/** pyproject.toml: PEP 621, PEP 735 and PEP 518 tables, and the indexes and dependencies of uv and Poetry. */
import { normalizeName } from '../markers/evaluate.ts';
import { Collector } from './collector.ts';
import type { Place, Project } from './model.ts';
import { readPoetryDependencies } from './poetry-dependencies.ts';
import { TextFile } from './text-file.ts';
import type { Table } from './values.ts';
import { entries, list, readToml, table, text, texts } from './values.ts';

export function readPyproject(path: string): Project {
  const file = TextFile.read(path);
  const document = readToml(file);
  const collector = new Collector(path);
  const reader = new PyprojectReader(file, collector, pinnedIndexes(document));
  reader.project(table(document['project']));
  reader.list(texts(table(document['build-system'])['requires']), '[build-system]', 'build-system.requires');
  reader.groups(table(document['dependency-groups']));
  const tool = table(document['tool']);
  reader.list(texts(table(tool['uv'])['dev-dependencies']), '[tool.uv]', 'tool.uv.dev-dependencies');
  readPoetryDependencies(table(tool['poetry']), file, collector);
  readIndexes(tool, collector);
  return collector.finish();
}

class PyprojectReader {
  readonly #file: TextFile;
  readonly #collector: Collector;
  readonly #pins: ReadonlyMap<string, string>;

  constructor(file: TextFile, collector: Collector, pins: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#collector = collector;
    this.#pins = pins;
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
      const name = normalizeName(/^\s*[\w.-]+/.exec(requirement)?.[0].trim() ?? '');
      const index = this.#pins.get(name);
      this.#collector.requirement(requirement, place, group, index === undefined ? {} : { index });
    }
  }

  /** Looked for from the header of the table on, so that the same text in another table is not taken. */
  #placeOf(value: string, header: string, from = 0): { place: Place; end: number } {
    const start = Math.max(from, this.#file.text.indexOf(header));
    return this.#file.quoted(value, Math.max(0, start)) ?? this.#file.quoted(value) ?? { place: this.#file.start(), end: from };
  }
}

/** `tool.uv.sources` pins packages to a named index. */
function pinnedIndexes(document: Table): ReadonlyMap<string, string> {
  const uv = table(table(document['tool'])['uv']);
  const urls = new Map(list(uv['index']).map((index) => [text(table(index)['name']) ?? '', text(table(index)['url']) ?? '']));
  const pins = new Map<string, string>();
  for (const [name, source] of entries(uv['sources'])) {
    // A list has one source for each marker; the first with an index will do for the question what is there at all.
    const named = (Array.isArray(source) ? source : [source]).map((each) => text(table(each)['index'])).find((each) => each !== undefined);
    const url = named === undefined ? undefined : urls.get(named);
    if (url !== undefined) pins.set(normalizeName(name), url);
  }
  return pins;
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

