import type { Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { isAlias, isMap, isNode, isPair, isScalar, isSeq } from 'yaml';
import type { SourceFile } from '#ci/source/source-file.ts';

export interface Entry {
  readonly key: Scalar;
  /** Aliases stand for what they name. */
  readonly value: Node | undefined;
  readonly pair: Pair;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What an alias names; any other node is itself. */
export function resolved(file: SourceFile, node: unknown): Node | undefined {
  if (isAlias(node)) return node.resolve(file.document);
  return isNode(node) ? node : undefined;
}

export function mapOf(file: SourceFile, node: unknown): YAMLMap | undefined {
  const target = resolved(file, node);
  return isMap(target) ? target : undefined;
}

export function seqOf(file: SourceFile, node: unknown): YAMLSeq | undefined {
  const target = resolved(file, node);
  return isSeq(target) ? target : undefined;
}

export function entriesOf(file: SourceFile, node: unknown): readonly Entry[] {
  const map = mapOf(file, node);
  if (map === undefined) return [];
  return map.items.flatMap((pair) => (isPair(pair) && isScalar(pair.key) ? [{ key: pair.key, value: resolved(file, pair.value), pair }] : []));
}

export function entryOf(file: SourceFile, node: unknown, name: string): Entry | undefined {
  return entriesOf(file, node).find((entry) => String(entry.key.value) === name);
}

export function valueOf(file: SourceFile, node: unknown, name: string): Node | undefined {
  return entryOf(file, node, name)?.value;
}

/** The text of a scalar, as GitHub would hand it to an action or a shell. */
export function textOf(file: SourceFile, node: unknown): string | undefined {
  const target = resolved(file, node);
  if (!isScalar(target) || target.value === null) return undefined;
  if (typeof target.value === 'number' && target.source !== undefined) return target.source;
  return String(target.value);
}

export function textAt(file: SourceFile, node: unknown, name: string): string | undefined {
  return textOf(file, valueOf(file, node, name));
}

/** Plain data. Numbers keep how they were written (`3.10` is not 3.1), which is what makes a wrong matrix visible; see `python-versions`. */
export function jsonOf(file: SourceFile, node: unknown): Json {
  const target = resolved(file, node);
  if (isScalar(target)) {
    const { value } = target;
    return typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value);
  }
  if (isSeq(target)) return target.items.map((item) => jsonOf(file, item));
  if (isMap(target)) return Object.fromEntries(entriesOf(file, target).map((entry) => [String(entry.key.value), jsonOf(file, entry.value)]));
  return null;
}

export function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/** Offset behind the value itself, without comments and line ends after it. */
export function endOf(node: unknown): number {
  return isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

export function sourceOf(file: SourceFile, node: unknown): string {
  return file.text.slice(startOf(node), endOf(node));
}
