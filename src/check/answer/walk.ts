/**
 * Follows dependencies that no lock lists, for each environment: newest version that everything known so far allows, then its METADATA
 * (PEP 658). There is no backtracking: where two packages want versions that exclude each other, the answer is that a resolver is needed.
 */
import { evaluateMarker, normalizeName } from '../markers/evaluate.ts';
import { MarkerSyntaxError } from '../markers/marker.ts';
import type { Requirement } from '../markers/requirement.ts';
import { parseRequirement } from '../markers/requirement.ts';
import type { Dependency, Project, ReleaseFile } from '../project/model.ts';
import type { SpecifierSet } from '../versions/specifier.ts';
import { formatSpecifierSet } from '../versions/specifier.ts';
import { HttpError } from '../indexes/http-client.ts';
import { wishOf } from './advise.ts';
import type { Catalogue } from './catalogue.ts';
import { makeDecider, notNeeded } from './answer-project.ts';
import { decide } from './decide.ts';
import type { Environment } from './environments.ts';
import { projectEnvironment } from './environments.ts';
import type { Answer, Cell, Row } from './model.ts';
import type { Sources } from './sources.ts';

/** More packages than any environment has. */
const mostPackages = 3000;
/** How often a package is answered again because more is wanted of it. */
const mostRounds = 8;

interface Wanted {
  readonly dependency: Dependency;
  readonly isListed: boolean;
  readonly neededBy: Set<string>;
  specifiers: SpecifierSet;
  readonly extras: Set<string>;
  rounds: number;
  answer: Answer | undefined;
  notes: readonly string[];
}

export async function walkDependencies(project: Project, environments: readonly Environment[], sources: Sources): Promise<readonly Row[]> {
  const walks = await Promise.all(environments.map((environment) => new Walk(project, environment, sources).run()));
  return joinWalks(project, environments, walks);
}

class Walk {
  readonly #project: Project;
  readonly #environment: Environment;
  readonly #sources: Sources;
  readonly #wanted = new Map<string, Wanted>();
  #frontier = new Set<Wanted>();

  constructor(project: Project, environment: Environment, sources: Sources) {
    this.#project = project;
    this.#environment = environment;
    this.#sources = sources;
  }

