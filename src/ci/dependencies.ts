/**
 * What `ci` wants to know of the dependencies of a project: whether they can be installed where a job would run. The answer
 * comes from `armature check`; the caller hands a function in, so that nothing here reads an index.
 */
import type { System } from '#ci/facts.ts';

export interface DependencyQuestion {
  /** Directory of the project, where its requirements and lock files are. */
  readonly root: string;
  /** `linux` is glibc on aarch64, `windows` is win_arm64, `macos` is arm64. */
  readonly os: System;
  /** `3.13`, `3.14t`. */
  readonly python: string;
}

export interface BlockedPackage {
  readonly name: string;
  /** One sentence: which file was rejected and why. */
  readonly reason: string;
}

export type DependencyAnswer =
  | { readonly kind: 'installable' }
  | { readonly kind: 'blocked'; readonly packages: readonly BlockedPackage[] }
  | { readonly kind: 'unknown'; readonly because: string };

export type AskDependencies = (question: DependencyQuestion) => Promise<DependencyAnswer>;

/** By `os/python`. */
export type DependencyAnswers = ReadonlyMap<string, DependencyAnswer>;

export function answerFor(answers: DependencyAnswers, os: System, python: string): DependencyAnswer | undefined {
  return answers.get(`${os}/${python}`);
}

/** Asks once for each system and Python that the workflows mention. */
export async function askAll(ask: AskDependencies, root: string, legs: readonly { readonly os: System; readonly python: string }[]): Promise<DependencyAnswers> {
  const questions = new Map(legs.map((leg) => [`${leg.os}/${leg.python}`, leg]));
  const answers = await Promise.all([...questions].map(async ([key, leg]) => [key, await ask({ root, ...leg })] as const));
  return new Map(answers);
}
