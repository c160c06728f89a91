import actions from '#ci/data/actions.json' with { type: 'json' };
import images from '#ci/data/images.json' with { type: 'json' };
import prices from '#ci/data/prices.json' with { type: 'json' };
import pythons from '#ci/data/pythons.json' with { type: 'json' };
import runners from '#ci/data/runners.json' with { type: 'json' };

export type System = 'linux' | 'windows' | 'macos';
export type Architecture = 'x64' | 'arm64';

export const systems: readonly System[] = ['linux', 'windows', 'macos'];

/** A runner hosted by GitHub. */
export interface Runner {
  readonly label: string;
  readonly image: string;
  readonly os: System;
  readonly arch: Architecture;
  /** The Arm runner to set beside one that is not Arm. */
  readonly armLabel: string | undefined;
}

interface Image {
  readonly os: string;
  readonly arch: string;
  readonly armLabel?: string;
}

interface Stage {
  readonly from: string;
  readonly image: string;
}

const imageTable: Readonly<Record<string, Image>> = runners.images;
const aliasTable: Readonly<Record<string, readonly Stage[]>> = runners.aliases;

/** The image behind a label at a date (`YYYY-MM-DD`): `-latest` labels move. */
export function runnerOf(label: string, today: string): Runner | undefined {
  const lower = label.toLowerCase();
  const image = aliasTable[lower]?.findLast((stage) => stage.from <= today)?.image ?? lower;
  const facts = imageTable[image];
  if (facts === undefined) return undefined;
  return { label: lower, image, os: facts.os as System, arch: facts.arch as Architecture, armLabel: facts.armLabel };
}

/** Where a `-latest` label is about to move, if the table knows. */
export function nextImage(label: string, today: string): Stage | undefined {
  return aliasTable[label.toLowerCase()]?.find((stage) => stage.from > today);
}

export interface Retirement {
  readonly since: string;
  readonly announced: string | undefined;
  readonly use: string;
  readonly link: string;
}

export function retirementOf(label: string): Retirement | undefined {
  const table: Readonly<Record<string, { since: string; announced?: string; use: string; link: string }>> = runners.retired;
  const row = table[label.toLowerCase()];
  return row === undefined ? undefined : { ...row, announced: row.announced };
}

/** The label that was meant by one that looks right but is none. */
export function meantLabel(label: string): string | undefined {
  const table: Readonly<Record<string, string>> = runners.neverExisted;
  return table[label.toLowerCase()];
}

export const runnerCoverage: string = runners.coverage;

/** `3.13`, `3.13t`, `pypy3.11`; undefined for ranges and expressions, which always find something. */
function minorOf(version: string): string | undefined {
  const exact = /^(\d+\.\d+)(?:\.\d+)?(?:[-.]?(?:dev|(?:alpha|beta|rc|a|b)\.?\d*))?(t)?$/.exec(version.trim());
  return exact === null ? undefined : `${exact[1] ?? ''}${exact[2] ?? ''}`;
}

/** Whether actions/setup-python has the version for the image; undefined when that cannot be told. */
export function pythonAvailable(runner: Runner, version: string): boolean | undefined {
  if (/^(pypy|graalpy)/i.test(version)) return pythons.noPyPy.includes(runner.image) ? false : undefined;
  const table: Readonly<Record<string, readonly string[]>> = pythons.images;
  const known = table[runner.image];
  const minor = minorOf(version);
  if (known === undefined || minor === undefined) return undefined;
  const exact: Readonly<Record<string, readonly string[]>> | undefined = runner.os === 'macos' ? pythons.exact.macos : undefined;
  return known.includes(minor) || exact?.[minor] !== undefined && (version === minor || exact[minor].includes(version));
}

export interface ActionFacts {
  readonly problem: string;
  readonly link: string;
  /** The action is for publishing: one leg is enough. */
  readonly publishes: boolean;
}

/** What is known against running the action there. */
export function actionProblem(uses: string, os: System, arch: Architecture): ActionFacts | undefined {
  const table: Readonly<Record<string, { problem: string; link: string; platforms?: string[]; missing?: string[]; publishes?: boolean }>> = actions.actions;
  const name = uses.split('@')[0]?.toLowerCase() ?? '';
  const key = Object.keys(table).find((candidate) => name === candidate || name.startsWith(`${candidate}/`));
  const facts = key === undefined ? undefined : table[key];
  if (facts === undefined) return undefined;
  const platform = `${os}/${arch}`;
  const runs = facts.platforms === undefined ? facts.missing?.includes(platform) !== true : facts.platforms.includes(platform);
  return runs ? undefined : { problem: facts.problem, link: facts.link, publishes: facts.publishes === true };
}

export type ImageAnswer = { readonly kind: 'arm64' | 'unknown' } | { readonly kind: 'amd64-only'; readonly link: string };

/** Whether a container image can be had for linux/arm64. */
export function imageAnswer(reference: string): ImageAnswer {
  const plain = reference.replace(/^docker:\/\//, '').replace(/^(docker\.io\/)?(library\/)?/, '').replace(/@sha256:.*/, '');
  const name = plain.replace(/:[^/:]*$/, '');
  const only: Readonly<Record<string, string>> = images.amd64Only;
  const version = /^(.*:\d+\.\d+)/.exec(plain)?.[1] ?? plain;
  const link = only[name] ?? only[version];
  if (link !== undefined) return { kind: 'amd64-only', link };
  return { kind: images.arm64.includes(name) || name === 'mysql' ? 'arm64' : 'unknown' };
}

export function isAlpine(reference: string): boolean {
  const plain = reference.replace(/^(docker\.io\/)?(library\/)?/, '');
  return images.alpine.includes(plain.split(':')[0] ?? '') || /:[^/]*alpine/.test(plain) || /musllinux/.test(plain);
}

/** `quay.io/pypa/manylinux_2_28_x86_64` has a twin for each architecture. */
export function pypaImage(reference: string): { readonly family: 'manylinux' | 'musllinux'; readonly arch: string } | undefined {
  const match = /(?:^|\/)pypa\/(manylinux|musllinux)[\w.]*?_(x86_64|aarch64|i686|armv7l|ppc64le|s390x)\b/.exec(reference);
  return match === null ? undefined : { family: match[1] as 'manylinux' | 'musllinux', arch: match[2] ?? '' };
}

export function pricePerMinute(os: System, arch: Architecture): number {
  return prices.perMinute[os][arch];
}

export interface DataAge {
  readonly name: string;
  readonly checked: string;
  readonly days: number;
}

/** How old each table is. */
export function dataAges(today: string): readonly DataAge[] {
  const tables = { runners, pythons, prices, actions, images };
  return Object.entries(tables).map(([name, table]) => ({
    name, checked: table.checked, days: Math.max(0, Math.round((Date.parse(today) - Date.parse(table.checked)) / 86_400_000)),
  }));
}
