import { isScalar } from 'yaml';
import type { JobView } from '#ci/model/legs.ts';
import { mayRun } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import type { Finding, Rule } from '#ci/rules/rule.ts';
import { findingAt, fixIn } from '#ci/rules/rule.ts';
import { entryOf, sourceOf, startOf } from '#ci/source/nodes.ts';

const installs = /\b(apt-get|apt|dnf|yum|zypper|brew|choco|winget|vcpkg|scoop)\b.*\b(install|update)\b/;

/** A step that installs what the tests need on one x64 label, and so not on the Arm leg beside it. */
export const conditionOnLabel: Rule = {
  name: 'condition-on-label',
  summary: 'a step that prepares the system only for an x64 label',
  link: 'https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#matrix-context',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.flatMap((step) => [...conditioned(view, step), ...compared(view, step)])),
};

/** A script that compares the label itself: `[ "${{ matrix.os }}" = ubuntu-latest ]`. */
function compared(view: JobView, step: Step): readonly Finding[] {
  const run = entryOf(step.file, step.node, 'run');
  if (!isScalar(run?.value) || !/\$\{\{\s*matrix\.[\w.-]+\s*\}\}["']?\s*(?:==?|-eq|=~)/.test(step.run ?? '')) return [];
  const arm = view.legs.find((leg) => leg.runner?.arch === 'arm64' && mayRun(leg, step))?.runner;
  const label = view.legs.find((leg) => leg.runner?.arch === 'x64' && leg.runner.os === arm?.os && leg.labels.some((each) => step.run?.includes(each) === true))?.labels[0];
  if (arm === undefined || label === undefined || step.run?.includes(arm.label) === true) return [];
  return [findingAt(conditionOnLabel, step.file, startOf(run.value), {
    severity: 'note', job: view.job.id, message: `a script of job ${view.job.id} does something on ${label} only, and not on ${arm.label}`,
    advice: 'compare `runner.os`, unless only x64 is meant',
  })];
}

function conditioned(view: JobView, step: Step): readonly Finding[] {
  const condition = entryOf(step.file, step.node, 'if');
  if (!isScalar(condition?.value) || !installs.test(step.run ?? '') || step.file !== view.job.file) return [];
  const source = sourceOf(step.file, condition.value);
  const comparison = /matrix\.[\w-]+(?:\.[\w-]+)?\s*==\s*'+([\w.-]+)'+/g;
  return [...source.matchAll(comparison)].flatMap((match): Finding[] => {
    const label = match[1] ?? '';
    const x64 = view.legs.find((leg) => leg.labels.includes(label))?.runner;
    const arm = view.legs.find((leg) => leg.runner?.os === x64?.os && leg.runner?.arch === 'arm64' && !mayRun(leg, step))?.runner;
    if (x64?.arch !== 'x64' || arm === undefined || source.includes(arm.label)) return [];
    const start = startOf(condition.value) + match.index;
    const both = `(${match[0]} || ${match[0].replace(label, arm.label)})`;
    const alone = source.trim() === match[0];
    return [findingAt(conditionOnLabel, step.file, start, {
      severity: 'error', job: view.job.id, message: `job ${view.job.id} installs system packages on ${label} but not on ${arm.label}`,
      fix: fixIn(step.file, [{ start, end: start + match[0].length, text: alone ? both.slice(1, -1) : both }], `${arm.label} needs the same packages as ${label}`),
    })];
  });
}
