import { evaluateMarker } from '../markers/evaluate.ts';
import type { Dependency, Project } from '../project/model.ts';
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
  return { file: project.file, targets: question.targets, interpreters, installer: question.installer, rows: advised, problems: project.problems, markers: project.markers };
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
export function notNeeded(dependency: Dependency, environment: Environment, { isLock }: Pick<Project, 'isLock'>): Answer | undefined {
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
  if (listing.catalogue.releases.length === 0) {
    const reason = listing.errors[0] ?? 'no index has it';
    return { answer: () => (listing.errors.length > 0 ? { outcome: 'unknown', reason } : { outcome: 'cannot-install', reason, rejected: [] }), notes };
  }
  return { answer: ({ ranks }) => decide(listing.catalogue, ranks, wish), notes };
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
async function decideLocked(dependency: Dependency, locked: { files: Parameters<typeof mergeFiles>[0]; isComplete: boolean }, project: Project,
  environments: readonly Environment[], sources: Sources): Promise<Decider> {
  const wish = wishOf(dependency, project);
  const catalogue = new Catalogue(dependency.name, locked.files);
  const answers = new Map(environments.map((environment) => [environment, decide(catalogue, environment.ranks, wish)]));
  const hasGap = [...answers.values()].some((answer) => isGap({ answer }));
  const answer = (environment: Environment): Answer => answers.get(environment) ?? decide(catalogue, environment.ranks, wish);
  if (!hasGap || locked.isComplete) return { answer, notes: [] };
  if (sources.index.isOffline) {
    return { answer, notes: ['the lock may leave out wheels that its markers exclude; without --offline the index is asked'] };
  }
  const listing = await sources.listing(dependency);
  const merged = mergeFiles(locked.files, listing.catalogue);
  const [error] = listing.errors;
  if (merged.releases.length === 0 && error !== undefined) return { answer: () => ({ outcome: 'unknown', reason: error }), notes: [] };
  return { answer: ({ ranks }) => decide(merged, ranks, wish), notes: notesOf(listing) };
}

function decideDirect(url: string, dependency: Dependency, project: Project, { ranks }: Environment): Answer {
  const filename = lastPart(url) ?? url;
  if (!filename.endsWith('.whl')) {
    return { outcome: 'source', version: '', file: url, rejected: [] };
  }
  const catalogue = new Catalogue(dependency.name, [{ filename, url }]);
  return decide(catalogue, ranks, { ...wishOf(dependency, project), specifiers: [] });
}
