/** A reusable workflow takes its runner as an input: the leg is added where it is called. */
import type { Scalar } from 'yaml';
import { isScalar, isSeq } from 'yaml';
import { jsonEdit } from '#ci/legs/add-legs.ts';
import type { JobView } from '#ci/model/legs.ts';
import { matrixOf } from '#ci/model/matrix.ts';
import type { Project } from '#ci/model/project.ts';
import type { Job } from '#ci/model/workflow.ts';
import type { FileEdits, Fix } from '#ci/rules/rule.ts';
import type { Edit } from '#ci/source/edits.ts';
import { appendItems, insertBefore, mapIndent, prependKey, replaceScalar, requoted } from '#ci/source/edits.ts';
import { entryOf, sourceOf, startOf, textOf, valueOf } from '#ci/source/nodes.ts';
import { indentAt } from '#ci/source/text.ts';

export function callerLegs(project: Project, view: JobView, input: string, label: string, reason: string): Fix | string {
  const callers = project.callers.get(view.job.file.path) ?? [];
  if (callers.length === 0) return `its runner is the input ${input}, and no workflow here calls it`;
  const [first] = callers;
  const { job } = callers.length === 1 && first !== undefined ? first : { job: undefined };
  if (job === undefined) return `its runner is the input ${input}, chosen by ${String(callers.length)} callers`;
  const value = valueOf(job.file, valueOf(job.file, job.node, 'with'), input);
  if (!isScalar(value)) return `its caller, job ${job.id}, leaves the input ${input} at its default`;
  const edits = editsAt(job, value, input, label);
  if (edits === undefined) return `its caller, job ${job.id} in ${job.file.path}, computes the input ${input}`;
  const change: FileEdits = { path: job.file.path, edits };
  return { changes: [change], reason };
}

function editsAt(job: Job, value: Scalar, input: string, label: string): readonly Edit[] | undefined {
  const { file } = job;
  const text = textOf(file, value) ?? '';
  const json = jsonEdit(file, value, label);
  if (json !== undefined) return [json];
  const key = /^\$\{\{\s*matrix\.([\w-]+)\s*\}\}$/.exec(text)?.[1];
  const matrix = matrixOf(job, {});
  if (key !== undefined) {
    const axis = matrix?.axes.find((candidate) => candidate.name === key);
    const last = isSeq(axis?.node) ? axis.node.items.at(-1) : undefined;
    return isSeq(axis?.node) && last !== undefined ? appendItems(file, axis.node, [requoted(sourceOf(file, last), label)]) : undefined;
  }
  if (text.includes('${{') || matrix?.node === undefined && matrix !== undefined) return undefined;
  const source = sourceOf(file, value);
  const list = `${input}: [${source}, ${requoted(source, label)}]`;
  const replaced = replaceScalar(file, value, `\${{ matrix.${input} }}`);
  if (matrix?.node !== undefined) return matrix.axes.length === 0 || matrix.include !== undefined ? undefined : [prependKey(file, matrix.node, [list], list), replaced];
  const uses = entryOf(file, job.node, 'uses');
  if (uses === undefined || valueOf(file, job.node, 'strategy') !== undefined) return undefined;
  const step = ' '.repeat(Math.max(2, mapIndent(file, job.node) - indentAt(file.text, startOf(job.key))));
  return [insertBefore(file, startOf(uses.key), ['strategy:', `${step}fail-fast: false`, `${step}matrix:`, `${step}${step}${list}`]), replaced];
}
