import type { JobView } from '#ci/model/legs.ts';
import { mayRun } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import { containerImage } from '#ci/model/workflow.ts';
import type { Finding, Rule } from '#ci/rules/rule.ts';
import { findingAt } from '#ci/rules/rule.ts';
import { entryOf, startOf } from '#ci/source/nodes.ts';

const build = /\b(?:bdist_wheel|pip3? wheel|python\S* -m build(?! .*--sdist)|uv build --wheel)\b/;

/** Wheels built outside a manylinux container get the glibc of the runner, or a tag that PyPI refuses. */
export const bareWheel: Rule = {
  name: 'bare-wheel',
  summary: 'a wheel is built on a Linux Arm runner outside a manylinux container',
  link: 'https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/#manylinux',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.flatMap((step) => bare(view, step))),
};

function bare(view: JobView, step: Step): readonly Finding[] {
  if (step.run === undefined || !build.test(step.run) || containerImage(view.job) !== undefined) return [];
  if (view.job.steps.some((each) => /auditwheel|manylinux/.test(each.run ?? ''))) return [];
  const arm = view.legs.find((leg) => leg.runner?.os === 'linux' && leg.runner.arch === 'arm64' && mayRun(leg, step));
  if (arm === undefined) return [];
  return [findingAt(bareWheel, step.file, startOf(entryOf(step.file, step.node, 'run')?.value), {
    severity: 'note', job: view.job.id, message: `job ${view.job.id} builds a wheel on ${arm.labels.join(', ')} itself: with native code it is tagged linux_aarch64, and needs the glibc of the runner`,
    advice: 'for a wheel with native code use cibuildwheel, or a manylinux container and auditwheel',
  })];
}
