import type { Node, Scalar, YAMLMap } from 'yaml';
import { isScalar } from 'yaml';
import type { Runner } from '#ci/facts.ts';
import { runnerOf } from '#ci/facts.ts';
import type { Contexts } from '#ci/model/expressions.ts';
import { evaluateTemplate } from '#ci/model/expressions.ts';
import type { AxisValue, Matrix } from '#ci/model/matrix.ts';
import { combinationsOf, matrixOf, mostLegs, sizeOf } from '#ci/model/matrix.ts';
import type { Project } from '#ci/model/project.ts';
import type { Job, Step, Workflow } from '#ci/model/workflow.ts';
import { inputText, usesAction } from '#ci/model/workflow.ts';
import type { Json } from '#ci/source/nodes.ts';
import { entriesOf, jsonOf, mapOf, seqOf, textOf, valueOf } from '#ci/source/nodes.ts';

/** One run of a job: a combination of its matrix, on one runner. */
export interface Leg {
  readonly contexts: Contexts;
  readonly axes: Readonly<Record<string, AxisValue>>;
  readonly include: YAMLMap | undefined;
  readonly labels: readonly string[];
  /** Undefined for a runner of one's own, and when the label is known only when the workflow runs. */
  readonly runner: Runner | undefined;
  readonly unknown: string | undefined;
}

/** Where a job says what it runs on. */
export type LabelSite =
  | { readonly kind: 'literal'; readonly node: Scalar }
  /** `matrix.os`, `matrix.platform.runner`, `matrix.platform[0]`. */
  | { readonly kind: 'matrix'; readonly key: string; readonly field: string | number | undefined }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'other'; readonly what: string };

export interface JobView {
  readonly workflow: Workflow;
  readonly job: Job;
  readonly matrix: Matrix | undefined;
  readonly legs: readonly Leg[];
  readonly site: LabelSite;
}

/** Every job that has steps, with its runs. */
export function viewsOf(project: Project): readonly JobView[] {
  return project.workflows.flatMap((workflow) => workflow.jobs.filter((job) => job.calls === undefined).map((job) => viewOf(project, workflow, job)));
}

function viewOf(project: Project, workflow: Workflow, job: Job): JobView {
  const legs = inputSetsOf(project, workflow, job).flatMap((contexts) => legsWith(project, job, contexts));
  return { workflow, job, matrix: matrixOf(job, {}), legs, site: siteOf(job) };
}

function siteOf(job: Job): LabelSite {
  const list = seqOf(job.file, job.runsOn);
  const node = list?.items.length === 1 ? list.items[0] : job.runsOn;
  const text = textOf(job.file, node);
  if (text === undefined || !isScalar(node)) return { kind: 'other', what: list === undefined ? 'a runner group' : 'a list of labels' };
  const matrix = /^\$\{\{\s*matrix\.([\w-]+)(?:\.([\w-]+)|\[(\d+)\])?\s*\}\}$/.exec(text);
  if (matrix !== null) return { kind: 'matrix', key: matrix[1] ?? '', field: matrix[3] === undefined ? matrix[2] : Number(matrix[3]) };
  const input = /^\$\{\{\s*inputs\.([\w-]+)\s*\}\}$/.exec(text);
  if (input !== null) return { kind: 'input', name: input[1] ?? '' };
  return text.includes('${{') ? { kind: 'other', what: `the expression ${text}` } : { kind: 'literal', node };
}

/** What the inputs of a reusable workflow are in each call; one set without any for other workflows. */
function inputSetsOf(project: Project, workflow: Workflow, job: Job): readonly Contexts[] {
  const callers = project.callers.get(workflow.file.path) ?? [];
  const defaults = inputDefaults(job);
  if (callers.length === 0) return [Object.keys(defaults).length === 0 ? {} : { inputs: defaults }];
  return callers.flatMap(({ job: caller }) => {
    const matrix = matrixOf(caller, {});
    const combinations = matrix === undefined || matrix.unknown !== undefined ? [{}] : combinationsOf(caller, matrix, {}).map(({ values }) => ({ matrix: values }));
    return combinations.map((contexts): Contexts => ({ inputs: { ...defaults, ...knownInputs(caller, contexts) } }));
  });
}

function inputDefaults(job: Job): Readonly<Record<string, Json>> {
  const triggers = valueOf(job.file, job.file.document.contents, 'on');
  const inputs = entriesOf(job.file, valueOf(job.file, valueOf(job.file, triggers, 'workflow_call'), 'inputs'));
  return Object.fromEntries(inputs.flatMap(({ key, value }) => {
    const preset = valueOf(job.file, value, 'default');
    return preset === undefined ? [] : [[String(key.value), jsonOf(job.file, preset)]];
  }));
}

function knownInputs(caller: Job, contexts: Contexts): Readonly<Record<string, Json>> {
  return Object.fromEntries(entriesOf(caller.file, valueOf(caller.file, caller.node, 'with')).flatMap(({ key, value }) => {
    const evaluated = evaluateTemplate(textOf(caller.file, value) ?? '', contexts);
    return evaluated.known ? [[String(key.value), evaluated.value]] : [];
  }));
}

function legsWith(project: Project, job: Job, inputs: Contexts): readonly Leg[] {
  const matrix = matrixOf(job, inputs);
  if (matrix?.unknown !== undefined) return [{ contexts: inputs, axes: {}, include: undefined, labels: [], runner: undefined, unknown: matrix.unknown }];
  if (matrix === undefined) return [legOf(project, job, inputs, {}, undefined)];
  const size = sizeOf(matrix);
  if (size > mostLegs) return [{ contexts: inputs, axes: {}, include: undefined, labels: [], runner: undefined, unknown: `its inputs make a matrix of ${String(size)} legs` }];
  const combinations = combinationsOf(job, matrix, inputs);
  return combinations.map((combination, index) => {
    const strategy = { 'job-index': index, 'job-total': combinations.length };
    return legOf(project, job, { ...inputs, matrix: combination.values, strategy }, combination.axes, combination.include);
  });
}

