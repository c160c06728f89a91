/** environment.yml of conda, and an installed environment. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CheckError } from '../errors.ts';
import { normalizeName } from '../markers/evaluate.ts';
import { parseSpecifierSet } from '../versions/specifier.ts';
import type { SpecifierSet } from '../versions/specifier.ts';
import { Collector } from './collector.ts';
import type { Place, Project } from './model.ts';
import { readRequirements } from './requirements.ts';
import { TextFile, readText } from './text-file.ts';
import { list, readYaml, table, text, texts } from './values.ts';

export function readEnvironmentYml(path: string): Project {
  const file = TextFile.read(path);
  const document = readYaml(file);
  const collector = new Collector(path);
  const channels = texts(document['channels']).filter((channel) => channel !== 'nodefaults').flatMap(channelNames);
  let from = Math.max(0, file.text.search(/^dependencies:/m));
  const placeOf = (value: string): Place => {
    const offset = file.text.indexOf(value, from);
    if (offset < 0) return file.start();
    from = offset + value.length;
    return file.placeAt(offset);
  };
  for (const entry of list(document['dependencies'])) {
    if (typeof entry === 'string') readConda(entry, channels, placeOf(entry), collector);
    for (const requirement of texts(table(entry)['pip'])) readPipEntry(requirement, placeOf(requirement), collector);
  }
  return collector.finish();
}

/** `defaults` stands for the channels of Anaconda; a channel may be given by its address (https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/channels.html). */
function channelNames(written: string): readonly string[] {
  if (written === 'defaults') return ['main', 'r'];
  const [, name] = /^https?:\/\/(?:conda\.anaconda\.org|repo\.anaconda\.com\/pkgs)\/([\w.-]+)/.exec(written) ?? [];
  return [name ?? written.replace(/\/.*$/, '')];
}

function readPipEntry(line: string, place: Place, collector: Collector): void {
  const [, option, value] = /^(--?[a-z-]+)[= ]\s*(.+)$/.exec(line) ?? [];
  const included = option === '-r' || option === '--requirement' ? value : undefined;
  if (included !== undefined) {
    includeRequirements(included, place, collector);
    return;
  }
  // `-e .` is the project itself.
  if ((option === '-e' || option === '--editable') && value !== undefined && !/^\w+\+|:\/\//.test(value)) return;
  if (option === '--index-url' || option === '-i') collector.index(value, { isDefault: true });
  else if (option === '--extra-index-url') collector.index(value);
  else if (option !== undefined) collector.problem('unsupported-line', `'${option}' in the list of pip is not followed; name its file beside this one`, place);
  else collector.requirement(line, place, 'environment.yml, pip');
}

function includeRequirements(value: string, place: Place, collector: Collector): void {
  const path = join(dirname(place.file), value);
  try {
    collector.add(readRequirements(path));
    collector.includes.add(resolve(path));
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    collector.problem('unreadable', error.message, place);
  }
}

/** `channel::name[version='>=1']`, `name=1.2=build`, `name >=1.2,<2` (conda's match specifications). */
function readConda(written: string, channels: readonly string[], place: Place, collector: Collector): void {
  const match = /^(?:([\w./:-]+)::)?([A-Za-z0-9_.-]+)\s*(?:\[([^\]]*)\])?\s*(.*)$/.exec(written.trim());
  if (match === null) {
    collector.problem('invalid-requirement', `'${written}' is no match specification of conda`, place);
    return;
  }
  const [, channel, name = '', bracket, rest = ''] = match;
  const quoted = /version\s*=\s*['"]([^'"]*)['"]/.exec(bracket ?? '')?.[1];
  const { specifiers, build } = condaVersion(quoted ?? rest.trim());
  if (specifiers === undefined) collector.problem('invalid-version', `'${rest.trim()}' is not understood; any version of ${name} is taken`, place);
  if (name === 'python') {
    collector.requiresPython = specifiers;
    return;
  }
  collector.dependencies.push({
    name: name.toLowerCase(), extras: [], specifiers: specifiers ?? [], marker: undefined, place, group: 'environment.yml',
    origin: { kind: 'conda', channels: channel === undefined ? channels : channelNames(channel), build },
  });
}

function condaVersion(written: string): { specifiers: SpecifierSet | undefined; build: string | undefined } {
  if (written === '' || written === '*') return { specifiers: [], build: undefined };
  const [, exact, version = '', build] = /^(==?)\s*([^=\s]+)(?:=([^=]+))?$/.exec(written) ?? [];
  // One equals sign stands for everything that begins so.
  if (exact !== undefined) return { specifiers: parseSpecifierSet(exact === '=' && build === undefined ? `==${version.replace(/\.?\*$/, '')}.*` : `==${version}`), build };
  return { specifiers: parseSpecifierSet(/^\d/.test(written) ? `==${written.replace(/\.?\*$/, '.*')}` : written), build: undefined };
}

/** site-packages below the directory, or the directory itself. */
export function sitePackages(directory: string): string | undefined {
  const libraries = safeList(join(directory, 'lib')).filter((name) => /^python3\.\d+t?$/.test(name)).map((name) => join(directory, 'lib', name, 'site-packages'));
  return [directory, ...libraries, join(directory, 'Lib', 'site-packages')].find((candidate) => safeList(candidate).some((name) => name.endsWith('.dist-info')));
}

function safeList(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Each distribution at its version; the tags of the wheel it came from are one file of the release. */
export function readInstalled(directory: string): Project {
  const collector = new Collector(directory);
  collector.isLock = true;
  for (const entry of safeList(directory).filter((name) => name.endsWith('.dist-info')).sort()) {
    const [, name, version] = /^(.+)-([^-]+)\.dist-info$/.exec(entry) ?? [];
    const specifiers = version === undefined ? undefined : parseSpecifierSet(`==${version}`);
    const place: Place = { file: join(directory, entry), line: 1, column: 1 };
    if (name === undefined || specifiers === undefined) {
      collector.problem('unreadable', `'${entry}' is not named like the record of a distribution`, place);
      continue;
    }
    const files = tagsOf(join(directory, entry)).map((tag) => ({ filename: `${name}-${version}-${tag}.whl` }));
    collector.dependencies.push({
      name: normalizeName(name), extras: [], specifiers, marker: undefined, place, group: basename(directory), origin: { kind: 'locked', locked: { files, isComplete: 'one-of-many' } },
    });
  }
  return collector.finish();
}

function tagsOf(record: string): readonly string[] {
  try {
    return [...readText(join(record, 'WHEEL')).matchAll(/^Tag:\s*(\S+)\s*$/gm)].map((match) => text(match[1]) ?? '');
  } catch {
    return [];
  }
}
