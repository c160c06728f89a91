import type { AST } from 'toml-eslint-parser';
import { ParseError, parseTOML } from 'toml-eslint-parser';
import { CiError } from '#ci/errors.ts';
import { lineEndOf } from '#ci/source/text.ts';

export interface TomlFile {
  readonly path: string;
  readonly text: string;
  readonly tree: AST.TOMLProgram;
  readonly lineEnd: string;
}

export interface TomlSetting {
  /** With its table: `tool.cibuildwheel.linux.archs`. */
  readonly name: string;
  readonly value: AST.TOMLContentNode;
  readonly line: number;
  readonly column: number;
}

export function parseToml(path: string, text: string): TomlFile {
  try {
    return { path, text, tree: parseTOML(text), lineEnd: lineEndOf(text) };
  } catch (error) {
    if (!(error instanceof ParseError) && !(error instanceof RangeError)) throw error;
    const [line, column] = error instanceof ParseError ? [error.lineNumber, error.column] : [1, 1];
    throw new CiError('ci-syntax', { file: path, line: String(line), column: String(column + 1), problem: error.message });
  }
}

/** Every setting of the file, in order. */
export function settingsOf(file: TomlFile): readonly TomlSetting[] {
  const [top] = file.tree.body;
  return top.body.flatMap((node): TomlSetting[] => {
    if (node.type === 'TOMLKeyValue') return [settingOf(node, [])];
    return node.body.map((pair) => settingOf(pair, node.resolvedKey));
  });
}

function settingOf(pair: AST.TOMLKeyValue, table: readonly (string | number)[]): TomlSetting {
  const keys = pair.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
  return { name: [...table, ...keys].join('.'), value: pair.value, line: pair.key.loc.start.line, column: pair.key.loc.start.column + 1 };
}

/** The words of a string or of a list of strings. */
export function wordsOf(node: AST.TOMLContentNode): readonly string[] | undefined {
  if (node.type === 'TOMLValue') return typeof node.value === 'string' ? node.value.split(/\s+/).filter((word) => word !== '') : undefined;
  if (node.type !== 'TOMLArray') return undefined;
  const words = node.elements.map((element) => (element.type === 'TOMLValue' && typeof element.value === 'string' ? element.value : undefined));
  return words.every((word) => word !== undefined) ? words : undefined;
}