  async run(): Promise<ReadonlyMap<string, Wanted>> {
    for (const dependency of this.#project.dependencies) {
      if (notNeeded(dependency, this.#environment, this.#project) === undefined) this.#want(dependency, dependency, undefined);
    }
    while (this.#frontier.size > 0 && this.#wanted.size < mostPackages) {
      const frontier = [...this.#frontier];
      this.#frontier = new Set();
      const needs = await Promise.all(frontier.map((wanted) => this.#answer(wanted)));
      needs.forEach((requirements, index) => {
        for (const requirement of requirements) this.#want(requirement, frontier[index]!.dependency, frontier[index]!.dependency.name);
      });
    }
    return this.#wanted;
  }

  /** Build requirements are installed apart from everything else. */
  #key(name: string, source: Dependency): string {
    return source.group === 'build-system.requires' ? `build ${name}` : name;
  }

  #want(requirement: Pick<Requirement, 'name' | 'specifiers' | 'extras'>, source: Dependency, neededBy: string | undefined): void {
    const key = this.#key(requirement.name, source);
    const known = this.#wanted.get(key);
    if (known === undefined) {
      const dependency = neededBy === undefined ? source : makeTransitive(requirement, source);
      const wanted: Wanted = {
        dependency, isListed: neededBy === undefined, neededBy: new Set(neededBy === undefined ? [] : [neededBy]),
        specifiers: requirement.specifiers, extras: new Set(requirement.extras), rounds: 0, answer: undefined, notes: [],
      };
      this.#wanted.set(key, wanted);
      this.#frontier.add(wanted);
      return;
    }
    if (neededBy !== undefined) known.neededBy.add(neededBy);
    const written = new Set(known.specifiers.map((each) => formatSpecifierSet([each])));
    const fresh = requirement.specifiers.filter((each) => !written.has(formatSpecifierSet([each])));
    const isMore = fresh.length > 0 || requirement.extras.some((extra) => !known.extras.has(extra));
    for (const extra of requirement.extras) known.extras.add(extra);
    known.specifiers = [...known.specifiers, ...fresh];
    if (isMore && known.rounds < mostRounds) this.#frontier.add(known);
  }

  /** What the chosen file needs itself. */
  async #answer(wanted: Wanted): Promise<readonly Requirement[]> {
    wanted.rounds += 1;
    const dependency = { ...wanted.dependency, specifiers: wanted.specifiers };
    const decider = await makeDecider(dependency, this.#project, [this.#environment], this.#sources);
    wanted.answer = await this.#withoutConflict(wanted, decider.answer(this.#environment));
    const needs = await this.#requirements(wanted);
    wanted.notes = needs.note === undefined ? decider.notes : [...decider.notes, needs.note];
    return needs.requirements;
  }

  /** Several wishes that no version meets together, though one meets each. */
  async #withoutConflict(wanted: Wanted, answer: Answer): Promise<Answer> {
    const isBlank = answer.outcome === 'cannot-install' && answer.version === undefined && wanted.dependency.origin.kind === 'index';
    if (!isBlank || wanted.specifiers.length < 2) return answer;
    const { catalogue } = await this.#sources.listing(wanted.dependency);
    const wish = wishOf({ specifiers: [] }, this.#project);
    const { ranks } = this.#environment;
    const isEachMet = wanted.specifiers.every((each) => decide(catalogue, ranks, { ...wish, specifiers: [each] }).outcome !== 'cannot-install');
    if (!isEachMet) return answer;
    return { outcome: 'unknown', reason: `needs a resolver: ${formatSpecifierSet(wanted.specifiers)} is wanted, by ${['the project', ...wanted.neededBy].slice(wanted.isListed ? 0 : 1).join(', ')}` };
  }

  async #requirements({ answer, dependency, extras }: Wanted): Promise<{ requirements: readonly Requirement[]; note?: string }> {
    if (answer === undefined || (answer.outcome !== 'wheel' && answer.outcome !== 'source') || dependency.origin.kind !== 'index') return { requirements: [] };
    const { catalogue } = await this.#sources.listing(dependency);
    const file = describedFile(catalogue, answer.file);
    let metadata: string | undefined;
    try {
      metadata = file === undefined ? undefined : await this.#sources.index.metadata(file);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return { requirements: [], note: `its own dependencies are unknown: ${error.message}` };
    }
    if (metadata === undefined) return { requirements: [], note: 'its own dependencies are unknown: the index has no metadata apart from the files' };
    const values = projectEnvironment(this.#environment, extras);
    return { requirements: readRequires(metadata).filter(({ marker }) => marker === undefined || evaluateMarker(marker, values)) };
  }
}

/** The file itself, or when the index keeps no METADATA of it, a wheel of the same version that has some: they say the same, as uv assumes too. */
function describedFile({ releases }: Catalogue, filename: string): ReleaseFile | undefined {
  const release = releases.find(({ wheels, sdists }) => [...wheels, ...sdists].some(({ file }) => file.filename === filename));
  const files = [...(release?.wheels ?? []), ...(release?.sdists ?? [])].map(({ file }) => file);
  return files.find((file) => file.filename === filename && file.hasMetadata === true) ?? files.find(({ hasMetadata }) => hasMetadata === true);
}

function makeTransitive({ name, specifiers, extras }: Pick<Requirement, 'name' | 'specifiers' | 'extras'>, source: Dependency): Dependency {
  return { name, specifiers, extras, marker: undefined, place: source.place, group: source.group, origin: { kind: 'index' } };
}

/** `Requires-Dist` of core metadata; lines that break the rules are passed over, as the package could not be installed with them anyway. */
export function readRequires(metadata: string): readonly Requirement[] {
  const header = metadata.split(/\r?\n\r?\n/, 1)[0] ?? '';
  return [...header.matchAll(/^Requires-Dist:\s*(.+?)\s*$/gim)].flatMap(([, line]) => {
    try {
      return [parseRequirement(line ?? '')];
    } catch (error) {
      if (error instanceof MarkerSyntaxError) return [];
      throw error;
    }
  });
}

/** One row a package: its cells are the answers of the walks. */
function joinWalks(project: Project, environments: readonly Environment[], walks: readonly ReadonlyMap<string, Wanted>[]): readonly Row[] {
  const keys = [...new Set(walks.flatMap((walk) => [...walk.keys()]))];
  const listed = new Set(keys.flatMap((key) => walks.map((walk) => walk.get(key)?.dependency)));
  const rows = keys.map((key): Row => {
    const wanted = walks.map((walk) => walk.get(key));
    const some = wanted.find((each) => each?.isListed === true) ?? wanted.find((each) => each !== undefined)!;
    const cells = environments.map((environment, index): Cell => ({
      target: environment.target, interpreter: environment.interpreter,
      answer: wanted[index]?.answer ?? { outcome: 'not-needed', reason: 'nothing needs it on this system and Python' },
    }));
    const neededBy = [...new Set(wanted.flatMap((each) => [...(each?.neededBy ?? [])]))].map(normalizeName).sort();
    return { dependency: some.dependency, neededBy: some.isListed ? [] : neededBy, cells, advice: [], notes: [...new Set(wanted.flatMap((each) => each?.notes ?? []))] };
  });
  const unneeded = project.dependencies.filter((dependency) => !listed.has(dependency) && !rows.some((row) => row.dependency.name === dependency.name));
  const answerFor = (dependency: Dependency, environment: Environment): Answer =>
    notNeeded(dependency, environment, project) ?? { outcome: 'not-needed', reason: 'is listed twice' };
  return [...rows, ...unneeded.map((dependency): Row => ({
    dependency, neededBy: [], advice: [], notes: [],
    cells: environments.map((environment) => ({ target: environment.target, interpreter: environment.interpreter, answer: answerFor(dependency, environment) })),
  }))];
}
