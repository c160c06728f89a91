import type { OptionSpec } from '#cli/options.ts';
import type { Verb } from '#cli/verbs.ts';

export const stencilsOptions: readonly OptionSpec[] = [
  { name: '--target', value: 'TARGET', help: 'processor and system, such as aarch64-linux; of `build` also a processor alone (default: all; of `show`: this machine)' },
  { name: '--layout', value: '311|314', help: 'of `show`: the CPython whose objects the stencil knows (default: 314)' },
  { name: '--check', help: 'of `build`: write nothing; exit status 1 when a table is not what its sources give' },
  { name: '--force', help: 'of `build`: build also what is up to date' },
  { name: '--output', value: 'FOLDER', help: 'of `build`: write the tables there instead of into stencils/generated' },
  { name: '--json', help: 'print one JSON document instead of text' },
];

export const stencilsVerb: Verb = {
  name: 'stencils',
  summary: 'build, show and measure the machine code that programs are put together from',
  usage: 'armature stencils build | show [OP] | ablate  [options]',
  description: '`build` makes the tables of stencils/generated from the C templates with clang 19, 20 or 21 (in a checkout). `show` prints one stencil:\n'
    + 'its instructions with their holes, registers read and written, size on the other targets; without OP, the names of all. `ablate` compiles a\n'
    + 'fixed corpus with each step of the AArch64 code generator off and on, and prints what each is worth.',
  options: stencilsOptions,
  examples: [
    ['armature stencils build --target aarch64', 'rebuild what has changed'],
    ['armature stencils show int.add --target aarch64-linux', 'one stencil'],
    ['armature stencils ablate --json', 'the measurements, for programs'],
  ],
  load: async () => (await import('#cli/commands/stencils.ts')).stencils,
};
