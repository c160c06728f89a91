import type { OptionSpec } from '#cli/options.ts';
import type { Verb } from '#cli/verbs.ts';

export const labOptions: readonly OptionSpec[] = [
  { name: '--data', value: 'DIR', help: 'where results and the embedded database are (default: $XDG_DATA_HOME/armature/lab)' },
  { name: '--database', value: 'URL', help: 'a PostgreSQL server (postgres://…) instead of the embedded database' },
  { name: '--port', value: 'PORT', help: 'listen here (default: 8750; 0 takes any free port)' },
  { name: '--host', value: 'ADDRESS', help: 'the address to listen on (default: 127.0.0.1)' },
  { name: '--machine', value: 'NAME', help: 'import: the machine the results are of; token: the only one it may submit for' },
  { name: '--from', value: 'DIR', help: 'rebuild: copy and read the result files of this data directory' },
  { name: '--scope', value: 'SCOPE', help: 'token create: submit, read or administer' },
  { name: '--server', value: 'URL', help: 'token, changes: of a lab that is running, instead of one in the data directory' },
  { name: '--token', value: 'TOKEN', help: 'with --server: who you are (default: $ARMATURE_LAB_TOKEN)' },
  { name: '--python', value: 'NAME[=PATH]', help: 'runner: an interpreter jobs may name, may be repeated; enqueue: the one to measure' },
  { name: '--cpus', value: 'CPUS', help: 'runner: one job at a time on these CPUs, such as 2-3; may be repeated' },
  { name: '--programs', value: 'DIR', help: 'runner: jobs may name programs in it, besides the bundled suites' },
  { name: '--tune', value: 'COMMAND', help: 'runner: put the machine in order with this before each job; where it fails, the job does' },
  { name: '--once', help: 'runner: end when there is nothing to do' },
  { name: '--with', value: 'WAYS', help: 'enqueue: as for `armature bench`' },
  { name: '--processes', value: 'N', help: 'enqueue: as for `armature bench`' },
  { name: '--priority', value: 'N', help: 'enqueue: higher ones first; below 0 for what can wait (default: 0)' },
  { name: '--state', value: 'STATE', help: 'changes list: only those that are new, confirmed, investigating, accepted, fixed or invalid' },
  { name: '--benchmark', value: 'NAME', help: 'changes list: only those of this benchmark' },
  { name: '--note', value: 'TEXT', help: 'changes set: why' },
  { name: '--tls-cert', value: 'FILE', help: 'serve over HTTPS, with this certificate (PEM)' },
  { name: '--tls-key', value: 'FILE', help: 'the private key of the certificate (PEM)' },
  { name: '--public-url', value: 'URL', help: 'where people reach this lab, for links in reports' },
  { name: '--webhook', value: 'URL', help: 'send the reports of pull requests here, signed with $ARMATURE_LAB_WEBHOOK_SECRET' },
  { name: '--github', value: 'OWNER/NAME', help: 'make checks and comments of them, with $ARMATURE_LAB_GITHUB_TOKEN' },
  { name: '--github-api', value: 'URL', help: 'of another GitHub server (default: https://api.github.com)' },
  { name: '--allow-private', help: 'reports may be sent to private addresses too' },
  { name: '--post', help: 'report: send it to --webhook and --github as well' },
  { name: '--pull', value: 'NUMBER', help: 'report --post, enqueue: the pull request' },
  { name: '--base', value: 'COMMIT', help: 'enqueue --pull: the commit that it is compared with' },
  { name: '--commit', value: 'COMMIT', help: 'enqueue: what the interpreter was built from' },
  { name: '--json', help: 'print one JSON document instead of text' },
];

export const labVerb: Verb = {
  name: 'lab',
  summary: 'collect benchmark results, watch them over time, compare them',
  usage: 'armature lab [serve] | import PATH… | rebuild | report BASE HEAD | changes list|show|set | token create|list|revoke\n'
    + '       armature lab runner --server URL --token TOKEN --python NAME=PATH  |  enqueue SUITE…  |  jobs  [options]',
  description: 'Keeps results of pyperf, with all their samples, and serves them with their history. Without a subcommand it starts the server. '
    + 'Result files are kept as they came; the database is made from them and can be made again.',
  options: labOptions,
  examples: [
    ['armature lab', 'the server, on http://127.0.0.1:8750'],
    ['armature lab import results/', 'a bench_runner tree, or any directory of pyperf files'],
    ['armature lab token create nightly --scope submit --machine kite', 'a token with which kite may send results'],
    ['armature lab report 4c1b2ff 77ab01c', 'two runs, by commit or key, as Markdown for a pull request'],
    ['armature lab changes set 4f0c2a91b3d7 confirmed --note "a new allocator"', 'say what a change is'],
    ['armature lab runner --server https://lab.example.org --python main=/opt/python/bin/python3', 'measure on this machine what the lab asks for'],
    ['armature lab enqueue kernels --machine kite --python main --server https://lab.example.org', 'ask for it'],
    ['armature lab rebuild --database postgres://lab@localhost/lab', 'from the result files into a PostgreSQL server'],
  ],
  load: async () => (await import('#cli/commands/lab.ts')).lab,
};
