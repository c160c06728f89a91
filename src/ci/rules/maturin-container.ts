import { evaluateTemplate } from '#ci/model/expressions.ts';
import type { JobView } from '#ci/model/legs.ts';
import { contextsIn, mayRun } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import { containerImage, inputText, usesAction } from '#ci/model/workflow.ts';
import type { Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt, fixIn } from '#ci/rules/rule.ts';
import { appendKey, insertBehind, mapIndent } from '#ci/source/edits.ts';
import { endOf, entryOf, mapOf, startOf, valueOf } from '#ci/source/nodes.ts';

/** On an Arm runner maturin-action builds outside a container and names the wheel linux_aarch64, which PyPI refuses. */
export const maturinContainer: Rule = {
  name: 'maturin-container',
  summary: 'maturin-action on a Linux Arm runner without a container',
  link: 'https://github.com/PyO3/maturin-action/issues/315',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.flatMap((step) => uncontained(view, step))),
};

function uncontained(view: JobView, step: Step): readonly Finding[] {
  if (!usesAction(step, 'pyo3/maturin-action') || inputText(step, 'container') !== undefined || containerImage(view.job) !== undefined) return [];
  const command = inputText(step, 'command') ?? 'build';
  if (!['build', 'publish'].includes(command) || inputText(step, 'manylinux') === 'off') return [];
  const arm = view.legs.find((leg) => leg.runner?.os === 'linux' && leg.runner.arch === 'arm64' && mayRun(leg, step));
  if (arm === undefined) return [];
  const wanted = evaluateTemplate(inputText(step, 'manylinux') ?? 'auto', contextsIn(arm, step));
  const image = imageFor(wanted.known ? String(wanted.value) : 'auto');
  const mixed = view.legs.some((leg) => leg.runner !== undefined && !(leg.runner.os === 'linux' && leg.runner.arch === 'arm64') && mayRun(leg, step));
  const fix = image === undefined ? undefined : fixOf(step, mixed ? `\${{ runner.os == 'Linux' && runner.arch == 'ARM64' && '${image}' || '' }}` : image);
  return [findingAt(maturinContainer, step.file, startOf(step.node), {
    severity: 'error', job: view.job.id, message: `maturin-action builds without a container on ${arm.labels.join(', ')}: the wheel is tagged linux_aarch64, which PyPI refuses`,
    ...(fix === undefined ? { advice: 'set `container` to the manylinux image for aarch64' } : { fix }),
  })];
}

/** Images of PyPA by the value of `manylinux`. */
function imageFor(manylinux: string): string | undefined {
  if (['auto', '2014', 'manylinux2014', '2_17', 'manylinux_2_17'].includes(manylinux)) return 'quay.io/pypa/manylinux2014_aarch64';
  const version = /^(?:manylinux_)?(2_(?:28|31|34|39))$/.exec(manylinux)?.[1];
  if (version !== undefined) return `quay.io/pypa/manylinux_${version}_aarch64`;
  return /^musllinux_1_[12]$/.test(manylinux) ? `quay.io/pypa/${manylinux}_aarch64` : undefined;
}

function fixOf(step: Step, container: string): Fix {
  const inputs = mapOf(step.file, valueOf(step.file, step.node, 'with'));
  const uses = entryOf(step.file, step.node, 'uses');
  const line = `container: ${container}`;
  const edits = inputs === undefined
    ? [insertBehind(step.file, endOf(uses?.value), mapIndent(step.file, step.node), ['with:', `  ${line}`])]
    : appendKey(step.file, inputs, [line], line);
  return fixIn(step.file, edits, 'builds in the manylinux image for aarch64, so that the wheel has a tag PyPI takes');
}
