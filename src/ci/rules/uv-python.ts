import type { JobView } from '#ci/model/legs.ts';
import { mayRun } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import { environmentMaps, inputNode, inputText, usesAction } from '#ci/model/workflow.ts';
import type { Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt, fixIn } from '#ci/rules/rule.ts';
import { entryOf, startOf, endOf } from '#ci/source/nodes.ts';

/** On Windows on Arm uv prefers an emulated x64 Python unless it is told otherwise. */
export const uvPython: Rule = {
  name: 'uv-python',
  summary: 'uv on a Windows Arm runner takes an emulated x64 Python',
  link: 'https://github.com/astral-sh/uv/issues/12906',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.flatMap((step) => emulated(view, step))),
};

function emulated(view: JobView, step: Step): readonly Finding[] {
  const arm = view.legs.find((leg) => leg.runner?.os === 'windows' && leg.runner.arch === 'arm64' && mayRun(leg, step));
  if (!usesAction(step, 'astral-sh/setup-uv') || arm === undefined) return [];
  if (view.job.steps.some((each) => usesAction(each, 'actions/setup-python') && mayRun(arm, each))) return [];
  if (environmentMaps(view.job, step).some(({ file, map }) => entryOf(file, map, 'UV_PYTHON') !== undefined)) return [];
  if (inputText(step, 'python-version')?.includes('aarch64') === true) return [];
  const fix = fixOf(step);
  return [findingAt(uvPython, step.file, startOf(step.node), {
    severity: 'error', job: view.job.id, message: `job ${view.job.id} uses uv on ${arm.labels.join(', ')}, where it takes an emulated x64 Python: nothing is tested on Arm`,
    ...(fix === undefined ? { advice: 'set UV_PYTHON to a name like cpython-3.13-windows-aarch64-none in that leg' } : { fix }),
  })];
}

function fixOf(step: Step): Fix | undefined {
  const node = inputNode(step, 'python-version');
  const text = inputText(step, 'python-version');
  if (node === undefined || text === undefined) return undefined;
  const inner = /^\$\{\{\s*(matrix\.[\w.-]+)\s*\}\}$/.exec(text)?.[1] ?? (/^\d+\.\d+t?$/.test(text) ? `'${text}'` : undefined);
  if (inner === undefined) return undefined;
  const value = `\${{ runner.os == 'Windows' && runner.arch == 'ARM64' && format('cpython-{0}-windows-aarch64-none', ${inner}) || ${inner} }}`;
  return fixIn(step.file, [{ start: startOf(node), end: endOf(node), text: value }], 'names the Arm build of Python for uv on Windows Arm');
}
