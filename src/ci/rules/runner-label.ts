import { visit, isScalar } from 'yaml';
import type { Scalar } from 'yaml';
import { meantLabel, nextImage, retirementOf, runnerOf } from '#ci/facts.ts';
import type { JobView } from '#ci/model/legs.ts';
import type { Analysis, Finding, Fix, Rule } from '#ci/rules/rule.ts';
import { findingAt, fixIn } from '#ci/rules/rule.ts';
import type { Edit } from '#ci/source/edits.ts';
import { replaceScalar } from '#ci/source/edits.ts';
import { endOf, sourceOf, startOf } from '#ci/source/nodes.ts';
import type { SourceFile } from '#ci/source/source-file.ts';

/** Labels that are gone, going, or never were. */
export const runnerLabel: Rule = {
  name: 'runner-label',
  summary: 'a runner label that no longer exists, never existed, or is about to go',
  link: 'https://github.com/actions/runner-images#available-images',
  find: (analysis) => analysis.views.flatMap((view) => {
    const labels = new Set(view.legs.flatMap((leg) => (leg.labels.includes('self-hosted') ? [] : leg.labels)));
    return [...labels].flatMap((label) => labelFindings(analysis, view, label));
  }),
};

function labelFindings(analysis: Analysis, view: JobView, label: string): readonly Finding[] {
  const { today } = analysis.project;
  const { file } = view.job;
  const offset = whereLabel(view, label);
  const at = (severity: Finding['severity'], message: string, link: string | undefined, use: string | undefined): Finding => findingAt(runnerLabel, file, offset, {
    severity, job: view.job.id, message, ...(link === undefined ? {} : { link }), ...(use === undefined ? {} : { fix: renamed(view, label, use) }),
  });
  const meant = meantLabel(label);
  if (meant !== undefined) return [at('error', `there is no runner with the label ${label}: the job waits for ever`, undefined, meant)];
  const retirement = retirementOf(label);
  if (retirement !== undefined && retirement.since <= today) return [at('error', `the label ${label} is gone since ${retirement.since}`, retirement.link, retirement.use)];
  if (retirement?.announced !== undefined && retirement.announced <= today) {
    return [at('warning', `the label ${label} goes away on ${retirement.since}; use ${retirement.use}`, retirement.link, undefined)];
  }
  return uneven(analysis, view, label, offset);
}

/** An x64 label that moves to another image by itself, beside an Arm label that does not. */
function uneven(analysis: Analysis, view: JobView, label: string, offset: number): readonly Finding[] {
  const { today } = analysis.project;
  const runner = runnerOf(label, today);
  if (runner?.armLabel === undefined || runner.image === runner.label) return [];
  const arm = view.legs.find((leg) => leg.runner?.os === runner.os && leg.runner.arch === 'arm64')?.runner;
  const next = nextImage(label, today);
  const later = next === undefined ? undefined : runnerOf(next.image, today)?.armLabel;
  if (arm === undefined || runner.os !== 'linux') return [];
  const now = runner.armLabel === arm.label ? undefined : `is ${runner.image}`;
  const then = later === undefined || later === arm.label ? undefined : `becomes ${next?.image ?? ''} by ${next?.from ?? ''}`;
  if (now === undefined && then === undefined) return [];
  return [findingAt(runnerLabel, view.job.file, offset, {
    severity: 'note', job: view.job.id, message: `${label} ${now ?? then ?? ''}, while ${arm.label} stays: the two legs then differ in more than the processor`,
    advice: `name the image: ${runner.image} beside ${arm.label}`, link: 'https://github.com/actions/runner-images/issues/14748',
  })];
}

function whereLabel(view: JobView, label: string): number {
  const [scalar] = scalarsWith(view.job.file, label).filter(({ whole, node }) => whole && startOf(node) >= startOf(view.job.key));
  return scalar === undefined ? startOf(view.job.runsOn ?? view.job.key) : startOf(scalar.node);
}

interface Occurrence {
  readonly node: Scalar;
  readonly whole: boolean;
}

/** Scalars that are the label, or that have it as a string in an expression. */
function scalarsWith(file: SourceFile, label: string): readonly Occurrence[] {
  const found: Occurrence[] = [];
  visit(file.document, {
    Scalar: (key, node) => {
      if (key === 'key' || !isScalar(node) || typeof node.value !== 'string') return;
      if (node.value === label) found.push({ node, whole: true });
      else if (node.value.includes(`'${label}'`) || node.value.includes(`"${label}"`)) found.push({ node, whole: false });
    },
  });
  return found;
}

/** Every place of the file that means the label, conditions included. */
function renamed(view: JobView, label: string, use: string): Fix | undefined {
  const { file } = view.job;
  if (view.legs.some((leg) => leg.labels.includes(use))) return undefined;
  const edits = scalarsWith(file, label).flatMap(({ node, whole }): readonly Edit[] => {
    if (whole) return [replaceScalar(file, node, use)];
    const source = sourceOf(file, node);
    return [...source.matchAll(new RegExp(`(['"])${label.replace(/[.]/g, '\\.')}(?=\\1)`, 'g'))].map((match) => {
      const start = startOf(node) + match.index + 1;
      return { start, end: Math.min(start + label.length, endOf(node)), text: use };
    });
  });
  return edits.length === 0 ? undefined : fixIn(file, edits, `${label} becomes ${use}, which exists`);
}
