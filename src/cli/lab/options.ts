import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArguments } from '#cli/options.ts';
import { labOptions } from '#cli/verbs/lab.ts';
import { LabError } from '#lab/errors.ts';
import { countMissing } from '#lab/ingest/read-in.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { openLab } from '#lab/store/open-lab.ts';

export interface LabArguments {
  /** The words after the subcommand. */
  readonly operands: readonly string[];
  /** The last value, when it is given more than once. */
  readonly option: (name: string) => string | undefined;
  readonly all: (name: string) => readonly string[];
  readonly has: (name: string) => boolean;
  readonly json: boolean;
  readonly directory: string;
  readonly databaseUrl: string | undefined;
}

export type LabCommand = (given: LabArguments) => Promise<number>;

export function readLabArguments(words: readonly string[]): LabArguments {
  const { values, operands } = parseArguments('lab', labOptions, words);
  const option = (name: string): string | undefined => values.get(name)?.at(-1);
  const databaseUrl = option('--database');
  if (databaseUrl !== undefined && !/^postgres(?:ql)?:\/\//.test(databaseUrl)) throw new LabError('database-address', { url: databaseUrl });
  const all = (name: string): readonly string[] => values.get(name) ?? [];
  return { operands, option, all, has: (name) => values.has(name), json: values.has('--json'), directory: resolve(option('--data') ?? defaultDirectory()), databaseUrl };
}

function defaultDirectory(): string {
  const base = process.env['XDG_DATA_HOME'] ?? '';
  return join(base === '' ? join(homedir(), '.local', 'share') : base, 'armature', 'lab');
}

/** For what only reads: a directory that is not there is a mistyped one, and no empty lab. */
export function mustExist({ directory }: LabArguments): void {
  if (!existsSync(directory)) throw new LabError('no-lab', { path: directory });
}

/** The same for a lab whose results are to be looked at: what its database lacks is said, since it would seem not to be there. */
export function withResults<T>(given: LabArguments, work: (lab: Lab) => Promise<T>): Promise<T> {
  if (given.databaseUrl === undefined) mustExist(given);
  return withLab(given, async (lab) => {
    const lacking = await countMissing(lab);
    if (lacking > 0) process.stderr.write(`armature lab: the database lacks ${lacking} of the result files; \`armature lab rebuild\` reads all of them, and the server those that it can\n`);
    return work(lab);
  });
}

/** It takes ten seconds or more, once. */
async function opened(given: LabArguments): Promise<Lab> {
  const isNew = given.databaseUrl === undefined && !existsSync(join(given.directory, 'database'));
  if (process.stderr.isTTY) process.stderr.write(isNew ? 'making the database …' : 'opening the database …');
  try {
    return await openLab(given.directory, given.databaseUrl);
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}

/** Runs `work` on an open lab, and closes it however that ends. */
export async function withLab<T>(given: LabArguments, work: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = await opened(given);
  try {
    return await work(lab);
  } finally {
    await lab.database.close();
  }
}

export function print(given: LabArguments, document: unknown, text: string): void {
  process.stdout.write(`${given.json ? JSON.stringify(document) : text}\n`);
}

/** On a terminal only; the line is overwritten by the next one, and erased at the end. */
export function showProgress(what: string): (done: number, total: number) => void {
  return (done, total) => {
    if (process.stderr.isTTY) process.stderr.write(done < total ? `\r${what} ${done}/${total}` : '\r\u001b[K');
  };
}
