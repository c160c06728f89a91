import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseAction } from '@actions/workflow-parser/actions/action-parser';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import type { Scalar } from 'yaml';
import { isPair, visit } from 'yaml';
import type { DependencyAnswers } from '#ci/dependencies.ts';
import { CiError } from '#ci/errors.ts';
import { ExpressionProblem, templateParts, validateExpression } from '#ci/model/expressions.ts';
import { combinationsOf, matrixOf } from '#ci/model/matrix.ts';
import type { Job, Step, Workflow } from '#ci/model/workflow.ts';
import { readWorkflow, stepsOf } from '#ci/model/workflow.ts';
import { endOf, startOf, valueOf } from '#ci/source/nodes.ts';
import type { SourceFile } from '#ci/source/source-file.ts';
import { parseSource, placeOf, readText } from '#ci/source/source-file.ts';
import type { TomlFile } from '#ci/source/toml-file.ts';
import { parseToml } from '#ci/source/toml-file.ts';
import { ReportedError } from '#support/reported-error.ts';

export interface Caller {
  readonly job: Job;
}

export interface Project {
  /** Directory that `./` of the workflows means. */
  readonly root: string;
  readonly workflows: readonly Workflow[];
  readonly pyproject: TomlFile | undefined;
  readonly actions: readonly SourceFile[];
  /** Who calls a reusable workflow, by the path of its file. */
  readonly callers: ReadonlyMap<string, readonly Caller[]>;
  /** Files that could not be read; the others are there. */
  readonly problems: readonly ReportedError[];
  /** `YYYY-MM-DD`. */
  readonly today: string;
  readonly dependencies: DependencyAnswers;
}

export interface ProjectOptions {
  readonly today: string;
  /** Contents that stand for those on disk, by path as shown. */
  readonly overlay?: ReadonlyMap<string, string>;
  readonly dependencies?: DependencyAnswers;
  /** Files that were read before, by kind, path and text: `port` reads a project again after each change. */
  readonly cache?: Map<string, SourceFile>;
}

const workflowDirectory = join('.github', 'workflows');
const isYaml = (name: string): boolean => /\.ya?ml$/i.test(name);

interface Place {
  readonly root: string;
  readonly files: readonly string[];
}

/** The workflow files that a path names, and the directory they belong to. */
function locate(path: string): Place {
  if (!existsSync(path)) throw new CiError('ci-not-found', { path });
  const location = resolve(path);
  if (statSync(location).isFile()) return { root: rootOf(dirname(location)), files: [location] };
  const directory = [join(location, workflowDirectory), location].find((candidate) => existsSync(candidate)
    && (candidate !== location || location.endsWith(workflowDirectory)) && readdirSync(candidate).some(isYaml));
  if (directory === undefined) throw new CiError('ci-no-workflows', { path });
  return { root: rootOf(directory), files: readdirSync(directory).filter(isYaml).sort().map((name) => join(directory, name)) };
}

const rootOf = (directory: string): string => (directory.endsWith(workflowDirectory) ? dirname(dirname(directory)) : directory);

/** Reads everything that a path names; whatever cannot be read is in `problems`. */
export function loadProject(path: string, options: ProjectOptions): Project {
  const place = locate(path);
  return new Loader(place, options).load();
}

class Loader {
  private readonly place: Place;
  private readonly options: ProjectOptions;
  private readonly problems: ReportedError[] = [];
  private readonly sources = new Map<string, SourceFile | undefined>();

  constructor(place: Place, options: ProjectOptions) {
    this.place = place;
    this.options = options;
  }

  load(): Project {
    const workflows = this.place.files.flatMap((location) => this.workflow(location) ?? []);
    for (const workflow of workflows) for (const job of workflow.jobs) this.reusable(workflows, job);
    const { root } = this.place;
    const followed = workflows.map((workflow) => ({ ...workflow, jobs: workflow.jobs.map((job) => ({ ...job, steps: this.followed(job.steps, []) })) }));
    this.refuseCycles(followed);
    return {
      root, workflows: followed, actions: [...this.sources.values()].filter((file) => file !== undefined && !followed.some((workflow) => workflow.file === file)) as SourceFile[], pyproject: this.pyproject(), callers: callersOf(root, followed), problems: this.problems,
      today: this.options.today, dependencies: this.options.dependencies ?? new Map(),
    };
  }

  /** `./../` leads out of the repository: GitHub does not follow it, and neither is anything read there. */
  private isInside(location: string): boolean {
    return location.startsWith(this.place.root + sep);
  }

