import { dataAges } from '#ci/facts.ts';
import type { Ported } from '#ci/port.ts';
import type { Project } from '#ci/model/project.ts';
import { hunksOf, unifiedDiff } from '#ci/report/unified-diff.ts';
import type { Finding } from '#ci/rules/rule.ts';

/** The documents of `--json`; docs/schemas/ci-report.json describes them. */
export function checkJson(project: Project, findings: readonly Finding[], today: string): unknown {
  return { ...head('check', project, today), findings: findings.map(findingJson) };
}

export function portJson(ported: Ported, written: boolean, today: string): unknown {
  const files = ported.files.map((file) => ({
    path: file.path, written, diff: unifiedDiff([file]),
    hunks: hunksOf(file).map((hunk) => ({ range: hunk.header, reasons: hunk.reasons })),
  }));
  return { ...head('port', ported.project, today), findings: ported.left.map(findingJson), files, armLegsAdded: ported.added };
}

function head(command: string, project: Project, today: string): object {
  return {
    version: 1, command, date: today, data: dataAges(today),
    workflows: project.workflows.map((workflow) => workflow.file.path),
    problems: project.problems.map(({ code, message }) => ({ code, message })),
  };
}

function findingJson({ fix, advice, job, os, ...finding }: Finding): object {
  return { ...finding, job: job ?? null, os: os ?? null, advice: advice ?? null, fix: fix === undefined ? null : { reason: fix.reason, files: fix.changes.map((change) => change.path) } };
}
