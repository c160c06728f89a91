import { readFileSync, statSync } from 'node:fs';
import type { Document, Node } from 'yaml';
import { LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import { CiError } from '#ci/errors.ts';
import { lineEndOf } from '#ci/source/text.ts';

/** Workflows are a few kilobytes; GitHub's own limit is of the same order. */
const largestFile = 1 << 20;
/** What a document may come to once every alias stands for what it names. The largest real workflows have some ten thousand nodes. */
const largestExpansion = 100_000;

/** A YAML file with its text as it is on disk: whatever is said about it has a position, whatever is changed is spliced into it. */
export interface SourceFile {
  /** As it is shown: relative to where the user stands or to the project. */
  readonly path: string;
  readonly text: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  readonly lineEnd: string;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

export function positionOf(file: SourceFile, offset: number): Position {
  const { line, col } = file.lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** `file`, `line` and `column` for a message. */
export function placeOf(file: SourceFile, offset: number): Record<'file' | 'line' | 'column', string> {
  const { line, column } = positionOf(file, offset);
  return { file: file.path, line: String(line), column: String(column) };
}

/** The text of a file, or a message that names it; nothing is replaced silently, since the bytes go back to disk. */
export function readText(location: string, shown: string): string {
  let bytes: Buffer;
  try {
    const status = statSync(location);
    // A device or a pipe may never end.
    if (!status.isFile()) throw new Error('it is no regular file');
    if (status.size > largestFile) throw new CiError('ci-too-large', { file: shown, size: String(status.size), limit: String(largestFile) });
    bytes = readFileSync(location);
  } catch (error) {
    if (error instanceof CiError) throw error;
    throw new CiError('ci-unreadable', { file: shown, reason: error instanceof Error ? error.message : String(error) });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CiError('ci-unreadable', { file: shown, reason: 'it is not UTF-8' });
  }
}

export function parseSource(path: string, text: string): SourceFile {
  const lines = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { lineCounter: lines, keepSourceTokens: true, prettyErrors: false });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CiError('ci-syntax', { file: path, line: '1', column: '1', problem: 'collections are nested too deeply' });
  }
  const file: SourceFile = { path, text, document, lines, lineEnd: lineEndOf(text) };
  const [problem] = document.errors;
  if (problem !== undefined) throw new CiError('ci-syntax', { ...placeOf(file, problem.pos[0]), problem: firstLine(problem.message) });
  refuseExplosion(file);
  return file;
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

/** Adds up what each node comes to, each anchor once, so that the sum costs no more than the file is long. */
function refuseExplosion(file: SourceFile): void {
  const sizes = new Map<Node, number>();
  const open = new Set<Node>();
  const childrenOf = (node: Node): readonly unknown[] => {
    if (isMap(node)) return node.items.flatMap((pair) => [pair.key, pair.value]);
    return isSeq(node) ? node.items : [];
  };
  const sizeOf = (node: unknown, at: number): number => {
    if (isAlias(node)) {
      const target = node.resolve(file.document);
      const offset = node.range?.[0] ?? at;
      if (target === undefined) throw new CiError('ci-syntax', { ...placeOf(file, offset), problem: `no anchor is called '${node.source}'` });
      return sizeOf(target, offset);
    }
    if (!isMap(node) && !isSeq(node)) return isScalar(node) || isPair(node) ? 1 : 0;
    const known = sizes.get(node);
    if (known !== undefined) return known;
    if (open.has(node)) throw new CiError('ci-cyclic', { ...placeOf(file, at), what: 'an anchor', chain: `*${node.anchor ?? ''} inside &${node.anchor ?? ''}` });
    open.add(node);
    let size = 1;
    for (const child of childrenOf(node)) {
      size += sizeOf(child, at);
      if (size > largestExpansion) throw new CiError('ci-explosion', { ...placeOf(file, node.range?.[0] ?? at), limit: String(largestExpansion) });
    }
    open.delete(node);
    sizes.set(node, size);
    return size;
  };
  if (file.document.contents !== null) sizeOf(file.document.contents, 0);
}
