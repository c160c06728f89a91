import type { HonoRequest } from 'hono';
import { HttpError } from '#lab/server/http-error.ts';
import type { ChangeFilter, ChangeState } from '#lab/store/queries/changes.ts';
import { changeStates } from '#lab/store/queries/changes.ts';
import type { RunFilter } from '#lab/store/queries/runs.ts';
import type { TimelineFilter } from '#lab/store/queries/timeline.ts';

export function required(request: HonoRequest, name: string): string {
  const value = request.query(name);
  if (value === undefined || value === '') throw new HttpError(400, 'parameter-missing', `The parameter '${name}' is missing.`);
  return value;
}

function date(request: HonoRequest, name: string): Date | undefined {
  const value = request.query(name);
  if (value === undefined) return undefined;
  const parsed = new Date(value);
  // There was no year 0: the database would not take it.
  if (!/^\d{4}-\d\d-\d\d/.test(value) || !(parsed.getUTCFullYear() >= 1)) {
    throw new HttpError(400, 'parameter-invalid', `The parameter '${name}' must be a date like 2026-11-29 or 2026-11-29T12:00:00Z.`);
  }
  return parsed;
}

function count(request: HonoRequest, name: string): number | undefined {
  const value = request.query(name);
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new HttpError(400, 'parameter-invalid', `The parameter '${name}' must be a positive number.`);
  return Number(value);
}

export function readRunFilter(request: HonoRequest): RunFilter {
  return {
    machine: request.query('machine'), variant: request.query('variant'), commit: request.query('commit'),
    since: date(request, 'since'), before: date(request, 'before'), limit: count(request, 'limit'),
  };
}

/** `benchmark` may be given many times. */
export function readTimelineFilter(request: HonoRequest): TimelineFilter {
  return {
    machine: required(request, 'machine'), variant: required(request, 'variant'), benchmarks: request.queries('benchmark'),
    since: date(request, 'since'), before: date(request, 'before'), branch: request.query('branch'),
  };
}

export function readChangeFilter(request: HonoRequest): ChangeFilter {
  return {
    machine: request.query('machine'), variant: request.query('variant'), benchmark: request.query('benchmark'),
    state: state(request.query('state')), since: date(request, 'since'), before: date(request, 'before'), limit: count(request, 'limit'),
  };
}

function state(value: string | undefined): ChangeState | undefined {
  if (value === undefined) return undefined;
  const known = changeStates.find((candidate) => candidate === value);
  if (known === undefined) throw new HttpError(400, 'parameter-invalid', `The parameter 'state' must be one of ${changeStates.join(', ')}.`);
  return known;
}
