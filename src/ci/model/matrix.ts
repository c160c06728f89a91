import type { Node, YAMLMap, YAMLSeq } from 'yaml';
import { isMap, isScalar, isSeq } from 'yaml';
import { CiError } from '#ci/errors.ts';
import type { Contexts } from '#ci/model/expressions.ts';
import { evaluateTemplate } from '#ci/model/expressions.ts';
import type { Job } from '#ci/model/workflow.ts';
import type { Json } from '#ci/source/nodes.ts';
import { entriesOf, jsonOf, mapOf, seqOf, sourceOf, startOf, valueOf } from '#ci/source/nodes.ts';
import type { SourceFile } from '#ci/source/source-file.ts';
import { placeOf } from '#ci/source/source-file.ts';

/** GitHub's limit for the combinations of one job. */
export const mostLegs = 256;

export interface AxisValue {
  readonly value: Json;
  /** Where it is written; undefined when an expression yields it. */
  readonly node: Node | undefined;
}

export interface Axis {
  readonly name: string;
  readonly node: Node;
  readonly values: readonly AxisValue[];
  /** Why the values are known only when the workflow runs. */
  readonly unknown: string | undefined;
}

export interface Matrix {
  /** Undefined when the whole matrix is an expression. */
  readonly node: YAMLMap | undefined;
  readonly axes: readonly Axis[];
  readonly include: YAMLSeq | undefined;
  readonly exclude: YAMLSeq | undefined;
  readonly unknown: string | undefined;
}

export interface Combination {
  readonly values: Readonly<Record<string, Json>>;
  /** The value of each axis, and the include entry of a combination that is no product of axes. */
  readonly axes: Readonly<Record<string, AxisValue>>;
  readonly include: YAMLMap | undefined;
}

export function matrixOf(job: Job, contexts: Contexts): Matrix | undefined {
  const node = valueOf(job.file, valueOf(job.file, job.node, 'strategy'), 'matrix');
  if (node === undefined) return undefined;
  const map = mapOf(job.file, node);
  if (map === undefined) {
    return { node: undefined, axes: [], include: undefined, exclude: undefined, unknown: `the matrix is made by ${sourceOf(job.file, node)}` };
  }
  const axes = entriesOf(job.file, map).filter((entry) => !['include', 'exclude'].includes(String(entry.key.value)))
    .flatMap((entry) => (entry.value === undefined ? [] : [axisOf(job.file, String(entry.key.value), entry.value, contexts)]));
  const lists = ['include', 'exclude'].map((name) => valueOf(job.file, map, name));
  const computed = [...axes.map((axis) => axis.unknown), ...lists.map((list) => (isScalar(list) ? `it is made by ${sourceOf(job.file, list)}` : undefined))];
  return {
    node: map, axes, include: seqOf(job.file, lists[0]), exclude: seqOf(job.file, lists[1]), unknown: computed.find((reason) => reason !== undefined),
  };
}

function axisOf(file: SourceFile, name: string, node: Node, contexts: Contexts): Axis {
  if (isSeq(node)) return { name, node, values: node.items.map((item) => ({ value: valueIn(file, item, contexts), node: mapOf(file, item) ?? (item as Node) })), unknown: undefined };
  const text = isScalar(node) ? String(node.value) : '';
  const value = evaluateTemplate(text, contexts);
  if (value.known && Array.isArray(value.value)) return { name, node, values: value.value.map((item: Json) => ({ value: item, node: undefined })), unknown: undefined };
  return { name, node, values: [], unknown: `the values of ${name} are made by ${text}` };
}

/** Values of a matrix may be expressions themselves. */
function valueIn(file: SourceFile, node: unknown, contexts: Contexts): Json {
  const value = jsonOf(file, node);
  if (typeof value !== 'string' || !value.includes('${{')) return value;
  const evaluated = evaluateTemplate(value, contexts);
  return evaluated.known ? evaluated.value : value;
}

const same = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b) || String(a) === String(b);

/** How many combinations the axes have. */
export function sizeOf(matrix: Matrix): number {
  return matrix.axes.reduce((product, axis) => product * Math.max(axis.values.length, 1), matrix.axes.length === 0 ? 0 : 1);
}

/** What GitHub makes of a matrix: the product of its axes, less `exclude`, with `include` merged in or added. */
export function combinationsOf(job: Job, matrix: Matrix, contexts: Contexts): readonly Combination[] {
  const count = sizeOf(matrix);
  if (count > mostLegs) {
    throw new CiError('ci-matrix', { ...placeOf(job.file, startOf(matrix.node)), job: job.id, count: String(count), limit: String(mostLegs) });
  }
  let product: Combination[] = matrix.axes.length === 0 ? [] : [{ values: {}, axes: {}, include: undefined }];
  for (const axis of matrix.axes) {
    product = product.flatMap((combination) => axis.values.map((value) => ({
      values: { ...combination.values, [axis.name]: value.value }, axes: { ...combination.axes, [axis.name]: value }, include: undefined,
    })));
  }
  const excluded = (matrix.exclude?.items ?? []).map((item) => recordOf(job.file, item, contexts));
  product = product.filter((combination) => !excluded.some((entry) => Object.entries(entry).every(([key, value]) => same(combination.values[key], value))));
  return withIncludes(job.file, matrix, product, contexts);
}

function withIncludes(file: SourceFile, matrix: Matrix, product: readonly Combination[], contexts: Contexts): readonly Combination[] {
  let original = [...product];
  const added: Combination[] = [];
  const names = matrix.axes.map((axis) => axis.name);
  for (const item of matrix.include?.items ?? []) {
    const entry = recordOf(file, item, contexts);
    const node = mapOf(file, item);
    const fits = (combination: Combination): boolean => names.every((name) => !(name in entry) || same(combination.axes[name]?.value, entry[name]));
    if (original.some(fits)) original = original.map((combination) => (fits(combination) ? { ...combination, values: { ...combination.values, ...entry } } : combination));
    else if (node !== undefined) added.push({ values: entry, axes: {}, include: node });
  }
  return [...original, ...added];
}

function recordOf(file: SourceFile, node: unknown, contexts: Contexts): Readonly<Record<string, Json>> {
  return Object.fromEntries(entriesOf(file, node).map((entry) => [
    String(entry.key.value), isMap(entry.value) ? jsonOf(file, entry.value) : valueIn(file, entry.value, contexts),
  ]));
}
