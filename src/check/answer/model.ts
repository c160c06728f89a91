import type { Dependency, Place, Problem, WrittenMarker } from '../project/model.ts';
import type { Interpreter } from '../tags/interpreter.ts';
import type { Installer } from '../tags/tag-order.ts';
import type { Target } from '../tags/target.ts';
import type { Alternatives, Decision } from './decide.ts';

export type Answer =
  | Decision
  | { readonly outcome: 'not-needed'; readonly reason: string }
  /** No index could be asked, or a resolver would be needed. */
  | { readonly outcome: 'unknown'; readonly reason: string };

export type Outcome = Answer['outcome'];

export interface Cell {
  readonly target: Target;
  readonly interpreter: Interpreter;
  readonly answer: Answer;
}

/** How hard it is to build a package from its source. */
export interface BuildEffort {
  readonly level: 'pure Python' | 'needs a C compiler' | 'needs more than a C compiler' | 'hard';
  readonly backend: string;
  readonly needs: readonly string[];
}

/** What can be done about the gaps of one target. */
export interface Advice {
  readonly target: Target;
  /** `3.13`: other Pythons with a gap may have other ways out, or none. */
  readonly python: string;
  readonly isForOneOfSeveral: boolean;
  /** No index did answer: that nothing was found says nothing. */
  readonly isSilent: boolean;
  readonly alternatives: Alternatives;
  /** Other indexes that have a wheel. */
  readonly elsewhere: readonly { readonly index: string; readonly version: string; readonly file: string }[];
  readonly build?: BuildEffort;
}

export interface Row {
  readonly dependency: Dependency;
  /** Names of the packages that need it, for one that the project does not list itself. */
  readonly neededBy: readonly string[];
  readonly cells: readonly Cell[];
  readonly advice: readonly Advice[];
  /** What else is worth knowing: indexes that did not answer, a package that is archived… */
  readonly notes: readonly string[];
}

export interface ProjectAnswer {
  readonly file: string;
  readonly targets: readonly Target[];
  readonly interpreters: readonly Interpreter[];
  readonly installer: Installer;
  readonly rows: readonly Row[];
  readonly problems: readonly Problem[];
  readonly markers: readonly WrittenMarker[];
}

/** `file:line`, as compilers write it. */
export function placeText({ file, line }: Place): string {
  return file === 'command line' ? file : `${file}:${line}`;
}
