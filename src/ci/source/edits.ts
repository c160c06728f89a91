import type { Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { isCollection, isScalar, visit } from 'yaml';
import { endOf, sourceOf, startOf } from '#ci/source/nodes.ts';
import type { SourceFile } from '#ci/source/source-file.ts';
import { indentAt, lineStart, lineStop, nextLine, trimBack } from '#ci/source/text.ts';

/** Replaces the text between two offsets; every byte outside stays. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Edits do not overlap. What is inserted at one offset comes in the order of the list, and before a replacement that starts there. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const edit of edits.toReversed().sort((a, b) => b.start - a.start || b.end - a.end)) result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
  return result;
}

export const insertAt = (offset: number, text: string): Edit => ({ start: offset, end: offset, text });

/** Text that is a plain scalar in block and flow context without changing its type. */
const plainText = /^[A-Za-z_][\w./-]*( [\w./-]+)*$/;

/** A string as YAML, quoted only where it must be. */
export function scalarText(value: string): string {
  if (plainText.test(value) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value)) return value;
  return `'${value.replaceAll("'", "''")}'`;
}

/** The scalar with another text, in the quotes it has. */
export function replaceScalar(file: SourceFile, node: Scalar, value: string): Edit {
  const source = sourceOf(file, node);
  const text = requoted(source, value);
  // The braces of a plain expression would be those of a map there.
  const quoted = text.startsWith('${{') && isInFlow(file, node) ? `'${text.replaceAll("'", "''")}'` : text;
  // What a block scalar is called ends with its last line.
  return { start: startOf(node), end: endOf(node), text: quoted + (source.endsWith('\n') ? file.lineEnd : '') };
}

/** Whether a node stands between brackets or braces. */
function isInFlow(file: SourceFile, node: Scalar): boolean {
  let isFlow = false;
  visit(file.document, {
    Scalar: (_key, each, path) => {
      if (each !== node) return undefined;
      isFlow = path.some((outer) => isCollection(outer) && outer.flow === true);
      return visit.BREAK;
    },
  });
  return isFlow;
}

