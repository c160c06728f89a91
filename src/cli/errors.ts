import type { ErrorRow } from '#support/reported-error.ts';
import { errorClass } from '#support/reported-error.ts';

/** Every message of the command line that reports something wrong: one row each. docs/errors.md is generated from this table. */
export const errorTable = {
  'unknown-verb': {
    message: "unknown verb '{verb}'{suggestion}",
    cause: 'The first word after `armature` is not one of its verbs.',
    remedy: '`armature --help` lists the verbs. To run a script: `armature run SCRIPT`.',
    exit: 2,
  },
  'unknown-option': {
    message: "unknown option '{option}' for `armature {verb}`{suggestion}",
    cause: 'An option before the script is neither one of Armature nor one of the Python options it hands on.',
    remedy: '`armature VERB --help` lists the options. Options of your program come after the script, or after `--`.',
    exit: 2,
  },
  'missing-value': {
    message: "option '{option}' needs a value ({value})",
    cause: 'The option was the last word, or was written with an empty value.',
    remedy: 'Write `{option} VALUE` or `{option}=VALUE`.',
    exit: 2,
  },
  'unexpected-value': {
    message: "option '{option}' takes no value",
    cause: 'A switch was written as `--switch=value`.',
    remedy: 'Write the switch alone.',
    exit: 2,
  },
  'unexpected-argument': {
    message: "`armature {verb}` takes no argument '{argument}'",
    cause: 'This verb has options only.',
    remedy: '`armature VERB --help` shows the usage.',
    exit: 2,
  },
  'missing-program': {
    message: '`armature {verb}` needs a script, -m MODULE or -c CODE',
    cause: 'Nothing to run was named. Interactive sessions gain nothing from compiling and are not offered.',
    remedy: '`armature run script.py`; with `eval "$(armature env)"` an interactive `python3` uses Armature too.',
    exit: 2,
  },
  'unknown-pass': {
    message: "no compiler pass is called '{pass}'{suggestion}",
    cause: '`--dump` names a pass that does not exist.',
    remedy: 'Use one of: {passes}.',
    exit: 2,
  },
  'unknown-perf-format': {
    message: "`--perf` writes 'map' or 'jitdump', not '{format}'",
    cause: 'perf reads two kinds of files about compiled code, and this is neither.',
    remedy: 'Write `--perf` for names, `--perf=jitdump` for machine code and unwind tables too (docs/debugging.md).',
    exit: 2,
  },
  'python-not-found': {
    message: "python '{python}' was not found",
    cause: 'There is no such file, or no such command on PATH.',
    remedy: 'Name an interpreter with `--python PATH` or the variable ARMATURE_PYTHON.',
    exit: 127,
  },
  'python-not-executable': {
    message: "python '{python}' cannot be started: {reason}",
    cause: 'The file exists, but the system refuses to execute it.',
    remedy: 'Name another interpreter with `--python PATH`.',
    exit: 126,
  },
  'python-ignores-environment': {
    message: "python option '{option}' ignores the environment; the program runs without compiled code",
    cause: 'With -I, -E or -S Python does not load the agent.',
    remedy: 'Leave the option out, or run the program without Armature.',
    exit: undefined,
  },
  'runtime-directory': {
    message: 'the directory {path} {problem}; the program runs without compiled code',
    cause: 'The directory of the sockets must be a real directory of yours that nobody else may enter (mode 0700).',
    remedy: 'Remove it, or set XDG_RUNTIME_DIR to a private directory.',
    exit: undefined,
  },
  'server-start': {
    message: 'the compile server did not start ({reason}); the program runs without compiled code',
    cause: 'The socket could not be opened, or a file of the installation is missing.',
    remedy: 'In a checkout: `npm run build`. ARMATURE_LOG=stderr shows more.',
    exit: undefined,
  },
  'server-unavailable': {
    message: 'no compile server: {reason}',
    cause: '`armature env` or `armature server` could not open its socket, or the server it started did not answer.',
    remedy: 'Look at the log it names. `armature run` does not need this server.',
    exit: 1,
  },
  'server-running': {
    message: 'a compile server is listening on {path} already',
    cause: 'There is one shared server per user.',
    remedy: '`armature env --stop` stops it.',
    exit: 1,
  },
  'agent-missing': {
    message: 'the agent is missing ({path}); the program runs without compiled code',
    cause: 'The installation is incomplete.',
    remedy: 'Install again.',
    exit: undefined,
  },
  'system-untested': {
    message: 'the agent for {system} was built, but has never been run; the program runs without compiled code',
    cause: 'Its files are inspected by the tests, but nobody has run them on {system}. Linux is what is tested.',
    remedy: 'ARMATURE_UNTESTED=1 tries it. On Windows the compile server does not run either.',
    exit: undefined,
  },
  'no-statistics': {
    message: 'the program left no statistics: {reason}',
    cause: 'The agent writes them when Python ends in the normal way. It did not load (an unsupported Python), or the process was killed.',
    remedy: 'Try `armature explain --python PATH` with Python 3.11 or 3.14.',
    exit: undefined,
  },
  'unsupported-python': {
    message: 'Python {version} is not supported; the program runs without compiled code',
    cause: 'Armature knows the inner layout of CPython 3.11 and 3.14, with the GIL, on x86-64 and AArch64 Linux.',
    remedy: 'Name another interpreter with `--python PATH` or the variable ARMATURE_PYTHON.',
    exit: undefined,
  },
  'cannot-write': {
    message: 'cannot write {path}: {reason}',
    cause: 'The file of `--stats-json` could not be written.',
    remedy: 'Name another file. The program itself ran.',
    exit: 1,
  },
  'no-samples': {
    message: 'no sample programs were found in {path}',
    cause: 'The installation has no samples/ directory.',
    remedy: 'Run it in a checkout of the project.',
    exit: 1,
  },
  'sample-differs': {
    message: 'the output of {program} differs under Armature',
    cause: 'A bug in Armature.',
    remedy: 'Please report it, with the output of `armature explain` for that program.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorRow>;

/** Bad input or a bad environment: reported in one line, with the exit status of its row. */
export class UserError extends errorClass(errorTable) {}

/** Says in one line on standard error that the program goes on without Armature, or that something was not done. */
export function warn(...message: ConstructorParameters<typeof UserError>): void {
  process.stderr.write(new UserError(...message).line());
}
