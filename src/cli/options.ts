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
    const word = words[index] ?? '';
    if (word === '--') return { values, rest: words.slice(index) };
    if (!word.startsWith('--')) break;
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const spec = specs.find((candidate) => candidate.name === name);
    if (spec === undefined) throw unknownOption(verb, specs, name);
    index += 1;
    const given = equals < 0 ? undefined : word.slice(equals + 1);
    if (spec.value !== undefined && given === undefined && spec.optionalValue !== true) {
      const value = words[index];
      if (value === undefined) throw new UserError('missing-value', { option: name, value: spec.value });
      values.set(name, value);
      index += 1;
    } else {
      values.set(name, checkedValue(spec, given));
    }
  }
  return { values, rest: words.slice(index) };
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
