import type { JobView, Leg } from '#ci/model/legs.ts';
import { contextsIn, mayRun } from '#ci/model/legs.ts';
import type { Job, Step } from '#ci/model/workflow.ts';
import { inputNode, inputText, majorOf, usesAction } from '#ci/model/workflow.ts';
import { referencesIn } from '#ci/model/expressions.ts';
import { knownText } from '#ci/rules/keys.ts';
import type { Analysis, FileEdits, Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt } from '#ci/rules/rule.ts';
import type { Edit } from '#ci/source/edits.ts';
import { block, insertAt, insertBehind, mapIndent, prependKey } from '#ci/source/edits.ts';
import { endOf, entryOf, mapOf, sourceOf, startOf, valueOf } from '#ci/source/nodes.ts';

/** Since version 4 an artifact can be uploaded once in a run: the second leg with the same name fails. */
export const artifactName: Rule = {
  name: 'artifact-name',
  summary: 'legs of a job that upload an artifact of the same name',
  link: 'https://github.com/actions/upload-artifact/blob/main/docs/MIGRATION.md#multiple-uploads-to-the-same-named-artifact',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.flatMap((step) => clashing(analysis, view, step))),
};

function clashing(analysis: Analysis, view: JobView, step: Step): readonly Finding[] {
  if (!usesAction(step, 'actions/upload-artifact') || (majorOf(step) ?? 4) < 4 || inputText(step, 'overwrite') === 'true') return [];
  const text = inputText(step, 'name') ?? 'artifact';
  const legs = view.legs.filter((leg) => leg.runner !== undefined && mayRun(leg, step));
  const names = legs.map((leg) => knownText(text, contextsIn(leg, step)));
  const clash = legs.filter((_leg, index) => names.indexOf(names[index] ?? '') !== names.lastIndexOf(names[index] ?? ''));
  if (clash.length === 0 || !clash.some((leg) => leg.runner?.arch === 'arm64')) return [];
  const fix = fixOf(analysis, view, step, text, clash);
  return [findingAt(artifactName, step.file, startOf(step.node), {
    severity: majorOf(step) === undefined ? 'note' : 'error', job: view.job.id,
    message: `${String(clash.length)} legs of job ${view.job.id} upload an artifact of the same name, ${text}: from version 4 of the action on, all but the first fail`,
    ...(typeof fix === 'string' ? { advice: `put \`-\${{ strategy.job-index }}\` behind the name; left, because ${fix}` } : { fix }),
  })];
}

function fixOf(analysis: Analysis, view: JobView, step: Step, text: string, clash: readonly Leg[]): Fix | string {
  if (step.by !== undefined) return 'the name is inside an action that other jobs may use';
  if (majorOf(step) === undefined) return 'its version is a commit, and before version 4 legs could share a name';
  const twice = view.workflow.jobs.find((job) => job !== view.job && job.steps.some((each) => usesAction(each, 'actions/upload-artifact') && (inputText(each, 'name') ?? 'artifact') === text));
  if (twice !== undefined) return `job ${twice.id} uploads to the same name`;
  const suffix = suffixFor(view, text, clash);
  const changes: FileEdits[] = [{ path: step.file.path, edits: uploadEdits(step, suffix) }];
  for (const job of view.workflow.jobs) {
    for (const download of job.steps.filter((each) => usesAction(each, 'actions/download-artifact'))) {
      const name = inputText(download, 'name');
      if (name === undefined && inputText(download, 'pattern') === undefined && inputText(download, 'merge-multiple') !== 'true' && inputText(download, 'artifact-ids') === undefined) {
        return `job ${job.id} downloads all artifacts into directories that have their names`;
      }
      if (name !== text) continue;
      const edits = downloadEdits(download, text);
      if (edits === undefined) return `the download in job ${job.id} has a form that is not understood`;
      changes.push({ path: download.file.path, edits });
    }
  }
  const readers = otherReaders(analysis, view.workflow.jobs, text);
  if (readers !== undefined) return `the workflow ${readers} downloads it by this name`;
  return { changes: merged(changes), reason: `each leg uploads an artifact of its own, ${text}${suffix}` };
}

