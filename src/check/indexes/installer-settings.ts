/** Where pip and uv would look for packages, apart from what the project's own files say. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Collector } from '../project/collector.ts';
import type { IndexSettings, IndexSource } from '../project/model.ts';
import { readUvIndexes } from '../project/pyproject.ts';
import { TextFile } from '../project/text-file.ts';
import { readToml } from '../project/values.ts';
import type { Installer } from '../tags/tag-order.ts';

export const pypi: IndexSource = { url: 'https://pypi.org/simple/', name: 'PyPI', isExplicit: false, isDefault: true };

/** Sections and keys of an INI file as Python's configparser reads it; only what pip's files hold. */
export function parseIni(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = '';
  let last: string | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*[#;]/.test(line) || line.trim() === '') continue;
    const header = /^\[(.+)\]\s*$/.exec(line);
    const entry = /^([\w.-]+)\s*[=:]\s*(.*)$/.exec(line);
    if (header !== null) {
      section = header[1] ?? '';
      last = undefined;
    } else if (/^\s/.test(line) && last !== undefined) values.set(last, `${values.get(last) ?? ''} ${line.trim()}`.trim());
    else if (entry !== null) {
      last = `${section}.${(entry[1] ?? '').replaceAll('_', '-')}`;
      values.set(last, (entry[2] ?? '').trim());
    }
  }
  return values;
}

function configHome(environment: NodeJS.ProcessEnv): string {
  return environment['XDG_CONFIG_HOME'] ?? join(environment['HOME'] ?? homedir(), '.config');
}

/** https://pip.pypa.io/en/stable/topics/configuration/: later files win, the environment wins over all. */
function pipSettings(environment: NodeJS.ProcessEnv): IndexSettings {
  const home = environment['HOME'] ?? homedir();
  const files = environment['PIP_CONFIG_FILE'] === undefined
    ? ['/etc/pip.conf', join(home, '.pip', 'pip.conf'), join(configHome(environment), 'pip', 'pip.conf'), join(environment['APPDATA'] ?? home, 'pip', 'pip.ini')]
    : [environment['PIP_CONFIG_FILE']];
  const values = new Map(files.filter((file) => file !== '/dev/null' && existsSync(file)).flatMap((file) => [...parseIni(TextFile.read(file).text)]));
  const setting = (name: string): string | undefined => environment[`PIP_${name.toUpperCase().replaceAll('-', '_')}`]
    ?? values.get(`download.${name}`) ?? values.get(`install.${name}`) ?? values.get(`global.${name}`);
  const collector = new Collector('pip');
  collector.index(setting('index-url'), { isDefault: true });
  for (const url of (setting('extra-index-url') ?? '').split(/\s+/)) collector.index(url);
  collector.findLinks.push(...(setting('find-links') ?? '').split(/\s+/).filter((link) => link !== ''));
  collector.noIndex = /^(1|true|yes|on)$/i.test(setting('no-index') ?? '');
  return collector.finish().settings;
}

/** https://docs.astral.sh/uv/reference/environment/ and uv.toml of the project, the user and the system. */
function uvSettings(environment: NodeJS.ProcessEnv, directory: string): IndexSettings {
  const collector = new Collector('uv');
  for (const entry of (environment['UV_INDEX'] ?? '').split(/\s+/)) collector.index(entry.replace(/^[\w-]+=(?=https?:)/, ''));
  for (const url of (environment['UV_EXTRA_INDEX_URL'] ?? '').split(/\s+/)) collector.index(url);
  collector.index((environment['UV_DEFAULT_INDEX'] ?? environment['UV_INDEX_URL'])?.replace(/^[\w-]+=(?=https?:)/, ''), { isDefault: true });
  const found = environment['UV_CONFIG_FILE'] ?? above(directory, 'uv.toml');
  const files = [found, join(configHome(environment), 'uv', 'uv.toml'), '/etc/uv/uv.toml'];
  const file = files.find((candidate) => candidate !== undefined && existsSync(candidate));
  if (file !== undefined) readUvIndexes(readToml(TextFile.read(file)), collector);
  return collector.finish().settings;
}

function above(directory: string, name: string): string | undefined {
  const here = resolve(directory);
  const file = join(here, name);
  if (existsSync(file)) return file;
  return dirname(here) === here ? undefined : above(dirname(here), name);
}

export function installerSettings(installer: Installer, environment: NodeJS.ProcessEnv, directory: string): IndexSettings {
  return installer === 'pip' ? pipSettings(environment) : uvSettings(environment, directory);
}

/**
 * Command line, then project, then configuration. The first default takes the place of PyPI; in uv's order it comes last, in
 * pip's the order does not matter.
 */
export function combineSettings(all: readonly IndexSettings[]): IndexSettings {
  const indexes = all.flatMap((settings) => settings.indexes);
  const main = indexes.find(({ isDefault }) => isDefault) ?? pypi;
  const others = indexes.filter(({ isDefault }) => !isDefault);
  const unique = [...new Map([...others, main].map((index) => [index.url, index])).values()];
  return { indexes: unique, findLinks: all.flatMap((settings) => settings.findLinks), noIndex: all.some((settings) => settings.noIndex) };
}
