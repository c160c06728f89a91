import type { OptionSpec } from '#cli/options.ts';
import type { Verb } from '#cli/verbs.ts';

export const checkOptions: readonly OptionSpec[] = [
  { name: '--target', value: 'TARGETS', help: 'linux, alpine, windows, macos, all; a distribution (ubuntu-22.04…); or a platform tag, whose version is the floor (manylinux_2_34_aarch64)' },
  { name: '--python', value: 'VERSIONS', help: '3.9 to 3.15, 3.13t to 3.15t, all; separated by commas (default: 3.10 to 3.14, as far as the project allows)' },
  { name: '--installer', value: 'NAME', help: 'pip or uv: whose order of tags and indexes, and whose configuration (default: pip; uv for uv.lock)' },
  { name: '--offline', help: 'ask no index; what is in the cache is used' },
  { name: '--index-url', value: 'URL', help: 'the index in place of PyPI (JSON or HTML simple API)' },
  { name: '--extra-index-url', value: 'URL', help: 'one more index; may be given several times' },
  { name: '--find-links', value: 'PATH', help: 'a directory or page with files; may be given several times' },
  { name: '--other-index', value: 'URL', help: 'look here too for packages that have gaps, and say so' },
  { name: '--no-deps', help: 'only what the files list: do not follow dependencies of what is not locked' },
  { name: '--inside', help: 'look inside wheels, libraries and installed environments instead: the same as `armature inspect`, with its options' },
  { name: '--all', help: 'list packages without gaps, too' },
  { name: '--explain', value: 'PACKAGE', help: 'everything about one package: the file that is taken, those that are not and why, what to do' },
  { name: '--format', value: 'FORMAT', help: 'table, json, sarif or markdown (default: table)' },
  { name: '--json', help: 'the same as --format json' },
  { name: '--output', value: 'FILE', help: 'write the report to FILE' },
  { name: '--baseline', value: 'FILE', help: 'report only what FILE does not know' },
  { name: '--write-baseline', value: 'FILE', help: 'write what was found to FILE, and exit with 0' },
  { name: '--fail-on', value: 'KINDS', help: 'cannot-install, source, marker, file-problem, none; separated by commas (default: cannot-install)' },
  { name: '--timeout', value: 'SECONDS', help: 'for each request (default: 20)' },
  { name: '--no-cache', help: 'do not keep pages of indexes on disk' },
];

export const checkVerb: Verb = {
  name: 'check',
  summary: 'say which packages of a project can be installed on Arm, and what to do about the others',
  usage: 'armature check [options] [PATH | REQUIREMENT]...',
  description: 'Reads requirements files, pyproject.toml, uv.lock, pylock.toml, poetry.lock, pdm.lock, Pipfile.lock, environment.yml, an installed\n'
    + 'environment, or names of packages (default: the current directory). Nothing is installed, built or run.\n'
    + 'Exit status: 0 all is well, 1 something that --fail-on names was found, 2 wrong usage or a question that could not be answered.',
  options: checkOptions,
  examples: [
    ['armature check', 'the project in this directory, on every target'],
    ['armature check --target windows --python 3.12 torch', 'packages by name'],
    ['armature check --offline uv.lock', 'without the network, from what the lock names'],
    ['armature check --explain numpy --target ubuntu-22.04 requirements.txt', 'one package, in detail'],
    ['armature check --inside dist/*.whl', 'what the machine code of wheels needs'],
    ['armature check --format sarif --output arm.sarif', 'for code scanning'],
  ],
  load: async () => (await import('#cli/commands/check.ts')).check,
};
