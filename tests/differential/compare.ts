import type { ProgramResult } from './program-run.ts';

/** What differs, for a person to read; undefined when the results agree. */
export function difference(plain: ProgramResult, attached: ProgramResult): string | undefined {
  if (plain.timedOut) return 'the plain program did not end in time: the fixture is broken';
  if (attached.timedOut) return `the program did not end in time\n${tail('stdout', attached.stdout)}\n${tail('stderr', attached.stderr)}`;
  const parts: string[] = [];
  const endings = [ending(plain), ending(attached)];
  if (endings[0] !== endings[1]) parts.push(`plain: ${endings[0]}, attached: ${endings[1]}`);
  if (plain.stdout !== attached.stdout) parts.push(firstDifference('stdout', plain.stdout, attached.stdout));
  if (plain.stderr !== attached.stderr) parts.push(firstDifference('stderr', plain.stderr, attached.stderr));
  return parts.length === 0 ? undefined : parts.join('\n');
}

function ending(result: ProgramResult): string {
  return result.signal === undefined ? `exit status ${result.status}` : `ended by ${result.signal}`;
}

function firstDifference(stream: string, plain: string, attached: string): string {
  const left = plain.split('\n');
  const right = attached.split('\n');
  let line = 0;
  while (line < left.length && left[line] === right[line]) line++;
  const show = (lines: readonly string[]): string => lines.slice(line, line + 4).map((text) => `      ${text.slice(0, 300)}`).join('\n');
  return `${stream} differs from line ${line + 1} on (${left.length} and ${right.length} lines)\n`
    + `    plain:\n${show(left)}\n    attached:\n${show(right)}`;
}

function tail(stream: string, text: string): string {
  return `  last of ${stream}: ${JSON.stringify(text.slice(-400))}`;
}
