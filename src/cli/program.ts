import { UserError } from '#cli/errors.ts';
import type { OptionSpec } from '#cli/options.ts';
import { unknownOption } from '#cli/options.ts';

/** What Python is asked to run. */
export interface Program {
  /** Everything after the interpreter: its own options, then script, -m or -c, then the program's arguments. */
  readonly words: readonly string[];
  /** What a person would call it. */
  readonly title: string;
  /** A Python option that keeps the agent out, if there is one. */
  readonly isolatedBy: string | undefined;
}

/** Python's own switches that are handed on. -i is not among them: see `missing-program`. */
const switches = /^-[bBdEIOPqRsSuvx]+$/;
const withValue = ['-W', '-X'];
const isolating = /[EIS]/;

/** Reads `[python options] [--] SCRIPT|-m MODULE|-c CODE ARGUMENTS…` in the way python3 does. */
export function parseProgram(verb: string, specs: readonly OptionSpec[], words: readonly string[]): Program {
  let isolatedBy: string | undefined;
  let index = 0;
  for (; index < words.length; index++) {
    const word = words[index] ?? '';
    if (switches.test(word)) {
      if (isolating.test(word)) isolatedBy = word;
    } else if (withValue.includes(word)) {
      index += 1;
      if (index >= words.length) throw new UserError('missing-value', { option: word, value: 'ARG' });
    } else if (!/^-[WX]./.test(word)) {
      break;
    }
  }
  const options = words.slice(0, index);
  const program = words[index] === '--' ? words.slice(index + 1) : words.slice(index);
  const escaped = words[index] === '--';
  return { words: [...options, ...program], title: titleOf(verb, specs, program, escaped), isolatedBy };
}

function titleOf(verb: string, specs: readonly OptionSpec[], program: readonly string[], escaped: boolean): string {
  const [first, second] = program;
  if (first === undefined || first === '') throw new UserError('missing-program', { verb }, `armature ${verb} --help`);
  const option = /^-([mc])(.*)$/s.exec(first);
  if (option !== null) {
    const value = option[2] === '' ? second : option[2];
    const wanted = option[1] === 'm' ? 'MODULE' : 'CODE';
    if (value === undefined) throw new UserError('missing-value', { option: `-${option[1] ?? ''}`, value: wanted });
    return option[1] === 'm' ? `-m ${value}` : '-c';
  }
  if (first.startsWith('-') && first !== '-' && !escaped) throw unknownOption(verb, specs, first);
  return first;
}
