/** Which machine operation an arithmetic or comparison op becomes: shared by inference (types) and rewriting (code). */
import type { Failure } from './profile-interface.ts';
import { isNumeric, isOpen, type Kind, type Numeric } from './kinds.ts';

/** What is known at one arithmetic instruction. */
export interface Site {
  readonly specialization: string;
  readonly failures: readonly Failure[];
  /** The type its result is used as, if there is one. */
  readonly resultDemand: Numeric | undefined;
  /** Type name each operand probably has. */
  readonly hints: readonly (string | undefined)[];
}

/**
 * - `int`, `float`: operands are converted to this representation
 * - `true_division`: int by int
 * - `big`: int objects of any size, through CPython; runs no Python code
 * - `generic`: through CPython, may run Python code
 */
export interface ArithmeticPlan {
  readonly family: 'int' | 'float' | 'true_division' | 'big' | 'generic';
  /** Representation each operand is wanted in; undefined: object. */
  readonly operands: readonly (Numeric | undefined)[];
  readonly result: Kind;
  /** An object that may be an int as well as a float, which the operation makes a float anyway: the other operand is one. */
  readonly mayBeEither?: number;
}

const INT_ONLY = new Set(['and', 'or', 'xor', 'lshift', 'rshift']);
const INT_LIKELY = new Set([...INT_ONLY, 'floordiv', 'mod']);
const FLOAT_OPERATORS = new Set(['add', 'sub', 'mul', 'truediv', 'floordiv', 'mod', 'pow']);
const INT_OPERATORS = new Set(['add', 'sub', 'mul', 'floordiv', 'mod', ...INT_ONLY]);

/** The operator without the mark of its in-place form. */
export const plainOperator = (operator: string): string =>
  operator.startsWith('i') && operator !== 'invert' ? operator.slice(1) : operator;

/** Types that failed type guards at this place. */
const observedTypes = (failures: readonly Failure[]): Set<string> =>
  new Set(failures.filter((f) => f.reason.startsWith('unbox.') || f.reason === 'guard.type').map((f) => f.observed));

/** True when int results at this place were seen not to fit 64 bits. */
export const hasOverflowed = (failures: readonly Failure[]): boolean =>
  failures.some((f) => f.reason.startsWith('int.') || (f.reason === 'unbox.int' && f.observed === 'int'));

/** What failures say about an operand of unknown type: a type, 'mixed', or undefined when nothing failed. */
function guessFromFailures(failures: readonly Failure[]): Numeric | 'mixed' | undefined {
  const types = observedTypes(failures);
  if (types.size === 0) return undefined;
  const [only] = types;
  return types.size === 1 && isNumeric(only) && !hasOverflowed(failures) ? only : 'mixed';
}

/**
 * Type to assume for operand `n`, which nothing is known about: what failed guards, the specialisation and observed types say.
 * 'open' when they say nothing; undefined when it is no number.
 */
function evidence(n: number, site: Site, other: Kind): Numeric | 'open' | undefined {
  if (!isNumeric(other) && !isOpen(other)) return undefined;
  const failed = guessFromFailures(site.failures);
  if (failed !== undefined) return failed === 'mixed' ? undefined : failed;
  if (/_INT(_|$)/.test(site.specialization)) return 'int';
  if (site.specialization.includes('_FLOAT')) return 'float';
  if (/_(STR|UNICODE)/.test(site.specialization)) return undefined;
  const hint = site.hints[n];
  if (hint === undefined) return 'open';
  return isNumeric(hint) ? hint : undefined;
}

/** `other` is the other operand. */
function guessOperand(operator: string, n: number, site: Site, other: Kind): Numeric | undefined {
  const known = evidence(n, site, other);
  if (known !== 'open') return known;
  if (INT_ONLY.has(operator)) return other === 'float' ? undefined : 'int';
  if (operator === 'truediv' || operator === 'pow') return other === 'int' || other === 'bool' ? site.resultDemand ?? 'float' : 'float';
  // float with float would have been specialised: the other one of an unspecialised pair is likely an int.
  if (isNumeric(other)) return 'int';
  // A wrong guess teaches: the guard that fails reports the type.
  return INT_LIKELY.has(operator) ? 'int' : site.resultDemand ?? 'int';
}

