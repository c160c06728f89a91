import { isScalar } from 'yaml';
import { isAlpine, runnerOf } from '#ci/facts.ts';
import type { JobView } from '#ci/model/legs.ts';
import { dependsOnProcessor } from '#ci/model/purpose.ts';
import { containerImage, usesAction } from '#ci/model/workflow.ts';
import type { Analysis, Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt, fixIn } from '#ci/rules/rule.ts';
import { insertJob, mapIndent } from '#ci/source/edits.ts';
import { endOf, entriesOf, sourceOf, startOf, textOf, valueOf } from '#ci/source/nodes.ts';
import { indentAt } from '#ci/source/text.ts';

/** Tests in an Alpine container: on arm64 actions do not start there, so the container is started in a step. */
export const alpineContainer: Rule = {
  name: 'alpine-container',
  summary: 'tests in an Alpine container run on x64 only',
  link: 'https://github.com/actions/runner/issues/801',
  find: (analysis) => analysis.views.flatMap((view) => untested(analysis, view)),
};

function untested(analysis: Analysis, view: JobView): readonly Finding[] {
  const image = containerImage(view.job);
  const text = textOf(view.job.file, image) ?? '';
  const [leg] = view.legs;
  const label = leg?.runner?.armLabel;
  if (image === undefined || text.includes('${{') || !isAlpine(text) || label === undefined || !analysis.targets.includes('linux') || !dependsOnProcessor(view)) return [];
  if (leg?.runner?.os !== 'linux' || leg.runner.arch !== 'x64' || tested(analysis, view, text)) return [];
  const result = twinJob(analysis, view, text, label);
  const message = `job ${view.job.id} tests in ${text} on x64 only; a container of the job does not work on Arm`;
  return [findingAt(alpineContainer, view.job.file, startOf(image), {
    severity: 'warning', job: view.job.id, os: 'linux', message: typeof result === 'string' ? `${message}; left, because ${result}` : message,
    ...(typeof result === 'string' ? { advice: `start the container with \`docker run\` in a step of a job on ${label}` } : { fix: result }),
  })];
}

/** Another job on Arm starts the image by itself. */
function tested(analysis: Analysis, view: JobView, image: string): boolean {
  return analysis.views.some((other) => other.workflow === view.workflow && other.legs.some((leg) => leg.runner?.arch === 'arm64')
    && other.job.steps.some((step) => step.run?.includes('docker run') === true && step.run.includes(image)));
}

/** Keys of a job and of a step that the new job does not lose anything by leaving out or copying. */
const plainJobKeys = ['runs-on', 'container', 'steps', 'name', 'needs', 'if', 'timeout-minutes'];

function twinJob(analysis: Analysis, view: JobView, image: string, label: string): Fix | string {
  const { job } = view;
  const { file } = job;
  const key = entriesOf(file, job.node).map((entry) => String(entry.key.value)).find((name) => !plainJobKeys.includes(name));
  if (key !== undefined) return `the job has ${key}`;
  const container = valueOf(file, job.node, 'container');
  if (!isScalar(container) && entriesOf(file, container).length > 1) return 'its container has settings besides the image';
  const id = `${job.id}-arm`;
  if (view.workflow.jobs.some((other) => other.id === id) || runnerOf(label, analysis.project.today) === undefined) return `there is a job ${id} already`;
  const [checkout, ...rest] = job.steps;
  if (checkout === undefined || !usesAction(checkout, 'actions/checkout')) return 'its first step is not a checkout';
  const script: string[] = [];
  for (const step of rest) {
    const odd = entriesOf(file, step.node).map((entry) => String(entry.key.value)).find((name) => !['run', 'name'].includes(name));
    if (step.run === undefined || odd !== undefined) return `a step has \`${odd ?? 'no run'}\`, which does not work in a script`;
    if (/\$\{\{|'|^GITHUB_|\$GITHUB_/m.test(step.run)) return 'a script has expressions, quotes or variables that a shell in a shell would change';
    script.push(...step.run.trimEnd().split('\n'));
  }
  const unit = ' '.repeat(Math.max(2, mapIndent(file, job.node) - indentAt(file.text, startOf(job.key))));
  const first = sourceOf(file, checkout.node).trimEnd().split(/\r?\n/).map((line, index) => (index === 0 ? `- ${line}` : line.slice(indentAt(file.text, startOf(checkout.node)) - 2)));
  const steps = [
    ...first, `- name: Test in ${image}`, '  run: |',
    `    docker run --rm --volume "$GITHUB_WORKSPACE:/work" --workdir /work ${image} sh -ec '`, ...script.map((line) => (line === '' ? '' : `    ${line}`)), "    '",
  ];
  const lines = [`${id}:`, `${unit}runs-on: ${label}`, `${unit}steps:`, ...steps.map((line) => (line === '' ? '' : unit + unit + line))];
  return fixIn(file, [insertJob(file, endOf(job.node), indentAt(file.text, startOf(job.key)), lines)], `tests in ${image} on ${label}, in a container that a step starts`);
}
