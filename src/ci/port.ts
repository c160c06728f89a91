import { visit, isAlias, isNode } from 'yaml';
import type { CiOptions } from '#ci/check.ts';
import { findingsOf, openProject } from '#ci/check.ts';
import type { System } from '#ci/facts.ts';
import { systems } from '#ci/facts.ts';
import { viewsOf } from '#ci/model/legs.ts';
import type { Project } from '#ci/model/project.ts';
import { loadProject } from '#ci/model/project.ts';
import { allRules } from '#ci/rules/all-rules.ts';
import type { Finding } from '#ci/rules/rule.ts';
import { analyse } from '#ci/rules/rule.ts';
import type { Edit } from '#ci/source/edits.ts';
import { applyEdits } from '#ci/source/edits.ts';
import type { SourceFile } from '#ci/source/source-file.ts';
import { invariant } from '#support/invariant.ts';

/** Why a place of the new text is as it is. */
export interface Mark {
  readonly offset: number;
  readonly rule: string;
  readonly reason: string;
  readonly link: string;
}

export interface PortedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly marks: readonly Mark[];
}

export interface Ported {
  /** As it was before. */
  readonly project: Project;
  /** How many more legs run on Arm. */
  readonly added: Readonly<Record<System, number>>;
  readonly files: readonly PortedFile[];
  /** What remains to be said of the changed workflows. */
  readonly left: readonly Finding[];
}

/** More changes than any project needs: a rule that finds its own result wrong would go on for ever. */
const mostChanges = 2000;

interface State {
  readonly overlay: Map<string, string>;
  readonly marks: Map<string, readonly Mark[]>;
  readonly refused: Map<string, string>;
}

/**
 * Applies one fix after the other, in the order of the rules, and reads the project again after each, so that every rule sees
 * what the ones before it did. A fix whose result GitHub would refuse is taken back.
 */
export async function portWorkflows(path: string, options: CiOptions): Promise<Ported> {
  const original = await openProject(path, options);
  const cache = new Map<string, SourceFile>();
  const state: State = { overlay: new Map(), marks: new Map(), refused: new Map() };
  const reload = (): Project => ({ ...loadProject(path, { today: options.today, overlay: state.overlay, cache }), dependencies: original.dependencies });
  const targets = options.targets ?? systems;
  if (original.problems.length > 0) return { project: original, added: { linux: 0, windows: 0, macos: 0 }, files: [], left: findingsOf(original, targets) };
  let project = original;
  for (let changes = 0; ; changes += 1) {
    invariant(changes < mostChanges, 'the fixes of the workflows come to an end', path);
    const next = firstFix(project, targets, state);
    if (next === undefined) break;
    project = applied(project, next, state, reload);
  }
  const texts = textsOf(original);
  const files = [...state.overlay].flatMap(([file, after]) => {
    const before = texts.get(file) ?? '';
    return before === after ? [] : [{ path: file, before, after, marks: state.marks.get(file) ?? [] }];
  });
  const added = { linux: legsOn(project, 'linux') - legsOn(original, 'linux'), windows: legsOn(project, 'windows') - legsOn(original, 'windows'), macos: legsOn(project, 'macos') - legsOn(original, 'macos') };
  return { project: original, added, files, left: findingsOf(project, targets).map((finding) => withRefusal(finding, state)) };
}

function legsOn(project: Project, os: System): number {
  return viewsOf(project).flatMap((view) => view.legs).filter((leg) => leg.runner?.os === os && leg.runner.arch === 'arm64').length;
}

const nameOf = (finding: Finding): string => `${finding.rule} ${finding.file} ${finding.fix?.reason ?? ''}`;

function firstFix(project: Project, targets: Parameters<typeof analyse>[1], state: State): Finding | undefined {
  const analysis = analyse(project, targets);
  for (const rule of allRules) {
    const fixable = rule.find(analysis).find((finding) => finding.fix !== undefined && !state.refused.has(nameOf(finding)));
    if (fixable !== undefined) return fixable;
  }
  return undefined;
}

/** The project after the fix, or as it was with the fix refused. */
function applied(project: Project, finding: Finding, state: State, reload: () => Project): Project {
  const changes = finding.fix?.changes ?? [];
  const shared = changes.map((change) => sharedAnchor(project, change.path, change.edits)).find((name) => name !== undefined);
  if (shared !== undefined) {
    state.refused.set(nameOf(finding), `the place is inside the anchor &${shared}, which other places use too`);
    return project;
  }
  const texts = textsOf(project);
  const saved = changes.map(({ path }) => [path, state.overlay.get(path), state.marks.get(path)] as const);
  for (const { path, edits } of changes) {
    state.marks.set(path, [...shifted(state.marks.get(path) ?? [], edits), ...marksOf(finding, edits)]);
    state.overlay.set(path, applyEdits(texts.get(path) ?? '', edits));
  }
  const changed = reload();
  const [problem] = changed.problems;
  if (problem === undefined) return changed;
  for (const [path, text, marks] of saved) {
    if (text === undefined) state.overlay.delete(path);
    else state.overlay.set(path, text);
    state.marks.set(path, marks ?? []);
  }
  state.refused.set(nameOf(finding), `the result would be no workflow (${problem.message})`);
  return project;
}

export function textsOf(project: Project): ReadonlyMap<string, string> {
  const files = [...project.workflows.map((workflow) => workflow.file), ...project.actions, ...(project.pyproject === undefined ? [] : [project.pyproject])];
  return new Map(files.map((file) => [file.path, file.text]));
}

function shifted(marks: readonly Mark[], edits: readonly Edit[]): readonly Mark[] {
  return marks.map((mark) => {
    const before = edits.filter((edit) => edit.end <= mark.offset);
    return { ...mark, offset: mark.offset + before.reduce((sum, edit) => sum + edit.text.length - (edit.end - edit.start), 0) };
  });
}

function marksOf(finding: Finding, edits: readonly Edit[]): readonly Mark[] {
  let shift = 0;
  return [...edits].sort((a, b) => a.start - b.start).map((edit) => {
    // What is inserted at the end of a line begins with a line end: the mark belongs to the line after it.
    const offset = edit.start + shift + (/^\r?\n/.exec(edit.text)?.[0].length ?? 0);
    shift += edit.text.length - (edit.end - edit.start);
    return { offset, rule: finding.rule, reason: finding.fix?.reason ?? '', link: finding.link };
  });
}

/** The name of an anchor with aliases that one of the edits is inside of. */
function sharedAnchor(project: Project, path: string, edits: readonly Edit[]): string | undefined {
  const file = [...project.workflows.map((workflow) => workflow.file), ...project.actions].find((each) => each.path === path);
  if (file === undefined) return undefined;
  const used = new Set<string>();
  visit(file.document, { Alias: (_key, node) => { used.add(node.source); } });
  const found: string[] = [];
  visit(file.document, {
    Node: (_key, node) => {
      if (isAlias(node) || !isNode(node) || node.anchor === undefined || !used.has(node.anchor) || !node.range) return;
      const [start, end] = node.range;
      if (edits.some((edit) => edit.start >= start && edit.end <= end)) found.push(node.anchor);
    },
  });
  return found[0];
}

function withRefusal(finding: Finding, state: State): Finding {
  const refusal = finding.fix === undefined ? undefined : state.refused.get(nameOf(finding));
  return refusal === undefined ? finding : { ...finding, message: `${finding.message}; left, because ${refusal}`, fix: undefined };
}