  private attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!ReportedError.is(error)) throw error;
      this.problems.push(error);
      return undefined;
    }
  }

  private text(location: string): { readonly shown: string; readonly text: string } {
    const shown = shownPath(this.place.root, location);
    return { shown, text: this.options.overlay?.get(shown) ?? readText(location, shown) };
  }

  private workflow(location: string): Workflow | undefined {
    const file = this.source(location, 'workflow');
    if (file === undefined) return undefined;
    return this.attempt(() => {
      const workflow = readWorkflow(file);
      for (const job of workflow.jobs) {
        const matrix = matrixOf(job, {});
        if (matrix !== undefined) combinationsOf(job, matrix, {});
      }
      return workflow;
    });
  }

  private source(location: string, kind: 'workflow' | 'action'): SourceFile | undefined {
    if (!this.sources.has(location)) {
      this.sources.set(location, this.attempt(() => {
        const { shown, text } = this.text(location);
        const key = `${kind} ${shown} ${text}`;
        const known = this.options.cache?.get(key);
        if (known !== undefined) return known;
        const file = parseSource(shown, text);
        refuseBadExpressions(file);
        refuseInvalid(file, kind);
        this.options.cache?.set(key, file);
        return file;
      }));
    }
    return this.sources.get(location);
  }

  /** Reads a called workflow that was not named itself. */
  private reusable(workflows: Workflow[], job: Job): void {
    if (job.calls?.startsWith('./') !== true) return;
    const location = resolve(this.place.root, job.calls);
    if (!this.isInside(location) || !existsSync(location)) {
      this.problems.push(new CiError('ci-not-found', { path: `${job.calls} (called in ${job.file.path})` }));
      return;
    }
    if (this.sources.has(location)) return;
    const workflow = this.workflow(location);
    if (workflow !== undefined) workflows.push(workflow);
    for (const inner of workflow?.jobs ?? []) this.reusable(workflows, inner);
  }

  /** The steps with those of local composite actions behind the step that uses them. */
  private followed(steps: readonly Step[], stack: readonly string[]): readonly Step[] {
    return steps.flatMap((step) => {
      if (step.uses?.startsWith('./') !== true) return [step];
      const location = ['action.yml', 'action.yaml'].map((name) => resolve(this.place.root, step.uses ?? '', name)).find((candidate) => this.isInside(candidate) && existsSync(candidate));
      if (location === undefined) return [step];
      if (stack.includes(location)) {
        const chain = [...stack.slice(stack.indexOf(location)), location].map((each) => shownPath(this.place.root, each)).join(' → ');
        this.problems.push(new CiError('ci-cyclic', { ...placeOf(step.file, startOf(step.node)), what: 'an action', chain }));
        return [step];
      }
      const file = this.source(location, 'action');
      if (file === undefined) return [step];
      const inner = stepsOf(file, valueOf(file, valueOf(file, file.document.contents, 'runs'), 'steps'), step);
      return [step, ...this.followed(inner, [...stack, location])];
    });
  }

  private refuseCycles(workflows: readonly Workflow[]): void {
    const byPath = new Map(workflows.map((workflow) => [resolve(this.place.root, workflow.file.path), workflow]));
    const done = new Set<string>();
    const enter = (path: string, stack: readonly string[]): void => {
      if (done.has(path)) return;
      for (const job of byPath.get(path)?.jobs ?? []) {
        if (job.calls?.startsWith('./') !== true) continue;
        const next = resolve(this.place.root, job.calls);
        const at = [...stack, path].indexOf(next);
        if (at >= 0) {
          const chain = [...[...stack, path].slice(at), next].map((each) => shownPath(this.place.root, each)).join(' → ');
          this.problems.push(new CiError('ci-cyclic', { ...placeOf(job.file, startOf(job.key)), what: 'a reusable workflow', chain }));
          continue;
        }
        enter(next, [...stack, path]);
      }
      done.add(path);
    };
    for (const path of byPath.keys()) enter(path, []);
  }

  private pyproject(): TomlFile | undefined {
    const location = join(this.place.root, 'pyproject.toml');
    if (!existsSync(location)) return undefined;
    return this.attempt(() => {
      const { shown, text } = this.text(location);
      return parseToml(shown, text);
    });
  }
}

/** Paths are shown with slashes on every system. */
function shownPath(root: string, location: string): string {
  return relative(root, location).split(sep).join('/');
}

function callersOf(root: string, workflows: readonly Workflow[]): ReadonlyMap<string, readonly Caller[]> {
  const callers = new Map<string, Caller[]>();
  for (const job of workflows.flatMap((workflow) => workflow.jobs)) {
    if (job.calls?.startsWith('./') !== true) continue;
    const path = shownPath(root, resolve(root, job.calls));
    callers.set(path, [...(callers.get(path) ?? []), { job }]);
  }
  return callers;
}

/** Expressions are looked at before GitHub's parser sees them: the message can name the line inside a long script. */
function refuseBadExpressions(file: SourceFile): void {
  visit(file.document, {
    Scalar: (key, node, path) => {
      if (typeof node.value !== 'string') return;
      const [pair, , outer] = path.toReversed();
      const condition = key === 'value' && isPair(pair) && String(pair.key) === 'if' && !(isPair(outer) && String(outer.key) === 'with');
      if (node.value.includes('${{') || condition) refuseBadExpression(file, node, node.value);
    },
  });
}

/** The text of a condition is an expression with or without braces. */
function refuseBadExpression(file: SourceFile, node: Scalar, text: string): void {
  try {
    if (!text.includes('${{')) validateExpression(text);
    else for (const part of templateParts(text)) if (part.expression) validateExpression(part.text);
  } catch (error) {
    if (!(error instanceof ExpressionProblem)) throw error;
    const source = file.text.slice(startOf(node), endOf(node));
    throw new CiError('ci-expression', { ...placeOf(file, startOf(node) + Math.max(0, source.indexOf('${{'))), problem: error.message });
  }
}

/** By the schema that GitHub itself uses (the one in its language services). */
function refuseInvalid(file: SourceFile, kind: 'workflow' | 'action'): void {
  const parser = kind === 'workflow' ? parseWorkflow : parseAction;
  const result = parser({ name: file.path, content: file.text }, new NoOperationTraceWriter());
  // The schema wants a description of every action; the runner does not, and many local actions have none.
  const problem = result.context.errors.getErrors().find(({ rawMessage }) => kind === 'workflow' || !/^Required property is missing: (?:name|description)$/.test(rawMessage));
  if (problem === undefined) return;
  const { line, column } = problem.range?.start ?? { line: 1, column: 1 };
  throw new CiError('ci-schema', { file: file.path, line: String(line), column: String(column), problem: problem.rawMessage });
}
