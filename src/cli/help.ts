import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { coloursFor } from '#support/colours.ts';
import { wrapped } from '#support/wrapped.ts';
import { UserError } from '#cli/errors.ts';
import { packageRoot } from '#cli/package-root.ts';
import { suggestion } from '#cli/suggest.ts';
import type { Verb } from '#cli/verbs.ts';
import { verbs } from '#cli/verbs.ts';

const exitStatuses: readonly (readonly [string, string])[] = [
  ['0–255', 'of `run`: the exit status of the program; a signal that ends the program ends armature too'],
  ['1', 'the thing asked for was not done'],
  ['2', 'wrong usage'],
  ['70', 'a failure inside Armature itself'],
  ['126, 127', 'the Python interpreter cannot be started, or was not found'],
];

const variables: readonly (readonly [string, string])[] = [
  ['ARMATURE_PYTHON', 'the interpreter, when --python is not given'],
  ['ARMATURE_CACHE=off', 'do not keep compiled code on disk'],
  ['ARMATURE_SERVER=own', 'as --own-server: no server stays in the background'],
  ['ARMATURE_LOG=stderr|FILE', 'what the server does, line by line'],
  ['NO_COLOR', 'no colours'],
];

/** Lines no longer than a terminal is wide; a pipe gets those of 80 columns. */
const lineWidth = (): number => Math.min(Math.max(process.stdout.columns || 80, 60), 120);

/** A line end behind a sentence is meant; any other is where the source was broken. */
const paragraphs = (text: string): string => wrapped(text.replace(/(?<!\.)\n/g, ' '), lineWidth()).join('\n');

/** Two columns; where the left one is wide, what belongs to it stands below it. */
function rows(entries: readonly (readonly [string, string])[]): string {
  const widest = Math.max(...entries.map(([left]) => left.length));
  const indent = widest > 40 ? 6 : widest + 4;
  return entries.map(([left, right]) => {
    const [first = '', ...more] = wrapped(right, lineWidth() - indent);
    const lines = widest > 40 ? ['', first, ...more] : [first, ...more];
    return lines.map((line, index) => (index === 0 ? `  ${widest > 40 ? left : `${left.padEnd(widest)}  ${line}`}`.trimEnd() : ' '.repeat(indent) + line)).join('\n');
  }).map((row) => `${row}\n`).join('');
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

export function printVersion(): number {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return print(`armature ${manifest.version} (node ${process.versions.node})\n`);
}

export function printHelp(name?: string): number {
  if (name !== undefined) return printNamed(name);
  const { bold } = coloursFor(process.stdout);
  return print([
    `${paragraphs('Runs Python programs faster with the Python you have, by compiling hot functions and loops outside the process.')}\n\n`,
    `${bold('Usage:')} armature VERB [options]\n\n`,
    `${bold('Verbs')}\n${rows(verbs.map((verb) => [verb.name, verb.summary]))}\n`,
    `${bold('Examples')}\n${rows(verbs.slice(0, 3).flatMap((verb) => verb.examples.slice(0, 1)))}\n`,
    `${bold('Exit status')}\n${rows(exitStatuses)}\n`,
    `${bold('Environment')}\n${rows(variables)}\n`,
    'More: armature VERB --help\n',
  ].join(''));
}

function printNamed(name: string): number {
  const verb = verbs.find((candidate) => candidate.name === name);
  if (verb !== undefined) return printVerb(verb);
  throw new UserError('unknown-verb', { verb: name, suggestion: suggestion(name, verbs.map((known) => known.name)) }, 'armature --help');
}

export function printVerb(verb: Verb): number {
  const { bold } = coloursFor(process.stdout);
  const options = verb.options.map((option): [string, string] => {
    const value = option.value === undefined ? '' : `${option.optionalValue === true ? '[=' : ' '}${option.value}${option.optionalValue === true ? ']' : ''}`;
    return [`${option.name}${value}`, option.help];
  });
  return print([
    `${bold('Usage:')} ${verb.usage}\n\n${paragraphs(verb.description)}\n\n`,
    `${bold('Options')}\n${rows([...options, ['--help', 'this text']])}\n`,
    `${bold('Examples')}\n${rows(verb.examples)}`,
  ].join(''));
}
