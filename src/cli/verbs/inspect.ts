import type { OptionSpec } from '#cli/options.ts';
import type { Verb } from '#cli/verbs.ts';

export const inspectOptions: readonly OptionSpec[] = [
  { name: '--cpu', value: 'NAME', help: 'a processor that must work (raspberry-pi-4, graviton2, cobalt-100, …); may be repeated' },
  { name: '--no-instructions', help: 'do not look through the code: quicker, but says nothing of processors' },
  { name: '--json', help: 'print one JSON document instead of text' },
];

export const inspectVerb: Verb = {
  name: 'inspect',
  summary: 'look inside wheels and libraries: will this machine code run on Arm?',
  usage: 'armature inspect [options] WHEEL | FILE | DIRECTORY | URL …',
  description: 'Reads ELF, PE and Mach-O files, alone, in wheels (remote ones in parts) or in a directory such as site-packages, and compares them '
    + 'with what the wheel promises and what Arm systems have. Nothing is executed. Exit status 1 when there is an error.',
  options: inspectOptions,
  examples: [
    ['armature inspect dist/', 'every wheel that was just built'],
    ['armature inspect --cpu raspberry-pi-4 .venv/lib/python3.12/site-packages', 'would an installed environment run there?'],
    ['armature inspect --json https://example.org/a-1.0-cp312-cp312-win_arm64.whl', 'a remote wheel, without fetching all of it'],
  ],
  load: async () => (await import('#cli/commands/inspect.ts')).inspect,
};
