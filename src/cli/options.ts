import { UserError } from '#cli/errors.ts';
import { suggestion } from '#cli/suggest.ts';

export interface OptionSpec {
  /** With its dashes: `--stats`. */
  readonly name: string;
  /** Name of the value in the usage line; absent for a switch. */
  readonly value?: string;
  /** True when the value may be left out (`--dump` alone). */
  readonly optionalValue?: true;
  readonly help: string;
}

export interface ParsedOptions {
  readonly values: ReadonlyMap<string, string>;
  /** What follows the options, from the first word that is not one of them. */
  readonly rest: readonly string[];
}

/**
 * Reads `--name`, `--name=value` and `--name value` up to the first other word. A short option (`-m`) ends the options:
 * the verbs that run a program hand it to `parseProgram`.
 */
export function parseOptions(verb: string, specs: readonly OptionSpec[], words: readonly string[]): ParsedOptions {
  const values = new Map<string, string>();
  let index = 0;
  while (index < words.length) {
    if (words[index] === '--' || words[index]?.startsWith('--') !== true) break;
    const option = readOption(verb, specs, words, index);
    values.set(option.name, option.value);
    index = option.next;
  }
  return { values, rest: words.slice(index) };
}

export interface ParsedArguments {
  /** Every value of each option that was given, in order; a switch has the empty one. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
}

/** For verbs with operands: options and operands in any order, options as often as wanted, everything after `--` an operand. */
export function parseArguments(verb: string, specs: readonly OptionSpec[], words: readonly string[]): ParsedArguments {
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  let index = 0;
  while (index < words.length) {
    const word = words[index] ?? '';
    if (word === '--') return { values, operands: [...operands, ...words.slice(index + 1)] };
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      index += 1;
      continue;
    }
    const option = readOption(verb, specs, words, index);
    values.set(option.name, [...(values.get(option.name) ?? []), option.value]);
    index = option.next;
  }
  return { values, operands };
}

interface ReadOption {
  readonly name: string;
  readonly value: string;
  readonly next: number;
}

function readOption(verb: string, specs: readonly OptionSpec[], words: readonly string[], index: number): ReadOption {
  const word = words[index] ?? '';
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec === undefined) throw unknownOption(verb, specs, name);
  const given = equals < 0 ? undefined : word.slice(equals + 1);
  if (spec.value === undefined || given !== undefined || spec.optionalValue === true) {
    return { name, value: checkedValue(spec, given), next: index + 1 };
  }
  const value = words[index + 1];
  if (value === undefined) throw new UserError('missing-value', { option: name, value: spec.value });
  return { name, value, next: index + 2 };
}

function checkedValue(spec: OptionSpec, given: string | undefined): string {
  if (spec.value === undefined && given !== undefined) throw new UserError('unexpected-value', { option: spec.name });
  if (spec.value !== undefined && given === '') throw new UserError('missing-value', { option: spec.name, value: spec.value });
  return given ?? '';
}

export function unknownOption(verb: string, specs: readonly OptionSpec[], option: string): UserError {
  const names = specs.map((spec) => spec.name);
  return new UserError('unknown-option', { option, verb, suggestion: suggestion(option, names) }, `armature ${verb} --help`);
}

/** For verbs that take no argument besides their options. */
export function parseOptionsOnly(verb: string, specs: readonly OptionSpec[], words: readonly string[]): ReadonlyMap<string, string> {
  const { values, rest } = parseOptions(verb, specs, words);
  const [argument] = rest;
  if (argument === undefined) return values;
  if (argument.startsWith('-')) throw unknownOption(verb, specs, argument);
  throw new UserError('unexpected-argument', { verb, argument });
}
