import { oneLine } from '#ci/source/text.ts';
import type { ErrorRow } from '#support/reported-error.ts';
import { errorClass } from '#support/reported-error.ts';

/** Every message of `armature ci` that reports bad input. Findings about a workflow are no errors: each has a rule (src/ci/rules). */
export const ciErrorTable = {
  'ci-unknown-action': {
    message: "`armature ci` knows no action '{action}'{suggestion}",
    cause: 'The word after `armature ci` says what to do with the workflows.',
    remedy: 'Use `armature ci check [PATH]` or `armature ci port [--write] [PATH]`.',
    exit: 2,
  },
  'ci-bad-value': {
    message: "'{value}' is no value of {option}",
    cause: 'The option takes one of a few words, or a date.',
    remedy: 'Use one of: {allowed}.',
    exit: 2,
  },
  'ci-not-found': {
    message: '{path} does not exist',
    cause: 'PATH names neither a file nor a directory.',
    remedy: 'Name a workflow file, or a directory that has .github/workflows in it.',
    exit: 2,
  },
  'ci-no-workflows': {
    message: 'no workflows in {path}',
    cause: 'There is no .github/workflows/*.yml or *.yaml below that directory.',
    remedy: 'Name a workflow file, or the directory that has .github in it.',
    exit: 2,
  },
  'ci-unreadable': {
    message: '{file}: cannot be read: {reason}',
    cause: 'The system refused to open the file, or it is no text in UTF-8.',
    remedy: 'Check the permissions and the encoding of the file.',
    exit: 2,
  },
  'ci-too-large': {
    message: '{file}: {size} bytes are more than the {limit} a workflow may have',
    cause: 'GitHub does not run workflow files that large; this one is refused before it costs memory.',
    remedy: 'Check that this is a workflow.',
    exit: 2,
  },
  'ci-syntax': {
    message: '{file}:{line}:{column}: {problem}',
    cause: 'The file is not YAML (or TOML, for pyproject.toml), or it is cut off.',
    remedy: 'Mend the file at that place. Nothing was written.',
    exit: 2,
  },
  'ci-schema': {
    message: '{file}:{line}:{column}: {problem}',
    cause: 'The file is YAML but no workflow by the schema of GitHub Actions.',
    remedy: 'Mend the file at that place. Nothing was written.',
    exit: 2,
  },
  'ci-explosion': {
    message: '{file}:{line}:{column}: aliases make this document more than {limit} nodes large',
    cause: 'Anchors that contain aliases of other anchors multiply; such a file can fill any memory.',
    remedy: 'Write the document without nested aliases.',
    exit: 2,
  },
  'ci-cyclic': {
    message: '{file}:{line}:{column}: {what} refers to itself: {chain}',
    cause: 'A reusable workflow, a composite action or an anchor contains itself, directly or by others.',
    remedy: 'Break the circle. GitHub refuses it too.',
    exit: 2,
  },
  'ci-matrix': {
    message: '{file}:{line}:{column}: the matrix of job {job} has {count} combinations; GitHub allows {limit}',
    cause: 'A job may have no more than 256 matrix combinations in one run.',
    remedy: 'Make the matrix smaller.',
    exit: 2,
  },
  'ci-expression': {
    message: '{file}:{line}:{column}: {problem}',
    cause: 'An expression between `${{` and `}}` cannot be read, or nests deeper than GitHub allows.',
    remedy: 'Mend the expression. Nothing was written.',
    exit: 2,
  },
  'ci-cannot-write': {
    message: '{file}: cannot be written: {reason}',
    cause: 'The system refused to replace the file.',
    remedy: 'Check the permissions; `armature ci port` without `--write` prints the changes.',
    exit: 2,
  },
} as const satisfies Record<string, ErrorRow>;

export class CiError extends errorClass(ciErrorTable, oneLine) {}
