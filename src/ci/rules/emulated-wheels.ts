import { isMap, isScalar, isSeq } from 'yaml';
import type { Setting } from '#ci/cibuildwheel/settings.ts';
import { isCibuildwheel, settingFor, wordsIn } from '#ci/cibuildwheel/settings.ts';
import { writeWords } from '#ci/cibuildwheel/write-words.ts';
import type { System } from '#ci/facts.ts';
import { addLegs } from '#ci/legs/add-legs.ts';
import type { JobView, Leg } from '#ci/model/legs.ts';
import { mayRun } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import { foreignWords, qemuOnlyIf, qemuSteps, withoutQemu } from '#ci/rules/emulation.ts';
import type { Analysis, FileEdits, Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt } from '#ci/rules/rule.ts';
import { replaceScalar } from '#ci/source/edits.ts';
import { entryOf, startOf, textOf } from '#ci/source/nodes.ts';

const armWords: Readonly<Partial<Record<System, string>>> = { linux: 'aarch64', windows: 'arm64' };
/** What `auto` stands for on an x64 runner. */
const nativeWords = ['auto', 'auto64', 'native', 'x86_64', 'amd64'];

/** cibuildwheel that makes Arm wheels on an x64 runner: emulated on Linux, cross-compiled and untested on Windows. */
export const emulatedWheels: Rule = {
  name: 'emulated-wheels',
  summary: 'cibuildwheel builds Arm wheels on an x64 runner',
  link: 'https://cibuildwheel.pypa.io/en/stable/faq/#emulation',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.filter(isCibuildwheel)
    .flatMap((step) => (['linux', 'windows'] as const).flatMap((os) => emulated(analysis, view, step, os)))),
};

/** A list written out for x64, which a leg on Arm would take literally. */
function onlyX64(setting: Setting, words: readonly string[]): boolean {
  const literal = setting.kind === 'toml' || !setting.text.includes('${{');
  return literal && words.length > 0 && words.every((word) => ['x86_64', 'amd64', 'i686', 'x86'].includes(word));
}

interface Site {
  readonly analysis: Analysis;
  readonly view: JobView;
  readonly step: Step;
  readonly os: System;
  readonly setting: Setting;
  /** The legs on x64 that make Arm wheels, with the words of the setting. */
  readonly legs: readonly { readonly leg: Leg; readonly words: readonly string[] }[];
}

function emulated(analysis: Analysis, view: JobView, step: Step, os: System): readonly Finding[] {
  const setting = settingFor(analysis.project, view, step, 'archs', os);
  if (setting === undefined) return [];
  const legs = view.legs.flatMap((leg) => {
    if (leg.runner?.os !== os || leg.runner.arch !== 'x64' || !mayRun(leg, step)) return [];
    const words = wordsIn(setting, leg, step)?.map((word) => word.toLowerCase());
    const x64Only = words !== undefined && onlyX64(setting, words) && !view.legs.some((each) => each.runner?.os === os && each.runner.arch === 'arm64');
    return words !== undefined && (words.includes(armWords[os] ?? '') || x64Only) ? [{ leg, words }] : [];
  });
  if (legs.length === 0) return [];
  const site: Site = { analysis, view, step, os, setting, legs };
  const result = analysis.targets.includes(os) ? native(site) : 'it was not asked for';
  const arm = legs.some(({ words }) => words.includes(armWords[os] ?? ''));
  const message = !arm ? `job ${view.job.id} builds ${legs[0]?.words.join(' ') ?? ''} wheels only` : os === 'linux' ? `job ${view.job.id} builds and tests aarch64 wheels under QEMU, 5 to 20 times slower than on a native runner`
    : `job ${view.job.id} cross-compiles ARM64 wheels on x64: they are not tested`;
  return [findingAt(emulatedWheels, view.job.file, startOf(setting.kind === 'variable' && setting.file === view.job.file ? setting.node : step.node), {
    severity: 'warning', job: view.job.id, os, message: typeof result === 'string' ? `${message}; left, because ${result}` : message,
    ...(typeof result === 'string' ? {} : { fix: result }),
  })];
}

function native(site: Site): Fix | string {
  const { view, os, setting, legs } = site;
  const label = legs[0]?.leg.runner?.armLabel;
  if (label === undefined) return 'no Arm runner is known that goes with it';
  const [first = ''] = legs[0]?.words ?? [];
  if (first === armWords[os] && legs.every(({ words }) => words.length === 1)) return splitByLeg(site, label);
  if (setting.kind === 'variable' && setting.text.includes('${{')) return `the setting is ${setting.text}`;
  const onSystem = view.legs.filter((leg) => leg.runner?.os === os);
  const arm = onSystem.filter((leg) => leg.runner?.arch === 'arm64');
  const words = legs[0]?.words ?? [];
  const others = words.filter((word) => word !== armWords[os] && !nativeWords.includes(word));
  if (others.length > 0 || setting.kind === 'variable' && setting.name === 'CIBW_ARCHS' && onSystem.length < view.legs.length && words.some((word) => word !== 'auto' && word !== armWords[os])) {
    if (setting.kind !== 'variable' || view.site.kind !== 'literal') return `it also builds for ${others.join(', ') || 'other systems'}: give each runner its own list`;
  }
  const [runner] = legs.flatMap(({ leg }) => leg.runner ?? []);
  if (runner === undefined) return 'its runner is not known';
  const added = arm.length > 0 ? { kind: 'edits' as const, edits: [] } : addLegs(view, onSystem, runner, label);
  if (added.kind === 'left') return added.because;
  if (others.length > 0 && view.matrix?.axes.some((axis) => axis.name === 'os') === true) return 'its matrix has another axis called os';
  const archs = others.length === 0 ? writeWords(setting, [words.includes('auto') || words.includes(armWords[os] ?? '') ? 'auto' : 'auto64']) : perLeg(site, label, words);
  const keepsQemu = others.some((word) => foreignWords.includes(word));
  const qemu = os === 'linux' && !keepsQemu ? withoutQemu(view) : [];
  const changes = together([{ path: view.job.file.path, edits: [...added.edits, ...qemu] }, archs]);
  return { changes, reason: reasonOf(site, label, keepsQemu) };
}

