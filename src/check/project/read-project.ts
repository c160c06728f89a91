/** Finds out what an argument is, and reads it. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { systemReason } from '#support/system-reason.ts';
import { CheckError } from '../errors.ts';
import { Collector } from './collector.ts';
import { readEnvironmentYml, readInstalled, sitePackages } from './environment.ts';
import type { Project } from './model.ts';
import { readPdmLock, readPipfileLock, readPoetryLock, readPylock } from './other-locks.ts';
import { readPyproject } from './pyproject.ts';
import { readRequirements } from './requirements.ts';
import { readUvLock } from './uv-lock.ts';

type Reader = (path: string) => Project;

const lockReaders: readonly (readonly [pattern: RegExp, read: Reader])[] = [
  [/^uv\.lock$/, readUvLock],
  // File names of PEP 751.
  [/^pylock\.(?:[^.]+\.)?toml$/, readPylock],
  [/^poetry\.lock$/, readPoetryLock],
  [/^pdm\.lock$/, readPdmLock],
  [/^Pipfile\.lock$/, readPipfileLock],
];

const otherReaders: readonly (readonly [pattern: RegExp, read: Reader])[] = [
  [/^pyproject\.toml$/, readPyproject],
  [/^environment\.ya?ml$/, readEnvironmentYml],
  [/^.*requirements.*\.(?:txt|in)$/, readRequirements],
];

function readerFor(name: string): Reader {
  const known = [...lockReaders, ...otherReaders].find(([pattern]) => pattern.test(name));
  if (known !== undefined) return known[1];
  if (/\.ya?ml$/.test(name)) return readEnvironmentYml;
  if (name.endsWith('.toml')) return readPyproject;
  return name.endsWith('uv.lock') ? readUvLock : readRequirements;
}

/** Operands that are files, and those that are names of packages. */
export function splitOperands(operands: readonly string[]): { readonly paths: readonly string[]; readonly names: readonly string[] } {
  const isPath = (operand: string): boolean => existsSync(operand) || /[/\\]|\.(txt|toml|lock|ya?ml)$/.test(operand.split(/[<>=!~;[@ ]/)[0] ?? '');
  const missing = operands.find((operand) => isPath(operand) && !existsSync(operand));
  if (missing !== undefined) throw new CheckError('cannot-read', { path: missing, reason: systemReason('ENOENT') });
  return { paths: operands.filter(isPath), names: operands.filter((operand) => !isPath(operand)) };
}

export function readArgument(argument: string): readonly Project[] {
  if (!existsSync(argument)) return [readNames([argument])];
  return statSync(argument).isDirectory() ? readDirectory(argument) : [readerFor(basename(argument))(argument)];
}

/** All paths: what cannot be read is a problem in the report as long as something else can. */
export function readPaths(paths: readonly string[]): readonly Project[] {
  return readEach(paths.map((path) => [path, () => readArgument(path)]));
}

function readEach(files: readonly (readonly [path: string, read: () => readonly Project[]])[]): readonly Project[] {
  const errors: CheckError[] = [];
  const projects = files.flatMap(([path, read]) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof CheckError)) throw error;
      errors.push(error);
      return [unreadable(path, error)];
    }
  });
  const [first] = errors;
  if (first !== undefined && errors.length === files.length) throw first;
  return projects;
}

/** Messages begin with the place, as far as it is known. */
function unreadable(file: string, error: CheckError): Project {
  const [, line, column] = /:(\d+)(?::(\d+))?: /.exec(error.message) ?? [];
  const collector = new Collector(file);
  collector.problem('unreadable', error.message, { file, line: Number(line ?? 1), column: Number(column ?? 1) });
  return collector.finish();
}

/** Names on the command line, as one project. */
export function readNames(requirements: readonly string[]): Project {
  const collector = new Collector('command line');
  for (const requirement of requirements) {
    collector.requirement(requirement, { file: 'command line', line: 1, column: 1 }, 'command line');
    const [problem] = collector.problems;
    if (problem !== undefined) throw new CheckError('invalid-name', { argument: requirement, reason: problem.message });
  }
  return collector.finish();
}

/**
 * Everything that lists dependencies. Where there are locks, they say what is installed: of the other files only pyproject.toml is read
 * too, for what its build needs.
 */
function readDirectory(directory: string): readonly Project[] {
  const names = [...filesIn(directory), ...filesIn(join(directory, 'requirements')).filter((name) => /\.(txt|in)$/.test(name)).map((name) => `requirements/${name}`)];
  const path = (name: string): string => (directory === '.' ? name : join(directory, name));
  type Found = readonly [path: string, read: () => readonly Project[]];
  const find = (readers: typeof lockReaders, change: (project: Project) => Project): Found[] => readers.flatMap(([pattern, read]) =>
    names.filter((name) => pattern.test(name)).map((name): Found => [path(name), () => [change(read(path(name)))]]));
  const locks = find(lockReaders, (project) => project);
  const others = find(otherReaders, locks.length === 0 ? (project) => project : onlyUnlocked);
  const site = sitePackages(directory);
  const files: Found[] = [...locks, ...others, ...(site === undefined ? [] : [[site, () => [readInstalled(site)]] satisfies Found])];
  if (files.length === 0) throw new CheckError('nothing-to-check', { path: directory === '.' ? 'this directory' : directory }, 'armature check numpy "torch>=2.8"');
  return withoutParts(readEach(files));
}

/** What another file includes is answered there; of pip-compile's pairs the `.txt` is what was made from the `.in`. */
function withoutParts(projects: readonly Project[]): readonly Project[] {
  const included = new Set(projects.flatMap(({ includes }) => [...includes]));
  const files = new Set(projects.map(({ file }) => file));
  return projects.filter(({ file }) => !included.has(resolve(file)) && !(file.endsWith('.in') && files.has(file.replace(/\.in$/, '.txt'))));
}

function filesIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).filter((entry) => !entry.isDirectory()).map(({ name }) => name).sort();
}

/** Locks do not cover build requirements and conda packages; indexes and markers count for the look-ups and the lint in any case. */
function onlyUnlocked(project: Project): Project {
  return { ...project, dependencies: project.dependencies.filter(({ group, origin }) => group === 'build-system.requires' || origin.kind === 'conda') };
}
