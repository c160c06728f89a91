import type { Scalar } from 'yaml';
import { evaluateTemplate } from '#ci/model/expressions.ts';
import type { JobView } from '#ci/model/legs.ts';
import { contextsIn, mayRun } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import { inputNode, usesAction } from '#ci/model/workflow.ts';
import type { Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt, fixIn } from '#ci/rules/rule.ts';
import { removeKey, replaceScalar } from '#ci/source/edits.ts';
import { mapOf, startOf, textOf, valueOf } from '#ci/source/nodes.ts';

/** A setup action that is told to install x64 on an Arm runner. */
export const fixedArchitecture: Rule = {
  name: 'fixed-architecture',
  summary: 'a setup action with `architecture: x64` on an Arm runner',
  link: 'https://github.com/actions/setup-python/blob/main/docs/advanced-usage.md#using-architecture-input',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.flatMap((step) => fixed(view, step))),
};

function fixed(view: JobView, step: Step): readonly Finding[] {
  const node = inputNode(step, 'architecture');
  if (node === undefined || !usesAction(step, 'actions/setup-python', 'actions/setup-node', 'actions/setup-java', 'actions/setup-go', 'actions/setup-dotnet')) return [];
  const text = textOf(step.file, node) ?? '';
  const wrong = view.legs.filter((leg) => {
    if (leg.runner?.arch !== 'arm64' || leg.runner.os === 'macos' || !mayRun(leg, step)) return false;
    const value = evaluateTemplate(text, contextsIn(leg, step));
    return value.known && ['x64', 'x86', 'amd64'].includes(String(value.value));
  });
  if (wrong.length === 0) return [];
  const onMac = view.legs.some((leg) => leg.runner?.os === 'macos' && leg.runner.arch === 'arm64' && mayRun(leg, step));
  const literal = !text.includes('${{');
  const fix = !literal ? undefined : onMac ? exceptOnMac(step, node, text) : withoutArchitecture(step);
  return [findingAt(fixedArchitecture, step.file, startOf(node), {
    severity: 'error', job: view.job.id, message: `job ${view.job.id} asks for ${text} on ${wrong[0]?.labels.join(', ') ?? ''}`,
    ...(fix === undefined ? { advice: 'give the architecture of the runner; left, because the value is computed' } : { fix }),
  })];
}

/** On macOS x64 means Rosetta, which may be meant and stays. */
function exceptOnMac(step: Step, node: Scalar, text: string): Fix {
  const value = `\${{ runner.os != 'macOS' && runner.arch == 'ARM64' && 'arm64' || '${text}' }}`;
  return fixIn(step.file, [replaceScalar(step.file, node, value)], 'Linux and Windows on Arm get their own architecture; the others stay as they are');
}

/** Without the input the action takes the architecture of the runner, which on the x64 legs is x64 as before. */
function withoutArchitecture(step: Step): Fix | undefined {
  const inputs = mapOf(step.file, valueOf(step.file, step.node, 'with'));
  if (inputs === undefined) return undefined;
  const edit = inputs.items.length > 1 ? removeKey(step.file, inputs, 'architecture') : removeKey(step.file, step.node, 'with');
  return edit === undefined ? undefined : fixIn(step.file, [edit], 'without `architecture` each leg gets its own; x64 runners get x64 as before');
}
