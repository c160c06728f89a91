import { parseVersion } from '../versions/version.ts';
import { lastPart } from '../project/file-name.ts';
import type { Dependency, Project } from '../project/model.ts';
import type { Target } from '../tags/target.ts';
import { decide, findAlternatives } from './decide.ts';
import type { Wish } from './decide.ts';
import type { Environment } from './environments.ts';
import type { Advice, Answer, BuildEffort, Cell } from './model.ts';
import { splitCredentials } from '../indexes/credentials.ts';
import type { Sources } from './sources.ts';

export function wishOf({ specifiers, hashes }: Pick<Dependency, 'specifiers' | 'hashes'>, { binaries }: Project): Wish {
  return { specifiers, hashes, binaries };
}

export function isGap({ answer }: { readonly answer: Answer }): boolean {
  return answer.outcome === 'source' || answer.outcome === 'cannot-install';
}

/** Advice for each target with a gap: for the newest Python that there is a way out for, else for the newest with a gap. */
export async function advise(dependency: Dependency, cells: readonly Cell[], environments: readonly Environment[], project: Project, sources: Sources): Promise<readonly Advice[]> {
  const gaps = new Map<Target, Cell[]>();
  for (const cell of cells.filter(isGap)) gaps.set(cell.target, [cell, ...(gaps.get(cell.target) ?? [])]);
  if (gaps.size === 0 || dependency.origin.kind === 'direct' || dependency.origin.kind === 'conda') return [];
  return Promise.all([...gaps.values()].map(async (ofTarget) => {
    const all = await Promise.all(ofTarget.map((cell) => adviseCell(dependency, cell, environments, project, sources)));
    const best = all.find(({ alternatives, elsewhere }) => alternatives.newer !== undefined || alternatives.older !== undefined || elsewhere.length > 0) ?? all[0]!;
    return { ...best, isForOneOfSeveral: all.length > 1 };
  }));
}

async function adviseCell(dependency: Dependency, { target, interpreter, answer }: Cell, environments: readonly Environment[], project: Project, sources: Sources): Promise<Omit<Advice, 'isForOneOfSeveral'>> {
  const { ranks } = environments.find((each) => each.target === target && each.interpreter === interpreter)!;
  const wish = wishOf(dependency, project);
  const { catalogue, errors } = await sources.listing(dependency);
  const version = 'version' in answer && answer.version !== undefined ? parseVersion(answer.version) : undefined;
  const elsewhere = await Promise.all(otherIndexesOf(dependency.name, sources).map(async (index) => {
    const other = await sources.elsewhere(index, dependency.name);
    const decision = decide(other.catalogue, ranks, { ...wish, hashes: undefined });
    return decision.outcome === 'wheel' ? [{ index: splitCredentials(index).url, version: decision.version, file: decision.file }] : [];
  }));
  const build = answer.outcome === 'source' ? await buildEffort(answer, dependency, sources) : undefined;
  const isSilent = errors.length > 0 && catalogue.releases.length === 0;
  return { target, python: interpreter.id, isSilent, alternatives: findAlternatives(catalogue, version, ranks, wish), elsewhere: elsewhere.flat(), ...(build === undefined ? {} : { build }) };
}

/** Projects that keep wheels away from PyPI (pytorch.org/get-started, 2026-11). */
const homes: readonly { readonly index: string; readonly names: ReadonlySet<string> }[] = [
  { index: 'https://download.pytorch.org/whl/cpu/', names: new Set(['torch', 'torchvision', 'torchaudio']) },
];

function otherIndexesOf(name: string, sources: Sources): readonly string[] {
  if (sources.index.isOffline) return [];
  return [...sources.otherIndexes, ...homes.filter(({ names }) => names.has(name)).map(({ index }) => index)];
}

async function buildEffort(answer: Extract<Answer, { outcome: 'source' }>, dependency: Dependency, sources: Sources): Promise<BuildEffort | undefined> {
  const { catalogue } = await sources.listing(dependency);
  const locked = dependency.origin.kind === 'locked' ? dependency.origin.locked.files : [];
  const listed = catalogue.releases.flatMap(({ sdists }) => sdists.map(({ file }) => file));
  const file = [...locked, ...listed].find(({ filename }) => filename === answer.file);
  if (file === undefined || !/\.(tar\.gz|tgz)$/.test(lastPart(file.url) ?? '')) return undefined;
  return sources.build(file);
}
