import type { AskDependencies } from '#ci/dependencies.ts';
import { askAll } from '#ci/dependencies.ts';
import type { System } from '#ci/facts.ts';
import { systems } from '#ci/facts.ts';
import { pythonsIn, viewsOf } from '#ci/model/legs.ts';
import type { Project, ProjectOptions } from '#ci/model/project.ts';
import { loadProject } from '#ci/model/project.ts';
import { allRules } from '#ci/rules/all-rules.ts';
import type { Finding } from '#ci/rules/rule.ts';
import { analyse } from '#ci/rules/rule.ts';

export interface CiOptions {
  /** `YYYY-MM-DD`: labels and deprecations are judged as of this day. */
  readonly today: string;
  readonly targets?: readonly System[];
  /** Whether the dependencies can be installed on Arm; without it no leg is left out for their sake. */
  readonly ask?: AskDependencies;
}

export interface Checked {
  readonly project: Project;
  readonly findings: readonly Finding[];
}

/** Everything that `armature ci check` says about the workflows that a path names. */
export async function checkWorkflows(path: string, options: CiOptions): Promise<Checked> {
  const project = await openProject(path, options);
  return { project, findings: findingsOf(project, options.targets ?? systems) };
}

export function findingsOf(project: Project, targets: readonly System[]): readonly Finding[] {
  const analysis = analyse(project, targets);
  const findings = allRules.flatMap((rule) => rule.find(analysis));
  return [...findings].sort((a, b) => a.file.localeCompare(b.file, 'en') || a.line - b.line || a.column - b.column || a.rule.localeCompare(b.rule, 'en'));
}

/** The project with the answers about its dependencies for every system it runs on. */
export async function openProject(path: string, options: CiOptions, more: Partial<ProjectOptions> = {}): Promise<Project> {
  const project = loadProject(path, { today: options.today, ...more });
  if (options.ask === undefined) return project;
  const legs = viewsOf(project).flatMap((view) => view.legs.flatMap((leg) => {
    const os = leg.runner?.os;
    return os === undefined ? [] : pythonsIn(view, leg).map(({ version }) => ({ os, python: version }));
  }));
  return { ...project, dependencies: await askAll(options.ask, project.root, legs) };
}
