/**
 * Docker's own pattern for images of several platforms on native runners: each leg pushes by digest and hands the digest on as
 * an artifact; a job behind them makes the list of both.
 * https://docs.docker.com/build/ci/github-actions/multi-platform/#distribute-build-across-multiple-runners
 */
import type { JobView } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import { inputNode, inputText, usesAction } from '#ci/model/workflow.ts';
import type { Analysis } from '#ci/rules/rule.ts';
import type { Edit } from '#ci/source/edits.ts';
import { insertAt, insertBefore, mapIndent } from '#ci/source/edits.ts';
import { endOf, entryOf, sourceOf, startOf, textAt, valueOf } from '#ci/source/nodes.ts';
import { indentAt } from '#ci/source/text.ts';

export interface SplitPlan {
  /** The id of the build step. */
  readonly id: string;
  readonly edits: readonly Edit[];
  /** The value of `push`; undefined when the image is only built. */
  readonly push: string | undefined;
  readonly image: string;
  readonly metadata: Step | undefined;
  readonly tags: readonly string[];
  /** Steps the joining job needs too: login and buildx. */
  readonly shared: readonly Step[];
}

/** Versions of actions that the new steps use. */
const upload = 'actions/upload-artifact@v4';
const download = 'actions/download-artifact@v4';

export function planSplit(analysis: Analysis, view: JobView, step: Step): SplitPlan | string {
  const { job } = view;
  const { file } = job;
  const builds = job.steps.filter((each) => usesAction(each, 'docker/build-push-action', 'docker/bake-action'));
  if (builds.length !== 1 || !usesAction(step, 'docker/build-push-action')) return 'the job builds more than one image';
  for (const name of ['outputs', 'concurrency', 'environment', 'container']) {
    if (entryOf(file, job.node, name) !== undefined) return `the job has ${name}, which must not happen twice`;
  }
  const cache = ['cache-from', 'cache-to'].flatMap((name) => scoped(step, name));
  if (cache.includes(undefined)) return 'both platforms would write one cache in a registry';
  const edits = cache.flatMap((edit) => edit ?? []);
  const push = inputText(step, 'push') ?? 'false';
  if (inputText(step, 'outputs') !== undefined || inputText(step, 'load') === 'true') return 'the build has outputs of its own';
  if (push === 'false') return { id: '', edits, push: undefined, image: '', metadata: undefined, tags: [], shared: [] };
  if (analysis.project.workflows.some((workflow) => workflow.jobs.some((other) => other.file === file && other.needs.includes(job.id)))) return 'other jobs wait for it, and would have to wait for the joined image';
  const after = job.steps.slice(job.steps.indexOf(step) + 1);
  if (after.length > 0) return 'the steps behind the build would run once for each platform';
  return pushing(view, step, push, edits);
}

function pushing(view: JobView, step: Step, push: string, more: readonly Edit[]): SplitPlan | string {
  const { job } = view;
  const { file } = step;
  const tagsText = inputText(step, 'tags') ?? '';
  const reference = /^\$\{\{\s*steps\.([\w-]+)\.outputs\.tags\s*\}\}$/.exec(tagsText.trim())?.[1];
  const metadata = reference === undefined ? undefined : job.steps.find((each) => usesAction(each, 'docker/metadata-action') && textAt(each.file, each.node, 'id') === reference);
  const tags = reference === undefined ? tagsText.split(/[\n,]/).map((line) => line.trim()).filter((line) => line !== '') : [];
  const images = metadata === undefined ? [...new Set(tags.map((tag) => tag.replace(/:[^:/]*$/, '')))] : (inputText(metadata, 'images') ?? '').split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const [image] = images;
  if (images.length !== 1 || image === undefined || reference !== undefined && metadata === undefined) return 'it pushes to more than one repository, or its tags are computed in a way that is not understood';
  if (/env\.|steps\./.test(image) && valueOf(file, job.node, 'env') !== undefined || image.includes('steps.')) return 'the name of the image is known only inside the job';
  const tagsEntry = entryOf(file, valueOf(file, step.node, 'with'), 'tags');
  const pushEntry = entryOf(file, valueOf(file, step.node, 'with'), 'push');
  if (tagsEntry === undefined || pushEntry === undefined) return 'its inputs are not understood';
  const given = textAt(file, step.node, 'id');
  const uses = entryOf(file, step.node, 'uses');
  const edits: Edit[] = [
    { start: startOf(pushEntry.key), end: endOf(pushEntry.value), text: `outputs: type=image,push-by-digest=true,name-canonical=true,push=${push}` },
    { start: startOf(tagsEntry.value), end: endOf(tagsEntry.value), text: image + (sourceOf(file, tagsEntry.value).endsWith('\n') ? file.lineEnd : '') },
    ...(given === undefined ? [insertBefore(file, startOf(uses?.key), ['id: build'])] : []),
  ];
  const shared = job.steps.filter((each) => usesAction(each, 'docker/login-action', 'docker/setup-buildx-action') && each.by === undefined);
  return { id: given ?? 'build', edits: [...more, ...edits], push, image, metadata, tags, shared };
}

