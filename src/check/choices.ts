/** Words of the command line that choose something, and the files it writes. */
import { writeFileSync } from 'node:fs';
import { CheckError } from './errors.ts';
import type { Interpreter } from './tags/interpreter.ts';
import { allInterpreters, parseInterpreter } from './tags/interpreter.ts';
import type { Target } from './tags/target.ts';
import { allTargets, parseTargets, targetWords } from './tags/target.ts';

/** "; did you mean 'x'?", or nothing. */
export type Suggest = (word: string, candidates: readonly string[]) => string;

export function assertChoice(option: string, value: string, choices: readonly string[], suggest: Suggest): void {
  if (choices.includes(value)) return;
  throw new CheckError('unknown-choice', { option, value, choices: choices.join(', '), suggestion: suggest(value, choices) }, `one of ${choices.join(', ')}`);
}

export function readSeconds(option: string, text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3600) return seconds;
  throw new CheckError('unknown-choice', { option, value: text, choices: 'a number of seconds up to 3600', suggestion: '' }, `${option} 20`);
}

/** Every target when nothing is asked for. */
export function readTargets(words: readonly string[], suggest: Suggest): readonly Target[] {
  if (words.length === 0) return allTargets();
  const targets = words.flatMap((word) => {
    const found = parseTargets(word);
    if (found !== undefined) return found;
    const parameters = { target: word, suggestion: suggest(word, targetWords), targets: targetWords.join(', ') };
    throw new CheckError('unknown-target', parameters, `one of ${targetWords.join(', ')}, or a platform tag such as manylinux_2_31_aarch64`);
  });
  return [...new Map(targets.map((target) => [target.id, target])).values()];
}

export function readPythons(words: readonly string[]): readonly Interpreter[] {
  const interpreters = words.flatMap((word) => {
    if (word === 'all') return allInterpreters();
    const found = parseInterpreter(word);
    if (found === undefined) throw new CheckError('unknown-python', { python: word }, 'for example --python 3.12,3.13t');
    return [found];
  });
  return [...new Map(interpreters.map((interpreter) => [interpreter.id, interpreter])).values()];
}

export function unknownPackage(name: string, names: readonly string[], suggest: Suggest): CheckError {
  return new CheckError('unknown-package', { package: name, suggestion: suggest(name, names) });
}

export function writeReport(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CheckError('cannot-write-report', { path, reason: (error as NodeJS.ErrnoException).code ?? String(error) });
  }
}
