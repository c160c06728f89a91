import type { ErrorRow } from '#support/reported-error.ts';
import { printableLines } from '#support/printable.ts';
import { errorClass } from '#support/reported-error.ts';

export const labErrorTable = {
  'embedded-database-missing': {
    message: 'the embedded database is not installed ({reason})',
    cause: 'The package @electric-sql/pglite is optional, and npm left it out.',
    remedy: '`npm install @electric-sql/pglite`, or use a PostgreSQL server: `armature lab --database postgres://…`.',
    exit: 1,
  },
  'database-damaged': {
    message: 'the database in {path} cannot be opened: {reason}',
    cause: 'The files of the embedded database are damaged, or were written by another version. The results themselves are kept apart from it.',
    remedy: '`armature lab rebuild` makes the database anew from the result files.',
    exit: 1,
  },
  'database-unreachable': {
    message: 'the database {url} cannot be used: {reason}',
    cause: 'The server does not answer, or refuses the user or the database.',
    remedy: 'Try the same address with `psql`. The database must exist; the lab makes its own tables.',
    exit: 1,
  },
  'database-newer': {
    message: 'the database has schema version {found}; this program knows versions up to {known}',
    cause: 'A later version of the lab has used this database.',
    remedy: 'Use that version, or `armature lab rebuild` into an empty database.',
    exit: 1,
  },
  'directory-in-use': {
    message: 'another process ({process}) is using {path}',
    cause: 'The embedded database can be open in one process only: with two, results would be lost.',
    remedy: 'Stop that process, or upload through it: `POST /api/results`. Several processes need a PostgreSQL server (`--database`).',
    exit: 1,
  },
  'lock-unavailable': {
    message: 'cannot lock {path}: {reason}',
    cause: 'The embedded database is protected by a lock that the command `flock` (util-linux) takes.',
    remedy: 'Install util-linux, or use a PostgreSQL server (`--database`).',
    exit: 1,
  },
  'result-damaged': {
    message: 'the result file {digest} is damaged: {reason}',
    cause: 'A file below `results/` in the data directory was changed, cut off or removed by something else than the lab.',
    remedy: 'Put it back from a backup, or send the result again; the lab goes on without it.',
    exit: 1,
  },
  'result-without-values': {
    message: '{name} has no values',
    cause: 'All its runs only calibrated the number of loops.',
    remedy: 'Run the benchmark to its end.',
    exit: 1,
  },
  'unit-differs': {
    message: '{benchmark} is measured in {given} here, and was in {known} before',
    cause: 'Results of one benchmark are compared with each other, which makes no sense in different units.',
    remedy: 'Give the benchmark another name.',
    exit: 1,
  },
  'nothing-to-import': {
    message: 'there are no results in {path}',
    cause: 'The directory, and those below it, hold no file that ends in `.json` or `.json.gz`.',
    remedy: 'Name a directory of results, such as `results/` of a bench_runner repository.',
    exit: 1,
  },
  'unreadable-path': {
    message: 'cannot read {path}: {reason}',
    cause: 'The file or directory is not there, or may not be read by this user.',
    remedy: 'Check the path.',
    exit: 1,
  },
  'port-in-use': {
    message: 'cannot listen on {address}: {reason}',
    cause: 'Another program has the port, or the address is not one of this machine.',
    remedy: 'Perhaps the lab is running already: open the address in a browser. `--port` chooses another one; `--port 0` takes any that is free.',
    exit: 1,
  },
  'bad-server': {
    message: "'{server}' is not the address of a lab",
    cause: '`--server` takes addresses of the form https://HOST:PORT.',
    remedy: '`armature lab` prints the address it listens on.',
    exit: 2,
  },
  'bad-interpreter': {
    message: "'{word}' does not name an interpreter: {reason}",
    cause: 'A runner offers its interpreters by names that jobs use. Unless `--tune` makes them, they are tried when it starts.',
    remedy: 'Write `--python NAME=PATH`, such as `--python main=/opt/python/bin/python3`.',
    exit: 2,
  },
  'bad-cpus': {
    message: "'{cpus}' cannot be one of the CPU sets: {reason}",
    cause: 'A runner measures one job at a time on each `--cpus`, so that no two of them may share a CPU.',
    remedy: 'Write for example `--cpus 2-3 --cpus 4-5`.',
    exit: 2,
  },
  'unknown-subcommand': {
    message: "`armature lab` has no subcommand '{name}'{suggestion}",
    cause: 'The first word after `armature lab` is not one of its subcommands.',
    remedy: '`armature lab --help` lists them.',
    exit: 2,
  },
  'missing-operand': {
    message: '`armature lab {subcommand}` needs {operand}',
    cause: 'What the subcommand works on was not named.',
    remedy: '`armature lab --help` shows the usage.',
    exit: 2,
  },
  'unexpected-operand': {
    message: "`armature lab serve` takes no argument '{operand}'",
    cause: 'The server has options only.',
    remedy: '`armature lab --help` shows the usage.',
    exit: 2,
  },
  'database-address': {
    message: "'{url}' is not the address of a PostgreSQL server",
    cause: '`--database` takes addresses of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE.',
    remedy: 'Leave it out to use the embedded database.',
    exit: 2,
  },
  'bad-port': {
    message: "'{port}' is not a port",
    cause: 'A port is a number from 0 to 65535.',
    remedy: '`--port 0` takes any that is free.',
    exit: 2,
  },
  'bad-number': {
    message: "'{value}' is not a value of {option}",
    cause: 'The option takes a whole number.',
    remedy: '`armature lab --help` says of what.',
    exit: 2,
  },
  'unknown-scope': {
    message: "'{scope}' is not a scope of tokens",
    cause: 'The scopes are {scopes}.',
    remedy: '`submit` sends results of one machine, `read` sees host names too, `administer` does everything.',
    exit: 2,
  },
  'bad-token-request': {
    message: 'no token: {problem}',
    cause: 'A token that submits is for one machine, named with `--machine`; the others are for none.',
    remedy: '`armature lab token create NAME --scope submit --machine MACHINE`.',
    exit: 2,
  },
  'unknown-change': {
    message: 'there is no change {key}',
    cause: 'Changes are named by twelve digits. One that nobody has looked at goes when later nights show that it was none.',
    remedy: '`armature lab changes list` shows the keys.',
    exit: 1,
  },
  'unknown-state': {
    message: "'{state}' is not a state of a change",
    cause: 'The states are {states}.',
    remedy: '`armature lab changes set KEY confirmed --note TEXT`.',
    exit: 2,
  },
  'bad-certificate': {
    message: 'no TLS with {certificate} and {key}: {reason}',
    cause: 'One of the files cannot be read, is not in PEM form, or they do not belong together.',
    remedy: '`--tls-cert` takes the certificate with those between it and the root, `--tls-key` its private key, both as PEM. Neither goes without the other.',
    exit: 1,
  },
  'bad-target': {
    message: "reports cannot be sent to '{target}': {reason}",
    cause: 'The address, the repository or the secret that goes with it is missing or wrong.',
    remedy: '`--webhook URL` with ARMATURE_LAB_WEBHOOK_SECRET, or `--github OWNER/NAME` with ARMATURE_LAB_GITHUB_TOKEN.',
    exit: 2,
  },
  'not-delivered': {
    message: 'the report did not reach {target}: {reason}',
    cause: 'The receiver did not answer, or refused.',
    remedy: 'The server tries again for some hours; `armature lab report BASE HEAD --post` does it at once.',
    exit: 1,
  },
  'administrator-needed': {
    message: '{server} lets only a token of scope `administer` do that',
    cause: 'Neither `--token` nor ARMATURE_LAB_TOKEN is set.',
    remedy: 'Make the first one where the lab runs, while it is stopped: `armature lab token create me --scope administer`.',
    exit: 1,
  },
  'lab-unreachable': {
    message: '{server} does not answer: {reason}',
    cause: 'No lab is running there, or something between refuses the connection.',
    remedy: 'Open the address in a browser. `armature lab` prints it when it starts.',
    exit: 1,
  },
  'lab-refused': {
    message: '{server} refuses: {reason}',
    cause: 'The token is wrong or lacks the scope, or the request is not one of this version.',
    remedy: '`armature lab token list` shows what tokens there are: where the lab runs, while it is stopped, or with `--server` and a token that administers.',
    exit: 1,
  },
  'unknown-run': {
    message: "there is no run '{word}'",
    cause: 'A run is named by its key, by the beginning of its key, or by a commit that has one run only.',
    remedy: 'The pages and `/api/runs` show the keys.',
    exit: 1,
  },
  'ambiguous-run': {
    message: "'{word}' may mean several runs: {runs}",
    cause: 'The commit was measured more than once, on several machines or with several builds.',
    remedy: 'Name the run by its key.',
    exit: 1,
  },
  'summary-only': {
    message: '{run} has summaries only',
    cause: 'The results came from a client of Codespeed, which sends means and no single values: nothing can be said of their scatter.',
    remedy: 'Send the file of pyperf itself to `/api/results`.',
    exit: 1,
  },
  'unknown-token': {
    message: 'there is no token {id}, or it is revoked already',
    cause: 'Tokens are named by the twelve digits after `armlab_`.',
    remedy: '`armature lab token list`.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorRow>;

/** Most who see these look after a server, and have not got its documentation open. */
export class LabError extends errorClass(labErrorTable, printableLines, true) {}
