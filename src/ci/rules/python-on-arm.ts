import type { JobView, Leg } from '#ci/model/legs.ts';
import { pythonsIn } from '#ci/model/legs.ts';
import { pythonObstacle } from '#ci/model/obstacles.ts';
import { referencesIn } from '#ci/model/expressions.ts';
import { inputText } from '#ci/model/workflow.ts';
import type { Analysis, Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt, fixIn } from '#ci/rules/rule.ts';
import { appendItems, appendKey, scalarText } from '#ci/source/edits.ts';
import { sourceOf, textOf } from '#ci/source/nodes.ts';

/** Arm legs whose Python cannot be installed, or whose dependencies cannot. */
export const pythonOnArm: Rule = {
  name: 'python-on-arm',
  summary: 'an Arm leg with a Python, or with dependencies, that cannot be installed there',
  link: 'https://github.com/actions/python-versions',
  find: (analysis) => analysis.views.flatMap((view) => view.legs.flatMap((leg) => obstacle(analysis, view, leg))),
};

function obstacle(analysis: Analysis, view: JobView, leg: Leg): readonly Finding[] {
  if (leg.runner?.arch !== 'arm64') return [];
  const found = pythonObstacle(analysis.project, view, leg, leg.runner);
  if (found === undefined) return [];
  const fix = exclusion(view, leg, found.message);
  return [findingAt(pythonOnArm, found.file, found.offset, {
    severity: 'error', job: view.job.id, message: `job ${view.job.id}: ${found.message}`, link: found.link,
    ...(fix === undefined ? { advice: 'leave this leg out, or use another version' } : { fix }),
  })];
}

/** Leaves out the one combination: the axes that choose the runner and the one that chooses the Python. */
function exclusion(view: JobView, leg: Leg, message: string): Fix | undefined {
  const { job, matrix } = view;
  const { file } = job;
  if (matrix?.node === undefined || leg.include !== undefined) return undefined;
  const steps = pythonsIn(view, leg).map(({ step }) => inputText(step, 'python-version') ?? '');
  // A version that is written in the step is the same for all legs: another version mends it, not a leg less.
  if (!steps.some((text) => text.includes('matrix.'))) return undefined;
  const used = [textOf(file, job.runsOn) ?? '', ...steps].flatMap((text) => referencesIn(text)).map((name) => /^matrix\.([\w-]+)/.exec(name)?.[1]);
  const keys = matrix.axes.map((axis) => axis.name).filter((name) => used.includes(name) && matrix.axes.find((axis) => axis.name === name)?.values.length !== 1);
  const values = keys.map((key) => {
    const value = leg.axes[key];
    return value?.node === undefined ? scalarText(String(value?.value ?? '')) : sourceOf(file, value.node).trimEnd();
  });
  if (keys.length === 0 || values.some((value) => value.includes('\n'))) return undefined;
  const pairs = keys.map((key, index) => `${key}: ${values[index] ?? ''}`);
  const flow = `{ ${pairs.join(', ')} }`;
  const edits = matrix.exclude === undefined
    ? appendKey(file, matrix.node, ['exclude:', ...pairs.map((pair, index) => `${index === 0 ? '  - ' : '    '}${pair}`)], `exclude: [${flow}]`)
    : appendItems(file, matrix.exclude, [matrix.exclude.flow === true ? flow : pairs.join('\n')]);
  return fixIn(file, edits, `leaves out ${keys.map((key, index) => `${key} ${(values[index] ?? '').replace(/^['"]|['"]$/g, '')}`).join(' with ')}: ${message}`);
}
