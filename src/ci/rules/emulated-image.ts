import type { Scalar } from 'yaml';
import { digestSteps, mergeJob, planSplit } from '#ci/images/split-job.ts';
import { runnerOf } from '#ci/facts.ts';
import { evaluateTemplate } from '#ci/model/expressions.ts';
import type { JobView } from '#ci/model/legs.ts';
import { contextsIn, mayRun } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import { inputNode, usesAction } from '#ci/model/workflow.ts';
import { foreignWords, withoutQemu } from '#ci/rules/emulation.ts';
import type { Analysis, Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt, fixIn } from '#ci/rules/rule.ts';
import { insertBefore, insertBehind, insertJob, mapIndent, replaceScalar } from '#ci/source/edits.ts';
import { endOf, entryOf, startOf, textOf } from '#ci/source/nodes.ts';
import { indentAt } from '#ci/source/text.ts';

/** Container images for Arm that are built under QEMU. */
export const emulatedImage: Rule = {
  name: 'emulated-image',
  summary: 'a container image for Arm is built on an x64 runner under QEMU',
  link: 'https://docs.docker.com/build/ci/github-actions/multi-platform/#distribute-build-across-multiple-runners',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.flatMap((step) => emulated(analysis, view, step))),
};

function emulated(analysis: Analysis, view: JobView, step: Step): readonly Finding[] {
  const node = inputNode(step, 'platforms');
  if (node === undefined || !usesAction(step, 'docker/build-push-action', 'docker/bake-action')) return [];
  const leg = view.legs.find((each) => {
    if (each.runner?.arch !== 'x64' || !mayRun(each, step)) return false;
    const value = evaluateTemplate(textOf(step.file, node) ?? '', contextsIn(each, step));
    return value.known && /linux\/arm64/.test(String(value.value));
  });
  if (leg?.runner?.armLabel === undefined) return [];
  const result = analysis.targets.includes('linux') ? split(analysis, view, step, node, leg.runner.armLabel) : 'it was not asked for';
  const message = `job ${view.job.id} builds a linux/arm64 image under QEMU on ${leg.runner.label}`;
  return [findingAt(emulatedImage, step.file, startOf(node), {
    severity: 'warning', job: view.job.id, os: 'linux', message: typeof result === 'string' ? `${message}; left, because ${result}` : message,
    ...(typeof result === 'string' ? {} : { fix: result }),
  })];
}

function split(analysis: Analysis, view: JobView, step: Step, node: Scalar, label: string): Fix | string {
  const platforms = (textOf(step.file, node) ?? '').split(/[\s,]+/).filter((word) => word !== '');
  const { job, site } = view;
  if (site.kind !== 'literal' || view.matrix !== undefined) return 'the job has a matrix or computes its runner';
  if (step.by !== undefined) return 'the build is inside a composite action';
  if (runnerOf(label, analysis.project.today) === undefined) return `${label} is not known`;
  if (platforms.length === 1) {
    return fixIn(job.file, [replaceScalar(job.file, site.node, label), ...withoutQemu(view)], `builds the image on ${label} instead of under QEMU`);
  }
  const unsupported = platforms.filter((platform) => foreignWords.includes(platform) || !['linux/amd64', 'linux/arm64'].includes(platform));
  if (unsupported.length > 0) return `${unsupported.join(', ')} has no native runner; build linux/arm64 in a job of its own`;
  const plan = planSplit(analysis, view, step);
  if (typeof plan === 'string') return plan;
  const { file } = job;
  const runsOn = entryOf(file, job.node, 'runs-on');
  const step0 = ' '.repeat(Math.max(2, mapIndent(file, job.node) - indentAt(file.text, startOf(job.key))));
  const old = textOf(file, site.node) ?? '';
  const lines = ['strategy:', `${step0}fail-fast: false`, `${step0}matrix:`, `${step0}${step0}include:`,
    `${step0}${step0}${step0}- platform: linux/amd64`, `${step0}${step0}${step0}  arch: amd64`, `${step0}${step0}${step0}  runner: ${old}`,
    `${step0}${step0}${step0}- platform: linux/arm64`, `${step0}${step0}${step0}  arch: arm64`, `${step0}${step0}${step0}  runner: ${label}`];
  const edits = [
    insertBefore(file, startOf(runsOn?.key), lines), replaceScalar(file, site.node, '${{ matrix.runner }}'), ...withoutQemu(view),
    replaceScalar(file, node, '${{ matrix.platform }}'), ...plan.edits,
  ];
  if (plan.push === undefined) return fixIn(file, edits, `builds each platform on a runner of its own (${label}) instead of under QEMU`);
  const stepIndent = mapIndent(file, step.node) - 2;
  const end = endOf(job.node);
  const merge = mergeJob(view, plan, step0);
  return fixIn(file, [
    ...edits,
    insertBehind(file, endOf(step.node), stepIndent, digestSteps(plan, `steps.${plan.id}.outputs.digest`)),
    insertJob(file, end, indentAt(file.text, startOf(job.key)), merge),
  ], `builds each platform on a runner of its own (${label}) and joins the images by digest, instead of building under QEMU`);
}
