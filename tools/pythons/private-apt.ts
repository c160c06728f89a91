/** apt-get with lists, cache and configuration of its own: needs no root and changes nothing of the system. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UnpackedRoot } from './targets.ts';
import { cacheRoot, debianArch } from './targets.ts';

const keyring = process.env['ARMATURE_DEBIAN_KEYRING'] ?? '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The archive cannot be used from here; tests that need it are skipped. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

interface PrivateApt {
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
}

function execute(command: string, args: readonly string[], environment: NodeJS.ProcessEnv): string {
  const result = spawnSync(command, args, { env: environment, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.error !== undefined) throw new ArchiveError(`${command} cannot be started: ${result.error.message}`);
  if (result.status === 0) return result.stdout;
  const lines = `${result.stdout}${result.stderr}`.split('\n').filter((line) => /^(E|Err|W):/.test(line));
  throw new ArchiveError(`${command} ${args[0] ?? ''}: ${lines.slice(0, 3).join(' ') || `status ${String(result.status)}`}`);
}

/** A proxy is the one thing of the system's configuration that is needed. */
function proxySettings(): string[] {
  return execute('apt-config', ['dump'], process.env).split('\n').filter((line) => /^Acquire::https?::Proxy /i.test(line));
}

/** The Debian archive the system itself is set up to use: the first address in its sources that ends in /debian. */
function mirror(): string {
  const given = process.env['ARMATURE_DEBIAN_MIRROR'];
  if (given !== undefined) return given;
  const parts = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [])];
  const text = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8').replace(/^#.*$/gm, '')).join('\n');
  const found = /https?:\/\/\S+?\/debian(?=\/?\s)/.exec(text);
  if (found === null) throw new ArchiveError('the system has no Debian archive among its package sources; set ARMATURE_DEBIAN_MIRROR');
  return found[0];
}

/** One private tree for each suite and architecture. */
function prepareApt(root: UnpackedRoot): PrivateApt {
  const directory = join(cacheRoot, 'apt', `${root.suite}-${root.arch}`);
  for (const path of ['etc/parts', 'etc/preferences', 'etc/trusted', 'lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(directory, path), { recursive: true });
  }
  if (!existsSync(keyring)) throw new ArchiveError(`the keys of the Debian archive are missing (${keyring}); install debian-archive-keyring`);
  const arch = debianArch[root.arch];
  writeFileSync(join(directory, 'etc/sources.list'), `deb [arch=${arch} signed-by=${keyring}] ${mirror()} ${root.suite} main\n`);
  writeFileSync(join(directory, 'status'), '');
  const settings: Readonly<Record<string, string>> = {
    'Dir::Etc': join(directory, 'etc'), 'Dir::Etc::Parts': 'parts', 'Dir::Etc::SourceList': 'sources.list',
    'Dir::Etc::SourceParts': 'none', 'Dir::Etc::Preferences': 'none', 'Dir::Etc::PreferencesParts': 'preferences',
    'Dir::Etc::Main': 'none', 'Dir::Etc::TrustedParts': 'trusted',
    'Dir::State': directory, 'Dir::State::Lists': 'lists', 'Dir::State::status': join(directory, 'status'),
    'Dir::Cache': join(directory, 'cache'), 'Dir::Cache::pkgcache': '', 'Dir::Cache::srcpkgcache': '', 'Dir::Log': directory,
    'APT::Architecture': arch, 'APT::Architectures': arch, 'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': '', 'Acquire::Languages': 'none',
    // A mirror that lags behind, or a clock that is off, is good enough for tests; signatures are still checked.
    'Acquire::Check-Valid-Until': 'false', 'Acquire::http::Timeout': '20', 'Acquire::Retries': '2',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
  const file = join(directory, 'apt.conf');
  writeFileSync(file, `${[...lines, ...proxySettings()].join('\n')}\n`);
  return { directory, environment: { ...process.env, APT_CONFIG: file, LC_ALL: 'C' } };
}

/** Downloads packages and everything they depend on, down to the C library; returns the files. */
export function downloadPackages(root: UnpackedRoot): readonly string[] {
  const { directory, environment } = prepareApt(root);
  const archives = join(directory, 'cache/archives');
  for (const name of readdirSync(archives)) {
    if (name.endsWith('.deb')) rmSync(join(archives, name));
  }
  execute('apt-get', ['update', '-q', '--error-on=any'], environment);
  // An empty list of installed packages makes apt fetch the whole closure.
  execute('apt-get', ['install', '-q', '-y', '--download-only', ...root.packages], environment);
  return readdirSync(archives).filter((name) => name.endsWith('.deb')).map((name) => join(archives, name));
}
