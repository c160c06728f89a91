import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkProjects } from '#check/index.ts';
import type { CheckOptions } from '#check/index.ts';
import type { ProjectAnswer } from '#check/answer/model.ts';
import { assertChoice, readPythons, readSeconds, readTargets, unknownPackage, writeReport } from '#check/choices.ts';
import { normalizeName } from '#check/markers/evaluate.ts';
import type { IndexSource, Project } from '#check/project/model.ts';
import { readNames, readPaths, splitOperands } from '#check/project/read-project.ts';
import { withoutKnown, writeBaseline } from '#check/report/baseline.ts';
import { explainText } from '#check/report/explain.ts';
import type { Finding } from '#check/report/findings.ts';
import { exitStatus, failureKinds, findingsOf } from '#check/report/findings.ts';
import { jsonReport } from '#check/report/json.ts';
import { markdownReport } from '#check/report/markdown.ts';
import { sarifReport } from '#check/report/sarif.ts';
import { tableText } from '#check/report/table.ts';
import type { Installer } from '#check/tags/tag-order.ts';
import { parseArguments } from '#cli/options.ts';
import { packageRoot } from '#cli/package-root.ts';
import { suggestion } from '#cli/suggest.ts';
import { checkOptions } from '#cli/verbs/check.ts';
import type { Colours } from '#support/colours.ts';
import { coloursFor, noColours } from '#support/colours.ts';

class Arguments {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  last(name: string): string | undefined {
    return this.all(name).at(-1);
  }

  /** Words separated by commas, of every time the option is given. */
  words(name: string): readonly string[] {
    return this.all(name).flatMap((value) => value.split(',')).map((word) => word.trim()).filter((word) => word !== '');
  }

  choice(name: string, choices: readonly string[]): string | undefined {
    const value = this.last(name);
    if (value !== undefined) assertChoice(name, value, choices, suggestion);
    return value;
  }
}

export async function check(words: readonly string[]): Promise<number> {
  if (words.includes('--inside')) {
    const { inspect } = await import('#cli/commands/inspect.ts');
    return inspect(words.filter((word) => word !== '--inside'));
  }
  const { values, operands } = parseArguments('check', checkOptions, words);
  const args = new Arguments(values);
  const format = args.has('--json') ? 'json' : args.choice('--format', ['table', 'json', 'sarif', 'markdown']) ?? 'table';
  const kinds = args.has('--fail-on') ? args.words('--fail-on') : ['cannot-install'];
  for (const kind of kinds) assertChoice('--fail-on', kind, Object.keys(failureKinds), suggestion);
  const options = readCheckOptions(args);
  const projects = readOperands(operands);
  const installer = (args.choice('--installer', ['pip', 'uv']) ?? (isUvProject(projects) ? 'uv' : 'pip')) as Installer;
  const answers = await withProgress((onProgress) => checkProjects(projects, { ...options, installer, onProgress }));
  const all = answers.flatMap(findingsOf);
  const target = args.last('--write-baseline');
  if (target !== undefined) {
    writeReport(target, writeBaseline(all));
    process.stderr.write(`armature: ${all.length} findings written to ${target}\n`);
    return 0;
  }
  const baseline = args.last('--baseline');
  const findings = baseline === undefined ? all : withoutKnown(all, baseline);
  const explained = args.last('--explain');
  const output = args.last('--output');
  const colours = output === undefined ? coloursFor(process.stdout) : noColours;
  const shown = explained === undefined ? answers : onlyPackage(explained, answers);
  const ofShown = explained === undefined ? findings : findings.filter((finding) => finding.package === normalizeName(explained));
  const report = explained !== undefined && format === 'table'
    ? shown.map((answer) => explainText(answer.rows, answer, colours)).join('\n')
    : formatReport(format, shown, ofShown, args.has('--all'), colours);
  if (output === undefined) process.stdout.write(report);
  else writeReport(output, report);
  return exitStatus(findings, kinds);
}

/** Paths are projects of their own; all names together are one more. */
function readOperands(operands: readonly string[]): readonly Project[] {
  if (operands.length === 0) return readPaths(['.']);
  const { paths, names } = splitOperands(operands);
  return [...readPaths(paths), ...(names.length === 0 ? [] : [readNames(names)])];
}

/** A lock of uv, alone or beside the pyproject.toml that it belongs to. */
function isUvProject(projects: readonly Project[]): boolean {
  const names = projects.map(({ file }) => basename(file));
  return names.includes('uv.lock') && names.every((name) => name === 'uv.lock' || name === 'pyproject.toml');
}

function readCheckOptions(args: Arguments): Omit<CheckOptions, 'installer'> {
  const sources = (name: string, isDefault: boolean): IndexSource[] => args.all(name).map((url) => ({ url, isDefault, isExplicit: false }));
  return {
    targets: readTargets(args.words('--target'), suggestion), interpreters: args.has('--python') ? readPythons(args.words('--python')) : undefined,
    isOffline: args.has('--offline'), isTransitive: !args.has('--no-deps'), isAdvised: true, usesCache: !args.has('--no-cache'),
    settings: { indexes: [...sources('--index-url', true), ...sources('--extra-index-url', false)], findLinks: args.all('--find-links'), noIndex: false },
    otherIndexes: args.all('--other-index'), timeoutMilliseconds: readSeconds('--timeout', args.last('--timeout') ?? '20') * 1000, environment: process.env,
  };
}

/** Only for people who watch. */
async function withProgress<T>(work: (onProgress: (asked: number, read: number) => void) => Promise<T>): Promise<T> {
  const { stderr } = process;
  if (!stderr.isTTY) return work(() => undefined);
  try {
    const started = Date.now();
    return await work((asked, read) => { stderr.write(`\r\u001b[K${read} of ${asked} pages of indexes read, ${Math.round((Date.now() - started) / 1000)} s`); });
  } finally {
    stderr.write('\r\u001b[K');
  }
}

function formatReport(format: string, answers: readonly ProjectAnswer[], findings: readonly Finding[], showsAll: boolean, colours: Colours): string {
  switch (format) {
    case 'json': return jsonReport(answers, findings);
    case 'sarif': return sarifReport(findings, packageVersion());
    case 'markdown': return markdownReport(answers, findings);
    default: return tableReport(answers, findings, showsAll, colours);
  }
}

/** Findings are told with the project that they are of. */
function tableReport(answers: readonly ProjectAnswer[], findings: readonly Finding[], showsAll: boolean, colours: Colours): string {
  const left = new Set(findings);
  return answers.map((answer) => {
    const places = new Set([...answer.rows.map(({ dependency }) => dependency.place), ...answer.problems.map(({ place }) => place)].map(({ file }) => file));
    const own = [...left].filter(({ place }) => places.has(place.file) || place.file === answer.file);
    for (const finding of own) left.delete(finding);
    return tableText(answer, own, showsAll, colours);
  }).join('\n');
}

/** The answers without everything that is not about one package. */
function onlyPackage(name: string, answers: readonly ProjectAnswer[]): readonly ProjectAnswer[] {
  const wanted = normalizeName(name);
  const found = answers.map((answer) => ({ ...answer, rows: answer.rows.filter(({ dependency }) => dependency.name === wanted) })).filter(({ rows }) => rows.length > 0);
  if (found.length > 0) return found;
  throw unknownPackage(wanted, answers.flatMap(({ rows }) => rows.map(({ dependency }) => dependency.name)), suggestion);
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}