function legOf(project: Project, job: Job, contexts: Contexts, axes: Leg['axes'], include: YAMLMap | undefined): Leg {
  const found = labelsOf(job, contexts);
  if (typeof found === 'string') return { contexts, axes, include, labels: [], runner: undefined, unknown: found };
  const own = found.some((label) => label.toLowerCase() === 'self-hosted');
  const runner = own ? undefined : found.map((label) => runnerOf(label, project.today)).find((known) => known !== undefined);
  const known: Contexts = runner === undefined ? contexts : { ...contexts, runner: runnerContext(runner) };
  return { contexts: known, axes, include, labels: found, runner, unknown: undefined };
}

export function runnerContext(runner: Runner): Readonly<Record<string, Json>> {
  const names = { linux: 'Linux', windows: 'Windows', macos: 'macOS' };
  return { os: names[runner.os], arch: runner.arch === 'arm64' ? 'ARM64' : 'X64' };
}

/** The labels, or why they are not known. */
function labelsOf(job: Job, contexts: Contexts): readonly string[] | string {
  const map = mapOf(job.file, job.runsOn);
  const node: Node | undefined = map === undefined ? job.runsOn : valueOf(job.file, map, 'labels');
  const texts = seqOf(job.file, node)?.items.map((item) => textOf(job.file, item) ?? '') ?? [textOf(job.file, node)].filter((text) => text !== undefined);
  if (texts.length === 0) return map === undefined ? 'it has no runs-on' : 'it runs on a group of runners';
  const labels: string[] = [];
  for (const text of texts) {
    const value = evaluateTemplate(text, contexts);
    if (!value.known) return `runs-on depends on ${value.because}, which is known only when the workflow runs`;
    if (Array.isArray(value.value)) labels.push(...value.value.map(String));
    else if (value.value === null || typeof value.value === 'object') return `runs-on is ${JSON.stringify(value.value)}`;
    else labels.push(String(value.value));
  }
  return labels;
}

/** Contexts inside a step: a composite action sees its own inputs. */
export function contextsIn(leg: Leg, step: Step): Contexts {
  if (step.by === undefined) return leg.contexts;
  const outer = contextsIn(leg, step.by);
  const given = Object.fromEntries(entriesOf(step.by.file, valueOf(step.by.file, step.by.node, 'with')).flatMap(({ key, value }) => {
    const evaluated = evaluateTemplate(textOf(step.by?.file ?? step.file, value) ?? '', outer);
    return evaluated.known ? [[String(key.value), evaluated.value] as const] : [];
  }));
  const presets = Object.fromEntries(entriesOf(step.file, valueOf(step.file, step.file.document.contents, 'inputs')).flatMap(({ key, value }) => {
    const preset = valueOf(step.file, value, 'default');
    return preset === undefined ? [] : [[String(key.value), jsonOf(step.file, preset)] as const];
  }));
  const { matrix, ...rest } = outer;
  return { ...rest, ...(matrix === undefined ? {} : { matrix }), inputs: { ...presets, ...given } };
}

/** False only when the condition is known to be false in this leg. */
export function mayRun(leg: Leg, step: Step): boolean {
  const chain = [step, ...(step.by === undefined ? [] : [step.by])];
  return chain.every((each) => each.condition === undefined
    || mayHold(/^\$\{\{([\s\S]*)\}\}$/.exec(each.condition.trim())?.[1] ?? each.condition, contextsIn(leg, each)));
}

/** A part that is false decides over a part that nobody knows. */
function mayHold(text: string, contexts: Contexts): boolean {
  const either = splitAt(text, '||');
  if (either.length > 1) return either.some((part) => mayHold(part, contexts));
  const both = splitAt(text, '&&');
  if (both.length > 1) return both.every((part) => mayHold(part, contexts));
  const inner = /^\(([\s\S]*)\)$/.exec(text.trim())?.[1];
  if (inner !== undefined && balanced(inner)) return mayHold(inner, contexts);
  const value = text.includes('${{') ? evaluateTemplate(text, contexts) : evaluateTemplate(`\${{ ${text} }}`, contexts);
  return !value.known || (value.value !== false && value.value !== null && value.value !== '' && value.value !== 0);
}

/** The parts between an operator that stands outside of parentheses and strings. */
function splitAt(text: string, operator: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    else if (depth === 0 && text.startsWith(operator, at)) {
      parts.push(text.slice(start, at));
      start = at + operator.length;
      at += operator.length - 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** `(a) && (b)` begins and ends with a parenthesis, too. */
function balanced(inner: string): boolean {
  let depth = 0;
  for (const character of inner.replace(/'(?:[^']|'')*'/g, '')) {
    depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (depth < 0) return false;
  }
  return depth === 0;
}

export interface PythonChoice {
  readonly version: string;
  readonly step: Step;
}

/** The Pythons that a leg sets up. */
export function pythonsIn(view: JobView, leg: Leg): readonly PythonChoice[] {
  return view.job.steps.filter((step) => usesAction(step, 'actions/setup-python', 'astral-sh/setup-uv') && mayRun(leg, step)).flatMap((step) => {
    const value = evaluateTemplate(inputText(step, 'python-version') ?? '', contextsIn(leg, step));
    const versions = value.known && value.value !== null ? String(value.value).split('\n').map((line) => line.trim()).filter((line) => line !== '') : [];
    return versions.map((version) => ({ version, step }));
  });
}
