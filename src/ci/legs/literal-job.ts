import type { Scalar } from 'yaml';
import type { Addition } from '#ci/legs/add-legs.ts';
import { entryText } from '#ci/legs/twin.ts';
import { pypaImage } from '#ci/facts.ts';
import type { JobView, Leg } from '#ci/model/legs.ts';
import { containerImage } from '#ci/model/workflow.ts';
import type { Edit } from '#ci/source/edits.ts';
import { appendItems, insertBefore, mapIndent, prependKey, replaceScalar, requoted } from '#ci/source/edits.ts';
import { entryOf, mapOf, sourceOf, startOf, textOf, valueOf } from '#ci/source/nodes.ts';

/** A job with one label gets a matrix of two; the label moves into it. */
export function literalLegs(view: JobView, legs: readonly Leg[], label: Scalar, armLabel: string): Addition {
  const { job, matrix } = view;
  const { file } = job;
  for (const [name, why] of [
    ['outputs', 'other jobs read its outputs, and of two legs only the last one to end would be read'],
    ['concurrency', 'its concurrency group would let one leg cancel the other'],
    ['environment', 'it deploys to an environment, which must happen once'],
  ] as const) {
    const entry = entryOf(file, job.node, name);
    if (entry !== undefined) return { kind: 'left', because: why, at: startOf(entry.key) };
  }
  if (matrix !== undefined && matrix.node === undefined) return { kind: 'left', because: 'its matrix is made by an expression', at: startOf(label) };
  const runsOn = entryOf(file, job.node, 'runs-on');
  const name = matrix?.axes.some((axis) => axis.name === 'os') === true || matrixKeys(view).includes('os') ? 'runner' : 'os';
  const source = sourceOf(file, label);
  const list = `${name}: [${source}, ${requoted(source, armLabel)}]`;
  const container = containerEdits(view, name, armLabel);
  if (matrix?.node === undefined) {
    const strategy = mapOf(file, valueOf(file, job.node, 'strategy'));
    const step = ' '.repeat(Math.max(2, mapIndent(file, job.node) - startColumn(view)));
    const lines = ['matrix:', `${step}${list}`];
    const added = strategy === undefined
      ? insertBefore(file, startOf(runsOn?.key), ['strategy:', ...['fail-fast: false', ...lines].map((line) => step + line)])
      : prependKey(file, strategy, lines, `matrix: { ${list} }`);
    return { kind: 'edits', edits: [added, replaceScalar(file, label, `\${{ matrix.${name} }}`), ...container] };
  }
  return matrixed(view, legs, label, { name, list, armLabel }, container);
}

const startColumn = (view: JobView): number => {
  const { file } = view.job;
  return file.text.slice(0, startOf(view.job.key)).length - (file.text.lastIndexOf('\n', startOf(view.job.key) - 1) + 1);
};

const matrixKeys = (view: JobView): readonly string[] => view.legs.flatMap((leg) => Object.keys(leg.contexts['matrix'] ?? {}));

/** The job has a matrix of something else already. Legs of `include` alone have no value for the new axis and keep the old label. */
function matrixed(view: JobView, legs: readonly Leg[], label: Scalar, axis: { readonly name: string; readonly list: string; readonly armLabel: string }, container: readonly Edit[]): Addition {
  const { name, list, armLabel } = axis;
  const { job, matrix } = view;
  const { file } = job;
  const text = textOf(file, label) ?? '';
  const standalone = view.legs.some((leg) => leg.include !== undefined);
  const runsOn = standalone ? `\${{ matrix.${name} || '${text}' }}` : `\${{ matrix.${name} }}`;
  const edits = [replaceScalar(file, label, runsOn), ...container];
  if (matrix?.node === undefined) return { kind: 'left', because: 'its matrix is made by an expression' };
  if (matrix.axes.length > 0) return { kind: 'edits', edits: [prependKey(file, matrix.node, [list], list), ...edits] };
  if (matrix.include === undefined) return { kind: 'left', because: 'its matrix is empty', at: startOf(matrix.node) };
  const copies = legs.flatMap(({ include }) => {
    if (include === undefined) return [];
    const copy = entryText(file, include, '', undefined);
    const pair = `${name}: ${requoted(sourceOf(file, label), armLabel)}`;
    return include.flow === true ? [copy.replace(/\s*\}$/, `, ${pair} }`)] : copy.includes(': \n') ? [] : [`${copy}\n${pair}`];
  });
  if (copies.length === 0) return { kind: 'left', because: 'its matrix entries cannot be copied', at: startOf(matrix.include) };
  return { kind: 'edits', edits: [...appendItems(file, matrix.include, copies), ...edits] };
}

/** `manylinux_2_28_x86_64` has a twin, chosen by the leg. */
function containerEdits(view: JobView, name: string, armLabel: string): readonly Edit[] {
  const image = containerImage(view.job);
  const text = textOf(view.job.file, image) ?? '';
  if (image === undefined || pypaImage(text)?.arch !== 'x86_64') return [];
  return [replaceScalar(view.job.file, image, text.replace('x86_64', `\${{ matrix.${name} == '${armLabel}' && 'aarch64' || 'x86_64' }}`))];
}
