import { actionProblem } from '#ci/facts.ts';
import type { JobView } from '#ci/model/legs.ts';
import { mayRun } from '#ci/model/legs.ts';
import { buildsWheels, isPublish } from '#ci/model/purpose.ts';
import type { Step } from '#ci/model/workflow.ts';
import { addCondition } from '#ci/rules/conditions.ts';
import type { Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt, fixIn } from '#ci/rules/rule.ts';
import { replaceScalar } from '#ci/source/edits.ts';
import { startOf } from '#ci/source/nodes.ts';

/** Publishing from an Arm leg: twice, or with an action that does not start there. */
export const publishOnArm: Rule = {
  name: 'publish-on-arm',
  summary: 'a step that publishes, in an Arm leg',
  link: 'https://github.com/pypa/gh-action-pypi-publish/issues/356',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.filter(isPublish).flatMap((step) => published(view, step))),
};

function published(view: JobView, step: Step): readonly Finding[] {
  const arm = view.legs.find((leg) => leg.runner?.arch === 'arm64' && leg.runner.os !== 'macos' && mayRun(leg, step));
  if (arm?.runner === undefined) return [];
  const problem = step.uses === undefined ? undefined : actionProblem(step.uses, arm.runner.os, 'arm64');
  const beside = view.legs.some((leg) => leg.runner?.arch === 'x64' && mayRun(leg, step));
  // Each leg uploads the wheels it made: that works on Arm as elsewhere, unless the action does not start.
  if (problem === undefined && (!beside || buildsWheels(view))) return [];
  const what = step.uses ?? (step.run ?? '').trim().split('\n')[0] ?? '';
  const message = problem === undefined
    ? `job ${view.job.id} publishes from ${arm.runner.label} what its x64 leg publishes already (${what})`
    : `job ${view.job.id} uses ${what} on ${arm.runner.label}, where it does not run: ${problem.problem}`;
  const fix = fixOf(view, step, beside);
  return [findingAt(publishOnArm, step.file, startOf(step.node), {
    severity: 'error', job: view.job.id, message, ...(problem === undefined ? {} : { link: problem.link }),
    ...(fix === undefined ? { advice: 'upload the files as artifacts and publish them in a job of its own on ubuntu-latest' } : { fix }),
  })];
}

function fixOf(view: JobView, step: Step, beside: boolean): Fix | undefined {
  if (beside) {
    if (buildsWheels(view)) return undefined;
    const edit = addCondition(step, "runner.arch == 'X64'");
    return edit === undefined ? undefined : fixIn(step.file, [edit], 'publishes once, from the x64 leg');
  }
  if (view.site.kind !== 'literal' || buildsWheels(view)) return undefined;
  return fixIn(view.job.file, [replaceScalar(view.job.file, view.site.node, 'ubuntu-latest')], 'publishes from x64, where the action runs; what it publishes was made elsewhere');
}
