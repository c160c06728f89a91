import { existsSync } from 'node:fs';
import { figuresText, nightlyFigures, resultFiles } from '#lab/figures/nightly.ts';

/** Prints how often the statistics of the lab are wrong on a tree of nightly results: node --import tsx tools/nightly-figures.ts DIR [--json] */
function main(words: readonly string[]): number {
  const directory = words.find((word) => !word.startsWith('--'));
  if (directory === undefined) {
    process.stderr.write('usage: node --import tsx tools/nightly-figures.ts DIRECTORY [--json]\n');
    return 2;
  }
  if (!existsSync(directory) || resultFiles(directory).length === 0) {
    process.stderr.write(`no results in ${directory}: folders bm-DATE-VERSION-COMMIT[-FLAGS] with files of pyperf are expected\n`);
    return 1;
  }
  const show = (text: string): void => { if (process.stderr.isTTY) process.stderr.write(`\u001b[2K\r${text}`); };
  const builds = nightlyFigures(directory, {}, show);
  show('');
  process.stdout.write(words.includes('--json') ? `${JSON.stringify(builds, undefined, 2)}\n` : figuresText(builds));
  return 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
