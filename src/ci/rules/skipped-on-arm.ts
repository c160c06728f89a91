import { alternativesOf, withoutAlternatives } from '#ci/cibuildwheel/selectors.ts';
import { isCibuildwheel, settingFor, wordsIn } from '#ci/cibuildwheel/settings.ts';
import type { Setting } from '#ci/cibuildwheel/settings.ts';
import { removeSetting, writeWords } from '#ci/cibuildwheel/write-words.ts';
import type { System } from '#ci/facts.ts';
import type { JobView } from '#ci/model/legs.ts';
import { mayRun } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import type { Analysis, Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt, findingWith } from '#ci/rules/rule.ts';
import { startOf } from '#ci/source/nodes.ts';

const patterns: Readonly<Record<System, RegExp>> = {
  linux: /^\S*(?:linux|manylinux|musllinux)?[*_]?_?aarch64$/, windows: /^\S*win_?arm64$/, macos: /^\S*macosx?[*_]arm64$/,
};

/** Wheels for Arm that are built on a native runner and not tested there: what was left out for the sake of emulation. */
export const skippedOnArm: Rule = {
  name: 'skipped-on-arm',
  summary: 'cibuildwheel skips the tests of Arm wheels although it runs on Arm',
  link: 'https://cibuildwheel.pypa.io/en/stable/options/#test-skip',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.filter(isCibuildwheel).flatMap((step) => (['linux', 'windows', 'macos'] as const).flatMap((os) => [
    ...skipped(analysis, view, step, os, 'test-skip'), ...skipped(analysis, view, step, os, 'skip'),
  ]))),
};

function skipped(analysis: Analysis, view: JobView, step: Step, os: System, option: 'skip' | 'test-skip'): readonly Finding[] {
  const leg = view.legs.find((each) => each.runner?.os === os && each.runner.arch === 'arm64' && mayRun(each, step));
  const setting = leg === undefined ? undefined : settingFor(analysis.project, view, step, option, os);
  const words = leg === undefined || setting === undefined ? undefined : wordsIn(setting, leg, step);
  if (setting === undefined || words === undefined) return [];
  const arm = words.flatMap(alternativesOf).filter((word) => patterns[os].test(word) && (option === 'test-skip' || /^\*[-_*](?:manylinux_?|linux_?)?\*?_?(?:aarch64|win_arm64|macosx_arm64|arm64)$/.test(word)));
  if (arm.length === 0) return [];
  const rest = words.flatMap((word) => withoutAlternatives(word, arm));
  const fix = option === 'test-skip' && !(setting.kind === 'variable' && setting.text.includes('${{')) ? without(setting, rest, arm) : undefined;
  const message = option === 'test-skip' ? `the tests of ${arm.join(' ')} are skipped, although job ${view.job.id} runs on ${leg?.labels.join(', ') ?? ''}`
    : `${arm.join(' ')} is not built, although job ${view.job.id} runs on ${leg?.labels.join(', ') ?? ''}`;
  return [at(setting, {
    severity: 'warning', job: view.job.id, message, ...(fix === undefined ? { advice: 'take it out of the setting unless there is a reason besides speed' } : { fix }),
  })];
}

function without(setting: Setting, rest: readonly string[], arm: readonly string[]): Fix | undefined {
  const change = rest.length === 0 ? removeSetting(setting) : writeWords(setting, rest);
  return change === undefined ? undefined : { changes: [change], reason: `tests ${arm.join(' ')} too: on a native runner that takes no longer than elsewhere` };
}

function at(setting: Setting, report: Parameters<typeof findingAt>[3]): Finding {
  if (setting.kind === 'variable') return findingAt(skippedOnArm, setting.file, startOf(setting.node), report);
  const { line, column } = setting.setting;
  return findingWith(skippedOnArm, { file: setting.file.path, line, column }, report);
}