/** A cache for each platform. Undefined when it lies where two writers would overwrite each other. */
function scoped(step: Step, name: string): readonly (Edit | undefined)[] {
  const node = inputNode(step, name);
  const text = inputText(step, name) ?? '';
  if (node === undefined || text.includes('scope=') || text.includes('type=inline') || name === 'cache-from' && !text.includes('type=gha')) return [];
  if (text.trim().includes('\n') || !text.includes('type=gha')) return [undefined];
  const quoted = /["']$/.test(sourceOf(step.file, node).trimEnd());
  return [insertAt(endOf(node) - (quoted ? 1 : 0), ',scope=${{ matrix.arch }}')];
}

const conditionOf = (plan: SplitPlan): readonly string[] => {
  const inner = plan.push === undefined ? undefined : /^\$\{\{\s*([\s\S]*?)\s*\}\}$/.exec(plan.push)?.[1];
  return inner === undefined ? [] : [inner];
};

/** The steps behind the build of a leg. */
export function digestSteps(plan: SplitPlan, digest: string): readonly string[] {
  const condition = conditionOf(plan).map((text) => `  if: ${text}`);
  return [
    '- name: Export digest', ...condition, '  run: |', '    mkdir -p "$RUNNER_TEMP/digests"', '    touch "$RUNNER_TEMP/digests/${DIGEST#sha256:}"',
    '  env:', `    DIGEST: \${{ ${digest} }}`,
    '- name: Upload digest', ...condition, `  uses: ${upload}`, '  with:', '    name: digests-${{ matrix.arch }}',
    '    path: ${{ runner.temp }}/digests/*', '    if-no-files-found: error', '    retention-days: 1',
  ];
}

/** The job that joins the images, at the column of the jobs. */
export function mergeJob(view: JobView, plan: SplitPlan, indent: string): readonly string[] {
  const { job } = view;
  const copied = ['permissions', 'if'].flatMap((name) => copiedKey(view, name));
  const wanted = copied.some((line) => line.startsWith('if:')) ? [] : conditionOf(plan).map((text) => `if: ${text}`);
  // Tags go through a variable: an expression in a script would be run as part of it.
  const list = plan.metadata === undefined ? '$(printf -- "--tag %s " $TAGS)'
    : `$(jq -cr '.tags | map("--tag " + .) | join(" ")' <<< "$DOCKER_METADATA_OUTPUT_JSON")`;
  const steps = [
    `- uses: ${download}`, '  with:', '    path: ${{ runner.temp }}/digests', '    pattern: digests-*', '    merge-multiple: true',
    ...[...plan.shared, ...(plan.metadata === undefined ? [] : [plan.metadata])].flatMap((step) => copiedStep(step)),
    '- name: Join the images', '  working-directory: ${{ runner.temp }}/digests', '  run: |',
    `    docker buildx imagetools create ${list} \\`, '      $(printf "$IMAGE@sha256:%s " *)', '  env:', `    IMAGE: ${plan.image}`,
    ...(plan.metadata === undefined ? [`    TAGS: ${plan.tags.join(' ')}`] : []),
  ];
  const body = [`needs: ${job.id}`, ...copied, ...wanted, 'runs-on: ubuntu-latest', 'steps:', ...steps.map((line) => indent + line)];
  return [`${job.id}-merge:`, ...body.map((line) => (line === '' ? '' : indent + line))];
}

/** A step as it is written, moved to column 0. */
function copiedStep(step: Step): readonly string[] {
  const dash = indentAt(step.file.text, startOf(step.node)) - 2;
  const lines = step.file.text.slice(startOf(step.node), endOf(step.node)).trimEnd().split(/\r?\n/);
  return lines.map((line, index) => (index === 0 ? `- ${line}` : line.slice(dash)));
}

function copiedKey(view: JobView, name: string): readonly string[] {
  const { file, node } = view.job;
  const entry = entryOf(file, node, name);
  if (entry === undefined) return [];
  const indent = mapIndent(file, node);
  const lines = file.text.slice(startOf(entry.key), Math.max(endOf(entry.value), endOf(entry.key))).trimEnd().split(/\r?\n/);
  return lines.map((line, index) => (index === 0 ? line : line.slice(indent)));
}
