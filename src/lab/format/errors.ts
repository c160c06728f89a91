import type { ErrorRow } from '#support/reported-error.ts';
import { errorClass } from '#support/reported-error.ts';

/** What can be wrong with a file of results. Nothing of such a file is used. */
export const resultErrorTable = {
  'result-too-large': {
    message: '{name} is larger than {limit} {state}',
    cause: 'A file of results has some hundred kilobytes. A larger one is refused before it is read, compressed or not.',
    remedy: 'Split the file by benchmark, or leave out the warmup values.',
    exit: 1,
  },
  'result-truncated': {
    message: '{name} ends too early: {reason}',
    cause: 'The file was cut off while it was written or sent, or is damaged.',
    remedy: 'Write or send it again.',
    exit: 1,
  },
  'result-not-json': {
    message: '{name} is not JSON: {reason}',
    cause: 'Results are read as pyperf writes them: JSON in UTF-8, plain or compressed with gzip. NaN and Infinity are not JSON.',
    remedy: 'Write the file with `pyperf` (`-o FILE.json`) or `armature bench`.',
    exit: 1,
  },
  'result-too-deep': {
    message: '{name} is nested deeper than {limit} levels',
    cause: 'The format of pyperf has seven levels.',
    remedy: 'Write the file with `pyperf` (`-o FILE.json`) or `armature bench`.',
    exit: 1,
  },
  'result-version': {
    message: '{name} has version {version} of the format, which is not known',
    cause: 'Versions 1.0, 6 and 5 are read: pyperf 0.8.3 and newer write them.',
    remedy: 'Convert it: `python3 -m pyperf convert OLD.json -o NEW.json`.',
    exit: 1,
  },
  'result-invalid': {
    message: '{name} is not a result of pyperf: {where}: {reason}',
    cause: 'A value is of the wrong type, or out of the range that pyperf allows.',
    remedy: 'Write the file with `pyperf` (`-o FILE.json`) or `armature bench`, and do not edit it.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorRow>;

export class ResultError extends errorClass(resultErrorTable) {}
