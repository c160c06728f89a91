import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeSuite } from '#lab/format/write-pyperf.ts';
import type { Side } from '#lab/bench/modes.ts';
import type { Measured } from '#lab/bench/run-benchmarks.ts';

/**
 * One pyperf file for each side, since the names of benchmarks are unique in a file. `--output x.json` is that file when there is one side, and `x-SIDE.json`
 * otherwise; anything else is a directory.
 */
export function resultPaths(output: string, sides: readonly Side[]): ReadonlyMap<Side, string> {
  const file = /^(.*?)(\.json(?:\.gz)?)$/.exec(output);
  return new Map(sides.map((side) => {
    if (file === null) return [side, join(output, `${side.slug}.json`)];
    return [side, sides.length === 1 ? output : `${file[1] ?? ''}-${side.slug}${file[2] ?? ''}`];
  }));
}

export function existingPath(paths: ReadonlyMap<Side, string>): string | undefined {
  return [...paths.values()].find((path) => existsSync(path));
}

/** Whether it was missing. Node's own way to make the directories above as well never ends where none can be made, as in /proc. */
function makeDirectory(path: string): boolean {
  if (existsSync(path)) return false;
  makeDirectory(dirname(path));
  mkdirSync(path);
  return true;
}

/** Makes what directories are missing; returns the ones that were. */
export function makeDirectories(paths: ReadonlyMap<Side, string>): readonly string[] {
  const directories = [...new Set([...paths.values()].map(dirname))];
  const made = directories.filter(makeDirectory);
  for (const directory of directories) accessSync(directory, constants.W_OK);
  return made;
}

/** A measurement of nothing leaves nothing behind. */
export function removeEmpty(directories: readonly string[]): void {
  for (const directory of directories) {
    if (readdirSync(directory).length === 0) rmdirSync(directory);
  }
}

/** Returns the files that were written, each in one step; a side that measured nothing has none. */
export function writeResults(benchmarks: readonly Measured[], paths: ReadonlyMap<Side, string>): readonly string[] {
  const written: string[] = [];
  for (const [side, path] of paths) {
    const suite = benchmarks.flatMap(({ runs }) => {
      const own = runs.get(side);
      return own === undefined || own.every((run) => run.values.length === 0) ? [] : [{ runs: own }];
    });
    if (suite.length === 0) continue;
    const text = writeSuite(suite);
    const temporary = `${path}.part`;
    writeFileSync(temporary, path.endsWith('.gz') ? gzipSync(text) : text);
    renameSync(temporary, path);
    written.push(path);
  }
  return written;
}
