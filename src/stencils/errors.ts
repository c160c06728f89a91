import type { ErrorRow } from '#support/reported-error.ts';
import { errorClass } from '#support/reported-error.ts';

/** Messages of `armature stencils`. docs/errors.md is generated from this table. */
export const stencilErrorTable = {
  'unknown-stencils-command': {
    message: "`armature stencils` has no command '{command}'{suggestion}",
    cause: 'The word after `stencils` must be build, show or ablate.',
    remedy: '`armature stencils --help` shows the usage.',
    exit: 2,
  },
  'missing-stencils-command': {
    message: '`armature stencils` needs a command: {commands}',
    cause: 'No word followed `stencils`.',
    remedy: '`armature stencils --help` shows the usage.',
    exit: 2,
  },
  'unknown-stencil-target': {
    message: "no stencils are made for the target '{target}'{suggestion}",
    cause: '`--target` names a processor or system without a table in stencils/generated.',
    remedy: 'Use one of: {targets}.',
    exit: 2,
  },
  'unknown-stencil': {
    message: "no stencil is called '{name}'{suggestion}",
    cause: 'The table of this target has no family of that name. Some families exist on one processor only.',
    remedy: '`armature stencils show` without a name lists them.',
    exit: 2,
  },
  'no-stencil-templates': {
    message: 'the C templates are missing ({path})',
    cause: 'An installed package has the tables only; they are rebuilt in a checkout of the project.',
    remedy: 'Clone the repository and run the command there.',
    exit: 1,
  },
  'clang-not-found': {
    message: 'no clang was found (looked for {looked})',
    cause: 'Stencils are compiled from C.',
    remedy: 'Install clang 19, 20 or 21 (Debian: `apt install clang-19 llvm-19`), or name one with the variable CLANG.',
    exit: 1,
  },
  'clang-version': {
    message: '{clang} is {version}; clang {oldest} to {newest} is needed',
    cause: 'The calling convention of stencils (preserve_none) has other registers, or is missing, in other versions. Apple numbers its compilers differently.',
    remedy: 'Install one of these versions, or name it with the variable CLANG.',
    exit: 1,
  },
  'llvm-tool-not-found': {
    message: '{tool} was not found',
    cause: 'The listing beside a table is made with llvm-objcopy and llvm-objdump of the same version as clang.',
    remedy: 'Install the LLVM tools (Debian: `apt install llvm-19`), or name them with the variables OBJCOPY and OBJDUMP.',
    exit: 1,
  },
  'template-does-not-compile': {
    message: '{template} does not compile for {target}: {reason}',
    cause: 'clang refused the template, or made code that cannot be a stencil.',
    remedy: 'Mend the template; stencils/README.md has the rules.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorRow>;

export class StencilsError extends errorClass(stencilErrorTable) {}
