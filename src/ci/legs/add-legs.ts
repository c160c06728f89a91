/** How an Arm leg is added to a job, by the form in which the job says what it runs on. */
import type { YAMLMap } from 'yaml';
import { isMap, isScalar, isSeq } from 'yaml';
import type { Runner, System } from '#ci/facts.ts';
import { entryText, twinEntry, twinList } from '#ci/legs/twin.ts';
import { literalLegs } from '#ci/legs/literal-job.ts';
import type { JobView, Leg } from '#ci/model/legs.ts';
import type { Matrix } from '#ci/model/matrix.ts';
import type { Edit } from '#ci/source/edits.ts';
import { appendItems, insertAt, requoted } from '#ci/source/edits.ts';
import { endOf, entryOf, jsonOf, mapOf, sourceOf, startOf, textAt, textOf, valueOf } from '#ci/source/nodes.ts';
import type { SourceFile } from '#ci/source/source-file.ts';

/** The changes, or why there are none. */
export type Addition = { readonly kind: 'edits'; readonly edits: readonly Edit[] } | { readonly kind: 'left'; readonly because: string; readonly at?: number };

const left = (because: string, at?: number): Addition => ({ kind: 'left', because, ...(at === undefined ? {} : { at }) });

/** `legs` are the runs of one system, all on x64. */
export function addLegs(view: JobView, legs: readonly Leg[], runner: Runner, label: string): Addition {
  const { job, matrix, site } = view;
  switch (site.kind) {
    case 'literal': return literalLegs(view, legs, site.node, label);
    case 'input': return left(`its runner is the input ${site.name}, which each caller chooses`);
    case 'other': return left(`it runs on ${site.what}`);
    case 'matrix': {
      if (matrix?.node === undefined) return left('its matrix is made by an expression');
      const axis = matrix.axes.find((candidate) => candidate.name === site.key);
      if (axis === undefined) return includeLegs(job.file, matrix, legs, site.key, runner.os, label);
      if (site.field !== undefined) return compoundLegs(job.file, matrix, axis.node, legs, { key: site.key, field: site.field }, runner.os, label);
      if (isSeq(axis.node)) return axisLegs(job.file, matrix, axis.node, site.key, runner, label);
      return jsonLegs(job.file, axis.node, label);
    }
  }
}

function axisLegs(file: SourceFile, matrix: Matrix, list: Parameters<typeof appendItems>[1], key: string, runner: Runner, label: string): Addition {
  const last = list.items.at(-1);
  if (!isScalar(last)) return left(`the values of ${key} are no plain labels`, startOf(list));
  const extensions = entriesFor(file, matrix.include, key, runner.label);
  const names = matrix.axes.map((axis) => axis.name);
  const needed = extensions.filter((entry) => entry.items.some((pair) => isScalar(pair.key) && !names.includes(String(pair.key.value))));
  const twins = needed.map((entry) => twinEntry(file, entry, key, label, runner.os));
  if (twins.includes(undefined)) return left(`an include entry for ${runner.label} has values that have no counterpart on Arm`, startOf(needed[twins.indexOf(undefined)]));
  const exclusions = entriesFor(file, matrix.exclude, key, runner.label).map((entry) => entryText(file, entry, key, label));
  return {
    kind: 'edits',
    edits: [
      ...appendItems(file, list, [requoted(sourceOf(file, last), label)]),
      ...(matrix.include === undefined || twins.length === 0 ? [] : appendItems(file, matrix.include, twins.flatMap((twin) => twin ?? []))),
      ...(matrix.exclude === undefined || exclusions.length === 0 ? [] : appendItems(file, matrix.exclude, exclusions)),
    ],
  };
}

/** The entries of `include` or `exclude` that name a label. */
function entriesFor(file: SourceFile, list: Matrix['include'], key: string, label: string): readonly YAMLMap[] {
  return (list?.items ?? []).flatMap((item) => {
    const entry = mapOf(file, item);
    return entry !== undefined && textAt(file, entry, key)?.toLowerCase() === label ? [entry] : [];
  });
}

/** Each leg is an entry of `include`. */
function includeLegs(file: SourceFile, matrix: Matrix, legs: readonly Leg[], key: string, os: System, label: string): Addition {
  const entries = legs.flatMap((leg) => leg.include ?? []);
  if (matrix.include === undefined || entries.length < legs.length || legs.length === 0) return left(`matrix.${key} comes from include entries that extend other legs`, startOf(matrix.node));
  const twins = entries.flatMap((entry) => {
    const site = entryOf(file, entry, key)?.value;
    return isScalar(site) ? (twinEntry(file, entry, key, label, os) ?? []) : [];
  });
  if (twins.length === 0) return left('none of its matrix entries has a counterpart on Arm', startOf(matrix.include));
  return { kind: 'edits', edits: appendItems(file, matrix.include, [...new Set(twins)]) };
}

/** The values of the axis are maps or lists with the label in them. */
function compoundLegs(file: SourceFile, matrix: Matrix, node: unknown, legs: readonly Leg[], site: { readonly key: string; readonly field: string | number }, os: System, label: string): Addition {
  const { key, field } = site;
  if (!isSeq(node)) return left(`the values of ${key} are made by an expression`, startOf(node));
  const twinOf = (value: unknown): string | undefined => {
    if (typeof field === 'number') return isSeq(value) ? twinList(file, value, field, label, os) : undefined;
    return isMap(value) ? twinEntry(file, value, field, label, os) : undefined;
  };
  const values = [...new Set(legs.flatMap((leg) => leg.axes[key]?.node ?? []))];
  const twins = [...new Set(values.flatMap((value) => twinOf(value) ?? []))];
  if (twins.length === 0) return left(`none of the values of ${key} has a counterpart on Arm`, startOf(node));
  // What is left out for a value is left out for its twin.
  const exclusions = (matrix.exclude?.items ?? []).flatMap((item) => {
    const named = valueOf(file, item, key);
    const value = values.find((each) => JSON.stringify(jsonOf(file, each)) === JSON.stringify(jsonOf(file, named)));
    const twin = value === undefined ? undefined : twinOf(value);
    const entry = mapOf(file, item);
    return entry === undefined || twin === undefined || twin.includes('\n') ? [] : [entryText(file, entry, key, undefined, twin)];
  });
  return {
    kind: 'edits',
    edits: [...appendItems(file, node, twins), ...(matrix.exclude === undefined || exclusions.length === 0 ? [] : appendItems(file, matrix.exclude, exclusions))],
  };
}

/** `os: ${{ fromJSON('["ubuntu-latest"]') }}`: the list is text inside an expression. */
function jsonLegs(file: SourceFile, node: unknown, label: string): Addition {
  const edit = jsonEdit(file, node, label);
  return edit === undefined ? left(`its runners are made by ${textOf(file, node) ?? 'an expression'}`, startOf(node)) : { kind: 'edits', edits: [edit] };
}

/** Puts a label behind the last one of a JSON list inside a scalar. */
export function jsonEdit(file: SourceFile, node: unknown, label: string): Edit | undefined {
  const source = sourceOf(file, node);
  const list = /\[\s*\\?"[^[\]]*\\?"\s*\]/.exec(source);
  if (list === null || source.indexOf('[', list.index + 1) >= 0 || endOf(node) === 0) return undefined;
  const close = list[0].trimEnd().lastIndexOf('"') + 1;
  const quote = list[0].includes('\\"') ? '\\"' : '"';
  const separator = /",\s/.test(list[0]) || !list[0].includes(',') ? ', ' : ',';
  return insertAt(startOf(node) + list.index + close, `${separator}${quote}${label}${quote}`);
}
