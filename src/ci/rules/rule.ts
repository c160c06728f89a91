import type { System } from '#ci/facts.ts';
import type { JobView } from '#ci/model/legs.ts';
import { viewsOf } from '#ci/model/legs.ts';
import type { Project } from '#ci/model/project.ts';
import type { Edit } from '#ci/source/edits.ts';
import type { Position, SourceFile } from '#ci/source/source-file.ts';
import { oneLine } from '#ci/source/text.ts';
import { positionOf } from '#ci/source/source-file.ts';

/** `error`: fails on Arm, or never runs. `warning`: not tested on Arm, or emulated. `note`: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

export interface FileEdits {
  readonly path: string;
  readonly edits: readonly Edit[];
}

/** A change that `port` makes, as a whole or not at all. */
export interface Fix {
  readonly changes: readonly FileEdits[];
  readonly reason: string;
}

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly job: string | undefined;
  /** The system it is about, where it is about one. */
  readonly os: System | undefined;
  readonly message: string;
  /** What to do by hand, when there is no fix. */
  readonly advice: string | undefined;
  readonly link: string;
  readonly fix: Fix | undefined;
}

export interface Analysis {
  readonly project: Project;
  readonly views: readonly JobView[];
  /** Systems that `port` adds Arm legs for. */
  readonly targets: readonly System[];
}

export function analyse(project: Project, targets: readonly System[]): Analysis {
  return { project, targets, views: viewsOf(project) };
}

export interface Rule {
  readonly name: string;
  readonly summary: string;
  /** Where the reason can be read. */
  readonly link: string;
  readonly find: (analysis: Analysis) => readonly Finding[];
}

export interface Report {
  readonly severity: Severity;
  readonly message: string;
  readonly advice?: string;
  readonly link?: string;
  readonly job?: string;
  readonly os?: System;
  readonly fix?: Fix | undefined;
}

export function findingAt(rule: { readonly name: string; readonly link: string }, file: SourceFile, offset: number, report: Report): Finding {
  return findingWith(rule, { file: file.path, ...positionOf(file, offset) }, report);
}

/** The texts of a finding may have parts of the file in them. */
export function findingWith(rule: { readonly name: string; readonly link: string }, place: Position & { readonly file: string }, report: Report): Finding {
  return {
    rule: rule.name, ...place, severity: report.severity, message: oneLine(report.message), job: report.job, os: report.os,
    advice: report.advice === undefined ? undefined : oneLine(report.advice), link: report.link ?? rule.link,
    fix: report.fix === undefined ? undefined : { ...report.fix, reason: oneLine(report.fix.reason) },
  };
}

export function fixIn(file: { readonly path: string }, edits: readonly Edit[], reason: string): Fix {
  return { changes: [{ path: file.path, edits }], reason };
}