/** `value` in the quotes of `source`. */
export function requoted(source: string, value: string): string {
  if (source.startsWith('"')) return JSON.stringify(value);
  if (source.startsWith("'")) return `'${value.replaceAll("'", "''")}'`;
  // An expression may be plain as long as nothing in it ends a plain scalar.
  return plainText.test(value) || (/^\S*\$\{\{[^#:]*\}\}\S*$/.test(value) && !/^[[{]/.test(value)) ? value : scalarText(value);
}

const isFlow = (node: YAMLSeq | YAMLMap): boolean => node.flow === true;

/** Adds items behind the last one, in the style of the list. An item of several lines has them indented relative to its first. */
export function appendItems(file: SourceFile, seq: YAMLSeq, items: readonly string[]): readonly Edit[] {
  const last = seq.items.at(-1);
  if (last === undefined) return isFlow(seq) ? [insertAt(startOf(seq) + 1, items.join(', '))] : [];
  if (isFlow(seq)) return appendFlow(file, endOf(last), endOf(seq), startOf(seq), items, startOf(last));
  const end = lineStop(file.text, trimBack(file.text, endOf(last)));
  const first = seq.items[0];
  const dash = file.text.lastIndexOf('-', startOf(first) - 1);
  const indent = ' '.repeat(indentAt(file.text, dash));
  const gap = file.text.slice(dash + 1, startOf(first)).includes('\n') ? ' ' : file.text.slice(dash + 1, startOf(first));
  const lines = items.flatMap((item) => item.split('\n').map((line, index) => (index === 0 ? `${indent}-${gap}${line}` : `${indent} ${gap}${line}`)));
  return [insertAt(end, lines.map((line) => `${file.lineEnd}${line.trimEnd()}`).join(''))];
}

function appendFlow(file: SourceFile, end: number, stop: number, start: number, items: readonly string[], lastStart: number): readonly Edit[] {
  const comma = /^\s*,/.exec(file.text.slice(end, stop));
  const several = file.text.slice(start, lastStart).includes('\n') && lineStart(file.text, lastStart) > start;
  if (!several) {
    return [comma === null ? insertAt(end, items.map((item) => `, ${item}`).join('')) : insertAt(end + comma[0].length, items.map((item) => ` ${item},`).join(''))];
  }
  const indent = ' '.repeat(indentAt(file.text, lastStart));
  const lines = items.map((item, index) => `${file.lineEnd}${indent}${item}${comma !== null || index < items.length - 1 ? ',' : ''}`).join('');
  const behind = insertAt(Math.min(lineStop(file.text, end), stop - 1), lines);
  return comma === null ? (behind.start === end ? [insertAt(end, `,${lines}`)] : [insertAt(end, ','), behind]) : [behind];
}

/** The column at which the keys of a block map stand. */
export function mapIndent(file: SourceFile, map: YAMLMap): number {
  return indentAt(file.text, startOf(map.items[0]?.key));
}

/** Lines of a block, each at the given column. */
export function block(file: SourceFile, indent: number, lines: readonly string[]): string {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join(file.lineEnd);
}

/** Puts lines (a key and what is below it) in front of the key that starts at `offset`, at its column. */
export function insertBefore(file: SourceFile, offset: number, lines: readonly string[]): Edit {
  const indent = indentAt(file.text, offset);
  return insertAt(offset, `${block(file, indent, lines).trimStart()}${file.lineEnd}${' '.repeat(indent)}`);
}

/** Puts lines behind everything that belongs to the value that ends at `offset`. */
export function insertBehind(file: SourceFile, offset: number, indent: number, lines: readonly string[]): Edit {
  return insertAt(lineStop(file.text, trimBack(file.text, offset)), file.lineEnd + block(file, indent, lines));
}

/** A new job behind the one that ends at `offset`, set off from the next one as the others are. */
export function insertJob(file: SourceFile, offset: number, indent: number, lines: readonly string[]): Edit {
  const next = nextLine(file.text, trimBack(file.text, offset));
  const isTight = next < file.text.length && file.text.slice(next, lineStop(file.text, next)).trim() !== '';
  return insertBehind(file, offset, indent, isTight ? lines : ['', ...lines]);
}

/** Adds a key at the end of a map, in its style. `lines` are the block form, `flow` the one-line form. */
export function appendKey(file: SourceFile, map: YAMLMap, lines: readonly string[], flow: string): readonly Edit[] {
  const last = map.items.at(-1);
  if (isFlow(map)) {
    if (last === undefined) return [insertAt(startOf(map) + 1, flow)];
    return appendFlow(file, Math.max(endOf(last.value), endOf(last.key)), endOf(map), startOf(map), [flow], startOf(last.key));
  }
  return [insertBehind(file, Math.max(endOf(last?.value), endOf(last?.key)), mapIndent(file, map), lines)];
}

/** Adds a key as the first of a map, in its style. */
export function prependKey(file: SourceFile, map: YAMLMap, lines: readonly string[], flow: string): Edit {
  const offset = startOf(map.items[0]?.key);
  return isFlow(map) ? insertAt(offset, `${flow}, `) : insertBefore(file, offset, lines);
}

/**
 * Takes the item out of a block list, with the comment lines directly above it that `about` matches, and with the blank lines
 * that set it off from the next one.
 */
export function removeItem(file: SourceFile, seq: YAMLSeq, index: number, about: RegExp): Edit {
  const { text } = file;
  const item = seq.items[index];
  const dash = text.lastIndexOf('-', startOf(item) - 1);
  let start = lineStart(text, dash);
  for (let above = lineStart(text, start - 1); start > 0; above = lineStart(text, start - 1)) {
    const line = text.slice(above, start).trim();
    if (!line.startsWith('#') || !about.test(line)) break;
    start = above;
  }
  let end = nextLine(text, trimBack(text, endOf(item)));
  if (index < seq.items.length - 1) {
    while (end < text.length && text.slice(end, lineStop(text, end)).trim() === '') end = nextLine(text, end);
  }
  return { start, end, text: '' };
}

/** Takes a key and its value out of a block map that has others; the key must not be the first of a list item. */
export function removeKey(file: SourceFile, map: YAMLMap, name: string): Edit | undefined {
  const index = map.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === name);
  const pair = map.items[index];
  if (pair === undefined || isFlow(map) || map.items.length < 2) return undefined;
  const keyStart = startOf(pair.key);
  const start = lineStart(file.text, keyStart);
  if (file.text.slice(start, keyStart).trim() === '') {
    return { start, end: nextLine(file.text, trimBack(file.text, Math.max(endOf(pair.value), endOf(pair.key)))), text: '' };
  }
  const next = map.items[index + 1];
  return next === undefined ? undefined : { start: keyStart, end: startOf(next.key), text: '' };
}
