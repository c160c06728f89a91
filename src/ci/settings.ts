import { CiError } from '#ci/errors.ts';

export const ciActions = ['check', 'port'] as const;
export type CiAction = (typeof ciActions)[number];

export function actionNamed(word: string, suggestion: string): CiAction {
  const action = ciActions.find((each) => each === word);
  if (action === undefined) throw new CiError('ci-unknown-action', { action: word, suggestion }, 'armature ci check');
  return action;
}

export function oneOf<T extends string>(option: string, allowed: readonly T[], value: string): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new CiError('ci-bad-value', { option, value, allowed: allowed.join(', ') });
  return found;
}

/** The day as of which labels are judged. */
export function dateNamed(option: string, value: string | undefined): string {
  if (value === undefined) return new Date().toISOString().slice(0, 10);
  if (!/^\d{4}-\d\d-\d\d$/.test(value) || Number.isNaN(Date.parse(value))) throw new CiError('ci-bad-value', { option, value, allowed: 'a date like 2026-11-29' });
  return value;
}
