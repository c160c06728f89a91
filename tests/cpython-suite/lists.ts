import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Skip {
  /** A pattern as regrtest's `--ignore` takes it. */
  readonly pattern: string;
  readonly reason: string;
}

const lines = (file: string): readonly string[] => readFileSync(path.join(import.meta.dirname, file), 'utf8')
  .split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));

export function suiteModules(): readonly string[] {
  return lines('modules.txt');
}

export function parseSkip(line: string): Skip {
  const match = /^(\S+):\s+(\S.{9,})$/.exec(line);
  if (match === null) throw new Error(`skip list: \`${line}\` does not have a pattern and a reason`);
  return { pattern: match[1] ?? '', reason: match[2] ?? '' };
}

export function skips(): readonly Skip[] {
  return lines('skip.txt').map(parseSkip);
}
