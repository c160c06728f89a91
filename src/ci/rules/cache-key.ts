import type { JobView } from '#ci/model/legs.ts';
import { contextsIn, mayRun } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import { inputNode, usesAction } from '#ci/model/workflow.ts';
import { knownText } from '#ci/rules/keys.ts';
import type { Analysis, Finding, Rule } from '#ci/rules/rule.ts';
import { findingAt, fixIn } from '#ci/rules/rule.ts';
import type { Edit } from '#ci/source/edits.ts';
import { insertAt } from '#ci/source/edits.ts';
import { sourceOf, startOf, textOf } from '#ci/source/nodes.ts';
import type { SourceFile } from '#ci/source/source-file.ts';

/** A cache that an x64 leg fills and an Arm leg reads. */
export const cacheKey: Rule = {
  name: 'cache-key',
  summary: 'a cache key that is the same on x64 and on Arm',
  link: 'https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#runner-context',
  find: (analysis) => analysis.views.flatMap((view) => view.job.steps.flatMap((step) => shared(analysis, view, step))),
};

const isCache = (step: Step): boolean => usesAction(step, 'actions/cache', 'actions/cache/restore', 'actions/cache/save');

function keysOf(view: JobView, step: Step, arch: string): readonly string[] {
  const text = textOf(step.file, inputNode(step, 'key')) ?? '';
  return view.legs.filter((leg) => leg.runner?.arch === arch && mayRun(leg, step)).map((leg) => `${leg.runner?.os ?? ''} ${knownText(text, contextsIn(leg, step))}`);
}

function shared(analysis: Analysis, view: JobView, step: Step): readonly Finding[] {
  const node = inputNode(step, 'key');
  if (node === undefined || !isCache(step)) return [];
  const others = analysis.views.filter((other) => other.workflow === view.workflow).flatMap((other) => other.job.steps.filter(isCache).map((each) => [other, each] as const));
  const elsewhere = (arch: string): readonly string[] => others.flatMap(([other, each]) => keysOf(other, each, arch));
  const clash = keysOf(view, step, 'arm64').some((key) => elsewhere('x64').includes(key)) || keysOf(view, step, 'x64').some((key) => elsewhere('arm64').includes(key));
  if (!clash) return [];
  const edits = ['key', 'restore-keys'].flatMap((name) => withArchitecture(step.file, inputNode(step, name)));
  return [findingAt(cacheKey, step.file, startOf(node), {
    severity: 'error', job: view.job.id, message: `job ${view.job.id} has one cache for x64 and Arm: the leg that comes second gets files for the other processor`,
    fix: fixIn(step.file, edits, 'x64 and Arm have a cache each'),
  })];
}

const system = /\$\{\{\s*runner\.os\s*\}\}/;

/** Puts the architecture behind the operating system, or in front of everything; in each line of a list of prefixes. */
function withArchitecture(file: SourceFile, node: unknown): readonly Edit[] {
  if (node === undefined) return [];
  const source = sourceOf(file, node);
  const isBlock = /^[|>]/.test(source);
  const edits: Edit[] = [];
  let offset = startOf(node);
  for (const [index, line] of source.split('\n').entries()) {
    const match = system.exec(line);
    const blank = line.trim() === '' || (isBlock && index === 0);
    if (!blank && !line.includes('runner.arch')) {
      if (match !== null) edits.push(insertAt(offset + match.index + match[0].length, '-${{ runner.arch }}'));
      else edits.push(insertAt(offset + line.search(/[^\s'"]/), '${{ runner.arch }}-'));
    }
    offset += line.length + 1;
  }
  return edits;
}
