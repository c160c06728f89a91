import { parseSpecifier, satisfiesClause } from '../versions/specifier.ts';
import { parseVersion } from '../versions/version.ts';
import type { Marker, MarkerComparison, MarkerOperator } from './marker.ts';

export interface MarkerEnvironment {
  /** Every variable with one value: `sys_platform`, `python_version`… */
  readonly values: Readonly<Record<string, string>>;
  /** What `extra` and `extras` may be. */
  readonly extras: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** These are compared as versions when both sides are versions, everything else as text. */
const versionVariables = new Set(['python_version', 'python_full_version', 'implementation_version', 'platform_release']);

export function normalizeName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

export function evaluateMarker(marker: Marker, environment: MarkerEnvironment): boolean {
  switch (marker.kind) {
    case 'and': return marker.terms.every((term) => evaluateMarker(term, environment));
    case 'or': return marker.terms.some((term) => evaluateMarker(term, environment));
    case 'comparison': return evaluateComparison(marker, environment);
  }
}

function evaluateComparison({ left, operator, right }: MarkerComparison, environment: MarkerEnvironment): boolean {
  const variable = left.kind === 'variable' ? left.name : right.kind === 'variable' ? right.name : '';
  const literal = left.kind === 'literal' ? left.value : right.kind === 'literal' ? right.value : '';
  if (variable === 'extra') return evaluateExtra(operator, normalizeName(literal), environment.extras);
  if (variable === 'extras' || variable === 'dependency_groups') {
    const names = variable === 'extras' ? environment.extras : environment.groups;
    return names.has(normalizeName(literal)) === (operator === 'in');
  }
  const value = environment.values[variable] ?? '';
  const [one, other] = left.kind === 'variable' ? [value, literal] : [literal, value];
  return compareValues(one, operator, other, versionVariables.has(variable));
}

/** Without any extra asked for, `extra` is the empty text. */
function evaluateExtra(operator: MarkerOperator, name: string, extras: ReadonlySet<string>): boolean {
  const candidates = extras.size === 0 ? [''] : [...extras];
  if (operator === '!=') return !candidates.includes(name);
  return candidates.some((extra) => compareValues(extra, operator, name, false));
}

function compareValues(left: string, operator: MarkerOperator, right: string, isVersion: boolean): boolean {
  if (isVersion) {
    const specifier = parseSpecifier(`${operator}${right}`);
    const version = parseVersion(left);
    if (specifier !== undefined) return version !== undefined && satisfiesClause(version, specifier);
  }
  switch (operator) {
    case 'in': return right.includes(left);
    case 'not in': return !right.includes(left);
    // The specification gives texts no order.
    case '==': case '<=': case '>=': case '===': return left === right;
    case '!=': return left !== right;
    case '<': case '>': case '~=': return false;
  }
}
