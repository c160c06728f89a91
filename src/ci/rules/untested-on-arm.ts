import { fixedSetting, isCopied } from '#ci/cibuildwheel/fixed-settings.ts';
import type { Runner, System } from '#ci/facts.ts';
import { runnerOf, systems } from '#ci/facts.ts';
import { namesX86 } from '#ci/legs/twin.ts';
import { addLegs } from '#ci/legs/add-legs.ts';
import { callerLegs } from '#ci/legs/caller-legs.ts';
import { evaluateTemplate } from '#ci/model/expressions.ts';
import type { JobView, Leg } from '#ci/model/legs.ts';
import { contextsIn, mayRun, runnerContext } from '#ci/model/legs.ts';
import { obstaclesOf, pythonObstacle } from '#ci/model/obstacles.ts';
import type { Job } from '#ci/model/workflow.ts';
import { inputText, usesAction } from '#ci/model/workflow.ts';
import { dependsOnProcessor } from '#ci/model/purpose.ts';
import { alpineContainer } from '#ci/rules/alpine-container.ts';
import { emulatedContainer } from '#ci/rules/emulated-container.ts';
import { emulatedImage } from '#ci/rules/emulated-image.ts';
import { emulatedWheels } from '#ci/rules/emulated-wheels.ts';
import type { Analysis, Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt } from '#ci/rules/rule.ts';
import { startOf, textAt, textOf } from '#ci/source/nodes.ts';
import type { SourceFile } from '#ci/source/source-file.ts';
import { positionOf } from '#ci/source/source-file.ts';

const names: Readonly<Record<System, string>> = { linux: 'Linux', windows: 'Windows', macos: 'macOS' };

/** Jobs whose result depends on the processor and that never run on Arm. */
export const untestedOnArm: Rule = {
  name: 'untested-on-arm',
  summary: 'a job that builds or tests runs on x64 only',
  link: 'https://docs.github.com/en/actions/reference/runners/github-hosted-runners',
  find: (analysis) => {
    // What is emulated, or waits for a job of its own, is said by the rule for it.
    const said = [emulatedWheels, emulatedImage, emulatedContainer, alpineContainer].flatMap((rule) => rule.find(analysis));
    const isSaid = (view: JobView, os: System): boolean => said.some((finding) => finding.os === os && finding.job === view.job.id && finding.file === view.job.file.path);
    return [
      ...analysis.project.workflows.flatMap((workflow) => workflow.jobs.flatMap(elsewhereDefined)),
      ...analysis.views.flatMap(unknownLegs),
      ...analysis.views.flatMap((view) => systems.flatMap((os) => (isSaid(view, os) ? [] : untested(analysis, view, os)))),
    ];
  },
};

/** A reusable workflow of another repository. */
function elsewhereDefined(job: Job): readonly Finding[] {
  if (job.calls === undefined || job.calls.startsWith('./')) return [];
  return [findingAt(untestedOnArm, job.file, startOf(job.key), {
    severity: 'note', job: job.id, message: `job ${job.id} calls ${job.calls}, which is in another repository and was not looked at`, advice: 'check it there',
  })];
}

function unknownLegs(view: JobView): readonly Finding[] {
  const unknown = view.legs.find((leg) => leg.unknown !== undefined)?.unknown;
  if (unknown === undefined || !dependsOnProcessor(view)) return [];
  return [findingAt(untestedOnArm, view.job.file, startOf(view.job.runsOn ?? view.job.key), {
    severity: 'note', job: view.job.id, message: `whether job ${view.job.id} runs on Arm cannot be told: ${unknown}`, advice: 'look at where the value comes from',
  })];
}

function untested(analysis: Analysis, view: JobView, os: System): readonly Finding[] {
  const onSystem = view.legs.filter((leg) => leg.runner?.os === os);
  const [leg] = onSystem;
  if (leg?.runner === undefined || onSystem.some((each) => each.runner?.arch === 'arm64')) return [];
  if (!dependsOnProcessor(view) || elsewhere(analysis, view, os)) return [];
  const labels = [...new Set(onSystem.flatMap((each) => each.labels))].join(', ');
  const message = `job ${view.job.id} runs on ${labels} only: nothing tests it on ${names[os]} Arm`;
  const result = analysis.targets.includes(os) ? change(analysis, view, onSystem, os) : 'not asked for';
  return [findingAt(untestedOnArm, view.job.file, startOf(view.job.runsOn ?? view.job.key), {
    severity: 'warning', job: view.job.id, os,
    message: typeof result === 'string' ? `${message}; left, because ${result}` : message,
    ...(typeof result === 'string' ? {} : { fix: result }),
  })];
}

/** Another job of the same workflow that does the same on Arm. */
function elsewhere(analysis: Analysis, view: JobView, os: System): boolean {
  const commands = commandsOf(view);
  return analysis.views.some((other) => other !== view && other.workflow === view.workflow
    && other.legs.some((leg) => leg.runner?.os === os && leg.runner.arch === 'arm64')
    && [...commandsOf(other)].some((command) => commands.has(command)));
}

function commandsOf(view: JobView): ReadonlySet<string> {
  const lines = view.job.steps.flatMap((step) => [...(step.run ?? '').split('\n'), step.uses?.split('@')[0] ?? '']).map((line) => line.trim());
  return new Set(lines.filter((line) => /\b(pytest|tox|nox|unittest|ctest|test|cibuildwheel|maturin)\b/.test(line) && !/^(pip|python -m pip|uv pip)\b.*install/.test(line)));
}