/** Known to be an int, or worth a guard. */
function mayBeInt(kind: Kind, site: Site, n: number): boolean {
  if (kind === 'int' || kind === 'exact:int') return true;
  return isOpen(kind) && (site.hints[n] ?? 'int') === 'int' && !site.failures.some((f) => f.reason === 'guard.type');
}

/** Position of an object that a float is combined with: int or float, unless another type has come by. */
function findEither(operator: string, left: Kind, right: Kind, site: Site): number | undefined {
  const n = left === 'float' && isOpen(right) ? 1 : right === 'float' && isOpen(left) ? 0 : undefined;
  if (n === undefined || !FLOAT_OPERATORS.has(operator)) return undefined;
  const types = observedTypes(site.failures);
  if (types.size > 0) return [...types].every((type) => type === 'int' || type === 'float') ? n : undefined;
  return evidence(n, site, 'float') === undefined ? undefined : n;
}

export function planBinary(operator: string, left: Kind, right: Kind, site: Site): ArithmeticPlan {
  const either = findEither(operator, left, right, site);
  if (either !== undefined) {
    const guess = guessOperand(operator, either, site, 'float') ?? 'float';
    return { family: 'float', operands: either === 0 ? [guess, 'float'] : ['float', guess], result: 'float', mayBeEither: either };
  }
  const a = isNumeric(left) ? left : isOpen(left) ? guessOperand(operator, 0, site, right) : undefined;
  const b = isNumeric(right) ? right : isOpen(right) ? guessOperand(operator, 1, site, a ?? left) : undefined;
  if ((left === 'exact:int' || right === 'exact:int') && mayBeInt(left, site, 0) && mayBeInt(right, site, 1)) return planBig(operator);
  if (a === undefined || b === undefined) return { family: 'generic', operands: [undefined, undefined], result: 'any' };
  if (a === 'float' || b === 'float') {
    if (!FLOAT_OPERATORS.has(operator)) return { family: 'generic', operands: [undefined, undefined], result: 'any' };
    return { family: 'float', operands: [a, b], result: 'float' };
  }
  if (operator === 'truediv' && hasOverflowed(site.failures)) return { ...planBig(operator), result: 'float' };
  if (operator === 'truediv') return { family: 'true_division', operands: [a, b], result: 'float' };
  if (!INT_OPERATORS.has(operator)) return { family: 'generic', operands: [undefined, undefined], result: 'any' };
  const logical = operator === 'and' || operator === 'or' || operator === 'xor';
  if (a === 'bool' && b === 'bool' && logical) return { family: 'int', operands: ['bool', 'bool'], result: 'bool' };
  return { family: 'int', operands: [a, b], result: 'int' };
}

/** Operators on int objects of any size whose result is one again. */
export function planBig(operator: string): ArithmeticPlan {
  const result: Kind = INT_OPERATORS.has(operator) ? 'exact:int' : 'any';
  return { family: 'big', operands: [undefined, undefined], result };
}

export function planUnary(operator: string, operand: Kind, site: Site): ArithmeticPlan {
  const known = evidence(0, site, 'any');
  const guess = known === 'open' ? site.resultDemand ?? 'int' : known;
  const a = isNumeric(operand) ? operand : isOpen(operand) ? guess : undefined;
  if (a === undefined || (a === 'float' && operator === 'invert')) return { family: 'generic', operands: [undefined], result: 'any' };
  if (a === 'float') return { family: 'float', operands: ['float'], result: 'float' };
  return { family: 'int', operands: [a], result: 'int' };
}

export function planCompare(left: Kind, right: Kind, site: Site): ArithmeticPlan {
  const guess = (n: number, other: Kind): Numeric | undefined => {
    const known = evidence(n, site, other);
    if (known !== 'open') return known;
    return isNumeric(other) && other !== 'bool' ? other : 'int';
  };
  const a = isNumeric(left) ? left : isOpen(left) ? guess(0, right) : undefined;
  const b = isNumeric(right) ? right : isOpen(right) ? guess(1, a ?? left) : undefined;
  if (a === undefined || b === undefined) return { family: 'generic', operands: [undefined, undefined], result: 'any' };
  const mixed = a !== b && (a === 'float' || b === 'float');
  if (mixed && hasOverflowed(site.failures)) return { family: 'generic', operands: [undefined, undefined], result: 'any' };
  return { family: a === 'float' || b === 'float' ? 'float' : 'int', operands: [a, b], result: 'bool' };
}
