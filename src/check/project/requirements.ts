/** Requirements files of pip (https://pip.pypa.io/en/stable/reference/requirements-file-format/). */
import { dirname, resolve } from 'node:path';
import { CheckError } from '../errors.ts';
import { normalizeName } from '../markers/evaluate.ts';
import { Collector, originOf } from './collector.ts';
import type { Dependency, Place, Project } from './model.ts';
import { TextFile } from './text-file.ts';

const mostIncludes = 500;

interface LogicalLine {
  readonly text: string;
  readonly offset: number;
}

/** Lines with their continuations joined; comments are cut as pip cuts them: `#` at the start or after a blank. */
function logicalLines(text: string): readonly LogicalLine[] {
  const lines: LogicalLine[] = [];
  let offset = 0;
  let pending: LogicalLine | undefined;
  for (const line of text.split('\n')) {
    const start: LogicalLine = pending ?? { text: '', offset };
    const isComment = /^\s*#/.test(line);
    offset += line.length + 1;
    if (line.endsWith('\\') && !isComment) {
      // Two characters for two: offsets in the joined line stay those of the file.
      pending = { text: `${start.text}${line.slice(0, -1)}  `, offset: start.offset };
      continue;
    }
    pending = undefined;
    lines.push({ text: `${start.text}${line}`.replace(/(^|\s)#.*$/, '$1'), offset: start.offset });
  }
  return pending === undefined ? lines : [...lines, pending];
}

interface Reading {
  readonly collector: Collector;
  readonly open: readonly string[];
  readonly seen: Set<string>;
  /** `-c`: narrows what others list, and lists nothing itself. */
  readonly isConstraint: boolean;
  readonly constraints: Map<string, Dependency[]>;
}

export function readRequirements(path: string): Project {
  const collector = new Collector(path);
  const constraints = new Map<string, Dependency[]>();
  readFile(path, { collector, open: [], seen: new Set(), isConstraint: false, constraints });
  const constrained = collector.dependencies.map((dependency) => {
    const extra = (constraints.get(dependency.name) ?? []).filter(({ marker }) => marker === undefined);
    return extra.length === 0 ? dependency : { ...dependency, specifiers: [...dependency.specifiers, ...extra.flatMap(({ specifiers }) => specifiers)] };
  });
  return { ...collector.finish(), dependencies: constrained };
}

function readFile(path: string, reading: Reading): void {
  const file = TextFile.read(path);
  const { collector, isConstraint, constraints } = reading;
  const inner = { ...reading, open: [...reading.open, resolve(path)] };
  for (const line of logicalLines(file.text)) {
    const indent = line.text.length - line.text.trimStart().length;
    const text = line.text.trim();
    if (text === '') continue;
    const place = file.placeAt(line.offset + indent);
    const before = collector.dependencies.length;
    if (text.startsWith('-')) readOption(text, place, inner);
    else readRequirement(text, place, collector);
    if (!isConstraint) continue;
    for (const dependency of collector.dependencies.splice(before)) {
      constraints.set(dependency.name, [...(constraints.get(dependency.name) ?? []), dependency]);
    }
  }
}

/** `--hash` and the other options of one requirement follow it. */
function readRequirement(line: string, place: Place, collector: Collector): void {
  const options = /\s--?[a-z][\w-]*(?:[= ]|$)/.exec(line);
  const text = (options === null ? line : line.slice(0, options.index)).trimEnd();
  const hashes = [...line.matchAll(/--hash[= ]\s*([a-z0-9]+):([0-9a-fA-F]+)/g)].map((match) => `${match[1]}=${match[2]?.toLowerCase()}`);
  if (/^(\.{0,2}\/|\.$|[A-Za-z]:\\|file:|https?:|git\+|hg\+|svn\+|bzr\+)/.test(text) || /^[^\s;@]+\.(whl|tar\.gz|zip)$/.test(text)) {
    readDirect(text, place, collector);
    return;
  }
  collector.requirement(text, place, 'requirements', hashes.length === 0 ? {} : { hashes });
}

/** A path or an address without a name: the name is in the fragment, in the name of the file, or unknown. */
function readDirect(text: string, place: Place, collector: Collector): void {
  const url = text.split(/\s+;/)[0] ?? text;
  const last = url.replace(/[#?].*$/, '').split('/').filter((part) => part !== '').at(-1) ?? url;
  const egg = /[#&]egg=([A-Za-z0-9._-]+)/.exec(url)?.[1];
  const name = normalizeName(egg ?? last.replace(/\.(git|whl|zip|tar\.gz)$/, '').replace(/@.*$/, '').split(/-(?=\d)/)[0] ?? last);
  collector.dependencies.push({ name: name || '.', extras: [], specifiers: [], marker: undefined, place, group: 'requirements', origin: originOf(url) });
}

function readOption(text: string, place: Place, reading: Reading): void {
  const { collector } = reading;
  const [, option = '', value = ''] = /^(-[rcefi])[= ]?\s*(.*)$/.exec(text) ?? /^(--[a-z][\w-]*)(?:[= ]\s*(.*))?$/.exec(text) ?? [];
  switch (option) {
    case '-r': case '--requirement': include(value, place, reading); break;
    case '-c': case '--constraint': include(value, place, { ...reading, isConstraint: true }); break;
    case '-e': case '--editable': readDirect(value, place, collector); break;
    case '-i': case '--index-url':
      // pip forgets the indexes that were named before.
      collector.indexes.length = 0;
      collector.index(value, { isDefault: true });
      break;
    case '--extra-index-url': collector.index(value); break;
    case '-f': case '--find-links': collector.findLinks.push(resolveLink(value, place.file)); break;
    case '--no-index': collector.noIndex = true; break;
    case '--no-binary': addNames(collector.noBinary, value); break;
    case '--only-binary': addNames(collector.onlyBinary, value); break;
    case '--pre': collector.takesPrereleases = true; break;
    case '--prefer-binary': collector.prefersBinary = true; break;
    case '--require-hashes': case '--trusted-host': case '--use-feature': break;
    default: collector.problem('unsupported-line', `'${option || text}' is not understood and was passed over`, place);
  }
}

function resolveLink(value: string, file: string): string {
  return /^[a-z]+:\/\//.test(value) ? value : resolve(dirname(file), value);
}

function addNames(names: Set<string>, value: string): void {
  for (const name of value.split(',').map((part) => part.trim())) {
    if (name === ':none:') names.clear();
    else if (name !== '') names.add(name.startsWith(':') ? name : normalizeName(name));
  }
}

function include(value: string, place: Place, reading: Reading): void {
  const where = `${place.file}:${place.line}`;
  if (/^[a-z]+:\/\//.test(value)) {
    reading.collector.problem('unsupported-line', `${value} is not fetched; include a file`, place);
    return;
  }
  const path = resolve(dirname(place.file), value);
  if (reading.open.includes(path)) throw new CheckError('include-cycle', { place: where, path: value });
  const key = `${reading.isConstraint ? 'c' : 'r'} ${path}`;
  if (reading.seen.has(key)) return;
  reading.seen.add(key);
  if (reading.seen.size > mostIncludes) throw new CheckError('too-many-includes', { place: where, limit: String(mostIncludes) });
  try {
    reading.collector.includes.add(path);
    readFile(relativeTo(place.file, value), reading);
  } catch (error) {
    if (!(error instanceof CheckError) || error.code === 'include-cycle' || error.code === 'too-many-includes') throw error;
    reading.collector.problem('unreadable', error.message, place);
  }
}

/** Included files are named the way the first one was. */
function relativeTo(file: string, value: string): string {
  const directory = dirname(file);
  return value.startsWith('/') || directory === '.' ? value : `${directory}/${value}`;
}
