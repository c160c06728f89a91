import { userInfo } from 'node:os';
import type { LabArguments } from '#cli/lab/options.ts';
import { print, withResults } from '#cli/lab/options.ts';
import { administeredLab } from '#cli/lab/remote.ts';
import { LabError } from '#lab/errors.ts';
import { decideChange } from '#lab/store/decisions.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import type { ChangeFilter, ChangeRow, ChangeState, ChangeWithHistory } from '#lab/store/queries/changes.ts';
import { changeStates, findChangeWithHistory, listChanges } from '#lab/store/queries/changes.ts';

interface ChangeKeeper {
  readonly list: (filter: ChangeFilter) => Promise<readonly ChangeRow[]>;
  readonly find: (key: string) => Promise<ChangeWithHistory | undefined>;
  /** False when there is no such change. */
  readonly decide: (key: string, state: ChangeState, note: string) => Promise<boolean>;
}

/** Changes that were found, and what people say of them: of the lab in the data directory, or with `--server` of one that is running. */
export async function changes(given: LabArguments): Promise<number> {
  const [action = 'list', key, wanted] = given.operands;
  const work = workOf(given, action, key, wanted);
  const client = administeredLab(given);
  if (client === undefined) return withResults(given, (lab) => work(localKeeper(lab)));
  return work({
    list: ({ machine, benchmark, state }) => client.changes(Object.fromEntries(Object.entries({ machine, benchmark, state }).filter((entry): entry is [string, string] => entry[1] !== undefined))),
    find: (one) => client.change(one), decide: (one, state, note) => client.decideChange(one, state, note),
  });
}

/** Without a token to name, it was the user of this machine. */
function localKeeper(lab: Lab): ChangeKeeper {
  return {
    list: (filter) => listChanges(lab.database, filter), find: (key) => findChangeWithHistory(lab.database, key),
    decide: (key, state, note) => decideChange(lab, key, { state, note, by: userInfo().username, at: new Date() }),
  };
}

function workOf(given: LabArguments, action: string, key: string | undefined, wanted: string | undefined): (keeper: ChangeKeeper) => Promise<number> {
  const state = given.option('--state');
  const filter = { machine: given.option('--machine'), benchmark: given.option('--benchmark'), state: state === undefined ? undefined : stateOf(state) };
  switch (action) {
    case 'list': return (keeper) => list(given, keeper, filter);
    case 'show': return (keeper) => show(given, keeper, needed(key, 'show', 'KEY'));
    case 'set': {
      const [change, decided] = [needed(key, 'set', 'KEY and STATE'), stateOf(needed(wanted, 'set', 'KEY and STATE'))];
      return (keeper) => decide(given, keeper, change, decided);
    }
    default: throw new LabError('unknown-subcommand', { name: `changes ${action}`, suggestion: '' }, 'armature lab --help');
  }
}

function needed(word: string | undefined, action: string, operand: string): string {
  if (word === undefined) throw new LabError('missing-operand', { subcommand: `changes ${action}`, operand }, 'armature lab changes list');
  return word;
}

function stateOf(word: string): ChangeState {
  const state = changeStates.find((candidate) => candidate === word);
  if (state === undefined) throw new LabError('unknown-state', { state: word, states: changeStates.join(', ') });
  return state;
}

async function list(given: LabArguments, keeper: ChangeKeeper, filter: ChangeFilter): Promise<number> {
  const found = await keeper.list(filter);
  print(given, found, found.length === 0 ? 'No changes.' : found.map(line).join('\n'));
  return 0;
}

function line({ key, state, kind, benchmark, ratio, machine, variant, run }: ChangeRow): string {
  const by = kind === 'step' || kind === 'suite-shift' ? `${ratio < 1 ? '−' : '+'}${Math.abs(100 * (ratio - 1)).toFixed(1)} %` : '';
  return `${key}  ${state.padEnd(13)}  ${dayOf(run.measuredAt)}  ${kind.padEnd(11)}  ${by.padStart(8)}  ${benchmark ?? 'the whole suite'}, ${variant} on ${machine}`;
}

/** From another lab, dates are texts. */
const dayOf = (date: Date | string): string => new Date(date).toISOString().slice(0, 10);

async function show(given: LabArguments, keeper: ChangeKeeper, key: string): Promise<number> {
  const change = await keeper.find(key);
  if (change === undefined) throw new LabError('unknown-change', { key }, 'armature lab changes list');
  const history = change.history.map(({ state, note, decidedBy, decidedAt }) => `  ${dayOf(decidedAt)}  ${state.padEnd(13)}  ${decidedBy}${note === '' ? '' : `: ${note}`}`);
  print(given, change, [line(change), ...history].join('\n'));
  return 0;
}

async function decide(given: LabArguments, keeper: ChangeKeeper, key: string, state: ChangeState): Promise<number> {
  if (!(await keeper.decide(key, state, given.option('--note') ?? ''))) throw new LabError('unknown-change', { key }, 'armature lab changes list');
  print(given, { change: key, state }, `${key} is ${state}`);
  return 0;
}
