import { evaluateMarker } from '../markers/evaluate.ts';
import type { Dependency, LockedFiles, Problem, Project } from '../project/model.ts';
import { lastPart } from '../project/file-name.ts';
import type { Interpreter } from '../tags/interpreter.ts';
import type { Installer } from '../tags/tag-order.ts';
import type { Target } from '../tags/target.ts';
import { formatSpecifierSet, satisfies } from '../versions/specifier.ts';
import { parseVersion } from '../versions/version.ts';
import { advise, isGap, wishOf } from './advise.ts';
import { Catalogue } from './catalogue.ts';
import { decideConda } from './conda.ts';
import { decide } from './decide.ts';
import type { Environment } from './environments.ts';
import { holdsForSomeExtra, makeEnvironments, projectEnvironment, reachable, suitsPython } from './environments.ts';
import type { Answer, Cell, ProjectAnswer, Row } from './model.ts';
import type { Listing, Sources } from './sources.ts';
import { mergeFiles } from './sources.ts';
import { walkDependencies } from './walk.ts';

export interface Question {
  readonly targets: readonly Target[];
  readonly interpreters: readonly Interpreter[];
  readonly installer: Installer;
  /** Whether to follow dependencies of what is not locked. */
  readonly isTransitive: boolean;
  /** Whether gaps are worth look-ups for advice. */
  readonly isAdvised: boolean;
}

export async function answerProject(project: Project, question: Question, sources: Sources): Promise<ProjectAnswer> {
  const interpreters = question.interpreters.filter((interpreter) => suitsPython(interpreter, project));
  const environments = makeEnvironments(question.targets, interpreters, question.installer);
  const all = project.isLock || !question.isTransitive
    ? await answerListed(project, environments, sources)
    : await walkDependencies(project, environments, sources);
  const rows = all.filter(({ dependency }) => !isOwnCode(dependency));
  const advised = question.isAdvised ? await Promise.all(rows.map((row) => withAdvice(row, environments, project, sources))) : rows;
  const problems = [...project.problems, ...excludedSystems(project, environments)];
  return { file: project.file, targets: question.targets, interpreters, installer: question.installer, rows: advised, problems, markers: project.markers };
}

const isExcluded = ({ environments }: Pick<Project, 'environments'>, environment: Environment): boolean =>
  environments.length > 0 && !environments.some((each) => evaluateMarker(each, projectEnvironment(environment)));

/** Systems that a lock says nothing of, so that its silence is not taken for good news. */
function excludedSystems(project: Project, environments: readonly Environment[]): readonly Problem[] {
  const targets = [...new Set(environments.map(({ target }) => target))].filter((target) => environments.every((each) => each.target !== target || isExcluded(project, each)));
  return targets.map(({ label, id }) => ({ code: 'excluded-system', place: { file: project.file, line: 1, column: 1 }, message: `the lock is not made for ${label} (${id}): installers refuse it there` }));
}

/** Directories are what the project builds itself, members of a workspace among them. */
function isOwnCode({ origin }: Dependency): boolean {
  return origin.kind === 'direct' && origin.what === 'path' && !origin.url.endsWith('.whl');
}

async function withAdvice(row: Row, environments: readonly Environment[], project: Project, sources: Sources): Promise<Row> {
  if (!row.cells.some(isGap) || sources.index.isOffline) return row;
  return { ...row, advice: await advise(row.dependency, row.cells, environments, project, sources) };
}

/** Locks say themselves what is needed where. */
async function answerListed(project: Project, environments: readonly Environment[], sources: Sources): Promise<readonly Row[]> {
  const { graph } = project;
  const reached = graph === undefined ? undefined : new Map(environments.map((environment) => [environment, reachable(graph, environment)]));
  return Promise.all(project.dependencies.map((dependency, index) => {
    const isReached = (environment: Environment): boolean => reached?.get(environment)?.has(index) ?? true;
    return answerDependency(dependency, project, environments, isReached, sources);
  }));
}

type IsReached = (environment: Environment) => boolean;

async function answerDependency(dependency: Dependency, project: Project, environments: readonly Environment[], isReached: IsReached, sources: Sources): Promise<Row> {
  const needed = (environment: Environment): Answer | undefined => (isReached(environment)
    ? notNeeded(dependency, environment, project)
    : { outcome: 'not-needed', reason: 'no dependency leads to it on this system' });
  const decider = await makeDecider(dependency, project, environments.filter((environment) => needed(environment) === undefined), sources);
  const cells = environments.map((environment): Cell => {
    const { target, interpreter } = environment;
    return { target, interpreter, answer: needed(environment) ?? decider.answer(environment) };
  });
  return { dependency, neededBy: [], cells, advice: [], notes: decider.notes };
}

