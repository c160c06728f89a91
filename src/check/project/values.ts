/** Parsed TOML, YAML and JSON come from strangers: every access says what it expects. */
import { TomlError, parse as parseToml } from 'smol-toml';
import { parseDocument } from 'yaml';
import { CheckError } from '../errors.ts';
import type { TextFile } from './text-file.ts';

export type Table = Readonly<Record<string, unknown>>;

export function table(value: unknown): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Table : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function texts(value: unknown): readonly string[] {
  return list(value).filter((each) => typeof each === 'string');
}

export function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return Object.entries(table(value));
}

function invalid(place: string, reason: string): CheckError {
  return new CheckError('invalid-file', { place, reason });
}

export function readToml(file: TextFile): Table {
  try {
    return parseToml(file.text) as Table;
  } catch (error) {
    if (!(error instanceof TomlError)) throw invalid(file.path, String(error));
    throw invalid(`${file.path}:${error.line}:${error.column}`, (error.message.split('\n')[0] ?? '').replace('Invalid TOML document: ', ''));
  }
}

export function readJson(file: TextFile): Table {
  try {
    const value: unknown = JSON.parse(file.text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('not an object');
    return value as Table;
  } catch (error) {
    const offset = Number(/position (\d+)/.exec(String(error))?.[1] ?? 0);
    const { line, column } = file.placeAt(offset);
    throw invalid(`${file.path}:${line}:${column}`, error instanceof Error ? error.message : String(error));
  }
}

/** Anchors that stand for each other may multiply; the library counts and stops. */
export function readYaml(file: TextFile): Table {
  try {
    const document = parseDocument(file.text, { prettyErrors: false });
    const [first] = document.errors;
    if (first !== undefined) {
      const { line, column } = file.placeAt(first.pos[0]);
      throw invalid(`${file.path}:${line}:${column}`, first.message);
    }
    return table(document.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    if (error instanceof CheckError) throw error;
    throw invalid(file.path, error instanceof Error ? error.message : String(error));
  }
}
