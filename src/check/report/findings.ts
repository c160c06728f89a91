/** What is wrong, as flat findings: the same for every form of output, the baseline and the exit status. */
import type { Advice, Cell, ProjectAnswer, Row } from '../answer/model.ts';
import { lintMarker } from '../markers/lint.ts';
import type { Place, Problem } from '../project/model.ts';
import { formatSpecifierSet } from '../versions/specifier.ts';

/** Codes of findings; what `--fail-on` takes is in `failureKinds`. */
export const findingCodes = {
  'cannot-install': { level: 'error', meaning: 'No file of the package can be installed on the target.' },
  'builds-from-source': { level: 'warning', meaning: 'There is no wheel for the target; the installer builds the package from its source.' },
  'unanswered': { level: 'warning', meaning: 'The question could not be answered: no index that has the package did answer, or a resolver is needed.' },
  'marker-never-matches': { level: 'warning', meaning: 'A marker compares with a spelling that the system never uses.' },
  'marker-always-matches': { level: 'warning', meaning: 'A marker excludes a spelling that the system never uses.' },
  'marker-misses-system': { level: 'note', meaning: 'A marker speaks of Arm in the spelling of one system only.' },
  'unreadable': { level: 'error', meaning: 'A file could not be read; what it lists is not answered.' },
  'file-problem': { level: 'warning', meaning: 'A part of a file could not be understood and was passed over.' },
} as const;

export type FindingCode = keyof typeof findingCodes;
export type Level = (typeof findingCodes)[FindingCode]['level'];

export interface Finding {
  readonly code: FindingCode;
  readonly level: Level;
  readonly message: string;
  readonly place: Place;
  readonly package?: string;
  /** `win_arm64`… */
  readonly target?: string;
  readonly pythons?: readonly string[];
  /** What to do, one sentence each. */
  readonly advice: readonly string[];
}

const codeOfOutcome: Readonly<Record<string, FindingCode>> = { 'cannot-install': 'cannot-install', 'source': 'builds-from-source', 'unknown': 'unanswered' };

/** `3.10, 3.11, 3.12` as `3.10-3.12`, in the order of the columns. */
export function pythonRanges(ids: readonly string[], all: readonly string[]): string {
  const parts: string[] = [];
  for (let index = 0; index < ids.length;) {
    const start = all.indexOf(ids[index] ?? '');
    let end = index;
    while (end + 1 < ids.length && all[start + end + 1 - index] === ids[end + 1]) end += 1;
    parts.push(end - index > 1 ? `${ids[index]}-${ids[end]}` : ids.slice(index, end + 1).join(', '));
    index = end + 1;
  }
  return parts.join(', ');
}

/** `numpy 1.26.4`, `numpy >=1.26`. */
export function rowTitle({ dependency, cells }: Row): string {
  const versions = new Set(cells.flatMap(({ answer }) => ('version' in answer && answer.version !== undefined && answer.version !== '' ? [answer.version] : [])));
  const [only] = versions;
  const label = versions.size === 1 ? only ?? '' : formatSpecifierSet(dependency.specifiers);
  return label === '' ? dependency.name : `${dependency.name} ${label}`;
}

/** What can be done about the gaps of one target, the likeliest way first. */
export function adviceLines(advice: Advice, title: string): readonly string[] {
  const { newer, older, first } = advice.alternatives;
  const lines: string[] = [];
  const which = advice.isForOneOfSeveral ? ` (Python ${advice.python})` : '';
  if (newer !== undefined) lines.push(`${newer} is the next newer version with a wheel${which}`);
  if (older !== undefined) lines.push(`${older} is the nearest older version with a wheel${which}`);
  if (first !== undefined && first !== newer && first !== older) lines.push(`${first} was the first version with a wheel for this system`);
  for (const { index, version, file } of advice.elsewhere) lines.push(`${index} has ${version}: ${file}${which}`);
  if (lines.length === 0 && !advice.isSilent) {
    lines.push(`no version of ${title.split(' ')[0] ?? title} has a wheel for this system on the indexes that were asked`);
  }
  if (advice.build !== undefined) {
    const { level, needs, backend } = advice.build;
    lines.push(`the build (${backend}) ${level === 'pure Python' ? 'is pure Python' : level === 'hard' ? 'is hard' : level}${needs.length === 0 ? '' : `: ${needs.join(', ')}`}`);
  }
  return lines;
}