/** Why a listed dependency is not installed in an environment; undefined when it is. */
export function notNeeded(dependency: Dependency, environment: Environment, project: Pick<Project, 'isLock' | 'environments'>): Answer | undefined {
  const { isLock } = project;
  if (isExcluded(project, environment)) return { outcome: 'not-needed', reason: 'the lock is not made for this system' };
  const { marker, pythons } = dependency;
  const version = parseVersion(environment.interpreter.fullVersion);
  if (pythons !== undefined && version !== undefined && !satisfies(version, pythons)) {
    return { outcome: 'not-needed', reason: `is for Python ${formatSpecifierSet(pythons)}` };
  }
  const isHeld = marker === undefined || (isLock ? holdsForSomeExtra(marker, environment) : evaluateMarker(marker, projectEnvironment(environment)));
  if (isHeld) return undefined;
  return { outcome: 'not-needed', reason: 'its marker excludes this system or Python' };
}

export interface Decider {
  readonly answer: (environment: Environment) => Answer;
  readonly notes: readonly string[];
}

export async function makeDecider(dependency: Dependency, project: Project, environments: readonly Environment[], sources: Sources): Promise<Decider> {
  const { origin } = dependency;
  if (environments.length === 0) return { answer: () => ({ outcome: 'not-needed', reason: 'is needed nowhere' }), notes: [] };
  switch (origin.kind) {
    case 'direct': return { answer: (environment) => decideDirect(origin.url, dependency, project, environment), notes: [] };
    case 'conda': return decideConda(dependency, origin.channels, sources);
    case 'index': return fromListing(dependency, project, await sources.listing(dependency));
    case 'locked': return decideLocked(dependency, origin.locked, project, environments, sources);
  }
}

function fromListing(dependency: Dependency, project: Project, listing: Listing): Decider {
  const wish = wishOf(dependency, project);
  const notes = notesOf(listing);
  if (listing.catalogue.releases.length === 0 && listing.errors.length === 0) {
    return { answer: () => ({ outcome: 'cannot-install', reason: 'no index has it', rejected: [] }), notes };
  }
  return { answer: ({ ranks }) => unlessUnasked(decide(listing.catalogue, ranks, wish), listing), notes };
}

/** An index that did not answer may have what the others lack. */
function unlessUnasked(answer: Answer, { errors: [error] }: Listing): Answer {
  return answer.outcome === 'cannot-install' && error !== undefined ? { outcome: 'unknown', reason: error } : answer;
}

export function notesOf({ errors, status, catalogue }: Listing): readonly string[] {
  const [stranger] = catalogue.strangers;
  return [
    ...errors,
    ...(status === undefined ? [] : [`the index marks the project as ${status}`]),
    ...(stranger === undefined ? [] : [`the index lists ${catalogue.strangers.length} files that are not files of ${catalogue.name}, such as ${stranger.slice(0, 80)}`]),
  ];
}

/** The lock's files answer; where they leave a gap and may not be all, the index is asked for the rest of the version. */
async function decideLocked(dependency: Dependency, locked: LockedFiles, project: Project,
  environments: readonly Environment[], sources: Sources): Promise<Decider> {
  const wish = wishOf(dependency, project);
  const catalogue = new Catalogue(dependency.name, locked.files);
  const answers = new Map(environments.map((environment) => [environment, decide(catalogue, environment.ranks, wish)]));
  const hasGap = [...answers.values()].some((answer) => isGap({ answer }));
  const answer = (environment: Environment): Answer => answers.get(environment) ?? decide(catalogue, environment.ranks, wish);
  if (!hasGap || locked.isComplete === 'all') return { answer, notes: [] };
  const isOneOfMany = locked.isComplete === 'one-of-many';
  if (sources.index.isOffline) {
    if (!isOneOfMany) return { answer, notes: ['the lock may leave out wheels that its markers exclude; without --offline the index is asked'] };
    return { answer: (environment) => unlessUnasked(answer(environment), { catalogue, errors: ['what is installed here is one wheel of several; without --offline the index is asked for the others'] }), notes: [] };
  }
  const listing = await sources.listing(dependency);
  const merged = mergeFiles(locked.files, listing.catalogue);
  return { answer: ({ ranks }) => unlessUnasked(decide(merged, ranks, wish), listing), notes: notesOf(listing) };
}

function decideDirect(url: string, dependency: Dependency, project: Project, { ranks }: Environment): Answer {
  const filename = lastPart(url) ?? url;
  if (!filename.endsWith('.whl')) {
    return { outcome: 'source', version: '', file: url, rejected: [] };
  }
  const catalogue = new Catalogue(dependency.name, [{ filename, url }]);
  return decide(catalogue, ranks, { ...wishOf(dependency, project), specifiers: [] });
}