function reasonOf(site: Site, label: string, keepsQemu: boolean): string {
  if (site.os === 'windows') return `builds and tests ARM64 wheels on ${label}`;
  const qemu = keepsQemu ? '; QEMU stays for the processors without a runner' : qemuSteps(site.view).length > 0 ? ' instead of QEMU' : '';
  return `builds and tests aarch64 wheels on ${label}${qemu}`;
}

/** The x64 leg keeps what it had besides Arm. */
function perLeg(site: Site, label: string, words: readonly string[]): FileEdits {
  const { setting, os } = site;
  const written = setting.kind === 'variable' ? setting.text.split(/[\s,]+/).filter((word) => word.toLowerCase() !== armWords[os]) : words;
  const arm = os === 'linux' ? 'aarch64' : 'ARM64';
  return writeWords(setting, [`\${{ matrix.os == '${label}' && '${arm}' || '${written.join(' ')}' }}`]);
}

function together(changes: readonly FileEdits[]): readonly FileEdits[] {
  const paths = [...new Set(changes.map((change) => change.path))];
  return paths.map((path) => ({ path, edits: changes.filter((change) => change.path === path).flatMap((change) => change.edits) })).filter((change) => change.edits.length > 0);
}

/** Each leg builds for one processor, which the matrix names: the Arm ones move to an Arm runner. */
function splitByLeg(site: Site, label: string): Fix | string {
  const { view, setting, legs } = site;
  const key = setting.kind === 'variable' ? /^\$\{\{\s*matrix\.([\w-]+)\s*\}\}$/.exec(setting.text)?.[1] : undefined;
  if (key === undefined) return moveWhole(site, label);
  const edits = moveEntries(site, label) ?? moveAxis(site, key, label);
  if (edits === undefined) return `its runner is chosen in a way that is not understood (matrix.${key})`;
  const foreign = view.legs.flatMap((leg) => wordsIn(setting, leg, site.step) ?? []).some((word) => foreignWords.includes(word.toLowerCase()));
  const arm = wordsIn(setting, legs[0]?.leg ?? view.legs[0]!, site.step)?.[0] ?? 'aarch64';
  const qemu = site.os !== 'linux' ? [] : foreign ? qemuOnlyIf(view, `matrix.${key} != '${arm}'`) : withoutQemu(view);
  return { changes: [{ path: view.job.file.path, edits: [...edits, ...qemu] }], reason: reasonOf(site, label, foreign) };
}

/** A job that makes nothing but Arm wheels. */
function moveWhole(site: Site, label: string): Fix | string {
  const { view } = site;
  if (view.site.kind !== 'literal' || view.legs.length !== site.legs.length) return 'its runner is not a plain label';
  const edits = [replaceScalar(view.job.file, view.site.node, label), ...withoutQemu(view)];
  return { changes: [{ path: view.job.file.path, edits }], reason: reasonOf(site, label, false) };
}

/** Entries of `include` that name their runner. */
function moveEntries(site: Site, label: string) {
  const { view, legs } = site;
  if (view.site.kind !== 'matrix' || view.site.field !== undefined || legs.some(({ leg }) => leg.include === undefined)) return undefined;
  const { key } = view.site;
  const nodes = legs.map(({ leg }) => entryOf(view.job.file, leg.include, key)?.value);
  return nodes.every((node) => isScalar(node)) ? nodes.flatMap((node) => (isScalar(node) ? [replaceScalar(view.job.file, node, label)] : [])) : undefined;
}

/** An axis of processors: the runner follows from it. */
function moveAxis(site: Site, key: string, label: string) {
  const { view, legs } = site;
  const axis = view.matrix?.axes.find((candidate) => candidate.name === key);
  const runsOn = view.job.runsOn;
  const old = legs[0]?.leg.labels[0] ?? '';
  const arm = legs[0]?.leg.axes[key]?.value;
  if (!isSeq(axis?.node) || axis.node.items.some((item) => isMap(item)) || !isScalar(runsOn) || typeof arm !== 'string') return undefined;
  const text = textOf(view.job.file, runsOn) ?? '';
  const inner = /^\$\{\{\s*(matrix\.[\w-]+)\s*\}\}$/.exec(text)?.[1];
  const condition = `matrix.${key} == '${arm}' && '${label}'`;
  if (inner === undefined) return text.includes('${{') ? undefined : [replaceScalar(view.job.file, runsOn, `\${{ ${condition} || '${text}' }}`)];
  return [replaceScalar(view.job.file, runsOn, `\${{ ${inner} == '${old}' && ${condition} || ${inner} }}`)];
}
