import type { ErrorRow } from '#support/reported-error.ts';
import { errorClass } from '#support/reported-error.ts';

/** Messages of `armature check`: one row each. */
export const checkErrors = {
  'nothing-to-check': {
    message: 'nothing to check in {path}',
    cause: 'The directory has none of the files that name dependencies: requirements files, pyproject.toml, uv.lock, pylock.toml, poetry.lock, pdm.lock, '
      + 'Pipfile.lock, environment.yml or an installed environment.',
    remedy: 'Name a file, a directory, or packages: `armature check numpy "torch>=2.8"`.',
    exit: 2,
  },
  'cannot-read': {
    message: 'cannot read {path}: {reason}',
    cause: 'The file is missing or may not be read.',
    remedy: 'Check the path and its permissions.',
    exit: 2,
  },
  'file-too-large': {
    message: '{path} has {size}, more than any file of dependencies',
    cause: 'Files over 64 MB are not read.',
    remedy: 'Name the right file.',
    exit: 2,
  },
  'not-text': {
    message: '{path} is not UTF-8 text',
    cause: 'Files of dependencies are text in UTF-8 (or UTF-16 with a byte order mark).',
    remedy: 'Convert the file, or name another one.',
    exit: 2,
  },
  'invalid-file': {
    message: '{place}: {reason}',
    cause: 'The file is not what its name says: the syntax of TOML, YAML or JSON is broken there, or a needed part is missing.',
    remedy: 'Mend the file, or let the tool that wrote it write it again.',
    exit: 2,
  },
  'include-cycle': {
    message: '{place}: {path} includes itself',
    cause: 'Requirements files include each other in a circle.',
    remedy: 'Remove one of the `-r` or `-c` lines.',
    exit: 2,
  },
  'too-many-includes': {
    message: '{place}: more than {limit} files are included',
    cause: 'Requirements files include more files than any project has.',
    remedy: 'Name the file that matters.',
    exit: 2,
  },
  'unknown-target': {
    message: "unknown target '{target}'{suggestion}",
    cause: '`--target` takes a system, a distribution or a platform tag.',
    remedy: 'Use one of: {targets}; or a platform tag such as manylinux_2_31_aarch64, musllinux_1_2_aarch64, macosx_14_0_arm64.',
    exit: 2,
  },
  'unknown-python': {
    message: "unknown Python '{python}'",
    cause: '`--python` takes 3.9 to 3.15, 3.13t to 3.15t (free-threaded), or `all`.',
    remedy: 'For example `--python 3.12,3.13t`.',
    exit: 2,
  },
  'unknown-choice': {
    message: "option '{option}' does not take '{value}'{suggestion}",
    cause: 'The option takes one of a few words.',
    remedy: 'Use one of: {choices}.',
    exit: 2,
  },
  'unknown-package': {
    message: "'{package}' is not among the packages that were checked{suggestion}",
    cause: '`--explain` names a package that the project does not list.',
    remedy: 'Run `armature check` without `--explain` to see the names, or give the name as an argument.',
    exit: 2,
  },
  'invalid-name': {
    message: "'{argument}' is neither a file nor a requirement: {reason}",
    cause: 'An argument is a path, or a package with an optional version such as `numpy` or `torch>=2.8`.',
    remedy: 'Check the spelling; quote requirements that hold < or >.',
    exit: 2,
  },
  'invalid-baseline': {
    message: '{path} is no baseline: {reason}',
    cause: 'A baseline is written by `armature check --write-baseline FILE`.',
    remedy: 'Write it again.',
    exit: 2,
  },
  'cannot-write-report': {
    message: 'cannot write {path}: {reason}',
    cause: 'The report or baseline could not be written.',
    remedy: 'Name another file.',
    exit: 2,
  },
  'no-python-left': {
    message: 'none of the Pythons asked for is allowed by requires-python ({specifier}) of {path}',
    cause: 'The project excludes every Python that was to be checked.',
    remedy: 'Name one that it allows with `--python`.',
    exit: 2,
  },
} as const satisfies Record<string, ErrorRow>;

/** Bad input that stops the work; what is wrong with one package is part of the report instead. */
export class CheckError extends errorClass(checkErrors) {}