/** The fix, or why there is none. */
function change(analysis: Analysis, view: JobView, legs: readonly Leg[], os: System): Fix | string {
  const [leg] = legs;
  const label = leg?.runner?.armLabel;
  if (leg?.runner === undefined || label === undefined) return 'no Arm runner is known that goes with it';
  const arm = runnerOf(label, analysis.project.today);
  const [obstacle] = obstaclesOf(view, arm === undefined ? leg : onRunner(view, leg, arm), os);
  if (obstacle !== undefined) return `${obstacle.message} (${place(obstacle.file, obstacle.offset)})`;
  const blocked = arm === undefined ? [] : legs.map((each) => pythonObstacle(analysis.project, view, each, arm));
  if (blocked.length > 0 && blocked.every((each) => each !== undefined)) return blocked[0]?.message ?? '';
  const fixed = fixedSetting(analysis.project, view, leg, os) ?? (os === 'macos' ? undefined : crossTarget(view, legs, label) ?? fixedInput(view, leg) ?? fixedAxis(view, leg));
  if (fixed !== undefined) return fixed;
  const usable = legs.filter((each, index) => each.include === undefined || blocked[index] === undefined);
  const renamed = view.site.kind === 'literal' && view.matrix === undefined ? `; its check is then called "${checkName(view)} (${leg.labels.join(', ')})"` : '';
  const reason = `adds ${label}: job ${view.job.id} is tested on ${names[os]} Arm too${renamed}`;
  const input = inputOf(view);
  if (input !== undefined) return callerLegs(analysis.project, view, input, label, reason);
  const added = addLegs(view, usable, leg.runner, label);
  if (added.kind === 'left') return added.at === undefined ? added.because : `${added.because} (${place(view.job.file, added.at)})`;
  return { changes: [{ path: view.job.file.path, edits: added.edits }], reason };
}

/** A setup action that takes x64 from an axis which has nothing for Arm. */
function fixedInput(view: JobView, leg: Leg): string | undefined {
  for (const step of view.job.steps) {
    const text = inputText(step, 'architecture') ?? '';
    const value = evaluateTemplate(text, leg.contexts);
    if (text.includes('matrix.') && !isCopied(view, leg, text) && value.known && ['x64', 'x86'].includes(String(value.value))) {
      return `${step.uses ?? ''} is told to install ${String(value.value)} by ${text}`;
    }
  }
  return undefined;
}

/** A job that cross-compiles: a leg on Arm would do so too, for whatever its matrix names. */
function crossTarget(view: JobView, legs: readonly Leg[], label: string): string | undefined {
  for (const step of view.job.steps.filter((each) => usesAction(each, 'pyo3/maturin-action'))) {
    const text = inputText(step, 'target') ?? '';
    const targets = legs.filter((leg) => mayRun(leg, step)).map((leg) => evaluateTemplate(text, contextsIn(leg, step))).flatMap((value) => (value.known ? [String(value.value ?? '')] : []));
    const arm = targets.find((target) => /^(?:aarch64|arm64)/.test(target));
    if (arm !== undefined) return `it cross-compiles for ${arm} already; run what builds that on ${label}, and it can be tested`;
    const [target] = targets;
    if (target !== undefined && target !== '' && !(legs[0] !== undefined && isCopied(view, legs[0], text))) return `${step.uses ?? ''} is told to build for ${target}`;
  }
  return undefined;
}

/** An axis that names processors, beside the one of the runners: each of its values would be combined with Arm. */
function fixedAxis(view: JobView, leg: Leg): string | undefined {
  const { matrix, site } = view;
  const others = (matrix?.axes ?? []).filter(({ name }) => leg.axes[name] !== undefined && !(site.kind === 'matrix' && site.key === name));
  for (const { name, values } of others) {
    const foreign = values.map(({ value }) => value).find((value) => typeof value === 'string' && namesX86(value));
    if (foreign !== undefined) return `its axis ${name} names ${String(foreign)}, which a leg on Arm would get too`;
  }
  return undefined;
}

/** The leg as it would be on another runner. */
function onRunner(view: JobView, leg: Leg, runner: Runner): Leg {
  const { site } = view;
  const matrix = leg.contexts['matrix'];
  const moved = matrix === undefined || site.kind !== 'matrix' || site.field !== undefined ? matrix : { ...matrix, [site.key]: runner.label };
  return { ...leg, runner, contexts: { ...leg.contexts, ...(moved === undefined ? {} : { matrix: moved }), runner: runnerContext(runner) } };
}

/** The input of a reusable workflow that chooses the runners. */
function inputOf(view: JobView): string | undefined {
  const { job, matrix, site } = view;
  if (site.kind === 'input') return site.name;
  const axis = site.kind === 'matrix' ? matrix?.axes.find((each) => each.name === site.key) : undefined;
  return /^\$\{\{\s*fromJSON\(\s*inputs\.([\w-]+)\s*\)\s*\}\}$/i.exec(textOf(job.file, axis?.node) ?? '')?.[1];
}

const checkName = (view: JobView): string => textAt(view.job.file, view.job.node, 'name') ?? view.job.id;

function place(file: SourceFile, offset: number): string {
  const { line } = positionOf(file, offset);
  return `${file.path}:${String(line)}`;
}
