import type { OptionSpec } from '#cli/options.ts';
import type { Verb } from '#cli/verbs.ts';

export const ciOptions: readonly OptionSpec[] = [
  { name: '--write', help: 'of `port`: change the files, and print the diff all the same' },
  { name: '--json', help: 'print one JSON document (docs/schemas/ci-report.json)' },
  { name: '--target', value: 'OS', help: 'add Arm legs for linux, windows or macos only; may be given more than once' },
  { name: '--fail-on', value: 'LEVEL', help: 'of `check`: exit with 1 from this level on: error, warning (default), note, never' },
  { name: '--dependencies', help: 'ask the package indexes, as `armature check` does, and leave out legs whose dependencies cannot be installed' },
  { name: '--offline', help: 'with --dependencies: only what lock files and the cache say' },
  { name: '--date', value: 'YYYY-MM-DD', help: 'judge labels and deprecations as of this day (default: today)' },
];

export const ciVerb: Verb = {
  name: 'ci',
  summary: 'find what GitHub Actions workflows do not test on Arm, and add it',
  usage: 'armature ci check|port [options] [PATH]',
  description: 'PATH is a workflow file or a directory with .github/workflows in it (default: this directory). `check` reports; `port` prints a\n'
    + 'unified diff with a reason for each hunk and touches nothing without --write. Exit status: 0 nothing to do, 1 findings (or,\n'
    + 'of `port` without --write, changes to make), 2 bad usage or a file that cannot be read.',
  options: ciOptions,
  examples: [
    ['armature ci check', 'what is not tested on Arm, what is emulated, what would break'],
    ['armature ci port', 'a diff that adds native Arm legs'],
    ['armature ci port | git apply', 'the same as --write'],
    ['armature ci port --write --target linux .github/workflows/ci.yml', 'change one file, Linux only'],
    ['armature ci port --dependencies', 'without legs whose dependencies have nothing for Arm'],
    ['armature ci check --json --fail-on error', 'for programs'],
  ],
  load: async () => (await import('#cli/commands/ci.ts')).ci,
};