function outcomeMessage(code: FindingCode, title: string, { target, answer }: Cell, pythons: string): string {
  const where = `${target.label} (${target.id}) with Python ${pythons}`;
  const reason = 'reason' in answer ? answer.reason : '';
  if (code === 'cannot-install') return `${title} cannot be installed on ${where}: ${reason}`;
  if (code === 'unanswered') return `${title} is not answered for Python ${pythons}: ${reason}`;
  const isDirect = 'version' in answer && answer.version === '';
  return isDirect ? `${title} is built from ${'file' in answer ? answer.file : 'source'} on ${where}` : `${title} has no wheel for ${where}; it is built from source`;
}

function rowFindings(row: Row, { interpreters }: ProjectAnswer): readonly Finding[] {
  const columns = interpreters.map(({ id }) => id);
  const groups = new Map<string, Cell[]>();
  for (const cell of row.cells) {
    const code = codeOfOutcome[cell.answer.outcome];
    if (code === undefined) continue;
    const reason = 'reason' in cell.answer ? cell.answer.reason : '';
    // An index that does not answer does so for every system.
    const key = `${code} ${code === 'unanswered' ? '' : cell.target.id} ${reason}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  const title = rowTitle(row);
  return [...groups.values()].map((cells): Finding => {
    const [cell] = cells as [Cell, ...Cell[]];
    const code = codeOfOutcome[cell.answer.outcome]!;
    const pythons = [...new Set(cells.map(({ interpreter }) => interpreter.id))];
    const advice = row.advice.find(({ target }) => target === cell.target);
    return {
      code, level: findingCodes[code].level, place: row.dependency.place, package: row.dependency.name, pythons, ...(code === 'unanswered' ? {} : { target: cell.target.id }),
      message: outcomeMessage(code, title, cell, pythonRanges(pythons, columns)) + (row.neededBy.length === 0 ? '' : ` (needed by ${row.neededBy.join(', ')})`),
      advice: advice === undefined || code === 'unanswered' ? [] : adviceLines(advice, title),
    };
  });
}

export function findingsOf(answer: ProjectAnswer): readonly Finding[] {
  const ofMarkers = answer.markers.flatMap((written) => lintMarker(written.marker).map((finding): Finding => ({
    code: finding.code, level: findingCodes[finding.code].level, package: written.package, advice: [],
    message: `${written.package}: ${finding.message}`, place: { ...written.place, column: written.place.column + finding.offset },
  })));
  const codeOf = (problem: Problem): FindingCode => (problem.code === 'unreadable' ? 'unreadable' : 'file-problem');
  const ofFiles = answer.problems.map((problem): Finding => ({ code: codeOf(problem), level: findingCodes[codeOf(problem)].level, message: problem.message, place: problem.place, advice: [] }));
  return inOrder([...answer.rows.flatMap((row) => rowFindings(row, answer)), ...ofMarkers, ...ofFiles]);
}

/** As somebody reads the files: line by line, files in the order in which they are first met. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const files = [...new Set(findings.map(({ place }) => place.file))];
  return [...findings].sort(({ place: left }, { place: right }) => files.indexOf(left.file) - files.indexOf(right.file) || left.line - right.line);
}

export const failureKinds: Readonly<Record<string, readonly FindingCode[]>> = {
  'cannot-install': ['cannot-install'],
  'source': ['cannot-install', 'builds-from-source'],
  'marker': ['marker-never-matches', 'marker-always-matches', 'marker-misses-system'],
  'file-problem': ['file-problem'],
  'none': [],
};

/** 1: something that counts was found; 2: nothing was, but a question is open; 0: all is well. */
export function exitStatus(findings: readonly Finding[], kinds: readonly string[]): 0 | 1 | 2 {
  const codes = new Set(kinds.flatMap((kind) => failureKinds[kind] ?? []));
  if (findings.some(({ code }) => codes.has(code))) return 1;
  return kinds.includes('none') || !findings.some(({ code }) => code === 'unanswered' || code === 'unreadable') ? 0 : 2;
}
