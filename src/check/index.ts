/** `check` for other parts: reads projects, asks the indexes, answers. */
import { dirname } from 'node:path';
import { answerProject } from './answer/answer-project.ts';
import type { ProjectAnswer, Row } from './answer/model.ts';
import { Sources } from './answer/sources.ts';
import { readPythons, readTargets } from './choices.ts';
import { CheckError } from './errors.ts';
import { cacheDirectory } from './indexes/disk-cache.ts';
import { combineSettings, installerSettings } from './indexes/installer-settings.ts';
import { PackageIndex } from './indexes/package-index.ts';
import type { IndexSettings, Project } from './project/model.ts';
import { noSettings } from './project/model.ts';
import { readArgument } from './project/read-project.ts';
import type { Interpreter } from './tags/interpreter.ts';
import { allInterpreters, usualInterpreters } from './tags/interpreter.ts';
import type { Installer } from './tags/tag-order.ts';
import type { Target } from './tags/target.ts';
import { suitsPython } from './answer/environments.ts';

export interface CheckOptions {
  readonly targets: readonly Target[];
  /** Undefined: those that people use, and of them those that the project allows. */
  readonly interpreters: readonly Interpreter[] | undefined;
  readonly installer: Installer;
  readonly isOffline: boolean;
  readonly isTransitive: boolean;
  readonly isAdvised: boolean;
  readonly usesCache: boolean;
  /** Of the command line; they come before those of the project and of the installer's configuration. */
  readonly settings: IndexSettings;
  readonly otherIndexes: readonly string[];
  readonly timeoutMilliseconds: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly onProgress?: (asked: number, read: number) => void;
}

/** Requests at a time: what PyPI's own clients use at most. */
const parallelRequests = 24;
const retries = 2;

function makeSources(project: Project, options: CheckOptions): Sources {
  const configured = installerSettings(options.installer, options.environment, project.file === 'command line' ? '.' : dirname(project.file));
  const settings = combineSettings([options.settings, project.settings, configured]);
  const index = new PackageIndex({
    settings, installer: options.installer, isOffline: options.isOffline, environment: options.environment,
    cacheDirectory: options.usesCache ? cacheDirectory(options.environment) : undefined,
    timeoutMilliseconds: options.timeoutMilliseconds, retries, parallel: parallelRequests,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  return new Sources(index, options.otherIndexes);
}

function interpretersFor(project: Project, wanted: readonly Interpreter[] | undefined): readonly Interpreter[] {
  if (wanted !== undefined) return wanted;
  const usual = usualInterpreters();
  if (usual.some((interpreter) => suitsPython(interpreter, project))) return usual;
  return allInterpreters().filter(({ isFreeThreaded }) => !isFreeThreaded);
}

export async function checkProject(project: Project, options: CheckOptions): Promise<ProjectAnswer> {
  const sources = makeSources(project, options);
  const { targets, installer, isTransitive, isAdvised } = options;
  const interpreters = interpretersFor(project, options.interpreters);
  try {
    return await answerProject(project, { targets, interpreters, installer, isTransitive, isAdvised }, sources);
  } finally {
    sources.index.close();
  }
}

export async function checkProjects(projects: readonly Project[], options: CheckOptions): Promise<readonly ProjectAnswer[]> {
  const answers = await Promise.all(projects.map((project) => checkProject(project, options)));
  const [first] = projects;
  if (first !== undefined && projects.every(({ dependencies }, index) => dependencies.length > 0 && answers[index]?.interpreters.length === 0)) {
    const specifier = (first.requiresPython ?? []).map(({ operator, text }) => `${operator}${text}`).join(',');
    throw new CheckError('no-python-left', { specifier, path: first.file });
  }
  return answers;
}

/** Whether the dependencies of a project can be installed on one target with one Python. */
export interface Installability {
  readonly python: string;
  /** The worst of all packages: `source` when something has to be built, `unknown` when an index did not answer. */
  readonly outcome: 'wheel' | 'source' | 'cannot-install' | 'unknown';
  /** Packages that are in the way, with the reason; those with the worst outcome first. */
  readonly blocking: readonly { readonly package: string; readonly outcome: string; readonly reason: string }[];
}

export interface InstallabilityQuestion {
  /** A file or directory of the project. */
  readonly path: string;
  /** `win_arm64`, `manylinux_2_28_aarch64`, or a word of `--target`. */
  readonly target: string;
  readonly pythons: readonly string[];
  readonly isOffline?: boolean;
  readonly installer?: Installer;
}

const severities = { 'wheel': 0, 'not-needed': 0, 'source': 1, 'unknown': 2, 'cannot-install': 3 } as const;

/** For `ci`: which legs of a matrix make sense. Throws CheckError when the project cannot be read. */
export async function askInstallability(question: InstallabilityQuestion, environment: NodeJS.ProcessEnv = process.env): Promise<readonly Installability[]> {
  const targets = readTargets([question.target], () => '');
  const interpreters = readPythons(question.pythons);
  const answers = await Promise.all(readArgument(question.path).map((project) => checkProject(project, {
    targets, interpreters, installer: question.installer ?? 'pip', isOffline: question.isOffline ?? false, isTransitive: true, isAdvised: false,
    usesCache: true, settings: noSettings, otherIndexes: [], timeoutMilliseconds: 20_000, environment,
  })));
  return question.pythons.map((python) => worst(python, answers.flatMap(({ rows }) => rows)));
}

function worst(python: string, rows: readonly Row[]): Installability {
  const blocking = rows.flatMap(({ dependency, cells }) => cells.flatMap(({ interpreter, answer }) => {
    if (interpreter.id !== python || answer.outcome === 'wheel' || answer.outcome === 'not-needed') return [];
    return [{ package: dependency.name, outcome: answer.outcome, reason: 'reason' in answer ? answer.reason : 'has no wheel' }];
  })).sort((left, right) => severities[right.outcome] - severities[left.outcome]);
  return { python, outcome: blocking[0]?.outcome ?? 'wheel', blocking };
}