/** Edits of one file are applied together. */
function merged(changes: readonly FileEdits[]): readonly FileEdits[] {
  const paths = [...new Set(changes.map((change) => change.path))];
  return paths.map((path) => ({ path, edits: changes.filter((change) => change.path === path).flatMap((change) => change.edits) }));
}

function otherReaders(analysis: Analysis, own: readonly Job[], text: string): string | undefined {
  return analysis.project.workflows.find((workflow) => workflow.jobs !== own && !workflow.jobs.some((job) => own.includes(job)) && workflow.jobs.some((job) => job.steps
    .some((step) => /download-?artifact/i.test(step.uses ?? '') && inputText(step, 'name') === text && inputText(step, 'run-id') !== undefined)))?.file.path;
}

/** What tells the legs apart: the axes that differ and are not in the name yet, if their values may stand in a name. */
function suffixFor(view: JobView, text: string, clash: readonly Leg[]): string {
  const used = referencesIn(text);
  const named = used.flatMap((name) => /^matrix\.([\w-]+)/.exec(name)?.[1] ?? []);
  const { site } = view;
  const keys = [...new Set(clash.flatMap((leg) => Object.keys(leg.contexts['matrix'] ?? {})))].filter((key) => !named.includes(key));
  const differing = keys.filter((key) => new Set(clash.map((leg) => JSON.stringify(leg.contexts['matrix']?.[key]))).size > 1);
  const plain = differing.filter((key) => clash.every((leg) => /^[\w. -]+$/.test(String(leg.contexts['matrix']?.[key] ?? ''))));
  const first = site.kind === 'matrix' && site.field === undefined && plain.includes(site.key) ? [site.key] : [];
  const chosen: string[] = [];
  for (const key of [...first, ...plain.filter((each) => !first.includes(each))]) {
    if (distinct(clash, [...named, ...chosen])) break;
    chosen.push(key);
  }
  return distinct(clash, [...named, ...chosen]) ? chosen.map((key) => `-\${{ matrix.${key} }}`).join('') : '-${{ strategy.job-index }}';
}

function distinct(clash: readonly Leg[], keys: readonly string[]): boolean {
  return new Set(clash.map((leg) => keys.map((key) => String(leg.contexts['matrix']?.[key])).join('|'))).size === clash.length;
}

function uploadEdits(step: Step, suffix: string): readonly Edit[] {
  const node = inputNode(step, 'name');
  if (node !== undefined) {
    const quoted = /["']$/.test(sourceOf(step.file, node).trimEnd());
    return [insertAt(endOf(node) - (quoted ? 1 : 0), suffix)];
  }
  const inputs = mapOf(step.file, valueOf(step.file, step.node, 'with'));
  if (inputs !== undefined) return [prependKey(step.file, inputs, [`name: artifact${suffix}`], `name: artifact${suffix}`)];
  const uses = entryOf(step.file, step.node, 'uses');
  return [insertBehind(step.file, endOf(uses?.value), mapIndent(step.file, step.node), ['with:', `  name: artifact${suffix}`])];
}

/** By a pattern, into the one directory that the name alone meant. */
function downloadEdits(step: Step, text: string): readonly Edit[] | undefined {
  const inputs = mapOf(step.file, valueOf(step.file, step.node, 'with'));
  const entry = entryOf(step.file, inputs, 'name');
  if (inputs === undefined || entry === undefined || inputs.flow === true || text.includes('${{') || (majorOf(step) ?? 4) < 4) return undefined;
  const source = sourceOf(step.file, entry.value).trimEnd();
  const quote = /^["']/.exec(source)?.[0] ?? '';
  const lines = [`pattern: ${quote}${text}-*${quote}`, 'merge-multiple: true'];
  return [{ start: startOf(entry.key), end: endOf(entry.value), text: block(step.file, mapIndent(step.file, inputs), lines).trimStart() }];
}
