import type { JobView } from '#ci/model/legs.ts';
import { mayRun } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import { inputText, usesAction } from '#ci/model/workflow.ts';
import { withoutQemu, isQemuSetup } from '#ci/rules/emulation.ts';
import type { Analysis, Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt, fixIn } from '#ci/rules/rule.ts';
import { replaceScalar } from '#ci/source/edits.ts';
import { entryOf, startOf } from '#ci/source/nodes.ts';

const armPlatform = /--platform[= ]['"]?(?:[\w/]+,)*linux\/(?:arm64|aarch64)\b/;
const armOnly = /--platform[= ]['"]?linux\/(?:arm64|aarch64)(?![\w/,])/;
const dockerCommand = /\bdocker (?:run|build|buildx build|pull|create)\b/;

/** Containers for Arm that run under QEMU, and other emulators in a job. */
export const emulatedContainer: Rule = {
  name: 'emulated-container',
  summary: 'a container for Arm runs, or is built by a command, on an x64 runner under QEMU',
  link: 'https://docs.github.com/en/actions/reference/runners/github-hosted-runners',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.flatMap((step) => emulated(analysis, view, step))),
};

function emulated(analysis: Analysis, view: JobView, step: Step): readonly Finding[] {
  const leg = view.legs.find((each) => each.runner?.os === 'linux' && each.runner.arch === 'x64' && mayRun(each, step));
  const label = leg?.runner?.armLabel;
  if (label === undefined) return [];
  if (usesAction(step, 'uraimo/run-on-arch-action')) return emulatedStep(view, step, label);
  if (step.run === undefined || !armPlatform.test(step.run)) return [];
  const lines = view.job.steps.filter((each) => !isQemuSetup(each)).flatMap((each) => joined(each.run ?? '')).filter((line) => dockerCommand.test(line));
  const builds = lines.some((line) => armPlatform.test(line) && /\bdocker (?:buildx )?build\b/.test(line));
  const mixed = lines.some((line) => !armPlatform.test(line));
  const several = lines.some((line) => armPlatform.test(line) && !armOnly.test(line));
  const others = view.job.steps.some((each) => each.run !== undefined && !isQemuSetup(each) && /\b(pytest|tox|nox|unittest)\b/.test(each.run) && !dockerCommand.test(each.run));
  const why = view.site.kind !== 'literal' ? 'the job has a matrix or computes its runner' : several ? 'one command builds for several platforms' : mixed || others ? 'other steps of the job run on x64' : undefined;
  const fix: Fix | undefined = why !== undefined || view.site.kind !== 'literal' || !analysis.targets.includes('linux') ? undefined
    : fixIn(view.job.file, [replaceScalar(view.job.file, view.site.node, label), ...withoutQemu(view)], `runs the container on ${label} instead of under QEMU`);
  const message = `job ${view.job.id} ${builds ? 'builds a linux/arm64 image' : 'runs a linux/arm64 container'} under QEMU on ${leg?.runner?.label ?? ''}`;
  return [findingAt(emulatedContainer, step.file, startOf(entryOf(step.file, step.node, 'run')?.value), {
    severity: 'warning', job: view.job.id, os: 'linux', message: why === undefined ? message : `${message}; left, because ${why}`,
    ...(fix === undefined ? { advice: several ? `build each platform in a job of its own, linux/arm64 on ${label}, and join them: docker buildx imagetools create` : `move the step to a job on ${label}` } : { fix }),
  })];
}

/** Commands with their continuation lines. */
const joined = (script: string): readonly string[] => script.replace(/\\\r?\n/g, ' ').split('\n');

function emulatedStep(view: JobView, step: Step, label: string): readonly Finding[] {
  const arch = inputText(step, 'arch') ?? '';
  if (!arch.includes('${{') && !/^(aarch64|arm64)/.test(arch)) return [];
  return [findingAt(emulatedContainer, step.file, startOf(step.node), {
    severity: 'warning', job: view.job.id, os: 'linux', message: `job ${view.job.id} runs its commands for ${arch} under QEMU (${step.uses ?? ''}); left, because the action has its own image and setup`,
    advice: `run the commands of its \`run\` and \`install\` in a job on ${label}`,
  })];
}
