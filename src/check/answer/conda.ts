/** Packages of conda channels, from the interface of anaconda.org: one answer a package lists its files with their subdirectory. */
import { HttpError } from '../indexes/http-client.ts';
import type { Dependency } from '../project/model.ts';
import { list, table, text } from '../project/values.ts';
import { formatSpecifierSet, satisfies } from '../versions/specifier.ts';
import { compareVersions, parseVersion } from '../versions/version.ts';
import type { System } from '../tags/target.ts';
import type { Decider } from './answer-project.ts';
import type { Environment } from './environments.ts';
import type { Answer } from './model.ts';
import type { Sources } from './sources.ts';

const subdirectories: Readonly<Record<Exclude<System, 'musl'>, string>> = { glibc: 'linux-aarch64', macos: 'osx-arm64', windows: 'win-arm64' };

interface CondaFile {
  readonly subdirectory: string;
  readonly version: string;
  readonly name: string;
  readonly build: string;
}

export async function decideConda(dependency: Dependency, channels: readonly string[], sources: Sources): Promise<Decider> {
  const files: CondaFile[] = [];
  const errors: string[] = [];
  for (const channel of channels.length === 0 ? ['conda-forge'] : channels) {
    try {
      files.push(...readFiles(await sources.index.condaFiles(channel, dependency.name)));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      errors.push(error.message);
    }
  }
  if (files.length === 0 && errors.length > 0) return { answer: () => ({ outcome: 'unknown', reason: errors[0] ?? '' }), notes: [] };
  return { answer: (environment) => decideFile(files, dependency, channels, environment), notes: errors };
}

function readFiles(answer: unknown): readonly CondaFile[] {
  return list(table(answer)['files']).map(table).flatMap((file) => {
    const attributes = table(file['attrs']);
    const [subdirectory, version] = [text(attributes['subdir']), text(file['version'])];
    if (subdirectory === undefined || version === undefined) return [];
    return [{ subdirectory, version, name: text(file['basename']) ?? version, build: text(attributes['build']) ?? '' }];
  });
}

/** Builds are named after their Python: `py312h…`; others work with every one. */
function suitsPython(build: string, minor: number): boolean {
  const named = /(?:^|_)(?:py|cp)3(\d+)/.exec(build)?.[1];
  return named === undefined || Number(named) === minor;
}

function decideFile(files: readonly CondaFile[], dependency: Dependency, channels: readonly string[], { target, interpreter }: Environment): Answer {
  if (target.system === 'musl') return { outcome: 'cannot-install', reason: 'conda has no packages for musl', rejected: [] };
  const wanted = subdirectories[target.system];
  const allowed = files.filter(({ version }) => {
    const parsed = parseVersion(version);
    return parsed !== undefined && satisfies(parsed, dependency.specifiers);
  });
  const fitting = allowed.filter(({ subdirectory, build }) => (subdirectory === wanted || subdirectory === 'noarch') && suitsPython(build, interpreter.minor));
  const [best] = fitting.sort((left, right) => compareVersions(parseVersion(right.version)!, parseVersion(left.version)!));
  if (best !== undefined) return { outcome: 'wheel', version: best.version, file: best.name };
  const having = [...new Set(allowed.map(({ subdirectory }) => subdirectory))].sort().join(', ');
  const where = channels.join(', ') || 'conda-forge';
  const reason = allowed.length === 0
    ? `${where} has no version ${formatSpecifierSet(dependency.specifiers)}`.trimEnd()
    : `${where} has it for ${having}, not for ${wanted} with Python 3.${interpreter.minor}`;
  return { outcome: 'cannot-install', reason, rejected: [] };
}
