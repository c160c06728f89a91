import { readFileSync } from 'node:fs';

/** What is measured. */
export type Program =
  /** The whole process, from its start to its end. */
  | { readonly kind: 'whole'; readonly name: string; readonly file: string; readonly arguments: readonly string[] }
  /** One function without arguments, called in a loop. */
  | { readonly kind: 'function'; readonly name: string; readonly file: string; readonly function: string; readonly arguments: readonly string[] }
  /** A script that uses pyperf's Runner: its benchmarks are numbered, and known by name only when they have run. */
  | { readonly kind: 'pyperf'; readonly name: string; readonly file: string; readonly arguments: readonly string[]; readonly task: number };

const importsPyperf = /^\s*(?:import\s+(?:[\w.]+\s*,\s*)*pyperf\b|from\s+pyperf\b)/m;
/** Called, or a base of a class. */
const usesRunner = /\bRunner\s*[(,)]/;

/** A pyperf script makes a Runner itself; one that only reads files of pyperf is a program like others. */
function isPyperfScript(source: string): boolean {
  return importsPyperf.test(source) && usesRunner.test(source);
}

/** Functions that ask to be measured one by one: `def bench_NAME():` at module level, without parameters. */
function benchmarkFunctions(source: string): readonly string[] {
  return [...source.matchAll(/^def (bench_\w+)\(\s*\)/gm)].map((match) => match[1] ?? '');
}

function stem(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.py$/, '');
}

/** What a file is measured as. `only` names one function (`FILE.py::NAME`). Reading the file may fail; the error is the caller's. */
export function programsOf(file: string, only: string | undefined, words: readonly string[], name = stem(file)): readonly Program[] {
  const source = readFileSync(file, 'utf8');
  const ofFunction = (called: string): Program => ({ kind: 'function', name: `${name}::${called}`, file, function: called, arguments: words });
  if (only !== undefined) return [ofFunction(only)];
  if (isPyperfScript(source)) return [{ kind: 'pyperf', name, file, arguments: words, task: 0 }];
  const functions = benchmarkFunctions(source);
  return functions.length > 0 ? functions.map(ofFunction) : [{ kind: 'whole', name, file, arguments: words }];
}
