import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { CheckOptions } from '#check/index.ts';
import { checkProjects } from '#check/index.ts';
import type { ProjectAnswer } from '#check/answer/model.ts';
import { readArgument, readNames } from '#check/project/read-project.ts';
import type { Project } from '#check/project/model.ts';
import { noSettings } from '#check/project/model.ts';
import { parseInterpreter } from '#check/tags/interpreter.ts';
import { parseTargets } from '#check/tags/target.ts';
import { temporaryDirectory } from '../cli/harness.ts';

export function writeFiles(t: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory(t);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

/** Options for one target and some Pythons; nothing of this machine's configuration gets in. */
export function optionsFor(target: string, pythons: readonly string[], index: string | undefined, more: Partial<CheckOptions> = {}): CheckOptions {
  return {
    targets: target.split(',').flatMap((word) => parseTargets(word) ?? []), interpreters: pythons.map((python) => parseInterpreter(python)!),
    installer: 'pip', isOffline: index === undefined, isTransitive: false, isAdvised: true, usesCache: false,
    settings: index === undefined ? noSettings : { ...noSettings, indexes: [{ url: index, isDefault: true, isExplicit: false }] },
    otherIndexes: [], timeoutMilliseconds: 10_000, environment: { HOME: '/nonexistent', PIP_CONFIG_FILE: '/dev/null' }, ...more,
  };
}

/** `numpy win_arm64 3.12` → `wheel numpy-2.3.0-….whl`, for every cell. */
export function cellsOf(answers: readonly ProjectAnswer[]): Readonly<Record<string, string>> {
  return Object.fromEntries(answers.flatMap(({ rows }) => rows.flatMap(({ dependency, cells }) => cells.map(({ target, interpreter, answer }) => {
    const detail = 'file' in answer ? answer.file : answer.reason;
    return [`${dependency.name} ${target.id} ${interpreter.id}`, `${answer.outcome} ${detail}`];
  }))));
}

export function checkNames(names: readonly string[], options: CheckOptions): Promise<readonly ProjectAnswer[]> {
  return checkProjects([readNames(names)], options);
}

export function checkPath(path: string, options: CheckOptions): Promise<readonly ProjectAnswer[]> {
  return checkProjects(readArgument(path), options);
}

export function summarize(project: Project): readonly string[] {
  return project.dependencies.map(({ name, specifiers, marker, origin, group }) => {
    const written = specifiers.map(({ operator, text }) => `${operator}${text}`).join(',');
    const files = origin.kind === 'locked' ? ` (${origin.locked.files.length} files)` : origin.kind === 'index' ? '' : ` (${origin.kind})`;
    return `${name}${written === '' ? '' : ` ${written}`}${marker === undefined ? '' : ' ;'} [${group}]${files}`;
  });
}
