import type { Node, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { isScalar } from 'yaml';
import { entriesOf, entryOf, mapOf, resolved, seqOf, textAt, textOf, valueOf } from '#ci/source/nodes.ts';
import type { SourceFile } from '#ci/source/source-file.ts';

export interface Step {
  readonly file: SourceFile;
  readonly node: YAMLMap;
  /** The list it is an item of, in its own file, and its place there. */
  readonly list: YAMLSeq;
  readonly index: number;
  readonly uses: string | undefined;
  readonly run: string | undefined;
  readonly condition: string | undefined;
  /** The step of the job that brought it in, for steps of a local composite action. */
  readonly by: Step | undefined;
}

export interface Job {
  readonly id: string;
  readonly file: SourceFile;
  readonly key: Scalar;
  readonly node: YAMLMap;
  readonly runsOn: Node | undefined;
  /** Of a job that calls a reusable workflow: which. */
  readonly calls: string | undefined;
  readonly needs: readonly string[];
  /** In the order they run; local composite actions are followed by their steps. */
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly file: SourceFile;
  readonly jobs: readonly Job[];
}

export function stepsOf(file: SourceFile, node: unknown, by?: Step): readonly Step[] {
  const list = seqOf(file, node);
  if (list === undefined) return [];
  return list.items.flatMap((item, index): Step[] => {
    const map = mapOf(file, item);
    if (map === undefined) return [];
    return [{
      file, node: map, list, index, by,
      uses: textAt(file, map, 'uses'), run: textAt(file, map, 'run'), condition: textAt(file, map, 'if'),
    }];
  });
}

/** `owner/name` of the action a step uses, in lower case, without its version. */
export function actionOf(step: Step): string | undefined {
  return step.uses?.split('@')[0]?.toLowerCase();
}

export function usesAction(step: Step, ...names: readonly string[]): boolean {
  return names.includes(actionOf(step) ?? '');
}

/** Major version of the action, when the reference or the comment behind a commit tells it. */
export function majorOf(step: Step): number | undefined {
  const node = valueOf(step.file, step.node, 'uses');
  const match = /@v?(\d{1,3})(?:\.\d+)*$/.exec(step.uses ?? '') ?? /^\s*(?:tag=)?v?(\d{1,3})(?:\.\d+)*\b/.exec(node?.comment ?? '');
  return match === null ? undefined : Number(match[1]);
}

export function inputNode(step: Step, name: string): Scalar | undefined {
  const node = valueOf(step.file, valueOf(step.file, step.node, 'with'), name);
  return isScalar(node) ? node : undefined;
}

export function inputText(step: Step, name: string): string | undefined {
  return textOf(step.file, inputNode(step, name));
}

/** Variables of the step, the job and the workflow, nearest first. */
export function environmentMaps(job: Job, step: Step | undefined): readonly { readonly file: SourceFile; readonly map: YAMLMap }[] {
  const nodes: readonly (readonly [SourceFile, unknown])[] = [
    ...(step === undefined ? [] : [[step.file, valueOf(step.file, step.node, 'env')] as const]),
    [job.file, valueOf(job.file, job.node, 'env')],
    [job.file, valueOf(job.file, job.file.document.contents, 'env')],
  ];
  return nodes.flatMap(([file, node]) => {
    const map = mapOf(file, node);
    return map === undefined ? [] : [{ file, map }];
  });
}

export function readWorkflow(file: SourceFile): Workflow {
  const jobs = entriesOf(file, valueOf(file, file.document.contents, 'jobs')).flatMap(({ key, value }): Job[] => {
    const node = mapOf(file, value);
    if (node === undefined) return [];
    const needs = valueOf(file, node, 'needs');
    const list = seqOf(file, needs);
    return [{
      id: String(key.value), file, key, node,
      runsOn: valueOf(file, node, 'runs-on'),
      calls: textAt(file, node, 'uses'),
      needs: list === undefined ? [textOf(file, needs) ?? []].flat() : list.items.flatMap((item) => textOf(file, item) ?? []),
      steps: stepsOf(file, valueOf(file, node, 'steps')),
    }];
  });
  return { file, jobs };
}

/** The image of a job's container. */
export function containerImage(job: Job): Scalar | undefined {
  const container = valueOf(job.file, job.node, 'container');
  const image = isScalar(container) ? container : resolved(job.file, valueOf(job.file, container, 'image'));
  return isScalar(image) ? image : undefined;
}

export function serviceImages(job: Job): readonly { readonly name: string; readonly image: Scalar }[] {
  return entriesOf(job.file, valueOf(job.file, job.node, 'services')).flatMap(({ key, value }) => {
    const image = entryOf(job.file, value, 'image')?.value;
    return isScalar(image) ? [{ name: String(key.value), image }] : [];
  });
}
