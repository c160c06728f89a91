import { UserError } from '#cli/errors.ts';
import { suggestion } from '#cli/suggest.ts';
import { verbs } from '#cli/verbs.ts';
import { ReportedError } from '#support/reported-error.ts';

/** Exit status of a failure inside Armature itself (EX_SOFTWARE), away from the statuses programs use. */
const internalFailure = 70;

async function dispatch(words: readonly string[]): Promise<number> {
  const [first = '--help', ...rest] = words;
  const verb = verbs.find((candidate) => candidate.name === first);
  if (verb !== undefined && rest[0] !== '--help' && rest[0] !== '-h') return (await verb.load())(rest);
  const help = await import('#cli/help.ts');
  if (verb !== undefined) return help.printVerb(verb);
  if (first === '--version' || first === '-V') return help.printVersion();
  if (first === '--help' || first === '-h' || first === 'help') return help.printHelp(rest[0]);
  throw unknownVerb(first);
}

function unknownVerb(word: string): UserError {
  if (word.startsWith('-')) {
    return new UserError('unknown-option', { option: word, verb: 'VERB', suggestion: suggestion(word, ['--help', '--version']) }, 'armature --help');
  }
  const script = word.endsWith('.py') ? `armature run ${word}` : 'armature --help';
  return new UserError('unknown-verb', { verb: word, suggestion: suggestion(word, verbs.map((verb) => verb.name)) }, script);
}

/** The one thing to do at once, when the error knows it. What runs programs is brief; who runs a lab is told why, and what can be done. */
function adviceOf({ hint, explanation }: ReportedError): string {
  if (hint !== undefined) return `  try: ${hint}\n`;
  return explanation.map((sentence) => `  ${sentence}\n`).join('');
}

export async function main(words: readonly string[]): Promise<void> {
  let status: number;
  try {
    status = await dispatch(words);
  } catch (error) {
    if (ReportedError.is(error)) {
      process.stderr.write(error.line() + adviceOf(error));
      status = error.exitStatus;
    } else {
      process.stderr.write(`armature: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      status = internalFailure;
    }
  }
  process.exitCode = status;
}
