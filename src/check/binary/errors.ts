import type { ErrorRow } from '#support/reported-error.ts';
import { errorClass } from '#support/reported-error.ts';

/** What can be wrong with the words of the command line; what is wrong with a file is a finding (finding.ts). */
export const inspectErrorTable = {
  'nothing-to-inspect': {
    message: 'no wheel, file, directory or URL is named',
    cause: '`armature inspect` looks into what it is told to.',
    remedy: 'Name a wheel, a library, a directory such as site-packages, or the URL of a wheel.',
    exit: 2,
  },
  'inspect-no-such-path': {
    message: "'{path}' cannot be opened: {reason}",
    cause: 'There is no such file or directory, or it may not be read.',
    remedy: 'Check the spelling. URLs begin with https:// or http://.',
    exit: 2,
  },
  'unknown-cpu': {
    message: "no processor is called '{cpu}'",
    cause: '`--cpu` takes one of the names that this program has data for.',
    remedy: 'Use one of: {cpus}.',
    exit: 2,
  },
} as const satisfies Record<string, ErrorRow>;

export class InspectError extends errorClass(inspectErrorTable) {}
